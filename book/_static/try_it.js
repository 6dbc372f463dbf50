// The page "Try it": hands network.js what the reader does, and shows what comes back.
"use strict";

const $ = (id) => document.getElementById(id);
const MOST_ROWS = 40; // of a long recording's windows, on the map

const classes = TRY_IT.classes, rate = TRY_IT.rate ?? 1;
const networks = TRY_IT.networks.map((one) => {
  const weights = ["W_aa", "W_ax", "W_ya", "b_a", "b_y"].map((name) => [name, floats(one[name])]);
  return { ...one, ...Object.fromEntries(weights) };
});
// The windows that came with the page, by activity; those of a recording take their place.
const shipped = classes.map((name, label) => ({
  name,
  items: TRY_IT.windows.filter((one) => one.label === label)
    .map((one) => ({ name: one.name, label, samples: triples(floats(one.x)) })),
})).filter(({ items }) => items.length);

let groups = shipped, chosen = [0, 0]; // group, and window in it
let network = 1, off = new Set(); // the corrected one; units that are switched off
let seen = 0, told = false, hidden = false; // steps; the right answer was shown; it is to be guessed
let signal, found, playing = 0, pausing, sweep = 0;

const item = () => groups[chosen[0]].items[chosen[1]];
const best = (scores) => scores.indexOf(Math.max(...scores));
const percent = (score) => `${Math.round(100 * score)} %`;
const inTime = (samples) => (TRY_IT.rate ? `${(samples / rate).toFixed(2)} s` : `step ${samples}`);

function triples(values) {
  return Array.from({ length: values.length / 3 }, (_, t) => [...values.slice(3 * t, 3 * t + 3)]);
}

// A window's samples as the network gets them.
function given({ samples }) {
  const [x, y, z, gain, noise, speed] = ["x", "y", "z", "gain", "noise", "speed"]
    .map((name) => Number($(name).value));
  const flipped = groups !== shipped && $("over").checked;
  const knobs = { angles: [x, y, z], gain: flipped ? -gain : gain, noise, speed, seed: 1 };
  return disturb(samples, knobs);
}

// Everything anew after a change; when the reader then pauses, what is said and all windows too.
function compute() {
  const part = found ? seen / found.states.length : 0; // another network may have other steps
  signal = given(item());
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
  const { label } = item(), right = best(now) === label ? "✓" : "✗";
  if (seen === states.length && !told) {
    [told, hidden] = [true, false];
    fillSelects();
  }
  $("answer").innerHTML =
    seen ? `It says <strong>${classes[best(now)]}</strong>.` : "It has seen nothing yet.";
  $("truth").textContent = label === undefined ? "What is right, only you know."
    : told ? `Right is ${classes[label]}. ${seen ? right : ""}` : "The right answer is shown at the end.";
  const unit = TRY_IT.unit && ` (${TRY_IT.unit})`;
  plot($("signal"), signal, ["x", "y", "z"], TRY_IT.axes, `acceleration${unit}`, samples);
  plot($("course"), scores, classes, TRY_IT.colours, "score", seen);
}

// Lines over the time of the window: bold as far as it was seen; what is known beyond is faint.
function plot(place, rows, names, colours, title, until) {
  const isSignal = place.id === "signal", all = rows.flat(), T = rows.length;
  const [W, H, left] = [place.clientWidth || 640, isSignal ? 150 : 110, 34];
  const most = Math.max(1, Math.ceil(Math.max(...all)));
  const least = isSignal ? Math.min(-1, Math.floor(Math.min(...all))) : 0;
  const x = (t) => left + ((W - left - 8) * t) / T;
  const y = (value) => 18 + (H - 36) * (1 - (value - least) / (most - least));
  const text = (at, height, anchor, words) =>
    `<text x="${at}" y="${height}" text-anchor="${anchor}">${String(words).replace("-", "−")}</text>`;
  const lines = (from, to, kind) => colours.map((colour, k) => {
    const points = rows.slice(from, to).map((row, i) => `${x(from + i + 1)},${y(row[k])}`);
    return `<polyline class="${kind} line-${k}" stroke="${colour}" points="${points.join(" ")}"/>`;
  }).join("");
  const length = signal.length / rate, every = length > 12 ? Math.ceil(length / 6) : 0.5;
  const parts = [text(left, 10, "start", title)];
  for (const value of new Set([least, 0, most])) {
    parts.push(`<line class="grid" x1="${left}" x2="${W - 8}" y1="${y(value)}" y2="${y(value)}"/>`,
      text(left - 5, y(value) + 4, "end", value));
  }
  for (let at = 0; at <= length + 1e-9; at += every) {
    parts.push(text(x((at / length) * T), H - 2, "middle", at));
  }
  names.slice(0, isSignal ? 3 : 0).forEach((name, k) => {
    parts.push(`<text class="key" x="${W - 74 + 26 * k}" y="10" fill="${colours[k]}">${name}</text>`);
  });
  if (isSignal) parts.push(lines(Math.max(0, until - 1), T, "ahead"));
  parts.push(lines(0, until, "past"),
    `<line class="now" x1="${x(until)}" x2="${x(until)}" y1="16" y2="${H - 16}"/>`);
  place.innerHTML = `<svg width="${W}" height="${H}" aria-hidden="true">${parts.join("")}</svg>`;
  place.ariaLabel = `${title} against time: ${names.join(", ")}; seen so far ${$("clock").textContent}`;
}

