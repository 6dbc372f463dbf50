// The page "Try it": shows what network.js computes and hands it what the reader does.
"use strict";

const $ = (id) => document.getElementById(id);
const percent = (score) => `${Math.round(100 * score)} %`;

// What the reader can disturb: name, unit, least, most, step, and the value that changes nothing.
const KNOBS = {
  x: ["Turn about x", "°", -180, 180, 5, 0],
  y: ["Turn about y", "°", -180, 180, 5, 0],
  z: ["Turn about z", "°", -180, 180, 5, 0],
  gain: ["Gain", "×", 0, 3, 0.05, 1],
  noise: ["Noise", "g", 0, 1, 0.02, 0],
  seed: ["Noise seed", "", 1, 20, 1, 1],
  speed: ["Speed", "×", 0.25, 3, 0.05, 1],
};
const MOST_ROWS = 40; // of a long recording, on the map

const networks = TRY_IT.networks.map((one) => ({ ...one,
  ...Object.fromEntries(["W_aa", "W_ax", "W_ya", "b_a", "b_y"].map((w) => [w, floats(one[w])])) }));
const classes = TRY_IT.classes, rate = TRY_IT.rate ?? 1;
const inTime = (samples) => (TRY_IT.rate ? `${(samples / rate).toFixed(2)} s` : `step ${samples}`);

// The windows that came with the page, in groups; a recording's take their place.
const shipped = classes.map((name, label) => ({ name, items: TRY_IT.windows
  .filter((w) => w.label === label)
  .map((w, i, all) => ({ label, samples: triples(floats(w.x)), name: `${w.person || ""} · ${
    all.slice(0, i + 1).filter((other) => other.person === w.person).length}` })) }));
let groups = shipped, chosen = [0, 0], up = false;
let network = 1, off = new Set(), seen = 0, told = false, secret = false, found, signal, timer, sweep = 0;

function triples(values) {
  return Array.from({ length: values.length / 3 }, (_, t) => [...values.slice(3 * t, 3 * t + 3)]);
}

function knobs() {
  const value = (name) => Number($(`knob-${name}`).value);
  return { angles: ["x", "y", "z"].map(value), gain: value("gain"), noise: value("noise"),
           seed: value("seed"), speed: value("speed") };
}

// An item's samples as the network gets them; Android's signs are turned to those of the data.
function given(item) {
  const samples = up ? item.samples.map((sample) => sample.map((value) => -value)) : item.samples;
  return disturb(samples, knobs());
}

const item = () => groups[chosen[0]].items[chosen[1]];
const best = (scores) => scores.indexOf(Math.max(...scores));

// Everything anew, after any change; then, when the reader pauses, all windows.
function compute() {
  signal = given(item());
  found = run(networks[network], signal, off);
  $("seen").max = found.states.length;
  draw();
  clearTimeout(timer);
  timer = setTimeout(() => { say(); answerAll(); }, 300);
}

function draw() {
  const { samples } = networks[network], { states, scores } = found;
  $("seen").value = seen;
  $("clock").textContent = inTime(seen * samples);
  $("seen").setAttribute("aria-valuetext", $("clock").textContent);
  const now = seen ? scores[seen - 1] : classes.map(() => 0), a = seen ? states[seen - 1] : null;
  [...$("units").children].forEach((cell, i) => {
    const value = a ? a[i] : 0;
    cell.style.setProperty("--much", Math.abs(value).toFixed(3));
    cell.classList.toggle("minus", value < 0);
    cell.setAttribute("aria-checked", !off.has(i));
  });
  [...$("scores").rows].forEach((row, c) => {
    row.classList.toggle("best", seen > 0 && c === best(now));
    row.querySelector(".bar").style.width = `${100 * now[c]}%`;
    row.cells[2].textContent = percent(now[c]);
  });
  if (seen === states.length && !told) { told = true; secret = false; fillSelects(); }
  $("answer").innerHTML = seen ? `It says <strong>${classes[best(now)]}</strong>.` : "It has seen nothing yet.";
  const { label } = item();
  $("truth").textContent = label === undefined ? "What is right, only you know."
    : !told ? "The right answer is shown at the end."
      : `Right is ${classes[label]}.${seen ? (best(now) === label ? " ✓" : " ✗") : ""}`;
  drawCourse("signal", signal, TRY_IT.axes, [...["x", "y", "z"]], seen * samples,
             `acceleration${TRY_IT.unit && ` (${TRY_IT.unit})`}`);
  drawCourse("course", scores, TRY_IT.colours, classes, seen, "score");
}

