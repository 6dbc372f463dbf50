// From a CSV file that a phone's app has written to windows of acceleration in g, for the page
// "Try it". What cannot be used is refused in one line: what, where, and what is allowed.
"use strict";

const MOST_BYTES = 64e6, LONGEST = 24 * 3600, LONGEST_GAP = 1, SLOWEST = 20; // seconds, Hz
const MINUTE = 60; // the longest recording of the phone's own
const G = 9.80665; // m/s²

class Refusal extends Error {}

function refuse(text) {
  throw new Refusal(text);
}

// Which columns hold the time and the axes. MotionSense has gravity by itself, 50 Hz and no time.
function columnsOf(names, line) {
  const lower = names.map((name) => name.toLowerCase());
  const found = (pattern) => lower.findIndex((name) => pattern.test(name));
  const there = `line ${line} names ${names.map((name) => `"${name}"`).join(", ").slice(0, 120)}`;
  const apart = ["gravity", "useracceleration"]
    .map((part) => ["x", "y", "z"].map((axis) => lower.indexOf(`${part}.${axis}`)));
  if (apart.flat().every((column) => column >= 0)) {
    return { time: -1, axes: apart[0].map((column, k) => [column, apart[1][k]]) };
  }
  if (lower.some((name) => /linear|without g|user ?acc/.test(name))) {
    refuse(`${there}: acceleration without gravity; allowed is acceleration with it`);
  }
  let time = lower.indexOf("seconds_elapsed"); // beside it, Sensor Logger has nanoseconds since 1970
  if (time < 0) time = found(/^(t|time|timestamp|seconds)([ _(]|$)/);
  const axes = ["x", "y", "z"].map((axis) =>
    found(new RegExp(`^(total ?)?(acceleration|accelerometer|accel|acc|a)?[ _.-]*${axis}([ _(-]|$)`)));
  ["time", "x", "y", "z"].forEach((name, k) => {
    if ([time, ...axes][k] < 0) {
      refuse(`${there}: no column for ${name}; allowed are a time and x, y, z`);
    }
  });
  return { time, axes: axes.map((column) => [column]) };
}

async function readFile(file) {
  if (file.size > MOST_BYTES) { // before anything is read
    refuse(`it has ${(file.size / 1e6).toFixed(0)} MB; allowed are at most ${MOST_BYTES / 1e6} MB`);
  }
  const broken = () => refuse("it cannot be read; allowed is a file, no folder");
  return readTable(await file.text().catch(broken));
}

// Times, samples, and the line that each stands in.
function readTable(text) {
  const lines = text.split(/\r\n|\n|\r/);
  const first = lines.findIndex((line) => line.trim());
  if (first < 0 || text.includes("\0")) {
    refuse("it is not a table; allowed is a CSV file with a header");
  }
  const separator = [";", "\t", ","].find((one) => lines[first].includes(one));
  const cut = (line) => line.split(separator).map((cell) => cell.trim().replace(/^"|"$/g, ""));
  const number = (cell) => (cell ? Number(separator === "," ? cell : cell.replace(",", ".")) : NaN);
  const names = separator ? cut(lines[first]) : [];
  if (names.length < 3) {
    refuse(`line ${first + 1} is not that of a table; allowed is a CSV file with a header`);
  }
  if (names.every((name) => !Number.isNaN(number(name)))) {
    refuse(`line ${first + 1} is no header; allowed is one that names a time and x, y, z`);
  }
  const columns = columnsOf(names, first + 1);
  const table = { times: [], rows: [], lines: [] };
  for (let n = first + 1; n < lines.length; n++) {
    if (!lines[n].trim()) continue;
    const cells = cut(lines[n]);
    const value = (column) => {
      const found = number(cells[column]);
      if (Number.isFinite(found)) return found;
      const said = (cells[column] ?? "").slice(0, 20);
      return refuse(`line ${n + 1}: "${names[column]}" is "${said}"; allowed is a number`);
    };
    table.times.push(columns.time < 0 ? table.times.length / 50 : value(columns.time));
    table.rows.push(columns.axes.map((of) => of.reduce((sum, column) => sum + value(column), 0)));
    table.lines.push(n + 1);
  }
  return table;
}

// Times in seconds from the first. What lies a whole unit or more apart is not in seconds.
function inSeconds({ times, lines }, least) {
  if (!times.length) refuse("it has no samples; allowed is a table with some, or a motion sensor that may be used");
  const wrong = times.findIndex((time, i) => i && time <= times[i - 1]);
  if (wrong > 0) {
    refuse(`line ${lines[wrong]}: time ${times[wrong]} does not come after ${times[wrong - 1]}; ` +
      "allowed are times that grow");
  }
  const step = (times.at(-1) - times[0]) / (times.length - 1);
  const units = [[1e6, 1e-9, "ns"], [1e3, 1e-6, "µs"], [1, 1e-3, "ms"], [0, 1, "s"]];
  const [, unit, name] = units.find(([from]) => !(step < from));
  const seconds = times.map((time) => (time - times[0]) * unit);
  const duration = seconds.at(-1) ?? 0;
  if (!(duration >= least - 1.5 * step * unit)) { // n samples last n steps, not n - 1
    refuse(`it lasts ${duration.toFixed(1)} s; allowed are ${least} s or more`);
  }
  if (duration > LONGEST) refuse(`it lasts ${(duration / 3600).toFixed(1)} h; allowed are at most 24 h`);
  const gap = seconds.findIndex((time, i) => i && time - seconds[i - 1] > LONGEST_GAP);
  if (gap > 0) {
    const missing = (seconds[gap] - seconds[gap - 1]).toFixed(1);
    refuse(`line ${lines[gap]}: ${missing} s without a sample; allowed is at most ${LONGEST_GAP} s`);
  }
  if (step * unit > 1 / SLOWEST) {
    refuse(`${(1 / step / unit).toFixed(1)} samples a second; allowed are ${SLOWEST} or more`);
  }
  return { seconds, name };
}

// On an even grid, linear between samples.
function onGrid(seconds, rows, rate) {
  const grid = [];
  let i = 0;
  for (let n = 0; n / rate <= seconds.at(-1) + 1e-6; n++) {
    while (i < rows.length - 2 && seconds[i + 1] < n / rate) i++;
    const part = Math.min(1, (n / rate - seconds[i]) / (seconds[i + 1] - seconds[i]));
    grid.push(rows[i].map((value, k) => value * (1 - part) + rows[i + 1][k] * part));
  }
  return grid;
}

// At `rate` samples a second. A faster recording first goes through a low-pass (a sinc under a Hann
// window, 6 dB down at nine tenths of rate / 2): what the rate cannot hold must not come back as
// something slower.
function resample(seconds, rows, rate) {
  const finer = Math.max(1, Math.ceil((rows.length - 1) / seconds.at(-1) / rate - 0.1));
  const grid = onGrid(seconds, rows, rate * finer);
  if (finer === 1) return grid;
  const reach = 12 * finer;
  const taps = Array.from({ length: 2 * reach + 1 }, (_, n) => {
    const u = ((n - reach) / finer) * 0.9 * Math.PI;
    return (u ? Math.sin(u) / u : 1) * Math.cos(((n - reach) / reach) * (Math.PI / 2)) ** 2;
  });
  const sum = taps.reduce((a, b) => a + b);
  return grid.filter((_, n) => n % finer === 0).map((_, n) => [0, 1, 2].map((k) =>
    taps.reduce((total, tap, j) => {
      const place = Math.min(grid.length - 1, Math.max(0, n * finer + j - reach)); // ends go on
      return total + tap * grid[place][k];
    }, 0) / sum));
}

// The length of the mean of the quietest second: what gravity measures here.
function lengthAtRest(samples, rate) {
  const second = Math.round(rate);
  let quietest = Infinity, length = 0;
  for (let start = 0; start + second <= samples.length; start += second) {
    const some = samples.slice(start, start + second);
    const mean = [0, 1, 2].map((k) => some.reduce((sum, one) => sum + one[k], 0) / second);
    const spread = some.reduce((sum, one) => sum + Math.hypot(...one.map((v, k) => v - mean[k])), 0);
    if (spread < quietest) [quietest, length] = [spread, Math.hypot(...mean)];
  }
  return length;
}

// Windows in g, and in words what was taken for what.
function toWindows(table, rate, steps) {
  const { seconds, name } = inSeconds(table, steps / rate);
  let samples = resample(seconds, table.rows, rate);
  while (samples.length < steps) samples.push(samples.at(-1)); // one that the last step lacks
  const length = lengthAtRest(samples, rate), shown = length.toPrecision(3);
  const unit = length > 0.7 && length < 1.4 ? 1 : length > 0.7 * G && length < 1.4 * G ? G : 0;
  if (!unit) {
    const what = length < 0.7 ? "acceleration without gravity" : "another unit";
    refuse(`at its quietest it measures ${shown}: ${what}, or another sensor; ` +
      "allowed is a length near 1 (g) or 9.8 (m/s²)");
  }
  // Android and iPhones differ in sign, and pockets in the way up. In MotionSense nearly every phone
  // has gravity towards the positive y, and a network that has only seen that needs it.
  const over = samples.reduce((sum, [, y]) => sum + y, 0) < 0;
  samples = samples.map((sample) => sample.map((value) => value / (over ? -unit : unit)));
  const windows = Array.from({ length: Math.floor(samples.length / steps) }, (_, n) =>
    samples.slice(n * steps, (n + 1) * steps));
  const had = ((table.rows.length - 1) / seconds.at(-1)).toFixed(0);
  const words = `${seconds.at(-1).toFixed(1)} s at ${had} Hz, time in ${name}, acceleration in ` +
    `${unit === 1 ? "g" : "m/s²"} (at its quietest it measures ${shown})` +
    (over ? ", turned over so that gravity lies along the positive y" : "");
  return { windows, words };
}

// What the sensor of this phone gives until it is stopped, in at most a minute: `tell` is told the
// seconds so far, and at the end `done` gets the table. Returns what stops it.
function listenToSensor(tell, done) {
  const table = { times: [], rows: [], lines: [] };
  const stop = () => {
    window.removeEventListener("devicemotion", moved);
    done(table);
  };
  function moved({ accelerationIncludingGravity: now, timeStamp }) {
    const time = timeStamp / 1000, { times, rows, lines } = table;
    if (typeof now?.x !== "number" || time <= times.at(-1)) return;
    times.push(time);
    rows.push([now.x, now.y, now.z]);
    lines.push(times.length);
    tell(time - times[0]);
    if (time - times[0] > MINUTE) stop();
  }
  window.addEventListener("devicemotion", moved);
  return stop;
}
