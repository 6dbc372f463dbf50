// The page "Try it": hands network.js what the reader does, and shows what comes back.
"use strict";

const $ = (id) => document.getElementById(id);
const { classes, colours, unit } = TRY_IT, rate = TRY_IT.rate ?? 1;
const networks = TRY_IT.networks.map(unpacked);
// The windows that came with the page, by activity; a reader's recording comes behind them.
const groups = classes.map((name, label) => ({
  name,
  items: TRY_IT.windows.filter((one) => one.label === label)
    .map((one) => ({ ...one, samples: triples(floats(one.x)) })),
})).filter(({ items }) => items.length);
const shipped = groups.length;

let network = 1, off = new Set(); // the corrected one; units that are switched off
let item, signal, found, seen = 0; // a window; as it is disturbed; what comes of it; steps seen
let playing = 0, pausing, sweep = 0;

// Normal (Box and Muller, 1958); drawn once, so that a slider alone does not change it.
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(Math.PI * Math.random());
const NOISE = Array.from({ length: TRY_IT.steps }, () => [normal(), normal(), normal()]);

const best = (scores) => scores.indexOf(Math.max(...scores));
const percent = (score) => `${Math.round(100 * score)} %`;
const inTime = (samples) => (TRY_IT.rate ? `${(samples / rate).toFixed(2)} s` : `step ${samples}`);

// A window's samples as the network gets them.
function given({ samples }) {
  const [x, y, z, gain, much, speed] = ["x", "y", "z", "gain", "noise", "speed"]
    .map((name) => Number($(name).value));
  const noise = NOISE.map((sample) => sample.map((value) => much * value));
  return disturb(samples, { angles: [x, y, z], gain, noise, speed });
}

// Everything anew after a change; when the reader then pauses, what is said and all windows too.
function compute() {
  const part = found ? seen / found.states.length : 0; // another network may have other steps
  signal = given(item);
  found = run(networks[network], signal, off);
  $("seen").max = found.states.length;
  seen = Math.round(part * found.states.length);
  draw();
  clearTimeout(pausing);
  pausing = setTimeout(() => { say(); answerAll(); }, 300);
}

function draw() {
  const { states, scores } = found, samples = seen * networks[network].samples_per_step;
  const a = seen ? states[seen - 1] : states[0].map(() => 0);
  const now = seen ? scores[seen - 1] : classes.map(() => 0);
  $("seen").value = seen;
  $("seen").ariaValueText = $("clock").textContent = inTime(samples);
  [...$("units").children].forEach((cell, i) => {
    cell.style.setProperty("--much", Math.abs(a[i]).toFixed(3));
    cell.classList.toggle("minus", a[i] < 0);
    cell.setAttribute("aria-checked", !off.has(i));
  });
  [...$("scores").rows].forEach((row, c) => {
    row.classList.toggle("best", seen > 0 && c === best(now));
    row.querySelector(".bar").style.width = `${100 * now[c]}%`;
    row.cells[2].textContent = percent(now[c]);
  });
  $("answer").textContent = seen ? `It says ${classes[best(now)]}.` : "It has seen nothing yet.";
  $("truth").textContent = item.label === undefined ? "What is right, only you know."
    : seen < states.length ? "The right answer is shown at the end."
      : `Right is ${classes[item.label]}. ${best(now) === item.label ? "✓" : "✗"}`;
  plot($("signal"), signal, TRY_IT.axes, unit ? `acceleration (${unit})` : "acceleration", samples);
  plot($("course"), scores, colours, "score", seen);
}

// Lines over the time of the window: bold as far as it was seen; what is known beyond is faint.
function plot(place, rows, lines, title, until) {
  const isSignal = place.id === "signal", all = rows.flat(), T = rows.length;
  const [W, H, left] = [place.clientWidth || 640, isSignal ? 150 : 110, 34];
  const most = Math.max(1, Math.ceil(Math.max(...all)));
  const least = isSignal ? Math.min(-1, Math.floor(Math.min(...all))) : 0;
  const x = (t) => left + ((W - left - 8) * t) / T;
  const y = (value) => 18 + (H - 36) * (1 - (value - least) / (most - least));
  const text = (at, height, anchor, words) =>
    `<text x="${at}" y="${height}" text-anchor="${anchor}">${String(words).replace("-", "−")}</text>`;
  const curves = (from, to, kind) => lines.map((colour, k) => {
    const points = rows.slice(from, to).map((row, i) => `${x(from + i + 1)},${y(row[k])}`);
    return `<polyline class="${kind} line-${k}" stroke="${colour}" points="${points.join(" ")}"/>`;
  });
  const length = signal.length / rate, every = length > 12 ? Math.ceil(length / 6) : 0.5;
  const parts = [text(left, 10, "start", title)];
  for (const value of new Set([least, 0, most])) {
    parts.push(`<line class="grid" x1="${left}" x2="${W - 8}" y1="${y(value)}" y2="${y(value)}"/>`,
      text(left - 5, y(value) + 4, "end", value));
  }
  for (let at = 0; at <= length + 1e-9; at += every) {
    parts.push(text(x((at / length) * T), H - 2, "middle", at));
  }
  if (isSignal) {
    [..."xyz"].forEach((axis, k) => parts.push(
      `<text class="key" x="${W - 74 + 26 * k}" y="10" fill="${lines[k]}">${axis}</text>`));
    parts.push(...curves(Math.max(0, until - 1), T, "ahead"));
  }
  parts.push(...curves(0, until, "past"),
    `<line class="now" x1="${x(until)}" x2="${x(until)}" y1="16" y2="${H - 16}"/>`);
  place.innerHTML = `<svg width="${W}" height="${H}" aria-hidden="true">${parts.join("")}</svg>`;
}

