// The network of harlib/rnn.py and harlib/inputs.py once more, in plain JavaScript, and what the
// page "Try it" does to a window before: disturbing it, or cutting it out of a reader's recording.
// A window is a list of samples [x, y, z], in g.
"use strict";

// Numbers as book/generate/pages/try_it.py wrote them: float32, little-endian, in base64.
function floats(base64) {
  return new Float32Array(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer);
}

// [x, y, z] of every sample.
function triples(values) {
  return Array.from({ length: values.length / 3 }, (_, t) => [...values.slice(3 * t, 3 * t + 3)]);
}

// A network with its weights as numbers.
function unpacked(network) {
  const weights = ["W_aa", "W_ax", "W_ya", "b_a", "b_y"].map((name) => [name, floats(network[name])]);
  return { ...network, ...Object.fromEntries(weights) };
}

// Acceleration along gravity and across it, and how far the phone stands upright; gravity is the
// mean of the samples so far, so nothing looks ahead.
function inGravityFrame(x) {
  const sum = [0, 0, 0];
  return x.map(([X, Y, Z], t) => {
    sum[0] += X; sum[1] += Y; sum[2] += Z;
    const [U, V, W] = sum.map((value) => value / (t + 1));
    const length = Math.max(Math.hypot(U, V, W), 1e-6);
    const across = Math.hypot(V * Z - W * Y, W * X - U * Z, U * Y - V * X);
    return [(U * X + V * Y + W * Z) / length, across / length, V];
  });
}

// The mean of every few samples in a row; too few for a step are left out at the beginning.
function inSteps(x, samples) {
  const steps = [];
  for (let t = x.length % samples; t < x.length; t += samples) {
    const some = x.slice(t, t + samples);
    steps.push([0, 1, 2].map((k) => some.reduce((sum, one) => sum + one[k], 0) / samples));
  }
  return steps;
}

function outputs(z, kind) {
  if (kind === "sigmoid") return z.map((value) => 1 / (1 + Math.exp(-value)));
  const largest = Math.max(...z); // softmax; without this a large argument would overflow
  const e = z.map((value) => Math.exp(value - largest)), sum = e.reduce((a, b) => a + b);
  return e.map((value) => value / sum);
}

// a_t = tanh(W_aa a_(t-1) + W_ax x_t + b_a) and z_t = W_ya a_t + b_y: the hidden states after every
// step, and the class scores if the window ended there. Units in the set `off` are held at 0.
function run(network, window, off = new Set()) {
  const { W_aa, W_ax, W_ya, b_a, b_y } = network;
  const [N, C] = [b_a.length, b_y.length];
  const x = inSteps(network.frame === "gravity" ? inGravityFrame(window) : window, network.samples_per_step);
  const total = new Array(C).fill(0); // over the steps so far: of z, or of the outputs
  let before = new Float64Array(N);
  const states = [], scores = [];
  x.forEach((x_t, t) => {
    const a = new Float64Array(N);
    for (let i = 0; i < N; i++) {
      if (off.has(i)) continue;
      let sum = b_a[i];
      for (let k = 0; k < 3; k++) sum += W_ax[3 * i + k] * x_t[k];
      for (let j = 0; j < N; j++) sum += W_aa[N * i + j] * before[j];
      a[i] = Math.tanh(sum);
    }
    const z = Array.from(b_y, (b, c) => a.reduce((sum, a_i, i) => sum + W_ya[N * c + i] * a_i, b));
    const y = outputs(z, network.output);
    const added = network.scores_from === "mean" ? y : z;
    added.forEach((value, c) => { total[c] += value; });
    const mean = total.map((value) => value / (t + 1));
    const kinds = { last: y, mean, mean_logit: outputs(mean, network.output) };
    scores.push(kinds[network.scores_from]);
    states.push(a);
    before = a;
  });
  return { states, scores };
}

// Turned about x, then y, then z, by degrees.
function turned([X, Y, Z], cos, sin) {
  [Y, Z] = [cos[0] * Y - sin[0] * Z, sin[0] * Y + cos[0] * Z];
  [X, Z] = [cos[1] * X + sin[1] * Z, cos[1] * Z - sin[1] * X];
  return [cos[2] * X - sin[2] * Y, sin[2] * X + cos[2] * Y, Z];
}

// As harlib/augment.py does it in training: played faster or slower, turned, scaled, made noisy.
// What a window played faster lacks at its end is played backwards. `noise` has its samples.
function disturb(window, { angles, gain, noise, speed }) {
  const last = window.length - 1;
  const cos = angles.map((degrees) => Math.cos((degrees * Math.PI) / 180));
  const sin = angles.map((degrees) => Math.sin((degrees * Math.PI) / 180));
  return window.map((_, t) => {
    let place = (t * speed) % (2 * last);
    place = Math.min(place, 2 * last - place);
    const i = Math.min(Math.floor(place), last - 1), part = place - i;
    const sample = window[i].map((value, k) => value * (1 - part) + window[i + 1][k] * part);
    return turned(sample, cos, sin).map((value, k) => gain * value + noise[t][k]);
  });
}
