/**
 * Realistic inputs for the real models, all from seeds: rendered text for the OCR networks, speech-like sound for the
 * audio front end, normal features for the wake-word classifiers.
 */

/** mulberry32: the same numbers everywhere. */
export function randomSource(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function normalSource(seed) {
  const random = randomSource(seed);
  return () => Math.sqrt(-2 * Math.log(random() || 1e-12)) * Math.cos(2 * Math.PI * random());
}

/** 5 x 7 dot letters, a row a number of five bits. */
const font = {
  A: [14, 17, 17, 31, 17, 17, 17],
  B: [30, 17, 17, 30, 17, 17, 30],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  F: [31, 16, 16, 30, 16, 16, 16],
  G: [14, 17, 16, 23, 17, 17, 15],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  N: [17, 25, 21, 19, 17, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  U: [17, 17, 17, 17, 17, 17, 14],
  V: [17, 17, 17, 17, 17, 10, 4],
  Y: [17, 17, 10, 4, 4, 4, 4],
  0: [14, 17, 19, 21, 25, 17, 14],
  1: [4, 12, 4, 4, 4, 4, 14],
  2: [14, 17, 1, 6, 8, 16, 31],
  3: [30, 1, 1, 14, 1, 1, 30],
  4: [2, 6, 10, 18, 31, 2, 2],
  5: [31, 16, 30, 1, 1, 17, 14],
  7: [31, 1, 2, 4, 8, 8, 8],
  9: [14, 17, 17, 15, 1, 2, 12],
  " ": [0, 0, 0, 0, 0, 0, 0],
};

/** Coverage of a text at a point, smoothed over one dot so that edges are grey as in a photograph. */
function ink(text, x, y) {
  const at = (i, j) => {
    const letter = font[text[Math.floor(i / 6)]];
    return letter && j >= 0 && j < 7 && i >= 0 && i % 6 < 5 ? (letter[j] >> (4 - (i % 6))) & 1 : 0;
  };
  const [i, j] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
  const [u, v] = [x - 0.5 - i, y - 0.5 - j];
  return (1 - u) * (1 - v) * at(i, j) + u * (1 - v) * at(i + 1, j) + (1 - u) * v * at(i, j + 1) + u * v * at(i + 1, j + 1);
}

/** An RGB image [1, 3, height, width] with lines of text, normalised as the networks were trained: (x / 255 - mean) / deviation. */
export function textImage(
  height,
  width,
  lines,
  { seed = 1, mean = [0.485, 0.456, 0.406], deviation = [0.229, 0.224, 0.225], upsideDown = false } = {},
) {
  const random = randomSource(seed);
  const paper = [0, 1, 2].map(() => 0.75 + 0.25 * random());
  const pen = [0, 1, 2].map(() => 0.35 * random());
  const shade = 0.15 * random();
  const data = new Float32Array(3 * height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [sx, sy] = upsideDown ? [width - 1 - x, height - 1 - y] : [x, y];
      let covered = 0;
      for (const l of lines) covered = Math.max(covered, ink(l.text, (sx - l.x) / l.size, (sy - l.y) / l.size));
      const noise = 0.03 * (random() - 0.5) - shade * (x / width);
      for (let c = 0; c < 3; c++) {
        const value = Math.min(1, Math.max(0, paper[c] + (pen[c] - paper[c]) * covered + noise));
        data[(c * height + y) * width + x] = (value - mean[c]) / deviation[c];
      }
    }
  return { dtype: "f32", shape: [1, 3, height, width], data };
}

const words = ["PORTOLAN", "CHART 1375", "OPEN SEA", "LISBON 42", "HARBOUR", "NORTH STAR", "ISLAND 07", "MERIDIAN"];

export function page(height, width, seed = 1) {
  const random = randomSource(seed + 100);
  const lines = [];
  for (let y = 16; y + 40 < height; y += 56)
    lines.push({ text: words[Math.floor(random() * words.length)], x: 12 + random() * width * 0.3, y, size: 2 + random() * 2.5 });
  return textImage(height, width, lines, { seed });
}

const half = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

/** One line of text as the recogniser and the direction classifier take it. */
export function textLine(height, width, seed = 1, upsideDown = false) {
  const text = words[seed % words.length];
  const size = Math.min((height - 8) / 7, (width - 8) / (6 * text.length));
  return textImage(height, width, [{ text, x: 4, y: (height - 7 * size) / 2, size }], { seed, ...half, upsideDown });
}

/** Sixteen-bit speech-like sound at 16 kHz: voiced syllables (a gliding pitch through three resonances) and hiss between them. */
export function speech(samples, seed = 1) {
  const random = randomSource(seed);
  const normal = normalSource(seed + 7);
  const data = new Float32Array(samples);
  const formants = [
    [700, 1200, 2500],
    [300, 2200, 2900],
    [500, 900, 2400],
    [400, 1900, 2550],
  ];
  let phase = 0;
  let vowel = formants[0];
  let pitch = 120;
  for (let i = 0; i < samples; i++) {
    if (i % 2400 === 0) {
      vowel = formants[Math.floor(random() * formants.length)];
      pitch = 90 + 120 * random();
    }
    const t = (i % 2400) / 2400;
    phase += (pitch * (1 + 0.1 * Math.sin(2 * Math.PI * t))) / 16000;
    let voice = 0;
    for (let k = 1; k * pitch < 4000; k++) {
      const gain = vowel.reduce((g, f) => g + 1 / (1 + ((k * pitch - f) / 120) ** 2), 0.01);
      voice += (gain * Math.sin(2 * Math.PI * k * phase)) / Math.sqrt(k);
    }
    const envelope = Math.sin(Math.PI * Math.min(1, t * 1.25)) ** 2;
    data[i] = Math.round(Math.max(-32768, Math.min(32767, 5000 * envelope * voice + 60 * normal() * (1 + 4 * (1 - envelope)))));
  }
  return { dtype: "f32", shape: [1, samples], data };
}

export function features(frames, seed) {
  const normal = normalSource(seed);
  return { dtype: "f32", shape: [1, frames, 96], data: Float32Array.from({ length: frames * 96 }, () => 10 * normal()) };
}

/** A log-mel picture of speech-like sound, [1, 76, 32, 1], in the range the embedding network was trained on. */
export function melWindow(seed) {
  const random = randomSource(seed);
  const normal = normalSource(seed + 3);
  const data = new Float32Array(76 * 32);
  let [a, b] = [6, 18];
  for (let t = 0; t < 76; t++) {
    if (t % 15 === 0) [a, b] = [3 + random() * 8, 12 + random() * 16];
    const loud = 0.5 + 0.5 * Math.sin((2 * Math.PI * t) / 15);
    for (let m = 0; m < 32; m++) {
      const peak = Math.exp(-(((m - a) / 2.5) ** 2)) + 0.7 * Math.exp(-(((m - b) / 3) ** 2));
      data[t * 32 + m] = -1 + 4.5 * loud * peak + 0.25 * normal();
    }
  }
  return { dtype: "f32", shape: [1, 76, 32, 1], data };
}

/** A hidden state of an LSTM of two layers. */
function state(seed) {
  const normal = normalSource(seed);
  return { dtype: "f32", shape: [2, 1, 64], data: Float32Array.from({ length: 128 }, () => 0.3 * Math.tanh(normal())) };
}

/** Feeds for each model of models.mjs, by input name. */
export function feedsFor(name) {
  const one = (input, list) => list.map((t) => new Map([[input, t]]));
  const windows = (input, frames) =>
    one(
      input,
      Array.from({ length: 50 }, (_, i) => features(frames, 1000 + i)),
    );
  switch (name) {
    case "det":
      return one("x", [page(320, 320, 3)]);
    case "rec":
      return one("x", [textLine(48, 320, 1), textLine(48, 320, 4)]);
    case "cls":
      return one(
        "x",
        Array.from({ length: 8 }, (_, i) => textLine(48, 192, i + 1, i % 2 === 1)),
      );
    case "melspectrogram":
      return one("input", [speech(17280, 5)]);
    case "embedding":
      return one(
        "input_1",
        Array.from({ length: 4 }, (_, i) => melWindow(i + 1)),
      );
    case "alexa":
      return windows("onnx::Flatten_0", 16);
    case "weather":
      return windows("onnx::Flatten_0", 22);
    case "hey_mycroft":
    case "hey_rhasspy":
      return windows("onnx::Flatten_0", 16);
    case "hello_deepa":
      return windows("onnx::Flatten_0", 25);
    case "silero":
      return Array.from({ length: 4 }, (_, i) => {
        const sound = speech(512 * (i + 6), 5).data.slice(-512);
        const input = { dtype: "f32", shape: [1, 512], data: sound.map((x) => x / 32768) };
        return new Map([["input", input], ...["h", "c"].map((name, k) => [name, state(10 * i + k)])]);
      });
    default:
      throw new Error(`no inputs for "${name}"`);
  }
}