// One sentence for who listens, not at every step.
function say() {
  const now = seen && found.scores[seen - 1];
  $("said").textContent = !now ? "" : `${networks[network].name} network, ` +
    `${$("clock").textContent} seen, ${off.size} units off: ${classes[best(now)]}, ` +
    `${percent(Math.max(...now))}. ${$("truth").textContent}`;
}

const counted = (answers) => classes.map((_, c) => answers.filter((one) => one === c).length);
const rest = () => new Promise((goOn) => setTimeout(goOn)); // meanwhile the page listens

// What both networks say to every window that came with the page, disturbed as they are now.
async function answerAll() {
  const mine = ++sweep, all = groups.slice(0, shipped).flatMap(({ items }) => items);
  for (const [n, { name }] of networks.entries()) {
    const cells = $(`map-${n}`).querySelectorAll("button"), answers = [];
    for (const [i, one] of all.entries()) {
      await rest();
      if (mine !== sweep) return; // something changed
      const units = n === network ? off : undefined;
      const answer = best(run(networks[n], given(one), units).scores.at(-1));
      answers.push(answer);
      cells[i].style.setProperty("--colour", colours[answer]);
      cells[i].classList.toggle("wrong", answer !== one.label);
      cells[i].textContent = classes[answer].slice(0, 2);
      cells[i].ariaLabel = `${name}, ${classes[one.label]}, ${one.name}: ${classes[answer]}`;
    }
    const counts = counted(answers), right = all.filter((one, i) => one.label === answers[i]).length;
    $(`sum-${n}`).textContent =
      `${right} of ${all.length} right; most often ${classes[best(counts)]}: ${Math.max(...counts)}.`;
  }
}

function choose(group, window) {
  pause();
  [groups, groups[group].items].forEach((all, k) => {
    const select = $(["group", "item"][k]);
    select.replaceChildren(...all.map(({ name }, i) => new Option(name, i)));
    select.value = [group, Math.min(window, all.length - 1)][k];
  });
  item = groups[group].items[$("item").value];
  seen = 0;
  compute();
}

function showTo(steps) {
  pause();
  seen = steps;
  draw();
}

function pause() {
  cancelAnimationFrame(playing);
  playing = 0;
  $("play").textContent = "Play";
}

// In real time: three seconds of a window take three seconds.
function play() {
  if (playing) { pause(); say(); return; }
  const steps = found.states.length, from = seen < steps ? seen : 0, begun = performance.now();
  const perSecond = (TRY_IT.rate ?? 50) / networks[network].samples_per_step;
  const jumps = matchMedia("(prefers-reduced-motion: reduce)").matches ? Math.ceil(perSecond / 2) : 1;
  $("play").textContent = "Pause";
  (function step(now) {
    const passed = Math.max(0, now - begun) / 1000;
    seen = Math.min(steps, from + Math.floor((passed * perSecond) / jumps) * jumps);
    draw();
    if (seen < steps) playing = requestAnimationFrame(step);
    else { pause(); say(); }
  })(begun);
}

