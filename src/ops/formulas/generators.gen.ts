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
    if (value !== undefined) return $.call("49:37", constant, value);
    if (value_float !== undefined) return $.call("50:43", full, [], value_float, "f32");
    if (value_floats !== undefined) return $.call("51:44", vector, value_floats, "f32");
    if (value_int !== undefined) return $.call("52:41", full, [], value_int, "i64");
    if (value_ints !== undefined) return $.call("53:42", vector, value_ints, "i64");
    return $.call("54:12", refuse, "Constant has no value that a tensor program can hold");
  },
{"name":"Constant","path":"src/ops/formulas/generators.formula.ts","line":37,"column":14});

export const ConstantOfShape = formula(
  { inputs: { shape: shaping(["i64"]) }, attrs: { value: maybe("tensor") } },
  ({ shape: dims, value }) => {
    const extent = $.call("61:20", extents, dims);
    if (value === undefined) return $.call("62:37", full, extent, 0, "f32");
    return $.call("63:12", expand, 
      $.call("64:7", reshape, 
        $.call("65:9", constant, value),
        extent.map(() => 1),
      ),
      extent,
    );
  },
{"name":"ConstantOfShape","path":"src/ops/formulas/generators.formula.ts","line":58,"column":14});

/** The extents of axes start..end as i64. */
export const Shape = formula({ inputs: { x: "any" }, attrs: { start: int(0), end: maybe("int") } }, ({ x, start, end }) => {
  const n = $.call("75:13", rank, x);
  const limit = (at: number) => Math.min(Math.max($.test($.lt(at , 0, "76:54"), "76:51") ? $.add(at , n, "76:63") : at, 0), n);
  return $.call("77:10", dimsTensor, $.call("77:21", shape, x).slice(limit(start), limit(end ?? n)));
}, {"name":"Shape","path":"src/ops/formulas/generators.formula.ts","line":74,"column":14});

export const Size = formula({ inputs: { x: "any" } }, ({ x }) => $.call("80:66", reshape, $.call("80:74", dimsTensor, [$.call("80:86", size, x)]), []), {"name":"Size","path":"src/ops/formulas/generators.formula.ts","line":80,"column":14});

/** start, start + delta, ... below (or above) limit. */
export const Range = formula(
  { inputs: { start: shaping("number"), limit: shaping("number"), delta: shaping("number") }, attrs: { stash_type: int(1) } },
  ({ start, limit, delta }) => {
    const type = $.call("86:18", dtype, start);
    const [step] = $.call("87:20", numbers, delta);
    if ($.test($.call("88:9", isIntegerType, type), "88:9")) {
      const [[from], [to]] = [$.call("89:31", extents, start), $.call("89:47", extents, limit)];
      const count = $.test($.gt(step , 0, "90:26"), "90:21") ? $.call("90:32", ceilDiv, $.sub(to , from, "90:43"), step) : $.call("90:59", ceilDiv, $.sub(from , to, "90:72"), $.neg(step, "90:78"));
      return $.add($.mul($.call("91:14", iota, [$.call("91:20", maximum, count, 0)], 0, type) , step, "91:49") , from, "91:56");
    }
    const [[from], [to]] = [$.call("93:29", numbers, start), $.call("93:45", numbers, limit)];
    const count = Math.max(Math.ceil($.div(($.sub(to , from, "94:42")) , step, "94:50")), 0);
    return $.add($.mul($.call("95:12", iota, [count], 0, type) , step, "95:35") , from, "95:42");
  },
{"name":"Range","path":"src/ops/formulas/generators.formula.ts","line":83,"column":14});

