/* Generated from signal.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/signal.formula.ts"); /** Signal processing: windows, Fourier transforms as matrix products with constant cosines and sines, mel filters. */
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
import { allAxes, positive } from "./axes.gen.js";

/** a0 - a1 cos(2 pi k / N) + a2 cos(4 pi k / N); N is the size, or one less for a symmetric window. */
function cosineWindow(count: Num, periodic: number, code: number, a: readonly number[]): Num {
  const [n] = $.call("33:15", numbers, count);
  const span = $.test($.eq(periodic , 1, "34:25"), "34:16") ? n : $.sub(n , 1, "34:39");
  const at = (k: number) => $.add($.sub(a[0] , $.mul(a[1] , Math.cos($.div(($.mul($.mul(2 , Math.PI, "35:55") , k, "35:65")) , span, "35:70")), "35:41"), "35:34") , $.mul(a[2] , Math.cos($.div(($.mul($.mul(4 , Math.PI, "35:99") , k, "35:109")) , span, "35:114")), "35:85"), "35:78");
  return $.call("36:10", vector, 
    Array.from({ length: n }, (_, k) => at(k)),
    $.call("38:5", typeFromCode, code) ?? "f32",
  );
}

const windowAttrs = { output_datatype: int(1), periodic: int(1) };
const windowInputs = { size: shaping(["i32", "i64"]) };

export const HannWindow = formula({ inputs: windowInputs, attrs: windowAttrs }, ({ size, output_datatype, periodic }) =>
  cosineWindow(size, periodic, output_datatype, [0.5, 0.5, 0]),
{"name":"HannWindow","path":"src/ops/formulas/signal.formula.ts","line":45,"column":14});
export const HammingWindow = formula({ inputs: windowInputs, attrs: windowAttrs }, ({ size, output_datatype, periodic }) =>
  cosineWindow(size, periodic, output_datatype, [$.div(25 , 46, "49:53"), $.div(21 , 46, "49:62"), 0]),
{"name":"HammingWindow","path":"src/ops/formulas/signal.formula.ts","line":48,"column":14});
export const BlackmanWindow = formula({ inputs: windowInputs, attrs: windowAttrs }, ({ size, output_datatype, periodic }) =>
  cosineWindow(size, periodic, output_datatype, [0.42, 0.5, 0.08]),
{"name":"BlackmanWindow","path":"src/ops/formulas/signal.formula.ts","line":51,"column":14});

/** cos or sin of 2 pi j k / n for rows j and columns k; j k is reduced first, so that the angle stays exact. */
function waves(rows: number, columns: number, n: number, f: (angle: number) => number, type: DType): Num {
  const values = Array.from({ length: $.mul(rows , columns, "57:44") }, (_, i) => f($.div(($.mul($.mul(2 , Math.PI, "57:72") , ($.rem(($.mul(Math.floor($.div(i , columns, "57:99")) , ($.rem(i , columns, "57:115")), "57:110")) , n, "57:127")), "57:82")) , n, "57:133")));
  return $.call("58:10", table, values, [rows, columns], type);
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
  const type = $.call("73:16", dtype, re);
  const cosine = waves(t.n, t.kept, t.n, (angle) => $.mul(t.scale , Math.cos(angle), "74:61"), type);
  const sine = waves(t.n, t.kept, t.n, (angle) => $.mul($.mul(t.scale , t.sign, "75:59") , Math.sin(angle), "75:68"), type);
  if (im === undefined) return [$.call("76:33", matmul, re, cosine), $.call("76:53", matmul, re, sine)];
  return [$.sub($.call("77:11", matmul, re, cosine) , $.call("77:32", matmul, im, sine), "77:30"), $.add($.call("77:50", matmul, re, sine) , $.call("77:69", matmul, im, cosine), "77:67")];
}

/** The last axis cut or filled with zeros to n. */
function fit(x: Num, n: number): Num {
  const length = $.call("82:18", shape, x)[$.sub($.call("82:27", rank, x) , 1, "82:35")];
  if (!$.test($.call("83:8", isFixed, length), "83:8")) $.call("83:25", refuseOpen, "the length of a Fourier transform", [length]);
  if ($.test($.ge(length , n, "84:14"), "84:7")) return $.test($.eq(length , n, "84:34"), "84:27") ? x : $.call("84:46", slice, x, [{ axis: -1, start: 0, size: n }]);
  const none = allAxes(x).map(() => 0);
  return $.call("86:10", pad, x, none, [...none.slice(1), $.sub(n , length, "86:44")], 0);
}