// A recording, from a file or from the phone itself; `table` gives its table, or refuses.
async function load(name, table) {
  $("thought").hidden = true;
  try {
    const { windows, words } = toWindows(await table(), rate, TRY_IT.steps);
    $("loaded").textContent = `${name}: ${words}; ${windows.length} windows.`;
    const time = (seconds) => new Date(1000 * seconds).toISOString().slice(11, 19);
    const items = windows.map((samples, n) => ({ name: time((n * TRY_IT.steps) / rate), samples }));
    groups[shipped] = { name, items };
    choose(shipped, 0);
    showTo(found.states.length);
    $("thought").hidden = false;
    const answers = [];
    for (const { samples } of items) {
      await rest();
      if (groups[shipped].items !== items) return; // another recording
      answers.push(best(run(networks[1], samples).scores.at(-1)));
      const said = counted(answers).map((count, c) => count && `${count} × ${classes[c]}`);
      $("counts").textContent = said.filter(Boolean).join(", ");
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    $("loaded").textContent = `${name} cannot be used: ${error.message}.`;
  }
}

let endRecording = null; // a function, while the phone is recording

async function record() {
  if (endRecording) { endRecording(); return; }
  // Where nobody need be asked there is no such function.
  const allowed = (await DeviceMotionEvent.requestPermission?.()) ?? "granted";
  navigator.wakeLock?.request("screen").catch(() => {}); // a dark screen stops the sensor
  const tell = (seconds) => { $("loaded").textContent = `Recording: ${Math.round(seconds)} s`; };
  endRecording = listenToSensor(tell, (table) => {
    endRecording = null;
    $("record").textContent = "Use this phone's own sensor";
    load("This phone", () => table);
  });
  $("record").textContent = "Stop";
  tell(0);
  if (allowed !== "granted") endRecording();
}

function build() {
  $("units").innerHTML = [...networks[0].b_a].map((_, i) => `<button type="button"
    class="unit" role="switch" tabindex="${i ? -1 : 0}" aria-label="Unit ${i + 1}"></button>`).join("");
  $("scores").innerHTML = classes.map((name, c) => `<tr style="--colour:${colours[c]}">
    <th scope="row">${name}</th><td class="track"><span class="bar"></span></td>
    <td class="number"></td></tr>`).join("");
  // Not to be stepped through by Tab, all hundred of them: the lists choose a window too.
  const cell = (g, i) => `<button type="button" tabindex="-1" value="${g} ${i}"></button>`;
  const rows = groups.map(({ name, items }, g) => `<tr><th scope="row">${name}</th>
    <td>${items.map((_, i) => cell(g, i)).join("")}</td></tr>`).join("");
  $("maps").innerHTML = networks.map(({ name }, n) => `<figure><figcaption><strong>${name}</strong>
    <span id="sum-${n}"></span></figcaption><table id="map-${n}">${rows}</table></figure>`).join("");
}

function showKnobs() {
  for (const input of $("disturb").querySelectorAll("input")) {
    input.nextElementSibling.textContent = `${input.value}${input.dataset.unit}`.replace("-", "−");
  }
  compute();
}

function listen() {
  const cells = [...$("units").children];
  $("units").addEventListener("click", ({ target }) => {
    const i = cells.indexOf(target);
    if (i < 0) return;
    if (!off.delete(i)) off.add(i);
    compute();
  });
  $("units").addEventListener("keydown", (event) => { // one stop for Tab, then the arrow keys
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 10, ArrowUp: -10 }[event.key];
    const from = cells.indexOf(event.target), to = cells[from + by];
    if (!to) return;
    event.preventDefault();
    [cells[from].tabIndex, to.tabIndex] = [-1, 0];
    to.focus();
  });
  $("networks").addEventListener("change", ({ target }) => {
    network = Number(target.value);
    pause();
    compute();
  });
  for (const id of ["group", "item"]) {
    $(id).addEventListener("change", () => choose(Number($("group").value), Number($("item").value)));
  }
  $("play").addEventListener("click", play);
  $("seen").addEventListener("input", () => { pause(); seen = Number($("seen").value); compute(); });
  $("disturb").addEventListener("input", showKnobs);
  $("disturb").addEventListener("reset", () => { off.clear(); setTimeout(showKnobs); });
  $("maps").addEventListener("click", ({ target }) => {
    if (!target.value) return;
    $("networks").elements[$("map-0").contains(target) ? 0 : 1].click();
    choose(...target.value.split(" ").map(Number));
    showTo(found.states.length);
    $("live").scrollIntoView();
  });
  const take = ([file]) => { if (file) load(file.name, () => readFile(file)); };
  $("file").addEventListener("change", () => take($("file").files));
  for (const kind of ["dragover", "dragleave", "drop"]) {
    window.addEventListener(kind, (event) => {
      event.preventDefault(); // or the browser would leave the page for the file
      $("drop").classList.toggle("over", kind === "dragover");
      if (kind === "drop") take(event.dataTransfer.files);
    });
  }
  $("record").addEventListener("click", record);
  window.addEventListener("resize", draw);
  window.addEventListener("beforeprint", () => showTo(found.states.length));
}

build();
choose(Math.min(1, shipped - 1), 0); // jogging, as on the landing page
showKnobs();
listen();
$("phone").hidden = location.protocol !== "https:" || !matchMedia("(pointer: coarse)").matches;
$(TRY_IT.rate && unit === "g" ? "recording" : "no-recording").hidden = false;
