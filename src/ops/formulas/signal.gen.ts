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
  const [n] = $.call("32:15", numbers, count);
  const span = $.test($.eq(periodic , 1, "33:25"), "33:16") ? n : $.sub(n , 1, "33:39");
  const at = (k: number) => $.add($.sub(a[0] , $.mul(a[1] , Math.cos($.div(($.mul($.mul(2 , Math.PI, "34:55") , k, "34:65")) , span, "34:70")), "34:41"), "34:34") , $.mul(a[2] , Math.cos($.div(($.mul($.mul(4 , Math.PI, "34:99") , k, "34:109")) , span, "34:114")), "34:85"), "34:78");
  return $.call("35:10", vector, 
    Array.from({ length: n }, (_, k) => at(k)),
    $.call("37:5", typeFromCode, code) ?? "f32",
  );
}

const windowAttrs = { output_datatype: int(1), periodic: int(1) };
const windowInputs = { size: shaping(["i32", "i64"]) };

export const HannWindow = formula({ inputs: windowInputs, attrs: windowAttrs }, ({ size, output_datatype, periodic }) =>
  cosineWindow(size, periodic, output_datatype, [0.5, 0.5, 0]),
{"name":"HannWindow","path":"src/ops/formulas/signal.formula.ts","line":44,"column":14});
export const HammingWindow = formula({ inputs: windowInputs, attrs: windowAttrs }, ({ size, output_datatype, periodic }) =>
  cosineWindow(size, periodic, output_datatype, [$.div(25 , 46, "48:53"), $.div(21 , 46, "48:62"), 0]),
{"name":"HammingWindow","path":"src/ops/formulas/signal.formula.ts","line":47,"column":14});
export const BlackmanWindow = formula({ inputs: windowInputs, attrs: windowAttrs }, ({ size, output_datatype, periodic }) =>
  cosineWindow(size, periodic, output_datatype, [0.42, 0.5, 0.08]),
{"name":"BlackmanWindow","path":"src/ops/formulas/signal.formula.ts","line":50,"column":14});

/** cos or sin of 2 pi j k / n for rows j and columns k; j k is reduced first, so that the angle stays exact. */
function waves(rows: number, columns: number, n: number, f: (angle: number) => number, type: DType): Num {
  const values = Array.from({ length: $.mul(rows , columns, "56:44") }, (_, i) => f($.div(($.mul($.mul(2 , Math.PI, "56:72") , ($.rem(($.mul(Math.floor($.div(i , columns, "56:99")) , ($.rem(i , columns, "56:115")), "56:110")) , n, "56:127")), "56:82")) , n, "56:133")));
  return $.call("57:10", table, values, [rows, columns], type);
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
  const type = $.call("72:16", dtype, re);
  const cosine = waves(t.n, t.kept, t.n, (angle) => $.mul(t.scale , Math.cos(angle), "73:61"), type);
  const sine = waves(t.n, t.kept, t.n, (angle) => $.mul($.mul(t.scale , t.sign, "74:59") , Math.sin(angle), "74:68"), type);
  if (im === undefined) return [$.call("75:33", matmul, re, cosine), $.call("75:53", matmul, re, sine)];
  return [$.sub($.call("76:11", matmul, re, cosine) , $.call("76:32", matmul, im, sine), "76:30"), $.add($.call("76:50", matmul, re, sine) , $.call("76:69", matmul, im, cosine), "76:67")];
}

/** The last axis cut or filled with zeros to n. */
function fit(x: Num, n: number): Num {
  const length = $.call("81:18", shape, x)[$.sub($.call("81:27", rank, x) , 1, "81:35")];
  if (!$.test($.call("82:8", isFixed, length), "82:8")) $.call("82:25", refuse, "a Fourier transform needs a length known when compiling", "Fix it with --dim or --shape.");
  if ($.test($.ge(length , n, "83:14"), "83:7")) return $.test($.eq(length , n, "83:34"), "83:27") ? x : $.call("83:46", slice, x, [{ axis: -1, start: 0, size: n }]);
  const none = allAxes(x).map(() => 0);
  return $.call("85:10", pad, x, none, [...none.slice(1), $.sub(n , length, "85:44")], 0);
}

