/** Operators that work element by element, with numpy's broadcasting: arithmetic, comparison, logic, bits. */
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

export const Abs = formula({ inputs: { x: "number" } }, ({ x }) => abs(x));
export const Neg = formula({ inputs: { x: "number" } }, ({ x }) => -x);
export const Sign = formula({ inputs: { x: "number" } }, ({ x }) => sign(x));
export const Floor = formula({ inputs: { x: "float" } }, ({ x }) => floor(x));
export const Ceil = formula({ inputs: { x: "float" } }, ({ x }) => ceil(x));
export const Round = formula({ inputs: { x: "float" } }, ({ x }) => round(x));
export const Sqrt = formula({ inputs: { x: "float" } }, ({ x }) => sqrt(x));
export const Reciprocal = formula({ inputs: { x: "float" } }, ({ x }) => reciprocal(x));
export const Exp = formula({ inputs: { x: "float" } }, ({ x }) => exp(x));
export const Log = formula({ inputs: { x: "float" } }, ({ x }) => log(x));
export const Sin = formula({ inputs: { x: "float" } }, ({ x }) => sin(x));
export const Cos = formula({ inputs: { x: "float" } }, ({ x }) => cos(x));
export const Tan = formula({ inputs: { x: "float" } }, ({ x }) => tan(x));
export const Asin = formula({ inputs: { x: "float" } }, ({ x }) => asin(x));
export const Acos = formula({ inputs: { x: "float" } }, ({ x }) => acos(x));
export const Atan = formula({ inputs: { x: "float" } }, ({ x }) => atan(x));
export const Sinh = formula({ inputs: { x: "float" } }, ({ x }) => sinh(x));
export const Cosh = formula({ inputs: { x: "float" } }, ({ x }) => cosh(x));
export const Tanh = formula({ inputs: { x: "float" } }, ({ x }) => tanh(x));
export const Asinh = formula({ inputs: { x: "float" } }, ({ x }) => asinh(x));
export const Acosh = formula({ inputs: { x: "float" } }, ({ x }) => acosh(x));
export const Atanh = formula({ inputs: { x: "float" } }, ({ x }) => atanh(x));
/** erf of an integer tensor is computed in f32 and cast back, as the standard's types allow. */
export const Erf = formula({ inputs: { x: "number" } }, ({ x }) => (isFloatType(dtype(x)) ? erf(x) : cast(erf(cast(x, "f32")), dtype(x))));
export const IsNaN = formula({ inputs: { x: "float" } }, ({ x }) => isNaN(x));

export const IsInf = formula(
  { inputs: { x: "float" }, attrs: { detect_negative: int(1), detect_positive: int(1) } },
  ({ x, detect_negative, detect_positive }) => {
    if (detect_negative === 1 && detect_positive === 1) return isInf(x);
    if (detect_negative === 1) return x === -Infinity;
    if (detect_positive === 1) return x === Infinity;
    return full(shape(x), false, "bool");
  },
);

export const Add = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => a + b);
export const Sub = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => a - b);
export const Mul = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => a * b);
/** Integers divide towards zero. */
export const Div = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => (isIntegerType(dtype(a)) ? truncDiv(a, b) : a / b));

/** fmod 0: sign of the divisor, integers only; fmod 1: sign of the dividend. */
export const Mod = formula({ inputs: { a: "number", b: "number" }, attrs: { fmod: int(0) } }, ({ a, b, fmod: likeC }) => {
  if (likeC === 1) return fmod(a, b);
  if (isFloatType(dtype(a))) refuse("Mod of float tensors needs fmod = 1");
  return mod(a, b);
});

/** The only element of a known operand, else undefined. */
function knownScalar(x: Num): number | undefined {
  return isSingle(x) ? tryNumbers(x)?.[0] : undefined;
}

/** x^y in x's element type. A constant exponent that is a small power or a root needs no pow. */
export const Pow = formula({ inputs: { x: "number", y: "number" } }, ({ x, y }) => {
  const integer = isIntegerType(dtype(x));
  const exponent = rank(y) <= rank(x) ? knownScalar(y) : undefined;
  if (exponent === 1) return x;
  if (exponent === 2) return x ** 2;
  if (exponent === 3) return x ** 3;
  if (!integer && exponent === 0.5) return sqrt(x);
  if (dtype(x) === dtype(y)) return power(x, y);
  if (!integer) return power(x, cast(y, dtype(x)));
  return isFloatType(dtype(y)) ? cast(power(cast(x, dtype(y)), y), dtype(x)) : power(x, cast(y, dtype(x)));
});

export const Equal = formula({ inputs: { a: "any", b: "any" } }, ({ a, b }) => a === b);
export const Greater = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => a > b);
export const GreaterOrEqual = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => a >= b);
export const Less = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => a < b);
export const LessOrEqual = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => a <= b);

export const And = formula({ inputs: { a: ["bool"], b: ["bool"] } }, ({ a, b }) => and(a, b));
export const Or = formula({ inputs: { a: ["bool"], b: ["bool"] } }, ({ a, b }) => or(a, b));
export const Xor = formula({ inputs: { a: ["bool"], b: ["bool"] } }, ({ a, b }) => xor(a, b));
export const Not = formula({ inputs: { x: ["bool"] } }, ({ x }) => not(x));

export const BitwiseAnd = formula({ inputs: { a: "int", b: "int" } }, ({ a, b }) => bitAnd(a, b));
export const BitwiseOr = formula({ inputs: { a: "int", b: "int" } }, ({ a, b }) => bitOr(a, b));
export const BitwiseXor = formula({ inputs: { a: "int", b: "int" } }, ({ a, b }) => bitXor(a, b));
export const BitwiseNot = formula({ inputs: { x: "int" } }, ({ x }) => bitNot(x));
export const BitShift = formula({ inputs: { x: "int", y: "int" }, attrs: { direction: required("text") } }, ({ x, y, direction }) =>
  direction === "LEFT" ? shiftLeft(x, y) : shiftRight(x, y),
);

export const Where = formula({ inputs: { condition: ["bool"], x: "any", y: "any" } }, ({ condition, x, y }) => where(condition, x, y));

/** min(max(x, lo), hi): the upper bound wins when they cross. */
export const Clip = formula({ inputs: { x: "number", min: optional("number"), max: optional("number") } }, ({ x, min, max }) =>
  clamp(x, min, max),
);

export const Max = formula({ inputs: { inputs: variadic("number") } }, ({ inputs }) => inputs.reduce((a, b) => maximum(a, b)));
export const Min = formula({ inputs: { inputs: variadic("number") } }, ({ inputs }) => inputs.reduce((a, b) => minimum(a, b)));
export const Sum = formula({ inputs: { inputs: variadic("float") } }, ({ inputs }) => inputs.reduce((a, b) => a + b));
export const Mean = formula({ inputs: { inputs: variadic("float") } }, ({ inputs }) => inputs.reduce((a, b) => a + b) / inputs.length);