// Lines over time: bold as far as the network has seen, the signal faint beyond.
function drawCourse(id, rows, colours, names, until, title) {
  const [W, H, left] = [$(id).clientWidth || 640, id === "signal" ? 150 : 110, 34];
  const all = rows.flat(), T = rows.length;
  const most = Math.max(1, Math.ceil(Math.max(...all)));
  const least = id === "signal" ? Math.min(-1, Math.floor(Math.min(...all))) : 0;
  const x = (t) => left + ((W - left - 4) * t) / T;
  const y = (value) => 18 + (H - 36) * (1 - (value - least) / (most - least));
  const line = (k, from, to) => rows.slice(from, to)
    .map((row, t) => `${x(from + t + 1).toFixed(1)},${y(row[k]).toFixed(1)}`).join(" ");
  const lines = (from, to, kind) => colours.map((colour, k) =>
    `<polyline class="${kind} line-${k}" stroke="${colour}" points="${line(k, from, to)}"/>`).join("");
  const seconds = signal.length / rate, every = seconds > 12 ? Math.ceil(seconds / 6) : 0.5;
  const ticks = Array.from({ length: Math.floor(seconds / every + 1e-9) + 1 }, (_, n) => n * every);
  $(id).innerHTML = `<svg width="${W}" height="${H}" aria-hidden="true">` +
    [...new Set([least, 0, most])].map((v) => `<line class="grid" x1="${left}" x2="${W - 4}" y1="${y(v)}" y2="${y(v)}"/>` +
      `<text x="${left - 5}" y="${y(v) + 4}" text-anchor="end">${String(v).replace("-", "−")}</text>`).join("") +
    ticks.map((v) => `<text x="${x((v / seconds) * T)}" y="${H - 2}" text-anchor="${v === seconds ? "end" : "middle"}">${v}</text>`).join("") +
    `<text x="${left}" y="10">${title}</text>` + (id === "signal" ? names.map((name, k) =>
      `<text x="${W - 70 + 26 * k}" y="10" fill="${colours[k]}" class="key">${name}</text>`).join("") : "") +
    (id === "signal" ? lines(Math.max(0, until - 1), T, "ahead") : "") + lines(0, until, "past") +
    `<line class="now" x1="${x(until)}" x2="${x(until)}" y1="16" y2="${H - 16}"/></svg>`;
  $(id).setAttribute("aria-label", `${title} against time, ${names.join(", ")}; seen so far ${$("clock").textContent}`);
}

// One sentence for who listens; not at every step.
function say() {
  const now = seen && found.scores[seen - 1];
  $("said").textContent = now ? `${networks[network].name} network, ${$("clock").textContent} seen, ${
    off.size} units off: ${classes[best(now)]}, ${percent(Math.max(...now))}. ${$("truth").textContent}` : "";
}

// What both networks say to all windows, as they are disturbed now, a few at a time.
function answerAll() {
  const mine = ++sweep, jobs = [...document.querySelectorAll("#maps button")];
  const ends = networks.map(() => []), said = networks.map(() => new Array(classes.length).fill(0));
  const right = networks.map(() => 0);
  (function some() {
    const until = performance.now() + 12;
    while (mine === sweep && jobs.length && performance.now() < until) {
      const cell = jobs.shift(), [n, g, i] = cell.value.split(" ").map(Number);
      const one = groups[g].items[i], { states, scores } = run(networks[n], given(one), n === network ? off : new Set());
      const answer = best(scores.at(-1)), wrong = one.label !== undefined && one.label !== answer;
      cell.style.setProperty("--colour", TRY_IT.colours[answer]);
      cell.classList.toggle("wrong", wrong);
      cell.textContent = classes[answer].slice(0, 2);
      cell.ariaLabel = `${networks[n].name}, ${groups[g].name}, ${one.name}: says ${classes[answer]}`;
      ends[n].push(states.at(-1)); said[n][answer] += 1; right[n] += !wrong;
    }
    if (mine !== sweep) return;
    if (jobs.length) { setTimeout(some); return; }
    networks.forEach((_, n) => {
      const apart = ends[n].flatMap((a, i) => ends[n].slice(0, i).map((b) =>
        a.reduce((sum, value, u) => sum + Math.abs(value - b[u]), 0) / a.length));
      const most = best(said[n]), all = ends[n].length;
      $(`sum-${n}`).textContent = `${said[n][most]} of ${all} times ${classes[most]}` +
        (groups === shipped ? `; ${right[n]} right` : "") + (apart.length
        ? `. Between two windows, a unit's last state differs by ${(apart.reduce((a, b) => a + b) / apart.length).toFixed(2)} on average (at most 2).` : ".");
    });
  })();
}

function buildMaps() {
  const shown = groups.slice(0, MOST_ROWS);
  $("maps").innerHTML = networks.map((one, n) => `<figure><figcaption><strong>${one.name}</strong> <span id="sum-${n}"></span>` +
    `</figcaption><table>${shown.map((group, g) => `<tr><th scope="row">${group.name}</th><td>${group.items.map((_, i) =>
      `<button type="button" value="${n} ${g} ${i}"></button>`).join("")}</td></tr>`).join("")}</table></figure>`).join("") +
    (groups.length > MOST_ROWS ? "<p>Only the beginning of the recording stands here.</p>" : "");
}

