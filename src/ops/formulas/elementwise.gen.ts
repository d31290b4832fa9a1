/* Generated from elementwise.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/elementwise.formula.ts"); /** Operators that work element by element, with numpy's broadcasting: arithmetic, comparison, logic, bits. */
import {
  abs,
  acos,
  acosh,
  and,
  asin,
  asinh,
  atan,
  atanh,
  bitAnd,
  bitNot,
  bitOr,
  bitXor,
  cast,
  ceil,
  clamp,
  cos,
  cosh,
  dtype,
  erf,
  exp,
  floor,
  fmod,
  formula,
  int,
  isFloatType,
  full,
  isInf,
  isIntegerType,
  isNaN,
  isSingle,
  log,
  maximum,
  minimum,
  mod,
  not,
  optional,
  or,
  power,
  rank,
  reciprocal,
  refuse,
  required,
  round,
  shiftLeft,
  shiftRight,
  sign,
  sin,
  sinh,
  shape,
  sqrt,
  tan,
  tanh,
  truncDiv,
  tryNumbers,
  variadic,
  where,
  xor,
  type Num,
} from "../lang.js";

export const Abs = formula({ inputs: { x: "number" } }, ({ x }) => $.call("63:68", abs, x), {"name":"Abs","path":"src/ops/formulas/elementwise.formula.ts","line":63,"column":14});
export const Neg = formula({ inputs: { x: "number" } }, ({ x }) => $.neg(x, "64:68"), {"name":"Neg","path":"src/ops/formulas/elementwise.formula.ts","line":64,"column":14});
export const Sign = formula({ inputs: { x: "number" } }, ({ x }) => $.call("65:69", sign, x), {"name":"Sign","path":"src/ops/formulas/elementwise.formula.ts","line":65,"column":14});
export const Floor = formula({ inputs: { x: "float" } }, ({ x }) => $.call("66:69", floor, x), {"name":"Floor","path":"src/ops/formulas/elementwise.formula.ts","line":66,"column":14});
export const Ceil = formula({ inputs: { x: "float" } }, ({ x }) => $.call("67:68", ceil, x), {"name":"Ceil","path":"src/ops/formulas/elementwise.formula.ts","line":67,"column":14});
export const Round = formula({ inputs: { x: "float" } }, ({ x }) => $.call("68:69", round, x), {"name":"Round","path":"src/ops/formulas/elementwise.formula.ts","line":68,"column":14});
export const Sqrt = formula({ inputs: { x: "float" } }, ({ x }) => $.call("69:68", sqrt, x), {"name":"Sqrt","path":"src/ops/formulas/elementwise.formula.ts","line":69,"column":14});
export const Reciprocal = formula({ inputs: { x: "float" } }, ({ x }) => $.call("70:74", reciprocal, x), {"name":"Reciprocal","path":"src/ops/formulas/elementwise.formula.ts","line":70,"column":14});
export const Exp = formula({ inputs: { x: "float" } }, ({ x }) => $.call("71:67", exp, x), {"name":"Exp","path":"src/ops/formulas/elementwise.formula.ts","line":71,"column":14});
export const Log = formula({ inputs: { x: "float" } }, ({ x }) => $.call("72:67", log, x), {"name":"Log","path":"src/ops/formulas/elementwise.formula.ts","line":72,"column":14});
export const Sin = formula({ inputs: { x: "float" } }, ({ x }) => $.call("73:67", sin, x), {"name":"Sin","path":"src/ops/formulas/elementwise.formula.ts","line":73,"column":14});
export const Cos = formula({ inputs: { x: "float" } }, ({ x }) => $.call("74:67", cos, x), {"name":"Cos","path":"src/ops/formulas/elementwise.formula.ts","line":74,"column":14});
export const Tan = formula({ inputs: { x: "float" } }, ({ x }) => $.call("75:67", tan, x), {"name":"Tan","path":"src/ops/formulas/elementwise.formula.ts","line":75,"column":14});
export const Asin = formula({ inputs: { x: "float" } }, ({ x }) => $.call("76:68", asin, x), {"name":"Asin","path":"src/ops/formulas/elementwise.formula.ts","line":76,"column":14});
export const Acos = formula({ inputs: { x: "float" } }, ({ x }) => $.call("77:68", acos, x), {"name":"Acos","path":"src/ops/formulas/elementwise.formula.ts","line":77,"column":14});
export const Atan = formula({ inputs: { x: "float" } }, ({ x }) => $.call("78:68", atan, x), {"name":"Atan","path":"src/ops/formulas/elementwise.formula.ts","line":78,"column":14});
export const Sinh = formula({ inputs: { x: "float" } }, ({ x }) => $.call("79:68", sinh, x), {"name":"Sinh","path":"src/ops/formulas/elementwise.formula.ts","line":79,"column":14});
export const Cosh = formula({ inputs: { x: "float" } }, ({ x }) => $.call("80:68", cosh, x), {"name":"Cosh","path":"src/ops/formulas/elementwise.formula.ts","line":80,"column":14});
export const Tanh = formula({ inputs: { x: "float" } }, ({ x }) => $.call("81:68", tanh, x), {"name":"Tanh","path":"src/ops/formulas/elementwise.formula.ts","line":81,"column":14});
export const Asinh = formula({ inputs: { x: "float" } }, ({ x }) => $.call("82:69", asinh, x), {"name":"Asinh","path":"src/ops/formulas/elementwise.formula.ts","line":82,"column":14});
export const Acosh = formula({ inputs: { x: "float" } }, ({ x }) => $.call("83:69", acosh, x), {"name":"Acosh","path":"src/ops/formulas/elementwise.formula.ts","line":83,"column":14});
export const Atanh = formula({ inputs: { x: "float" } }, ({ x }) => $.call("84:69", atanh, x), {"name":"Atanh","path":"src/ops/formulas/elementwise.formula.ts","line":84,"column":14});
/** erf of an integer tensor is computed in f32 and cast back, as the standard's types allow. */
export const Erf = formula({ inputs: { x: "number" } }, ({ x }) => ($.test($.call("86:69", isFloatType, $.call("86:81", dtype, x)), "86:69") ? $.call("86:93", erf, x) : $.call("86:102", cast, $.call("86:107", erf, $.call("86:111", cast, x, "f32")), $.call("86:128", dtype, x))), {"name":"Erf","path":"src/ops/formulas/elementwise.formula.ts","line":86,"column":14});
export const IsNaN = formula({ inputs: { x: "float" } }, ({ x }) => $.call("87:69", isNaN, x), {"name":"IsNaN","path":"src/ops/formulas/elementwise.formula.ts","line":87,"column":14});