/** Complex numbers are pairs on the last axis; one-sided transforms keep or are given half of a symmetric spectrum. */
export const DFT = formula(
  {
    inputs: { x: "float", dft_length: optionalShaping(["i32", "i64"]), axis: optionalShaping(["i32", "i64"]) },
    attrs: { inverse: int(0), onesided: int(0) },
  },
  ({ x, dft_length, axis, inverse, onesided }) => {
    const r = $.call("95:15", rank, x);
    const at = axis === undefined ? $.sub(r , 2, "96:39") : positive($.call("96:54", numbers, axis)[0], r);
    const order = allAxes(x).filter((a) => $.test($.ne(a , at, "97:46"), "97:44") && $.ne(a , $.sub(r , 1, "97:64"), "97:58"));
    const moved = $.call("98:19", transpose, x, [$.sub(r , 1, "98:35"), ...order, at]);
    const length = $.call("99:20", shape, x)[at];
    const complex = $.call("100:21", shape, x)[$.sub(r , 1, "100:32")];
    if (!$.test($.call("101:10", isFixed, length), "101:10") || !$.test($.call("101:30", isFixed, complex), "101:30")) $.call("101:48", refuse, "DFT needs a length known when compiling", "Fix it with --dim or --shape.");
    const fromHalf = $.test($.eq(inverse , 1, "102:30"), "102:22") && $.eq(onesided , 1, "102:48");
    const n = dft_length === undefined ? ($.test(fromHalf, "103:43") ? $.mul(2 , ($.sub(length , 1, "103:66")), "103:56") : length) : $.call("103:83", numbers, dft_length)[0];
    const part = (i: number) => $.call("104:33", squeeze, $.call("104:41", slice, moved, [{ axis: 0, start: i, size: 1 }]), [0]);
    const half = $.add(Math.floor($.div(n , 2, "105:31")) , 1, "105:36");
    const places = allAxes(x).map((a) => ($.test($.eq(a , $.sub(r , 1, "106:51"), "106:45"), "106:43") ? 0 : $.test($.eq(a , at, "106:63"), "106:61") ? $.sub(r , 1, "106:74") : $.add(order.indexOf(a) , 1, "106:97")));
    if ($.test(fromHalf, "107:9")) return $.call("107:26", transpose, $.call("107:36", unsqueeze, fromOneSided(fit(part(0), half), fit(part(1), half), n), [0]), places);
    const t = { n, kept: $.test($.eq(onesided , 1, "108:35"), "108:26") ? half : n, sign: $.test($.eq(inverse , 1, "108:67"), "108:59") ? 1 : -1, scale: $.test($.eq(inverse , 1, "108:98"), "108:90") ? $.div(1 , n, "108:108") : 1 };
    const [re, im] = fourier(fit(part(0), n), $.test($.eq(complex , 2, "109:55"), "109:47") ? fit(part(1), n) : undefined, t);
    return $.call("110:12", transpose, $.call("110:22", concat, [$.call("110:30", unsqueeze, re, [0]), $.call("110:50", unsqueeze, im, [0])], 0), places);
  },
{"name":"DFT","path":"src/ops/formulas/signal.formula.ts","line":89,"column":14});

/** The real signal of n points behind half a spectrum. */
function fromOneSided(re: Num, im: Num, n: number): Num {
  const half = $.add(Math.floor($.div(n , 2, "116:29")) , 1, "116:34");
  const twice = (k: number) => ($.test($.eq(k , 0, "117:35"), "117:33") || ($.test($.eq($.rem(n , 2, "117:47") , 0, "117:51"), "117:45") && $.test($.eq(k , $.sub(half , 1, "117:71"), "117:62"), "117:60")) ? 1 : 2);
  const weight = (f: (angle: number) => number) =>
    $.call("119:5", table, 
      Array.from({ length: $.mul(half , n, "120:33") }, (_, i) => {
        const k = Math.floor($.div(i , n, "121:32"));
        return $.div(($.mul(twice(k) , f($.div(($.mul($.mul(2 , Math.PI, "122:33") , ($.rem(($.mul(k , ($.rem(i , n, "122:54")), "122:49")) , n, "122:60")), "122:43")) , n, "122:66")), "122:26")) , n, "122:72");
      }),
      [half, n],
      $.call("125:7", dtype, re),
    );
  return $.sub($.call("127:10", matmul, re, weight(Math.cos)) , $.call("127:41", matmul, im, weight(Math.sin)), "127:39");
}

