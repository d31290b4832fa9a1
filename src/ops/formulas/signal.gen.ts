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
    if ($.test($.eq(inverse , 1, "104:17"), "104:9") && !$.test(fromHalf, "104:27"))
      $.call("105:7", refuse, 
        "the inverse DFT to complex values is a matrix product here, whose rounding does not meet the standard's limit of 1e-7",
        "Keep this node out of the model, or take the one-sided inverse of a real signal.",
      );
    const n = dft_length === undefined ? ($.test(fromHalf, "109:43") ? $.mul(2 , ($.sub(length , 1, "109:66")), "109:56") : length) : $.call("109:83", numbers, dft_length)[0];
    const part = (i: number) => $.call("110:33", squeeze, $.call("110:41", slice, moved, [{ axis: 0, start: i, size: 1 }]), [0]);
    const half = $.add(Math.floor($.div(n , 2, "111:31")) , 1, "111:36");
    const places = allAxes(x).map((a) => ($.test($.eq(a , $.sub(r , 1, "112:51"), "112:45"), "112:43") ? 0 : $.test($.eq(a , at, "112:63"), "112:61") ? $.sub(r , 1, "112:74") : $.add(order.indexOf(a) , 1, "112:97")));
    if ($.test(fromHalf, "113:9")) return $.call("113:26", transpose, $.call("113:36", unsqueeze, fromOneSided(fit(part(0), half), fit(part(1), half), n), [0]), places);
    const t = { n, kept: $.test($.eq(onesided , 1, "114:35"), "114:26") ? half : n, sign: -1, scale: 1 };
    const [re, im] = fourier(fit(part(0), n), $.test($.eq(complex , 2, "115:55"), "115:47") ? fit(part(1), n) : undefined, t);
    return $.call("116:12", transpose, $.call("116:22", concat, [$.call("116:30", unsqueeze, re, [0]), $.call("116:50", unsqueeze, im, [0])], 0), places);
  },
{"name":"DFT","path":"src/ops/formulas/signal.formula.ts","line":90,"column":14});

/** The real signal of n points behind half a spectrum. */
function fromOneSided(re: Num, im: Num, n: number): Num {
  const half = $.add(Math.floor($.div(n , 2, "122:29")) , 1, "122:34");
  const twice = (k: number) => ($.test($.eq(k , 0, "123:35"), "123:33") || ($.test($.eq($.rem(n , 2, "123:47") , 0, "123:51"), "123:45") && $.test($.eq(k , $.sub(half , 1, "123:71"), "123:62"), "123:60")) ? 1 : 2);
  const weight = (f: (angle: number) => number) =>
    $.call("125:5", table, 
      Array.from({ length: $.mul(half , n, "126:33") }, (_, i) => {
        const k = Math.floor($.div(i , n, "127:32"));
        return $.div(($.mul(twice(k) , f($.div(($.mul($.mul(2 , Math.PI, "128:33") , ($.rem(($.mul(k , ($.rem(i , n, "128:54")), "128:49")) , n, "128:60")), "128:43")) , n, "128:66")), "128:26")) , n, "128:72");
      }),
      [half, n],
      $.call("131:7", dtype, re),
    );
  return $.sub($.call("133:10", matmul, re, weight(Math.cos)) , $.call("133:41", matmul, im, weight(Math.sin)), "133:39");
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
    const ofWindow = () => (window === undefined ? $.call("148:52", refuse, "STFT needs a frame length or a window") : $.call("148:102", shape, window)[0]);
    const n = frame_length === undefined ? ofWindow() : $.call("149:57", numbers, frame_length)[0];
    if (!$.test($.call("150:10", isFixed, n), "150:10")) $.call("150:22", refuseOpen, "the length of the STFT window", [n]);
    const frames = $.call("151:20", windows, signal, [1], [n], $.call("151:46", numbers, frame_step), [1]);
    const shaped = window === undefined ? frames : $.mul(frames , window, "152:59");
    const part = (i: number) => $.call("153:33", squeeze, $.call("153:41", slice, shaped, [{ axis: 2, start: i, size: 1 }]), [2]);
    const complex = $.call("154:21", shape, signal)[2];
    const t = { n, kept: $.test($.eq(onesided , 1, "155:35"), "155:26") ? $.add(Math.floor($.div(n , 2, "155:56")) , 1, "155:61") : n, sign: -1, scale: 1 };
    const [re, im] = fourier(part(0), $.test($.call("156:39", isFixed, complex), "156:39") && $.test($.eq(complex , 2, "156:67"), "156:59") ? part(1) : undefined, t);
    return $.call("157:12", concat, [$.call("157:20", unsqueeze, re, [3]), $.call("157:40", unsqueeze, im, [3])], 3);
  },
{"name":"STFT","path":"src/ops/formulas/signal.formula.ts","line":137,"column":14});

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
    const [bins] = $.call("174:20", numbers, num_mel_bins);
    const [length] = $.call("175:22", numbers, dft_length);
    const [rate] = $.call("176:20", numbers, sample_rate);
    const mel = (hertz: number) => $.mul(2595 , Math.log10($.add(1 , $.div(hertz , 700, "177:64"), "177:56")), "177:41");
    const [low, high] = [mel($.call("178:30", numbers, lower_edge_hertz)[0]), mel($.call("178:65", numbers, upper_edge_hertz)[0])];
    const hertz = (m: number) => $.mul(700 , ($.sub($.pow(10 , ($.div(m , 2595, "179:50")), "179:44") , 1, "179:58")), "179:38");
    const edge = (i: number) => Math.floor($.div(($.mul(($.add(length , 1, "180:53")) , hertz($.add(low , $.div(($.mul(i , ($.sub(high , low, "180:83")), "180:75")) , ($.add(bins , 2, "180:99")), "180:91"), "180:70")), "180:58")) , rate, "180:106"));
    const rows = $.add(Math.floor($.div(length , 2, "181:36")) , 1, "181:41");
    const weights = new Array<number>($.mul(rows , bins, "182:44")).fill(0);
    for (let i = 0; $.test($.lt(i , bins, "183:23"), "183:21"); i++) {
      const [lower, centre, upper] = [edge(i), edge($.add(i , 1, "184:55")), edge($.add(i , 2, "184:68"))];
      if ($.test($.eq(centre , lower, "185:18"), "185:11")) weights[$.add($.mul(centre , bins, "185:44") , i, "185:51")] = 1;
      for (let j = lower; $.test($.le(j , centre, "186:29"), "186:27") && $.test($.gt(centre , lower, "186:49"), "186:42"); j++) weights[$.add($.mul(j , bins, "186:73") , i, "186:80")] = $.div(($.sub(j , lower, "186:90")) , ($.sub(centre , lower, "186:109")), "186:99");
      for (let j = centre; $.test($.lt(j , upper, "187:30"), "187:28") && $.test($.gt(upper , centre, "187:47"), "187:41"); j++) weights[$.add($.mul(j , bins, "187:72") , i, "187:79")] = $.div(($.sub(upper , j, "187:93")) , ($.sub(upper , centre, "187:107")), "187:98");
    }
    return $.call("189:12", table, weights, [rows, bins], $.call("189:41", typeFromCode, output_datatype) ?? "f32");
  },
{"name":"MelWeightMatrix","path":"src/ops/formulas/signal.formula.ts","line":162,"column":14});