export const IsInf = formula(
  { inputs: { x: "float" }, attrs: { detect_negative: int(1), detect_positive: int(1) } },
  ({ x, detect_negative, detect_positive }) => {
    if ($.test($.eq(detect_negative , 1, "92:25"), "92:9") && $.test($.eq(detect_positive , 1, "92:50"), "92:34")) return $.call("92:64", isInf, x);
    if ($.test($.eq(detect_negative , 1, "93:25"), "93:9")) return $.eq(x , $.neg(Infinity, "93:45"), "93:41");
    if ($.test($.eq(detect_positive , 1, "94:25"), "94:9")) return $.eq(x , Infinity, "94:41");
    return $.call("95:12", full, $.call("95:17", shape, x), false, "bool");
  },
{"name":"IsInf","path":"src/ops/formulas/elementwise.formula.ts","line":89,"column":14});

export const Add = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => $.add(a , b, "99:86"), {"name":"Add","path":"src/ops/formulas/elementwise.formula.ts","line":99,"column":14});
export const Sub = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => $.sub(a , b, "100:86"), {"name":"Sub","path":"src/ops/formulas/elementwise.formula.ts","line":100,"column":14});
export const Mul = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => $.mul(a , b, "101:86"), {"name":"Mul","path":"src/ops/formulas/elementwise.formula.ts","line":101,"column":14});
/** Integers divide towards zero. */
export const Div = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => ($.test($.call("103:85", isIntegerType, $.call("103:99", dtype, a)), "103:85") ? $.call("103:111", truncDiv, a, b) : $.div(a , b, "103:130")), {"name":"Div","path":"src/ops/formulas/elementwise.formula.ts","line":103,"column":14});

