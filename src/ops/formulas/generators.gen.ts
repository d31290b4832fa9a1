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
    if ($.test($.eq(step , 0, "89:14"), "89:9")) $.call("89:21", refuse, "Range needs a step that is not 0");
    const [first, last] = [$.call("90:28", tryExtents, start), $.call("90:47", tryExtents, limit)];
    if ($.test($.call("91:9", isIntegerType, type), "91:9") || (first !== undefined && last !== undefined && $.test($.eq($.rem(step , 1, "91:83") , 0, "91:87"), "91:78"))) {
      const [[from], [to]] = [first ?? $.call("92:40", numbers, start), last ?? $.call("92:64", numbers, limit)];
      const count = $.call("93:21", ceilDiv, $.mul(($.sub(to , from, "93:33")) , Math.sign(step), "93:41"), Math.abs(step));
      return $.add($.mul($.call("94:14", iota, [$.call("94:20", maximum, count, 0)], 0, type) , step, "94:49") , from, "94:56");
    }
    const [[from], [to]] = [$.call("96:29", numbers, start), $.call("96:45", numbers, limit)];
    const count = Math.max(Math.ceil($.div(($.sub(to , from, "97:42")) , step, "97:50")), 0);
    return $.add($.mul($.call("98:12", iota, [count], 0, type) , step, "98:35") , from, "98:42");
  },
{"name":"Range","path":"src/ops/formulas/generators.formula.ts","line":84,"column":14});

/** Ones on a diagonal of a matrix shaped like the input. */
export const EyeLike = formula({ inputs: { x: "any" }, attrs: { dtype: maybe("dtype"), k: int(0) } }, ({ x, dtype: type, k }) => {
  const dims = $.call("104:16", shape, x);
  return $.call("105:10", cast, $.eq($.sub($.call("105:15", iota, dims, 1, "i64") , $.call("105:38", iota, dims, 0, "i64"), "105:36") , k, "105:59"), type ?? $.call("105:74", dtype, x));
}, {"name":"EyeLike","path":"src/ops/formulas/generators.formula.ts","line":103,"column":14});

/** on/off values along a new axis of extent `depth`; negative indices count from the end. */
export const OneHot = formula(
  { inputs: { indices: "number", depth: shaping("number"), values: "any" }, attrs: { axis: int(-1) } },
  ({ indices, depth, values, axis }) => {
    const [count] = $.call("112:21", extents, depth);
    const at = positive(axis, $.add($.call("113:31", rank, indices) , 1, "113:45"));
    const wanted = $.call("114:20", cast, $.call("114:25", unsqueeze, indices, [at]), "i64");
    const wrapped = $.call("115:21", where, $.lt(wanted , 0, "115:34"), $.add(wanted , count, "115:46"), wanted);
    const dims = [...$.call("116:22", shape, indices).slice(0, at), count, ...$.call("116:61", shape, indices).slice(at)];
    const pick = (i: number) => $.call("117:33", reshape, $.call("117:41", slice, values, [{ axis: 0, start: i, size: 1 }]), []);
    return $.call("118:12", where, $.eq($.call("118:18", iota, dims, at, "i64") , wrapped, "118:40"), pick(1), pick(0));
  },
{"name":"OneHot","path":"src/ops/formulas/generators.formula.ts","line":109,"column":14});

const castAttrs = { saturate: int(1), round_mode: text("up", "down", "nearest") };

function convert(x: Num, to: ReturnType<typeof dtype>, saturate: number, mode: string): Num {
  if (to === "f8e8m0") return $.call("125:31", cast, x, to, { round: mode === "up" ? "up" : mode === "down" ? "down" : "nearest", saturate: $.eq(saturate , 1, "125:132") });
  const packed = to === "f8e4m3fn" || to === "f8e4m3fnuz" || to === "f8e5m2" || to === "f8e5m2fnuz" || to === "f4e2m1";
  return $.call("127:10", cast, x, to, { saturate: $.test(packed, "127:34") && $.eq(saturate , 1, "127:53") });
}

export const Cast = formula({ inputs: { x: "any" }, attrs: { to: required("dtype"), ...castAttrs } }, ({ x, to, saturate, round_mode }) =>
  convert(x, to, saturate, round_mode),
{"name":"Cast","path":"src/ops/formulas/generators.formula.ts","line":130,"column":14});

export const CastLike = formula({ inputs: { x: "any", target: "any" }, attrs: castAttrs }, ({ x, target, saturate, round_mode }) =>
  convert(x, $.call("135:14", dtype, target), saturate, round_mode),
{"name":"CastLike","path":"src/ops/formulas/generators.formula.ts","line":134,"column":14});

/** Inference passes data through. Training would draw random numbers. */
export const Dropout = formula(
  { inputs: { x: "float", ratio: optional("float"), training_mode: optional(["bool"]) }, attrs: { seed: maybe("int") }, outputs: 2 },
  ({ x, ratio, training_mode }) => {
    const training = training_mode !== undefined && $.ne($.call("142:53", numbers, training_mode)[0] , 0, "142:79");
    const off = ratio !== undefined && $.eq($.call("143:40", tryNumbers, ratio)?.[0] , 0, "143:63");
    if ($.test(training, "144:9") && !$.test(off, "144:22")) $.call("144:27", refuse, "Dropout in training mode draws random numbers", "Export the model for inference.");
    return [x, $.call("145:16", full, $.call("145:21", shape, x), true, "bool")];
  },
{"name":"Dropout","path":"src/ops/formulas/generators.formula.ts","line":139,"column":14});