/** Fourier transforms of overlapping frames of [B, samples, 1 or 2]. */
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
  ({ signal, frame_step, window, frame_length, onesided }) => {
    const ofWindow = () => (window === undefined ? $.call("142:52", refuse, "STFT needs a frame length or a window") : $.call("142:102", shape, window)[0]);
    const n = frame_length === undefined ? ofWindow() : $.call("143:57", numbers, frame_length)[0];
    if (!$.test($.call("144:10", isFixed, n), "144:10")) $.call("144:22", refuse, "STFT needs a window of a length known when compiling");
    const frames = $.call("145:20", windows, signal, [1], [n], $.call("145:46", numbers, frame_step), [1]);
    const shaped = window === undefined ? frames : $.mul(frames , window, "146:59");
    const part = (i: number) => $.call("147:33", squeeze, $.call("147:41", slice, shaped, [{ axis: 2, start: i, size: 1 }]), [2]);
    const complex = $.call("148:21", shape, signal)[2];
    const t = { n, kept: $.test($.eq(onesided , 1, "149:35"), "149:26") ? $.add(Math.floor($.div(n , 2, "149:56")) , 1, "149:61") : n, sign: -1, scale: 1 };
    const [re, im] = fourier(part(0), $.test($.call("150:39", isFixed, complex), "150:39") && $.test($.eq(complex , 2, "150:67"), "150:59") ? part(1) : undefined, t);
    return $.call("151:12", concat, [$.call("151:20", unsqueeze, re, [3]), $.call("151:40", unsqueeze, im, [3])], 3);
  },
{"name":"STFT","path":"src/ops/formulas/signal.formula.ts","line":131,"column":14});

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
    const [bins] = $.call("168:20", numbers, num_mel_bins);
    const [length] = $.call("169:22", numbers, dft_length);
    const [rate] = $.call("170:20", numbers, sample_rate);
    const mel = (hertz: number) => $.mul(2595 , Math.log10($.add(1 , $.div(hertz , 700, "171:64"), "171:56")), "171:41");
    const [low, high] = [mel($.call("172:30", numbers, lower_edge_hertz)[0]), mel($.call("172:65", numbers, upper_edge_hertz)[0])];
    const hertz = (m: number) => $.mul(700 , ($.sub($.pow(10 , ($.div(m , 2595, "173:50")), "173:44") , 1, "173:58")), "173:38");
    const edge = (i: number) => Math.floor($.div(($.mul(($.add(length , 1, "174:53")) , hertz($.add(low , $.div(($.mul(i , ($.sub(high , low, "174:83")), "174:75")) , ($.add(bins , 2, "174:99")), "174:91"), "174:70")), "174:58")) , rate, "174:106"));
    const rows = $.add(Math.floor($.div(length , 2, "175:36")) , 1, "175:41");
    const weights = new Array<number>($.mul(rows , bins, "176:44")).fill(0);
    for (let i = 0; $.test($.lt(i , bins, "177:23"), "177:21"); i++) {
      const [lower, centre, upper] = [edge(i), edge($.add(i , 1, "178:55")), edge($.add(i , 2, "178:68"))];
      if ($.test($.eq(centre , lower, "179:18"), "179:11")) weights[$.add($.mul(centre , bins, "179:44") , i, "179:51")] = 1;
      for (let j = lower; $.test($.le(j , centre, "180:29"), "180:27") && $.test($.gt(centre , lower, "180:49"), "180:42"); j++) weights[$.add($.mul(j , bins, "180:73") , i, "180:80")] = $.div(($.sub(j , lower, "180:90")) , ($.sub(centre , lower, "180:109")), "180:99");
      for (let j = centre; $.test($.lt(j , upper, "181:30"), "181:28") && $.test($.gt(upper , centre, "181:47"), "181:41"); j++) weights[$.add($.mul(j , bins, "181:72") , i, "181:79")] = $.div(($.sub(upper , j, "181:93")) , ($.sub(upper , centre, "181:107")), "181:98");
    }
    return $.call("183:12", table, weights, [rows, bins], $.call("183:41", typeFromCode, output_datatype) ?? "f32");
  },
{"name":"MelWeightMatrix","path":"src/ops/formulas/signal.formula.ts","line":156,"column":14});