function fillSelects() {
  const options = (names, at) => (secret ? '<option value="-1" selected>?</option>' : "") + names.map((name, i) =>
    `<option value="${i}"${!secret && i === at ? " selected" : ""}>${name}</option>`).join("");
  $("group").innerHTML = options(groups.map((group) => group.name), chosen[0]);
  $("item").innerHTML = options(groups[chosen[0]].items.map((one) => one.name), chosen[1]);
  $("group-name").textContent = groups === shipped ? "Activity" : "From";
  $("item-name").textContent = groups === shipped ? "Person · window" : "Window";
  $("back").hidden = groups === shipped;
  $("surprise").hidden = groups !== shipped;
}

function choose(g, i, hide = false) {
  pause();
  [chosen, seen, told, secret] = [[g, Math.min(i, groups[g].items.length - 1)], 0, false, hide];
  fillSelects();
  compute();
}

function show(windows, next = 0) {
  groups = windows;
  sweep += 1; // what was being answered is gone
  $("up-label").hidden = groups === shipped;
  up = groups !== shipped && $("up").checked;
  buildMaps();
  choose(next, 0);
}

let playing = 0;
function pause() {
  cancelAnimationFrame(playing);
  playing = 0;
  $("play").textContent = "Play";
}

// In real time: three seconds of a window take three seconds.
function play() {
  if (playing) { pause(); say(); return; }
  const steps = found.states.length, from = seen < steps ? seen : 0, begun = performance.now();
  const perSecond = (TRY_IT.rate ?? 50) / networks[network].samples;
  const jumps = matchMedia("(prefers-reduced-motion: reduce)").matches ? Math.ceil(perSecond / 2) : 1;
  $("play").textContent = "Pause";
  (function step(now) {
    const at = from + Math.floor((((now ?? begun) - begun) / 1000) * perSecond / jumps) * jumps;
    if (at !== seen) { seen = Math.max(0, Math.min(steps, at)); draw(); }
    if (seen < steps) playing = requestAnimationFrame(step);
    else { pause(); say(); }
  })();
}

// A recording, from a file or from the phone itself; `table` gives its table, or refuses.
async function load(name, table) {
  try {
    const { windows, up: sign, words } = toWindows(await table(), rate, TRY_IT.steps);
    const rows = [], time = (n) => `${Math.floor((n * TRY_IT.steps) / rate / 60)}:${
      String(Math.floor(((n * TRY_IT.steps) / rate) % 60)).padStart(2, "0")}`;
    windows.forEach((samples, n) => {
      if (n % 10 === 0) rows.push({ name: time(n), items: [] });
      rows.at(-1).items.push({ name: time(n), samples });
    });
    $("up").checked = sign;
    $("loaded").textContent = `${name}: ${words}; ${windows.length} windows. It is shown above.`;
    show(rows);
    seen = found.states.length;
    compute();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    $("loaded").textContent = `${name} cannot be used: ${error.message}.`;
  }
}

let recorded = null;
function moved(event) {
  const { x, y, z } = event.accelerationIncludingGravity ?? {};
  const time = event.timeStamp / 1000;
  if (x === null || x === undefined || time <= (recorded.times.at(-1) ?? -1)) return;
  recorded.times.push(time); recorded.rows.push([x, y, z]); recorded.lines.push(recorded.times.length);
  $("loaded").textContent = `Recording: ${Math.round(time - recorded.times[0])} s`;
  if (time - recorded.times[0] > 60) record();
}

async function record() {
  if (recorded) {
    window.removeEventListener("devicemotion", moved);
    const table = recorded;
    recorded = null;
    $("record").textContent = "Use this phone's own sensor";
    load("This phone", () => (table.times.length ? table
      : refuse("its sensor gave nothing; allowed is a device with a motion sensor")));
    return;
  }
  const ask = DeviceMotionEvent.requestPermission; // where there is none, nobody need be asked
  if (ask && (await ask.call(DeviceMotionEvent)) !== "granted") {
    $("loaded").textContent = "This phone did not allow the use of its sensor.";
    return;
  }
  // Browsers on iPhones, and only they, know this property, and have Apple's signs.
  const apple = CSS.supports("-webkit-touch-callout", "none");
  recorded = { times: [], rows: [], lines: [], up: !apple };
  navigator.wakeLock?.request("screen").catch(() => {}); // a dark screen stops the sensor
  $("record").textContent = "Stop";
  $("loaded").textContent = "Recording: 0 s";
  window.addEventListener("devicemotion", moved);
}

function toggle(i) {
  off.has(i) ? off.delete(i) : off.add(i);
  compute();
}

