/** Signal processing: windows, Fourier transforms as matrix products with constant cosines and sines, mel filters. */
import {
  concat,
  dtype,
  formula,
  int,
  isFixed,
  matmul,
  numbers,
  optional,
  optionalShaping,
  pad,
  rank,
  refuse,
  refuseOpen,
  shape,
  shaping,
  slice,
  squeeze,
  table,
  transpose,
  typeFromCode,
  unsqueeze,
  vector,
  windows,
  type DType,
  type Num,
} from "../lang.js";
import { allAxes, positive } from "./axes.formula.js";

/** a0 - a1 cos(2 pi k / N) + a2 cos(4 pi k / N); N is the size, or one less for a symmetric window. */
function cosineWindow(count: Num, periodic: number, code: number, a: readonly number[]): Num {
  const [n] = numbers(count);
  const span = periodic === 1 ? n : n - 1;
  const at = (k: number) => a[0] - a[1] * Math.cos((2 * Math.PI * k) / span) + a[2] * Math.cos((4 * Math.PI * k) / span);
  return vector(
    Array.from({ length: n }, (_, k) => at(k)),
    typeFromCode(code) ?? "f32",
  );
}

const windowAttrs = { output_datatype: int(1), periodic: int(1) };
const windowInputs = { size: shaping(["i32", "i64"]) };

export const HannWindow = formula({ inputs: windowInputs, attrs: windowAttrs }, ({ size, output_datatype, periodic }) =>
  cosineWindow(size, periodic, output_datatype, [0.5, 0.5, 0]),
);
export const HammingWindow = formula({ inputs: windowInputs, attrs: windowAttrs }, ({ size, output_datatype, periodic }) =>
  cosineWindow(size, periodic, output_datatype, [25 / 46, 21 / 46, 0]),
);
export const BlackmanWindow = formula({ inputs: windowInputs, attrs: windowAttrs }, ({ size, output_datatype, periodic }) =>
  cosineWindow(size, periodic, output_datatype, [0.42, 0.5, 0.08]),
);

/** cos or sin of 2 pi j k / n for rows j and columns k; j k is reduced first, so that the angle stays exact. */
function waves(rows: number, columns: number, n: number, f: (angle: number) => number, type: DType): Num {
  const values = Array.from({ length: rows * columns }, (_, i) => f((2 * Math.PI * ((Math.floor(i / columns) * (i % columns)) % n)) / n));
  return table(values, [rows, columns], type);
}

interface Transform {
  /** Points transformed. */
  readonly n: number;
  /** Results kept. */
  readonly kept: number;
  /** -1 forward, 1 inverse. */
  readonly sign: number;
  readonly scale: number;
}

/** Fourier transform along the last axis of a real part and an imaginary part (absent: 0). */
function fourier(re: Num, im: Num | undefined, t: Transform): [re: Num, im: Num] {
  const type = dtype(re);
  const cosine = waves(t.n, t.kept, t.n, (angle) => t.scale * Math.cos(angle), type);
  const sine = waves(t.n, t.kept, t.n, (angle) => t.scale * t.sign * Math.sin(angle), type);
  if (im === undefined) return [matmul(re, cosine), matmul(re, sine)];
  return [matmul(re, cosine) - matmul(im, sine), matmul(re, sine) + matmul(im, cosine)];
}

/** The last axis cut or filled with zeros to n. */
function fit(x: Num, n: number): Num {
  const length = shape(x)[rank(x) - 1];
  if (!isFixed(length)) refuseOpen("the length of a Fourier transform", [length]);
  if (length >= n) return length === n ? x : slice(x, [{ axis: -1, start: 0, size: n }]);
  const none = allAxes(x).map(() => 0);
  return pad(x, none, [...none.slice(1), n - length], 0);
}

/** Complex numbers are pairs on the last axis; one-sided transforms keep or are given half of a symmetric spectrum. */
export const DFT = formula(
  {
    inputs: { x: "float", dft_length: optionalShaping(["i32", "i64"]), axis: optionalShaping(["i32", "i64"]) },
    attrs: { inverse: int(0), onesided: int(0) },
  },
  ({ x, dft_length, axis, inverse, onesided }) => {
    const r = rank(x);
    const at = axis === undefined ? r - 2 : positive(numbers(axis)[0], r);
    const order = allAxes(x).filter((a) => a !== at && a !== r - 1);
    const moved = transpose(x, [r - 1, ...order, at]);
    const length = shape(x)[at];
    const complex = shape(x)[r - 1];
    if (!isFixed(length) || !isFixed(complex)) refuseOpen("the length of a DFT", [length, complex]);
    const fromHalf = inverse === 1 && onesided === 1;
    const n = dft_length === undefined ? (fromHalf ? 2 * (length - 1) : length) : numbers(dft_length)[0];
    const part = (i: number) => squeeze(slice(moved, [{ axis: 0, start: i, size: 1 }]), [0]);
    const half = Math.floor(n / 2) + 1;
    // The last axis is none of `order` and comes first.
    const places = allAxes(x).map((a) => (a === at ? r - 1 : order.indexOf(a) + 1));
    if (fromHalf) return transpose(unsqueeze(fromOneSided(fit(part(0), half), fit(part(1), half), n), [0]), places);
    const t = inverse === 1 ? { n, kept: n, sign: 1, scale: 1 / n } : { n, kept: onesided === 1 ? half : n, sign: -1, scale: 1 };
    const [re, im] = fourier(fit(part(0), n), complex === 2 ? fit(part(1), n) : undefined, t);
    return transpose(concat([unsqueeze(re, [0]), unsqueeze(im, [0])], 0), places);
  },
);