/** Ones on a diagonal of a matrix shaped like the input. */
export const EyeLike = formula({ inputs: { x: "any" }, attrs: { dtype: maybe("dtype"), k: int(0) } }, ({ x, dtype: type, k }) => {
  const dims = $.call("101:16", shape, x);
  return $.call("102:10", cast, $.eq($.sub($.call("102:15", iota, dims, 1, "i64") , $.call("102:38", iota, dims, 0, "i64"), "102:36") , k, "102:59"), type ?? $.call("102:74", dtype, x));
}, {"name":"EyeLike","path":"src/ops/formulas/generators.formula.ts","line":100,"column":14});

/** on/off values along a new axis of extent `depth`; negative indices count from the end. */
export const OneHot = formula(
  { inputs: { indices: "number", depth: shaping("number"), values: "any" }, attrs: { axis: int(-1) } },
  ({ indices, depth, values, axis }) => {
    const [count] = $.call("109:21", numbers, depth);
    const at = positive(axis, $.add($.call("110:31", rank, indices) , 1, "110:45"));
    const wanted = $.call("111:20", cast, $.call("111:25", unsqueeze, indices, [at]), "i64");
    const wrapped = $.call("112:21", where, $.lt(wanted , 0, "112:34"), $.add(wanted , count, "112:46"), wanted);
    const dims = [...$.call("113:22", shape, indices).slice(0, at), count, ...$.call("113:61", shape, indices).slice(at)];
    const pick = (i: number) => $.call("114:33", reshape, $.call("114:41", slice, values, [{ axis: 0, start: i, size: 1 }]), []);
    return $.call("115:12", where, $.eq($.call("115:18", iota, dims, at, "i64") , wrapped, "115:40"), pick(1), pick(0));
  },
{"name":"OneHot","path":"src/ops/formulas/generators.formula.ts","line":106,"column":14});

const castAttrs = { saturate: int(1), round_mode: text("up", "down", "nearest") };

function convert(x: Num, to: ReturnType<typeof dtype>, saturate: number, mode: string): Num {
  if (to === "f8e8m0") return $.call("122:31", cast, x, to, { round: mode === "up" ? "up" : mode === "down" ? "down" : "nearest", saturate: $.eq(saturate , 1, "122:132") });
  const packed = to === "f8e4m3fn" || to === "f8e4m3fnuz" || to === "f8e5m2" || to === "f8e5m2fnuz" || to === "f4e2m1";
  return $.call("124:10", cast, x, to, { saturate: $.test(packed, "124:34") && $.eq(saturate , 1, "124:53") });
}

export const Cast = formula({ inputs: { x: "any" }, attrs: { to: required("dtype"), ...castAttrs } }, ({ x, to, saturate, round_mode }) =>
  convert(x, to, saturate, round_mode),
{"name":"Cast","path":"src/ops/formulas/generators.formula.ts","line":127,"column":14});

export const CastLike = formula({ inputs: { x: "any", target: "any" }, attrs: castAttrs }, ({ x, target, saturate, round_mode }) =>
  convert(x, $.call("132:14", dtype, target), saturate, round_mode),
{"name":"CastLike","path":"src/ops/formulas/generators.formula.ts","line":131,"column":14});

/** Inference passes data through. Training would draw random numbers. */
export const Dropout = formula(
  { inputs: { x: "float", ratio: optional("float"), training_mode: optional(["bool"]) }, attrs: { seed: maybe("int") }, outputs: 2 },
  ({ x, ratio, training_mode }) => {
    const training = training_mode !== undefined && $.ne($.call("139:53", numbers, training_mode)[0] , 0, "139:79");
    const rate = ratio === undefined ? 0.5 : ($.call("140:47", tryNumbers, ratio)?.[0] ?? 1);
    if ($.test(training, "141:9") && $.test($.ne(rate , 0, "141:26"), "141:21")) $.call("141:33", refuse, "Dropout in training mode draws random numbers", "Export the model for inference.");
    return [x, $.call("142:16", full, $.call("142:21", shape, x), true, "bool")];
  },
{"name":"Dropout","path":"src/ops/formulas/generators.formula.ts","line":136,"column":14});