function build() {
  $("networks").insertAdjacentHTML("beforeend", networks.map((one, n) => `<label><input type="radio" name="network" value="${n}"${
    n === network ? " checked" : ""}> ${one.name}</label>`).join(""));
  $("units").innerHTML = Array.from(networks[0].b_a, (_, i) => `<button type="button" class="unit" role="switch" tabindex="${
    i ? -1 : 0}" aria-checked="true" aria-label="Unit ${i + 1}"></button>`).join("");
  $("scores").tBodies[0].innerHTML = classes.map((name, c) => `<tr style="--colour:${TRY_IT.colours[c]}"><th scope="row">${name}</th>` +
    '<td class="track"><span class="bar"></span></td><td class="number"></td></tr>').join("");
  $("disturb").insertAdjacentHTML("beforeend", Object.entries(KNOBS).map(([id, [name, unit, min, max, step, value]]) =>
    `<label>${name} <input type="range" id="knob-${id}" min="${min}" max="${max}" step="${step}" value="${value}">` +
    `<output for="knob-${id}" data-unit="${unit}"></output></label>`).join("") + '<button type="button" id="reset">As it was</button>');
}

function showKnobs() {
  document.querySelectorAll("#disturb output").forEach((output) => {
    const value = $(output.htmlFor.value).value;
    output.textContent = `${value} ${output.dataset.unit}`.replace("-", "−").replace(" °", "°").trim();
  });
}

function listen() {
  $("networks").addEventListener("change", (event) => {
    const before = seen / found.states.length;
    network = Number(event.target.value);
    found = run(networks[network], signal, off);
    seen = Math.round(before * found.states.length);
    pause(); compute();
  });
  $("group").addEventListener("change", () => choose(Number($("group").value), secret ? 0 : chosen[1]));
  $("item").addEventListener("change", () => choose(chosen[0], Number($("item").value)));
  $("surprise").addEventListener("click", () => {
    const g = Math.floor(Math.random() * shipped.length);
    choose(g, Math.floor(Math.random() * shipped[g].items.length), true);
  });
  $("back").addEventListener("click", () => show(shipped));
  $("play").addEventListener("click", play);
  $("seen").addEventListener("input", () => { pause(); seen = Number($("seen").value); compute(); });
  $("units").addEventListener("click", (event) => {
    const i = [...$("units").children].indexOf(event.target.closest(".unit"));
    if (i >= 0) toggle(i);
  });
  $("units").addEventListener("keydown", (event) => {
    const cells = [...$("units").children], at = cells.indexOf(document.activeElement);
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 10, ArrowUp: -10 }[event.key];
    if (!by || !cells[at + by]) return;
    event.preventDefault();
    cells[at].tabIndex = -1;
    cells[at + by].tabIndex = 0;
    cells[at + by].focus();
  });
  $("half").addEventListener("click", () => { networks[network].b_a.forEach((_, i) => i % 2 && off.add(i)); compute(); });
  $("all").addEventListener("click", () => { off.clear(); compute(); });
  $("disturb").addEventListener("input", () => { showKnobs(); compute(); });
  $("reset").addEventListener("click", () => {
    Object.entries(KNOBS).forEach(([id, knob]) => { $(`knob-${id}`).value = knob.at(-1); });
    showKnobs(); compute();
  });
  $("maps").addEventListener("click", (event) => {
    if (!event.target.value) return;
    const [n, g, i] = event.target.value.split(" ").map(Number);
    document.querySelector(`#networks input[value="${n}"]`).checked = true;
    network = n;
    choose(g, i);
    seen = found.states.length;
    compute();
    $("live").scrollIntoView();
  });
  $("file").addEventListener("change", () => { const [file] = $("file").files; if (file) load(file.name, () => readFile(file)); });
  $("up").addEventListener("change", () => { up = $("up").checked; compute(); });
  const drop = $("drop");
  ["dragover", "dragleave", "drop"].forEach((kind) => window.addEventListener(kind, (event) => {
    event.preventDefault(); // the browser would leave the page for the file
    drop.classList.toggle("over", kind === "dragover");
    const [file] = kind === "drop" ? event.dataTransfer.files : [];
    if (file) load(file.name, () => readFile(file));
  }));
  $("record").addEventListener("click", record);
  window.addEventListener("resize", draw);
  window.addEventListener("beforeprint", () => { pause(); seen = found.states.length; draw(); });
}

build();
listen();
showKnobs();
const hasSensor = "DeviceMotionEvent" in window && matchMedia("(pointer: coarse)").matches;
$("phone").hidden = !(hasSensor && location.protocol === "https:");
$(TRY_IT.rate && TRY_IT.unit === "g" ? "recording" : "no-recording").hidden = false;
$("live").hidden = false;
show(shipped, 1); // jogging, as on the landing page