/** fmod 0: sign of the divisor, integers only; fmod 1: sign of the dividend. */
export const Mod = formula({ inputs: { a: "number", b: "number" }, attrs: { fmod: int(0) } }, ({ a, b, fmod: likeC }) => {
  if ($.test($.eq(likeC , 1, "107:13"), "107:7")) return $.call("107:27", fmod, a, b);
  if ($.test($.call("108:7", isFloatType, $.call("108:19", dtype, a)), "108:7")) $.call("108:30", refuse, "Mod of float tensors needs fmod = 1");
  return $.call("109:10", mod, a, b);
}, {"name":"Mod","path":"src/ops/formulas/elementwise.formula.ts","line":106,"column":14});

/** The only element of a known operand, else undefined. */
function knownScalar(x: Num): number | undefined {
  return $.test($.call("114:10", isSingle, x), "114:10") ? $.call("114:24", tryNumbers, x)?.[0] : undefined;
}

/** x^y in x's element type. A constant exponent that is a small power or a root needs no pow. */
export const Pow = formula({ inputs: { x: "number", y: "number" } }, ({ x, y }) => {
  const integer = $.call("119:19", isIntegerType, $.call("119:33", dtype, x));
  const exponent = $.test($.le($.call("120:20", rank, y) , $.call("120:31", rank, x), "120:28"), "120:20") ? knownScalar(y) : undefined;
  if ($.test($.eq(exponent , 1, "121:16"), "121:7")) return x;
  if ($.test($.eq(exponent , 2, "122:16"), "122:7")) return $.pow(x , 2, "122:32");
  if ($.test($.eq(exponent , 3, "123:16"), "123:7")) return $.pow(x , 3, "123:32");
  if (!$.test(integer, "124:8") && $.test($.eq(exponent , 0.5, "124:28"), "124:19")) return $.call("124:44", sqrt, x);
  if ($.test($.eq($.call("125:7", dtype, x) , $.call("125:20", dtype, y), "125:16"), "125:7")) return $.call("125:37", power, x, y);
  if (!$.test(integer, "126:8")) return $.call("126:24", power, x, $.call("126:33", cast, y, $.call("126:41", dtype, x)));
  return $.test($.call("127:10", isFloatType, $.call("127:22", dtype, y)), "127:10") ? $.call("127:34", cast, $.call("127:39", power, $.call("127:45", cast, x, $.call("127:53", dtype, y)), y), $.call("127:68", dtype, x)) : $.call("127:80", power, x, $.call("127:89", cast, y, $.call("127:97", dtype, x)));
}, {"name":"Pow","path":"src/ops/formulas/elementwise.formula.ts","line":118,"column":14});

export const Equal = formula({ inputs: { a: "any", b: "any" } }, ({ a, b }) => $.eq(a , b, "130:82"), {"name":"Equal","path":"src/ops/formulas/elementwise.formula.ts","line":130,"column":14});
export const Greater = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => $.gt(a , b, "131:90"), {"name":"Greater","path":"src/ops/formulas/elementwise.formula.ts","line":131,"column":14});
export const GreaterOrEqual = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => $.ge(a , b, "132:97"), {"name":"GreaterOrEqual","path":"src/ops/formulas/elementwise.formula.ts","line":132,"column":14});
export const Less = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => $.lt(a , b, "133:87"), {"name":"Less","path":"src/ops/formulas/elementwise.formula.ts","line":133,"column":14});
export const LessOrEqual = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => $.le(a , b, "134:94"), {"name":"LessOrEqual","path":"src/ops/formulas/elementwise.formula.ts","line":134,"column":14});