/** Complex numbers are pairs on the last axis; one-sided transforms keep or are given half of a symmetric spectrum. */
export const DFT = formula(
  {
    inputs: { x: "float", dft_length: optionalShaping(["i32", "i64"]), axis: optionalShaping(["i32", "i64"]) },
    attrs: { inverse: int(0), onesided: int(0) },
  },
  ({ x, dft_length, axis, inverse, onesided }) => {
    const r = $.call("96:15", rank, x);
    const at = axis === undefined ? $.sub(r , 2, "97:39") : positive($.call("97:54", numbers, axis)[0], r);
    const order = allAxes(x).filter((a) => $.test($.ne(a , at, "98:46"), "98:44") && $.ne(a , $.sub(r , 1, "98:64"), "98:58"));
    const moved = $.call("99:19", transpose, x, [$.sub(r , 1, "99:35"), ...order, at]);
    const length = $.call("100:20", shape, x)[at];
    const complex = $.call("101:21", shape, x)[$.sub(r , 1, "101:32")];
    if (!$.test($.call("102:10", isFixed, length), "102:10") || !$.test($.call("102:30", isFixed, complex), "102:30")) $.call("102:48", refuseOpen, "the length of a DFT", [length, complex]);
    const fromHalf = $.test($.eq(inverse , 1, "103:30"), "103:22") && $.eq(onesided , 1, "103:48");
    const n = dft_length === undefined ? ($.test(fromHalf, "104:43") ? $.mul(2 , ($.sub(length , 1, "104:66")), "104:56") : length) : $.call("104:83", numbers, dft_length)[0];
    const part = (i: number) => $.call("105:33", squeeze, $.call("105:41", slice, moved, [{ axis: 0, start: i, size: 1 }]), [0]);
    const half = $.add(Math.floor($.div(n , 2, "106:31")) , 1, "106:36");
    // The last axis is none of `order` and comes first.
    const places = allAxes(x).map((a) => ($.test($.eq(a , at, "108:45"), "108:43") ? $.sub(r , 1, "108:56") : $.add(order.indexOf(a) , 1, "108:79")));
    if ($.test(fromHalf, "109:9")) return $.call("109:26", transpose, $.call("109:36", unsqueeze, fromOneSided(fit(part(0), half), fit(part(1), half), n), [0]), places);
    const t = $.test($.eq(inverse , 1, "110:23"), "110:15") ? { n, kept: n, sign: 1, scale: $.div(1 , n, "110:63") } : { n, kept: $.test($.eq(onesided , 1, "110:91"), "110:82") ? half : n, sign: -1, scale: 1 };
    const [re, im] = fourier(fit(part(0), n), $.test($.eq(complex , 2, "111:55"), "111:47") ? fit(part(1), n) : undefined, t);
    return $.call("112:12", transpose, $.call("112:22", concat, [$.call("112:30", unsqueeze, re, [0]), $.call("112:50", unsqueeze, im, [0])], 0), places);
  },
{"name":"DFT","path":"src/ops/formulas/signal.formula.ts","line":90,"column":14});