/** The real signal of n points behind half a spectrum. */
function fromOneSided(re: Num, im: Num, n: number): Num {
  const half = Math.floor(n / 2) + 1;
  const twice = (k: number) => (k === 0 || (n % 2 === 0 && k === half - 1) ? 1 : 2);
  const weight = (f: (angle: number) => number) =>
    table(
      Array.from({ length: half * n }, (_, i) => {
        const k = Math.floor(i / n);
        return (twice(k) * f((2 * Math.PI * ((k * (i % n)) % n)) / n)) / n;
      }),
      [half, n],
      dtype(re),
    );
  return matmul(re, weight(Math.cos)) - matmul(im, weight(Math.sin));
}

/** Fourier transforms of overlapping frames of [B, samples, 1 or 2]; onnxruntime also takes real samples as [B, samples]. */
export const STFT = formula(
  {
    inputs: {
      signal: "float",
      frame_step: shaping(["i32", "i64"]),
      window: optional("float"),
      frame_length: optionalShaping(["i32", "i64"]),
    },
    attrs: { onesided: int(1) },
  },
  ({ signal: given, frame_step, window, frame_length, onesided }) => {
    const signal = rank(given) === 2 ? unsqueeze(given, [2]) : given;
    if (rank(signal) !== 3) refuse(`STFT takes a signal of rank 3 or 2, not ${rank(given)}`);
    const ofWindow = () => (window === undefined ? refuse("STFT needs a frame length or a window") : shape(window)[0]);
    const n = frame_length === undefined ? ofWindow() : numbers(frame_length)[0];
    if (!isFixed(n)) refuseOpen("the length of the STFT window", [n]);
    const frames = windows(signal, [1], [n], numbers(frame_step), [1]);
    const shaped = window === undefined ? frames : frames * window;
    const part = (i: number) => squeeze(slice(shaped, [{ axis: 2, start: i, size: 1 }]), [2]);
    const complex = shape(signal)[2];
    const t = { n, kept: onesided === 1 ? Math.floor(n / 2) + 1 : n, sign: -1, scale: 1 };
    const [re, im] = fourier(part(0), isFixed(complex) && complex === 2 ? part(1) : undefined, t);
    return concat([unsqueeze(re, [3]), unsqueeze(im, [3])], 3);
  },
);

/** Triangular filters evenly spaced on the mel scale, [spectrum bins, mel bins]. */
export const MelWeightMatrix = formula(
  {
    inputs: {
      num_mel_bins: shaping(["i32", "i64"]),
      dft_length: shaping(["i32", "i64"]),
      sample_rate: ["i32", "i64"],
      lower_edge_hertz: "float",
      upper_edge_hertz: "float",
    },
    attrs: { output_datatype: int(1) },
  },
  ({ num_mel_bins, dft_length, sample_rate, lower_edge_hertz, upper_edge_hertz, output_datatype }) => {
    const [bins] = numbers(num_mel_bins);
    const [length] = numbers(dft_length);
    const [rate] = numbers(sample_rate);
    const mel = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
    const [low, high] = [mel(numbers(lower_edge_hertz)[0]), mel(numbers(upper_edge_hertz)[0])];
    const hertz = (m: number) => 700 * (10 ** (m / 2595) - 1);
    const edge = (i: number) => Math.floor(((length + 1) * hertz(low + (i * (high - low)) / (bins + 2))) / rate);
    const rows = Math.floor(length / 2) + 1;
    const weight = (j: number, i: number) => {
      const [lower, centre, upper] = [edge(i), edge(i + 1), edge(i + 2)];
      if (j === centre) return 1;
      return Math.max(j < centre ? (j - lower) / (centre - lower) : (upper - j) / (upper - centre), 0);
    };
    const weights = Array.from({ length: rows * bins }, (_, k) => weight(Math.floor(k / bins), k % bins));
    return table(weights, [rows, bins], typeFromCode(output_datatype) ?? "f32");
  },
);
