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
    const places = allAxes(x).map((a) => ($.test($.eq(a , $.sub(r , 1, "107:51"), "107:45"), "107:43") ? 0 : $.test($.eq(a , at, "107:63"), "107:61") ? $.sub(r , 1, "107:74") : $.add(order.indexOf(a) , 1, "107:97")));
    if ($.test(fromHalf, "108:9")) return $.call("108:26", transpose, $.call("108:36", unsqueeze, fromOneSided(fit(part(0), half), fit(part(1), half), n), [0]), places);
    const t = $.test($.eq(inverse , 1, "109:23"), "109:15") ? { n, kept: n, sign: 1, scale: $.div(1 , n, "109:63") } : { n, kept: $.test($.eq(onesided , 1, "109:91"), "109:82") ? half : n, sign: -1, scale: 1 };
    const [re, im] = fourier(fit(part(0), n), $.test($.eq(complex , 2, "110:55"), "110:47") ? fit(part(1), n) : undefined, t);
    return $.call("111:12", transpose, $.call("111:22", concat, [$.call("111:30", unsqueeze, re, [0]), $.call("111:50", unsqueeze, im, [0])], 0), places);
  },
{"name":"DFT","path":"src/ops/formulas/signal.formula.ts","line":90,"column":14});

/** The real signal of n points behind half a spectrum. */
function fromOneSided(re: Num, im: Num, n: number): Num {
  const half = $.add(Math.floor($.div(n , 2, "117:29")) , 1, "117:34");
  const twice = (k: number) => ($.test($.eq(k , 0, "118:35"), "118:33") || ($.test($.eq($.rem(n , 2, "118:47") , 0, "118:51"), "118:45") && $.test($.eq(k , $.sub(half , 1, "118:71"), "118:62"), "118:60")) ? 1 : 2);
  const weight = (f: (angle: number) => number) =>
    $.call("120:5", table, 
      Array.from({ length: $.mul(half , n, "121:33") }, (_, i) => {
        const k = Math.floor($.div(i , n, "122:32"));
        return $.div(($.mul(twice(k) , f($.div(($.mul($.mul(2 , Math.PI, "123:33") , ($.rem(($.mul(k , ($.rem(i , n, "123:54")), "123:49")) , n, "123:60")), "123:43")) , n, "123:66")), "123:26")) , n, "123:72");
      }),
      [half, n],
      $.call("126:7", dtype, re),
    );
  return $.sub($.call("128:10", matmul, re, weight(Math.cos)) , $.call("128:41", matmul, im, weight(Math.sin)), "128:39");
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
    const signal = $.test($.eq($.call("143:20", rank, given) , 2, "143:32"), "143:20") ? $.call("143:40", unsqueeze, given, [2]) : given;
    if ($.test($.ne($.call("144:9", rank, signal) , 3, "144:22"), "144:9")) $.call("144:29", refuse, `STFT takes a signal of rank 3 or 2, not ${$.call("144:79", rank, given)}`);
    const ofWindow = () => (window === undefined ? $.call("145:52", refuse, "STFT needs a frame length or a window") : $.call("145:102", shape, window)[0]);
    const n = frame_length === undefined ? ofWindow() : $.call("146:57", numbers, frame_length)[0];
    if (!$.test($.call("147:10", isFixed, n), "147:10")) $.call("147:22", refuseOpen, "the length of the STFT window", [n]);
    const frames = $.call("148:20", windows, signal, [1], [n], $.call("148:46", numbers, frame_step), [1]);
    const shaped = window === undefined ? frames : $.mul(frames , window, "149:59");
    const part = (i: number) => $.call("150:33", squeeze, $.call("150:41", slice, shaped, [{ axis: 2, start: i, size: 1 }]), [2]);
    const complex = $.call("151:21", shape, signal)[2];
    const t = { n, kept: $.test($.eq(onesided , 1, "152:35"), "152:26") ? $.add(Math.floor($.div(n , 2, "152:56")) , 1, "152:61") : n, sign: -1, scale: 1 };
    const [re, im] = fourier(part(0), $.test($.call("153:39", isFixed, complex), "153:39") && $.test($.eq(complex , 2, "153:67"), "153:59") ? part(1) : undefined, t);
    return $.call("154:12", concat, [$.call("154:20", unsqueeze, re, [3]), $.call("154:40", unsqueeze, im, [3])], 3);
  },
{"name":"STFT","path":"src/ops/formulas/signal.formula.ts","line":132,"column":14});

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
    const [bins] = $.call("171:20", numbers, num_mel_bins);
    const [length] = $.call("172:22", numbers, dft_length);
    const [rate] = $.call("173:20", numbers, sample_rate);
    const mel = (hertz: number) => $.mul(2595 , Math.log10($.add(1 , $.div(hertz , 700, "174:64"), "174:56")), "174:41");
    const [low, high] = [mel($.call("175:30", numbers, lower_edge_hertz)[0]), mel($.call("175:65", numbers, upper_edge_hertz)[0])];
    const hertz = (m: number) => $.mul(700 , ($.sub($.pow(10 , ($.div(m , 2595, "176:50")), "176:44") , 1, "176:58")), "176:38");
    const edge = (i: number) => Math.floor($.div(($.mul(($.add(length , 1, "177:53")) , hertz($.add(low , $.div(($.mul(i , ($.sub(high , low, "177:83")), "177:75")) , ($.add(bins , 2, "177:99")), "177:91"), "177:70")), "177:58")) , rate, "177:106"));
    const rows = $.add(Math.floor($.div(length , 2, "178:36")) , 1, "178:41");
    const weights = new Array<number>($.mul(rows , bins, "179:44")).fill(0);
    for (let i = 0; $.test($.lt(i , bins, "180:23"), "180:21"); i++) {
      const [lower, centre, upper] = [edge(i), edge($.add(i , 1, "181:55")), edge($.add(i , 2, "181:68"))];
      if ($.test($.eq(centre , lower, "182:18"), "182:11")) weights[$.add($.mul(centre , bins, "182:44") , i, "182:51")] = 1;
      for (let j = lower; $.test($.le(j , centre, "183:29"), "183:27") && $.test($.gt(centre , lower, "183:49"), "183:42"); j++) weights[$.add($.mul(j , bins, "183:73") , i, "183:80")] = $.div(($.sub(j , lower, "183:90")) , ($.sub(centre , lower, "183:109")), "183:99");
      for (let j = centre; $.test($.lt(j , upper, "184:30"), "184:28") && $.test($.gt(upper , centre, "184:47"), "184:41"); j++) weights[$.add($.mul(j , bins, "184:72") , i, "184:79")] = $.div(($.sub(upper , j, "184:93")) , ($.sub(upper , centre, "184:107")), "184:98");
    }
    return $.call("186:12", table, weights, [rows, bins], $.call("186:41", typeFromCode, output_datatype) ?? "f32");
  },
{"name":"MelWeightMatrix","path":"src/ops/formulas/signal.formula.ts","line":159,"column":14});
