/* Generated from generators.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/generators.formula.ts"); /** Operators that make tensors from shapes, ranges and types, or ask a tensor for its shape. */
import {
  cast,
  ceilDiv,
  constant,
  dimsTensor,
  dtype,
  expand,
  extents,
  formula,
  full,
  int,
  iota,
  isIntegerType,
  maximum,
  maybe,
  numbers,
  optional,
  rank,
  refuse,
  required,
  reshape,
  shape,
  shaping,
  size,
  text,
  tryExtents,
  tryNumbers,
  unsqueeze,
  vector,
  where,
  slice,
  type Num,
} from "../lang.js";
import { positive } from "./axes.gen.js";

/** A constant, as a tensor or as one number or list of numbers. */
export const Constant = formula(
  {
    inputs: {},
    attrs: {
      value: maybe("tensor"),
      value_float: maybe("float"),
      value_floats: maybe("floats"),
      value_int: maybe("int"),
      value_ints: maybe("ints"),
    },
  },
  ({ value, value_float, value_floats, value_int, value_ints }) => {
    if (value !== undefined) return $.call("50:37", constant, value);
    if (value_float !== undefined) return $.call("51:43", full, [], value_float, "f32");
    if (value_floats !== undefined) return $.call("52:44", vector, value_floats, "f32");
    if (value_int !== undefined) return $.call("53:41", full, [], value_int, "i64");
    if (value_ints !== undefined) return $.call("54:42", vector, value_ints, "i64");
    return $.call("55:12", refuse, "Constant has no value that a tensor program can hold");
  },
{"name":"Constant","path":"src/ops/formulas/generators.formula.ts","line":38,"column":14});

export const ConstantOfShape = formula(
  { inputs: { shape: shaping(["i64"]) }, attrs: { value: maybe("tensor") } },
  ({ shape: dims, value }) => {
    const extent = $.call("62:20", extents, dims);
    if (value === undefined) return $.call("63:37", full, extent, 0, "f32");
    return $.call("64:12", expand, 
      $.call("65:7", reshape, 
        $.call("66:9", constant, value),
        extent.map(() => 1),
      ),
      extent,
    );
  },
{"name":"ConstantOfShape","path":"src/ops/formulas/generators.formula.ts","line":59,"column":14});

/** The extents of axes start..end as i64. */
export const Shape = formula({ inputs: { x: "any" }, attrs: { start: int(0), end: maybe("int") } }, ({ x, start, end }) => {
  const n = $.call("76:13", rank, x);
  const limit = (at: number) => Math.min(Math.max($.test($.lt(at , 0, "77:54"), "77:51") ? $.add(at , n, "77:63") : at, 0), n);
  return $.call("78:10", dimsTensor, $.call("78:21", shape, x).slice(limit(start), limit(end ?? n)));
}, {"name":"Shape","path":"src/ops/formulas/generators.formula.ts","line":75,"column":14});

export const Size = formula({ inputs: { x: "any" } }, ({ x }) => $.call("81:66", reshape, $.call("81:74", dimsTensor, [$.call("81:86", size, x)]), []), {"name":"Size","path":"src/ops/formulas/generators.formula.ts","line":81,"column":14});

/** start, start + delta, ... below (or above) limit. */
export const Range = formula(
  { inputs: { start: shaping("number"), limit: shaping("number"), delta: shaping("number") }, attrs: { stash_type: int(1) } },
  ({ start, limit, delta }) => {
    const type = $.call("87:18", dtype, start);
    const [step] = $.call("88:20", numbers, delta);
    const [first, last] = [$.call("89:28", tryExtents, start), $.call("89:47", tryExtents, limit)];
    if ($.test($.call("90:9", isIntegerType, type), "90:9") || (first !== undefined && last !== undefined && $.test($.eq($.rem(step , 1, "90:83") , 0, "90:87"), "90:78"))) {
      const [[from], [to]] = [first ?? $.call("91:40", numbers, start), last ?? $.call("91:64", numbers, limit)];
      const count = $.test($.gt(step , 0, "92:26"), "92:21") ? $.call("92:32", ceilDiv, $.sub(to , from, "92:43"), step) : $.call("92:59", ceilDiv, $.sub(from , to, "92:72"), $.neg(step, "92:78"));
      return $.add($.mul($.call("93:14", iota, [$.call("93:20", maximum, count, 0)], 0, type) , step, "93:49") , from, "93:56");
    }
    const [[from], [to]] = [$.call("95:29", numbers, start), $.call("95:45", numbers, limit)];
    const count = Math.max(Math.ceil($.div(($.sub(to , from, "96:42")) , step, "96:50")), 0);
    return $.add($.mul($.call("97:12", iota, [count], 0, type) , step, "97:35") , from, "97:42");
  },
{"name":"Range","path":"src/ops/formulas/generators.formula.ts","line":84,"column":14});