// One sentence for who listens, not at every step.
function say() {
  const now = seen && found.scores[seen - 1];
  $("said").textContent = !now ? "" : `${networks[network].name} network, ` +
    `${$("clock").textContent} seen, ${off.size} units off: ${classes[best(now)]}, ` +
    `${percent(Math.max(...now))}. ${$("truth").textContent}`;
}

// What both networks say to all windows as they are disturbed now: a few at a time, so that the
// page goes on listening.
function answerAll() {
  const mine = ++sweep, cells = [...document.querySelectorAll("#maps button")];
  const answers = networks.map(() => []);
  (function some() {
    const until = performance.now() + 12;
    while (mine === sweep && cells.length && performance.now() < until) {
      const cell = cells.shift(), [n, g, i] = cell.value.split(" ").map(Number);
      const one = groups[g].items[i];
      const { states, scores } = run(networks[n], given(one), n === network ? off : new Set());
      const answer = best(scores.at(-1));
      answers[n].push({ answer, label: one.label, state: states.at(-1) });
      cell.style.setProperty("--colour", TRY_IT.colours[answer]);
      cell.classList.toggle("wrong", one.label !== undefined && one.label !== answer);
      cell.textContent = classes[answer].slice(0, 2);
      cell.ariaLabel = `${networks[n].name}, ${groups[g].name}, ${one.name}: ${classes[answer]}`;
    }
    if (mine !== sweep) return;
    if (cells.length) setTimeout(some);
    else answers.forEach((given, n) => { $(`sum-${n}`).textContent = summary(given); });
  })();
}

function summary(given) {
  const counts = classes.map((_, c) => given.filter(({ answer }) => answer === c).length);
  const right = given.filter(({ answer, label }) => answer === label).length;
  const far = (a, b) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;
  const pairs = given.flatMap((one, i) => given.slice(0, i).map((b) => far(one.state, b.state)));
  const mean = pairs.reduce((a, b) => a + b, 0) / pairs.length;
  const says = `says ${classes[best(counts)]} ${Math.max(...counts)} of ${given.length} times`;
  return (groups === shipped ? `${right} right; ${says}. ` : `It ${says}. `) + (pairs.length ?
    `Between two windows, a unit's last state differs by ${mean.toFixed(2)} on average (at most 2).`
    : "");
}

// Not to be stepped through by Tab, all hundred of them: the lists above choose a window too.
function buildMaps() {
  const cell = (value) => `<button type="button" tabindex="-1" value="${value}"></button>`;
  const row = (group, n, g) => `<tr><th scope="row">${group.name}</th>
    <td>${group.items.map((_, i) => cell(`${n} ${g} ${i}`)).join("")}</td></tr>`;
  $("maps").innerHTML = networks.map(({ name }, n) => `<figure><figcaption><strong>${name}</strong>
    <span id="sum-${n}"></span></figcaption><table>${groups.slice(0, MOST_ROWS)
      .map((group, g) => row(group, n, g)).join("")}</table></figure>`).join("") +
    (groups.length > MOST_ROWS ? "<p>Only the beginning of the recording is shown here.</p>" : "");
}

function fillSelects() {
  const fill = (select, all, at) => {
    select.replaceChildren(...all.map(({ name }, i) => new Option(name, i, false, i === at)));
    if (hidden) select.prepend(new Option("?", -1, false, true));
  };
  fill($("group"), groups, chosen[0]);
  fill($("item"), groups[chosen[0]].items, chosen[1]);
  const own = groups === shipped;
  [$("group-name").textContent, $("item-name").textContent] =
    own ? ["Activity", TRY_IT.item] : ["From", "Window"];
  $("surprise").hidden = !own;
  for (const id of ["back", "look", "over-label"]) $(id).hidden = own;
}

function choose(group, window, { guess = false, end = false } = {}) {
  pause();
  [chosen, told, hidden] = [[group, Math.min(window, groups[group].items.length - 1)], false, guess];
  seen = 0;
  fillSelects();
  compute();
  if (end) { seen = found.states.length; draw(); }
}

function show(windows, group = 0, options = {}) {
  groups = windows;
  sweep += 1; // what was being answered is gone
  buildMaps();
  choose(group, 0, options);
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
  try {
    const { windows, over, words } = toWindows(await table(), rate, TRY_IT.steps);
    const rows = [];
    windows.forEach((samples, n) => {
      const seconds = Math.floor((n * TRY_IT.steps) / rate);
      const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      if (n % 10 === 0) rows.push({ name: time, items: [] });
      rows.at(-1).items.push({ name: time, samples });
    });
    $("over").checked = over;
    $("loaded").textContent = `${name}: ${words}; ${windows.length} windows.`;
    show(rows, 0, { end: true });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    $("loaded").textContent = `${name} cannot be used: ${error.message}.`;
  }
}