export const And = formula({ inputs: { a: ["bool"], b: ["bool"] } }, ({ a, b }) => $.call("136:84", and, a, b), {"name":"And","path":"src/ops/formulas/elementwise.formula.ts","line":136,"column":14});
export const Or = formula({ inputs: { a: ["bool"], b: ["bool"] } }, ({ a, b }) => $.call("137:83", or, a, b), {"name":"Or","path":"src/ops/formulas/elementwise.formula.ts","line":137,"column":14});
export const Xor = formula({ inputs: { a: ["bool"], b: ["bool"] } }, ({ a, b }) => $.call("138:84", xor, a, b), {"name":"Xor","path":"src/ops/formulas/elementwise.formula.ts","line":138,"column":14});
export const Not = formula({ inputs: { x: ["bool"] } }, ({ x }) => $.call("139:68", not, x), {"name":"Not","path":"src/ops/formulas/elementwise.formula.ts","line":139,"column":14});

export const BitwiseAnd = formula({ inputs: { a: "int", b: "int" } }, ({ a, b }) => $.call("141:85", bitAnd, a, b), {"name":"BitwiseAnd","path":"src/ops/formulas/elementwise.formula.ts","line":141,"column":14});
export const BitwiseOr = formula({ inputs: { a: "int", b: "int" } }, ({ a, b }) => $.call("142:84", bitOr, a, b), {"name":"BitwiseOr","path":"src/ops/formulas/elementwise.formula.ts","line":142,"column":14});
export const BitwiseXor = formula({ inputs: { a: "int", b: "int" } }, ({ a, b }) => $.call("143:85", bitXor, a, b), {"name":"BitwiseXor","path":"src/ops/formulas/elementwise.formula.ts","line":143,"column":14});
export const BitwiseNot = formula({ inputs: { x: "int" } }, ({ x }) => $.call("144:72", bitNot, x), {"name":"BitwiseNot","path":"src/ops/formulas/elementwise.formula.ts","line":144,"column":14});
export const BitShift = formula({ inputs: { x: "int", y: "int" }, attrs: { direction: required("text") } }, ({ x, y, direction }) =>
  direction === "LEFT" ? $.call("146:26", shiftLeft, x, y) : $.call("146:44", shiftRight, x, y),
{"name":"BitShift","path":"src/ops/formulas/elementwise.formula.ts","line":145,"column":14});

export const Where = formula({ inputs: { condition: ["bool"], x: "any", y: "any" } }, ({ condition, x, y }) => $.call("149:112", where, condition, x, y), {"name":"Where","path":"src/ops/formulas/elementwise.formula.ts","line":149,"column":14});

/** min(max(x, lo), hi): the upper bound wins when they cross. */
export const Clip = formula({ inputs: { x: "number", min: optional("number"), max: optional("number") } }, ({ x, min, max }) =>
  $.call("153:3", clamp, x, min, max),
{"name":"Clip","path":"src/ops/formulas/elementwise.formula.ts","line":152,"column":14});

export const Max = formula({ inputs: { inputs: variadic("number") } }, ({ inputs }) => inputs.reduce((a, b) => $.call("156:112", maximum, a, b)), {"name":"Max","path":"src/ops/formulas/elementwise.formula.ts","line":156,"column":14});
export const Min = formula({ inputs: { inputs: variadic("number") } }, ({ inputs }) => inputs.reduce((a, b) => $.call("157:112", minimum, a, b)), {"name":"Min","path":"src/ops/formulas/elementwise.formula.ts","line":157,"column":14});
export const Sum = formula({ inputs: { inputs: variadic("float") } }, ({ inputs }) => inputs.reduce((a, b) => $.add(a , b, "158:113")), {"name":"Sum","path":"src/ops/formulas/elementwise.formula.ts","line":158,"column":14});
export const Mean = formula({ inputs: { inputs: variadic("float") } }, ({ inputs }) => $.div(inputs.reduce((a, b) => $.add(a , b, "159:114")) , inputs.length, "159:119"), {"name":"Mean","path":"src/ops/formulas/elementwise.formula.ts","line":159,"column":14});