/** The real signal of n points behind half a spectrum. */
function fromOneSided(re: Num, im: Num, n: number): Num {
  const half = $.add(Math.floor($.div(n , 2, "118:29")) , 1, "118:34");
  const twice = (k: number) => ($.test($.eq(k , 0, "119:35"), "119:33") || ($.test($.eq($.rem(n , 2, "119:47") , 0, "119:51"), "119:45") && $.test($.eq(k , $.sub(half , 1, "119:71"), "119:62"), "119:60")) ? 1 : 2);
  const weight = (f: (angle: number) => number) =>
    $.call("121:5", table, 
      Array.from({ length: $.mul(half , n, "122:33") }, (_, i) => {
        const k = Math.floor($.div(i , n, "123:32"));
        return $.div(($.mul(twice(k) , f($.div(($.mul($.mul(2 , Math.PI, "124:33") , ($.rem(($.mul(k , ($.rem(i , n, "124:54")), "124:49")) , n, "124:60")), "124:43")) , n, "124:66")), "124:26")) , n, "124:72");
      }),
      [half, n],
      $.call("127:7", dtype, re),
    );
  return $.sub($.call("129:10", matmul, re, weight(Math.cos)) , $.call("129:41", matmul, im, weight(Math.sin)), "129:39");
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
    const signal = $.test($.eq($.call("144:20", rank, given) , 2, "144:32"), "144:20") ? $.call("144:40", unsqueeze, given, [2]) : given;
    if ($.test($.ne($.call("145:9", rank, signal) , 3, "145:22"), "145:9")) $.call("145:29", refuse, `STFT takes a signal of rank 3 or 2, not ${$.call("145:79", rank, given)}`);
    const ofWindow = () => (window === undefined ? $.call("146:52", refuse, "STFT needs a frame length or a window") : $.call("146:102", shape, window)[0]);
    const n = frame_length === undefined ? ofWindow() : $.call("147:57", numbers, frame_length)[0];
    if (!$.test($.call("148:10", isFixed, n), "148:10")) $.call("148:22", refuseOpen, "the length of the STFT window", [n]);
    const frames = $.call("149:20", windows, signal, [1], [n], $.call("149:46", numbers, frame_step), [1]);
    const shaped = window === undefined ? frames : $.mul(frames , window, "150:59");
    const part = (i: number) => $.call("151:33", squeeze, $.call("151:41", slice, shaped, [{ axis: 2, start: i, size: 1 }]), [2]);
    const complex = $.call("152:21", shape, signal)[2];
    const t = { n, kept: $.test($.eq(onesided , 1, "153:35"), "153:26") ? $.add(Math.floor($.div(n , 2, "153:56")) , 1, "153:61") : n, sign: -1, scale: 1 };
    const [re, im] = fourier(part(0), $.test($.call("154:39", isFixed, complex), "154:39") && $.test($.eq(complex , 2, "154:67"), "154:59") ? part(1) : undefined, t);
    return $.call("155:12", concat, [$.call("155:20", unsqueeze, re, [3]), $.call("155:40", unsqueeze, im, [3])], 3);
  },
{"name":"STFT","path":"src/ops/formulas/signal.formula.ts","line":133,"column":14});

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
    const [bins] = $.call("172:20", numbers, num_mel_bins);
    const [length] = $.call("173:22", numbers, dft_length);
    const [rate] = $.call("174:20", numbers, sample_rate);
    const mel = (hertz: number) => $.mul(2595 , Math.log10($.add(1 , $.div(hertz , 700, "175:64"), "175:56")), "175:41");
    const [low, high] = [mel($.call("176:30", numbers, lower_edge_hertz)[0]), mel($.call("176:65", numbers, upper_edge_hertz)[0])];
    const hertz = (m: number) => $.mul(700 , ($.sub($.pow(10 , ($.div(m , 2595, "177:50")), "177:44") , 1, "177:58")), "177:38");
    const edge = (i: number) => Math.floor($.div(($.mul(($.add(length , 1, "178:53")) , hertz($.add(low , $.div(($.mul(i , ($.sub(high , low, "178:83")), "178:75")) , ($.add(bins , 2, "178:99")), "178:91"), "178:70")), "178:58")) , rate, "178:106"));
    const rows = $.add(Math.floor($.div(length , 2, "179:36")) , 1, "179:41");
    const weight = (j: number, i: number) => {
      const [lower, centre, upper] = [edge(i), edge($.add(i , 1, "181:55")), edge($.add(i , 2, "181:68"))];
      if ($.test($.eq(j , centre, "182:13"), "182:11")) return 1;
      return Math.max($.test($.lt(j , centre, "183:25"), "183:23") ? $.div(($.sub(j , lower, "183:39")) , ($.sub(centre , lower, "183:58")), "183:48") : $.div(($.sub(upper , j, "183:76")) , ($.sub(upper , centre, "183:90")), "183:81"), 0);
    };
    const weights = Array.from({ length: $.mul(rows , bins, "185:47") }, (_, k) => weight(Math.floor($.div(k , bins, "185:87")), $.rem(k , bins, "185:98")));
    return $.call("186:12", table, weights, [rows, bins], $.call("186:41", typeFromCode, output_datatype) ?? "f32");
  },
{"name":"MelWeightMatrix","path":"src/ops/formulas/signal.formula.ts","line":160,"column":14});