let recorded = null;

function moved({ accelerationIncludingGravity: now, timeStamp }) {
  const time = timeStamp / 1000, { times, rows, lines } = recorded;
  if (typeof now?.x !== "number" || time <= times.at(-1)) return;
  times.push(time);
  rows.push([now.x, now.y, now.z]);
  lines.push(times.length);
  $("loaded").textContent = `Recording: ${Math.round(time - times[0])} s`;
  if (time - times[0] > 60) stop();
}

async function record() {
  if (recorded) { stop(); return; }
  // Where nobody need be asked there is no such function.
  const allowed = (await DeviceMotionEvent.requestPermission?.()) ?? "granted";
  recorded = { times: [], rows: [], lines: [] };
  if (allowed !== "granted") { stop(); return; }
  navigator.wakeLock?.request("screen").catch(() => {}); // a dark screen stops the sensor
  $("record").textContent = "Stop";
  $("loaded").textContent = "Recording: 0 s";
  window.addEventListener("devicemotion", moved);
}

function stop() {
  const table = recorded;
  window.removeEventListener("devicemotion", moved);
  recorded = null;
  $("record").textContent = "Use this phone's own sensor";
  load("This phone", () => (table.times.length ? table
    : refuse("its sensor gave nothing; allowed is a device with a motion sensor, and its use")));
}

function build() {
  const units = networks[0].b_a.length;
  $("units").innerHTML = Array.from({ length: units }, (_, i) => `<button type="button"
    class="unit" role="switch" tabindex="${i ? -1 : 0}" aria-label="Unit ${i + 1}"></button>`).join("");
  $("scores").innerHTML = classes.map((name, c) => `<tr style="--colour:${TRY_IT.colours[c]}">
    <th scope="row">${name}</th><td class="track"><span class="bar"></span></td>
    <td class="number"></td></tr>`).join("");
}

function showKnobs() {
  for (const input of $("disturb").querySelectorAll("input")) {
    input.nextElementSibling.textContent = `${input.value}${input.dataset.unit}`.replace("-", "−");
  }
}

function listenToUnits() {
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
  $("half").addEventListener("click", () => {
    cells.forEach((_, i) => { if (i % 2) off.add(i); });
    compute();
  });
  $("all").addEventListener("click", () => { off.clear(); compute(); });
}

function listen() {
  const select = (n) => {
    network = n;
    document.querySelector(`#networks input[value="${n}"]`).checked = true;
    pause();
    compute();
  };
  $("networks").addEventListener("change", ({ target }) => select(Number(target.value)));
  $("group").addEventListener("change", () => choose(Number($("group").value), Math.max(0, chosen[1])));
  $("item").addEventListener("change", () => choose(chosen[0], Number($("item").value)));
  $("surprise").addEventListener("click", () => {
    const any = (list) => Math.floor(Math.random() * list.length), group = any(shipped);
    choose(group, any(shipped[group].items), { guess: true });
  });
  $("back").addEventListener("click", () => show(shipped));
  $("play").addEventListener("click", play);
  $("seen").addEventListener("input", () => { pause(); seen = Number($("seen").value); compute(); });
  $("disturb").addEventListener("input", () => { showKnobs(); compute(); });
  $("reset").addEventListener("click", () => {
    for (const input of $("disturb").querySelectorAll("input")) input.value = input.defaultValue;
    showKnobs();
    compute();
  });
  $("maps").addEventListener("click", ({ target }) => {
    if (!target.value) return;
    const [n, group, window] = target.value.split(" ").map(Number);
    select(n);
    choose(group, window, { end: true });
    $("live").scrollIntoView();
  });
  $("file").addEventListener("change", () => take($("file").files));
  $("over").addEventListener("change", compute);
  for (const kind of ["dragover", "dragleave", "drop"]) {
    window.addEventListener(kind, (event) => {
      event.preventDefault(); // or the browser would leave the page for the file
      $("drop").classList.toggle("over", kind === "dragover");
      if (kind === "drop") take(event.dataTransfer.files);
    });
  }
  $("record").addEventListener("click", record);
  window.addEventListener("resize", draw);
  window.addEventListener("beforeprint", () => { pause(); seen = found.states.length; draw(); });
}

function take([file]) {
  if (file) load(file.name, () => readFile(file));
}

build();
listen();
listenToUnits();
showKnobs();
const hasSensor = "DeviceMotionEvent" in window && matchMedia("(pointer: coarse)").matches;
$("phone").hidden = !hasSensor || location.protocol !== "https:";
$(TRY_IT.rate && TRY_IT.unit === "g" ? "recording" : "no-recording").hidden = false;
$("live").hidden = false;
show(shipped, Math.min(1, shipped.length - 1)); // jogging, as on the landing page