/** Ones on a diagonal of a matrix shaped like the input. */
export const EyeLike = formula({ inputs: { x: "any" }, attrs: { dtype: maybe("dtype"), k: int(0) } }, ({ x, dtype: type, k }) => {
  const dims = $.call("103:16", shape, x);
  return $.call("104:10", cast, $.eq($.sub($.call("104:15", iota, dims, 1, "i64") , $.call("104:38", iota, dims, 0, "i64"), "104:36") , k, "104:59"), type ?? $.call("104:74", dtype, x));
}, {"name":"EyeLike","path":"src/ops/formulas/generators.formula.ts","line":102,"column":14});

/** on/off values along a new axis of extent `depth`; negative indices count from the end. */
export const OneHot = formula(
  { inputs: { indices: "number", depth: shaping("number"), values: "any" }, attrs: { axis: int(-1) } },
  ({ indices, depth, values, axis }) => {
    const [count] = $.call("111:21", extents, depth);
    const at = positive(axis, $.add($.call("112:31", rank, indices) , 1, "112:45"));
    const wanted = $.call("113:20", cast, $.call("113:25", unsqueeze, indices, [at]), "i64");
    const wrapped = $.call("114:21", where, $.lt(wanted , 0, "114:34"), $.add(wanted , count, "114:46"), wanted);
    const dims = [...$.call("115:22", shape, indices).slice(0, at), count, ...$.call("115:61", shape, indices).slice(at)];
    const pick = (i: number) => $.call("116:33", reshape, $.call("116:41", slice, values, [{ axis: 0, start: i, size: 1 }]), []);
    return $.call("117:12", where, $.eq($.call("117:18", iota, dims, at, "i64") , wrapped, "117:40"), pick(1), pick(0));
  },
{"name":"OneHot","path":"src/ops/formulas/generators.formula.ts","line":108,"column":14});

const castAttrs = { saturate: int(1), round_mode: text("up", "down", "nearest") };

function convert(x: Num, to: ReturnType<typeof dtype>, saturate: number, mode: string): Num {
  if (to === "f8e8m0") return $.call("124:31", cast, x, to, { round: mode === "up" ? "up" : mode === "down" ? "down" : "nearest", saturate: $.eq(saturate , 1, "124:132") });
  const packed = to === "f8e4m3fn" || to === "f8e4m3fnuz" || to === "f8e5m2" || to === "f8e5m2fnuz" || to === "f4e2m1";
  return $.call("126:10", cast, x, to, { saturate: $.test(packed, "126:34") && $.eq(saturate , 1, "126:53") });
}

export const Cast = formula({ inputs: { x: "any" }, attrs: { to: required("dtype"), ...castAttrs } }, ({ x, to, saturate, round_mode }) =>
  convert(x, to, saturate, round_mode),
{"name":"Cast","path":"src/ops/formulas/generators.formula.ts","line":129,"column":14});

export const CastLike = formula({ inputs: { x: "any", target: "any" }, attrs: castAttrs }, ({ x, target, saturate, round_mode }) =>
  convert(x, $.call("134:14", dtype, target), saturate, round_mode),
{"name":"CastLike","path":"src/ops/formulas/generators.formula.ts","line":133,"column":14});

/** Inference passes data through. Training would draw random numbers. */
export const Dropout = formula(
  { inputs: { x: "float", ratio: optional("float"), training_mode: optional(["bool"]) }, attrs: { seed: maybe("int") }, outputs: 2 },
  ({ x, ratio, training_mode }) => {
    const training = training_mode !== undefined && $.ne($.call("141:53", numbers, training_mode)[0] , 0, "141:79");
    const rate = ratio === undefined ? 0.5 : ($.call("142:47", tryNumbers, ratio)?.[0] ?? 1);
    if ($.test(training, "143:9") && $.test($.ne(rate , 0, "143:26"), "143:21")) $.call("143:33", refuse, "Dropout in training mode draws random numbers", "Export the model for inference.");
    return [x, $.call("144:16", full, $.call("144:21", shape, x), true, "bool")];
  },
{"name":"Dropout","path":"src/ops/formulas/generators.formula.ts","line":138,"column":14});
