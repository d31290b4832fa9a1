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
    if ($.test($.eq(inverse , 1, "103:17"), "103:9") && !$.test(fromHalf, "103:27"))
      $.call("104:7", refuse, 
        "the inverse DFT to complex values is a matrix product here, whose rounding does not meet the standard's limit of 1e-7",
        "Keep this node out of the model, or take the one-sided inverse of a real signal.",
      );
    const n = dft_length === undefined ? ($.test(fromHalf, "108:43") ? $.mul(2 , ($.sub(length , 1, "108:66")), "108:56") : length) : $.call("108:83", numbers, dft_length)[0];
    const part = (i: number) => $.call("109:33", squeeze, $.call("109:41", slice, moved, [{ axis: 0, start: i, size: 1 }]), [0]);
    const half = $.add(Math.floor($.div(n , 2, "110:31")) , 1, "110:36");
    const places = allAxes(x).map((a) => ($.test($.eq(a , $.sub(r , 1, "111:51"), "111:45"), "111:43") ? 0 : $.test($.eq(a , at, "111:63"), "111:61") ? $.sub(r , 1, "111:74") : $.add(order.indexOf(a) , 1, "111:97")));
    if ($.test(fromHalf, "112:9")) return $.call("112:26", transpose, $.call("112:36", unsqueeze, fromOneSided(fit(part(0), half), fit(part(1), half), n), [0]), places);
    const t = { n, kept: $.test($.eq(onesided , 1, "113:35"), "113:26") ? half : n, sign: -1, scale: 1 };
    const [re, im] = fourier(fit(part(0), n), $.test($.eq(complex , 2, "114:55"), "114:47") ? fit(part(1), n) : undefined, t);
    return $.call("115:12", transpose, $.call("115:22", concat, [$.call("115:30", unsqueeze, re, [0]), $.call("115:50", unsqueeze, im, [0])], 0), places);
  },
{"name":"DFT","path":"src/ops/formulas/signal.formula.ts","line":89,"column":14});

/** The real signal of n points behind half a spectrum. */
function fromOneSided(re: Num, im: Num, n: number): Num {
  const half = $.add(Math.floor($.div(n , 2, "121:29")) , 1, "121:34");
  const twice = (k: number) => ($.test($.eq(k , 0, "122:35"), "122:33") || ($.test($.eq($.rem(n , 2, "122:47") , 0, "122:51"), "122:45") && $.test($.eq(k , $.sub(half , 1, "122:71"), "122:62"), "122:60")) ? 1 : 2);
  const weight = (f: (angle: number) => number) =>
    $.call("124:5", table, 
      Array.from({ length: $.mul(half , n, "125:33") }, (_, i) => {
        const k = Math.floor($.div(i , n, "126:32"));
        return $.div(($.mul(twice(k) , f($.div(($.mul($.mul(2 , Math.PI, "127:33") , ($.rem(($.mul(k , ($.rem(i , n, "127:54")), "127:49")) , n, "127:60")), "127:43")) , n, "127:66")), "127:26")) , n, "127:72");
      }),
      [half, n],
      $.call("130:7", dtype, re),
    );
  return $.sub($.call("132:10", matmul, re, weight(Math.cos)) , $.call("132:41", matmul, im, weight(Math.sin)), "132:39");
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
    const ofWindow = () => (window === undefined ? $.call("147:52", refuse, "STFT needs a frame length or a window") : $.call("147:102", shape, window)[0]);
    const n = frame_length === undefined ? ofWindow() : $.call("148:57", numbers, frame_length)[0];
    if (!$.test($.call("149:10", isFixed, n), "149:10")) $.call("149:22", refuse, "STFT needs a window of a length known when compiling");
    const frames = $.call("150:20", windows, signal, [1], [n], $.call("150:46", numbers, frame_step), [1]);
    const shaped = window === undefined ? frames : $.mul(frames , window, "151:59");
    const part = (i: number) => $.call("152:33", squeeze, $.call("152:41", slice, shaped, [{ axis: 2, start: i, size: 1 }]), [2]);
    const complex = $.call("153:21", shape, signal)[2];
    const t = { n, kept: $.test($.eq(onesided , 1, "154:35"), "154:26") ? $.add(Math.floor($.div(n , 2, "154:56")) , 1, "154:61") : n, sign: -1, scale: 1 };
    const [re, im] = fourier(part(0), $.test($.call("155:39", isFixed, complex), "155:39") && $.test($.eq(complex , 2, "155:67"), "155:59") ? part(1) : undefined, t);
    return $.call("156:12", concat, [$.call("156:20", unsqueeze, re, [3]), $.call("156:40", unsqueeze, im, [3])], 3);
  },
{"name":"STFT","path":"src/ops/formulas/signal.formula.ts","line":136,"column":14});

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
    const [bins] = $.call("173:20", numbers, num_mel_bins);
    const [length] = $.call("174:22", numbers, dft_length);
    const [rate] = $.call("175:20", numbers, sample_rate);
    const mel = (hertz: number) => $.mul(2595 , Math.log10($.add(1 , $.div(hertz , 700, "176:64"), "176:56")), "176:41");
    const [low, high] = [mel($.call("177:30", numbers, lower_edge_hertz)[0]), mel($.call("177:65", numbers, upper_edge_hertz)[0])];
    const hertz = (m: number) => $.mul(700 , ($.sub($.pow(10 , ($.div(m , 2595, "178:50")), "178:44") , 1, "178:58")), "178:38");
    const edge = (i: number) => Math.floor($.div(($.mul(($.add(length , 1, "179:53")) , hertz($.add(low , $.div(($.mul(i , ($.sub(high , low, "179:83")), "179:75")) , ($.add(bins , 2, "179:99")), "179:91"), "179:70")), "179:58")) , rate, "179:106"));
    const rows = $.add(Math.floor($.div(length , 2, "180:36")) , 1, "180:41");
    const weights = new Array<number>($.mul(rows , bins, "181:44")).fill(0);
    for (let i = 0; $.test($.lt(i , bins, "182:23"), "182:21"); i++) {
      const [lower, centre, upper] = [edge(i), edge($.add(i , 1, "183:55")), edge($.add(i , 2, "183:68"))];
      if ($.test($.eq(centre , lower, "184:18"), "184:11")) weights[$.add($.mul(centre , bins, "184:44") , i, "184:51")] = 1;
      for (let j = lower; $.test($.le(j , centre, "185:29"), "185:27") && $.test($.gt(centre , lower, "185:49"), "185:42"); j++) weights[$.add($.mul(j , bins, "185:73") , i, "185:80")] = $.div(($.sub(j , lower, "185:90")) , ($.sub(centre , lower, "185:109")), "185:99");
      for (let j = centre; $.test($.lt(j , upper, "186:30"), "186:28") && $.test($.gt(upper , centre, "186:47"), "186:41"); j++) weights[$.add($.mul(j , bins, "186:72") , i, "186:79")] = $.div(($.sub(upper , j, "186:93")) , ($.sub(upper , centre, "186:107")), "186:98");
    }
    return $.call("188:12", table, weights, [rows, bins], $.call("188:41", typeFromCode, output_datatype) ?? "f32");
  },
{"name":"MelWeightMatrix","path":"src/ops/formulas/signal.formula.ts","line":161,"column":14});
