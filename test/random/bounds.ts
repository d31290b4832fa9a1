/**
 * The reference semantics with a bound: beside every element, how far another sound computation of it may be off.
 *
 * Each inexact step adds what docs/ulp.md allows its function (as many units of the last place), a sum or a product of
 * matrices its rounding over the magnitudes that meet in it, a narrower store its rounding; exact steps pass the bounds
 * of their operands on. Where a decision hangs on less than the bound (a comparison, a conversion to integers, a
 * position) the result's bound is infinite: nobody can say who is right. A tensor without a bound is exact.
 */
import type { Dim } from "../../src/base/dim.js";
import { dtypes, isFloat } from "../../src/base/dtype.js";
import { roundTo } from "../../src/base/float-formats.js";
import { elementCount, type Tensor } from "../../src/base/tensor.js";
import { EagerBuilder } from "../../src/ops/evaluate/eager.js";
import { evaluateWide } from "../../src/ops/evaluate/primitive.js";
import type { Handle, PrimitiveAttrs } from "../../src/ops/op.js";
import { binaryFns, compareFns, unaryFns, type PrimitiveName } from "../../src/ops/primitive.js";

export type Bound = Float64Array | undefined;

const ulp = 2 ** -23;
/** What lies below the normal numbers may be flushed to zero. */
const tiny = 2 ** -126;

/** Units of the last place by function; `more` where the reference's own functions are coarser than ours. */
export interface Accuracy {
  readonly ulps: Readonly<Record<string, number>>;
  readonly least: number;
  /** Products take operands in steps of so much of their tensor's largest. */
  readonly operandStep?: number;
  /** By operator: what a result may be off, whatever it is. */
  readonly absolute?: Readonly<Record<string, number>>;
  /** By operator: of each element of the first operand, what the result may lose of it where parts of the result nearly cancel. */
  readonly cancelling?: Readonly<Record<string, number>>;
}

const halfStep = { f16: 2 ** -11, bf16: 2 ** -8 };

interface Operand {
  readonly t: Tensor;
  readonly e: Bound;
}

const has = (list: readonly string[], op: string): boolean => list.includes(op);
const exactUnary = new Set(["neg", "abs", "sign", "floor", "ceil", "round", "trunc", "not", "bitnot", "isnan", "isinf"]);
const moves = new Set<PrimitiveName>(["transpose", "reshape", "expand", "slice", "window", "concat"]);
const exactBinary = new Set(["min", "max", "and", "or", "xor", "fmod", "mod"]);

/** A Builder that computes and bounds. */
export class BoundBuilder extends EagerBuilder {
  readonly #accuracy: Accuracy;
  readonly #bounds = new WeakMap<Handle, Float64Array>();

  constructor(accuracy: Accuracy) {
    super();
    this.#accuracy = accuracy;
  }

  /** A formula's own number in a half type may have been rounded to it or not. */
  override constant(t: Tensor): ReturnType<EagerBuilder["constant"]> {
    const h = super.constant(t);
    const { dtype } = t;
    if (dtype !== "f16" && dtype !== "bf16") return h;
    const e = Float64Array.from(wideOf(h).data as Float32Array, (x) =>
      x * 8 === Math.trunc(x * 8) && Math.abs(x) * halfStep[dtype] < 1 ? 0 : Math.abs(x) * halfStep[dtype],
    );
    if (e.some((x) => x !== 0)) this.#bounds.set(h, e);
    return h;
  }

  operand(t: Tensor, e: Bound): Handle {
    const h = super.constant(t);
    if (e) this.#bounds.set(h, e);
    return h;
  }

  bound(h: Handle): Bound {
    return this.#bounds.get(h);
  }

  override apply(op: PrimitiveName, inputs: readonly Handle[], attrs: PrimitiveAttrs): readonly Handle[] {
    const out = super.apply(op, inputs, attrs);
    const operands = inputs.map((h): Operand => ({ t: wideOf(h), e: this.#bounds.get(h) }));
    out.forEach((h, i) => {
      const own = boundOf(op, operands, attrs, wideOf(h), i, { ...this.#accuracy, step: halfStep[h.dtype as "f16"] ?? ulp });
      // Between the steps of one operator a half may be rounded or not, and so may its constants.
      const half = h.dtype === "f16" || h.dtype === "bf16" ? h.dtype : undefined;
      const e = half && !(exactUnary.has(op) || exactBinary.has(op) || moves.has(op)) ? rounded(wideOf(h), own, half) : own;
      if (e?.some((x) => x !== 0)) this.#bounds.set(h, e);
    });
    return out;
  }
}

export function wideOf(h: Handle): Tensor {
  return (h as unknown as { readonly wide: Tensor }).wide;
}

/** What rounding to a 16-bit float, or to the f16 that fp16 storage keeps, adds to a bound. */
export function rounded(wide: Tensor, e: Bound, to: "f16" | "bf16"): Bound {
  const [relative, least] = to === "f16" ? [2 ** -11, 2 ** -25] : [2 ** -8, 2 ** -134];
  const out = Float64Array.from(wide.data as Float32Array, (x, i) => {
    const own = e?.[i] ?? 0;
    const exact = own === 0 && (roundTo(to, x) === x || Number.isNaN(x));
    // What leaves f16's range may be infinite or not: nobody says how large an input is.
    if (to === "f16" && Math.abs(x) + own > 65504) return Infinity;
    return exact ? 0 : own + Math.abs(x) * relative + least;
  });
  return out.some((x) => x !== 0) ? out : undefined;
}

const numbers = (t: Tensor): ArrayLike<number> =>
  t.data instanceof BigInt64Array || t.data instanceof BigUint64Array ? Array.from(t.data, Number) : (t.data as Float32Array);

const f64 = (shape: readonly Dim[], data: Float64Array): Tensor => ({ dtype: "f64", shape: shape as readonly number[], data });
const boundTensor = ({ t, e }: Operand): Tensor => f64(t.shape, e ?? new Float64Array(elementCount(t.shape)));
const magnitude = ({ t, e }: Operand): Tensor => {
  const x = numbers(t);
  return f64(
    t.shape,
    Float64Array.from({ length: x.length }, (_, i) => Math.abs(x[i]) + (e?.[i] ?? 0)),
  );
};

function run(op: PrimitiveName, inputs: readonly Tensor[], attrs: PrimitiveAttrs): Float64Array {
  const wide = Object.fromEntries(Object.entries(attrs).map(([k, v]) => [k, k === "acc" ? "f64" : v]));
  return evaluateWide(op, inputs, wide)[0].data as Float64Array;
}

/** |a - b|, where equal infinities and two NaN do not differ. */
function apart(a: number, b: number): number {
  return a === b || (a !== a && b !== b) ? 0 : Math.abs(a - b) || Infinity;
}

function boundOf(
  op: PrimitiveName,
  inputs: readonly Operand[],
  attrs: PrimitiveAttrs,
  out: Tensor,
  index: number,
  acc: Accuracy & { readonly step: number },
): Bound {
  const loose = inputs.some((o) => o.e !== undefined);
  if (has(unaryFns, op)) return isFloat(inputs[0].t.dtype) ? unary(op, inputs[0], out, acc) : passed(inputs, out);
  if (has(binaryFns, op)) return isFloat(out.dtype) ? binary(op, inputs, out, acc) : passed(inputs, out);
  if (has(compareFns, op)) return loose ? undecided(inputs) : undefined;
  switch (op) {
    case "reduce":
      return reduced(inputs[0], attrs, out);
    case "scan":
      return scanned(inputs[0], attrs, out);
    case "contract":
    case "conv":
    case "convtranspose":
      return products(op, inputs, attrs, out, acc.operandStep ?? 0);
    case "scatterelements":
    case "scatternd":
      return scattered(op, inputs, attrs, out, acc.step);
    case "iota":
    case "dims":
      return undefined;
    default:
      return loose ? moved(op, inputs, attrs, out, index) : undefined;
  }
}

/** Integers and bools: whatever hangs on an undecided operand is undecided. */
function passed(inputs: readonly Operand[], out: Tensor): Bound {
  if (inputs.every((o) => !o.e)) return undefined;
  return Float64Array.from({ length: out.data.length }, (_, i) => (inputs.some((o) => (o.e?.[i] ?? 0) > 0) ? Infinity : 0));
}

function corners(op: PrimitiveName, inputs: readonly Operand[], attrs: PrimitiveAttrs, out: Tensor): Float64Array {
  const ends = ({ t, e }: Operand): Tensor[] => {
    if (!e) return [t];
    const x = t.data as Float32Array;
    const shifted = (sign: number): Tensor => ({ ...t, data: Float32Array.from(x, (v, i) => v + sign * e[i]) });
    return [shifted(1), shifted(-1)];
  };
  const most = new Float64Array(out.data.length);
  const base = numbers(out);
  for (const a of ends(inputs[0]))
    for (const b of inputs.length > 1 ? ends(inputs[1]) : [undefined]) {
      const r = numbers(evaluateWide(op, b ? [a, b] : [a], attrs)[0]);
      for (let i = 0; i < most.length; i++) most[i] = Math.max(most[i], apart(r[i], base[i]));
    }
  return most;
}

function unary(op: PrimitiveName, x: Operand, out: Tensor, acc: Accuracy): Bound {
  const e = x.e ? corners(op, [x], {}, out) : undefined;
  if (exactUnary.has(op)) return e;
  const k = Math.max(acc.ulps[op] ?? 4, acc.least) * ulp;
  // onnxruntime takes exp(x) - 1 and log(1 + x) as they are written: near 0 they are fine to a step at 1.
  const step = acc.least > 1 && (op === "expm1" || op === "log1p") ? ulp : 0;
  return Float64Array.from(out.data as Float32Array, (r, i) => {
    const own = Number.isFinite(r) && r !== 0 ? Math.abs(r) * k + tiny + step : 0;
    return (e?.[i] ?? 0) + own;
  });
}

/** One rounding, where the result is none of its own. */
function binary(op: PrimitiveName, inputs: readonly Operand[], out: Tensor, acc: Accuracy): Bound {
  const loose = inputs.some((o) => o.e !== undefined);
  const e = loose ? corners(op, inputs, {}, out) : undefined;
  if (exactBinary.has(op) && !(op.endsWith("mod") && loose)) return e;
  const [a, b] = inputs.map((o) => o.t.data as Float32Array);
  const truth =
    op === "add"
      ? (i: number) => a[i] + b[i]
      : op === "sub"
        ? (i: number) => a[i] - b[i]
        : op === "mul"
          ? (i: number) => a[i] * b[i]
          : undefined;
  const k = truth ? ulp / 2 : Math.max(acc.ulps[op] ?? 4, op === "div" ? 1 : acc.least) * ulp;
  return Float64Array.from(out.data as Float32Array, (r, i) => {
    // In another order than ours only sums of small binary fractions stay exact, and operands that are off may round otherwise.
    const anyOrder = acc.least === 1 || r * 16 === Math.trunc(r * 16);
    const given = inputs.every((o) => !o.e?.[i]);
    const exact = truth ? anyOrder && given && truth(i) === r : r === 0 || (op === "div" && isPowerOfTwo(b[i]));
    return (e?.[i] ?? 0) + (exact || !Number.isFinite(r) ? 0 : Math.abs(r) * k + tiny);
  });
}

/** Dividing by it is exact on every chip; some divide all else by a reciprocal. */
function isPowerOfTwo(x: number): boolean {
  return Number.isInteger(Math.log2(Math.abs(x)));
}

function undecided([a, b]: readonly Operand[]): Bound {
  const [x, y] = [numbers(a.t), numbers(b.t)];
  return Float64Array.from({ length: x.length }, (_, i) => {
    const room = (a.e?.[i] ?? 0) + (b.e?.[i] ?? 0);
    return room > 0 && !(apart(x[i], y[i]) > room) ? Infinity : 0;
  });
}

/** Roundings of a sum of `n` terms in some order, over the sum of the magnitudes; none where all are small integers. */
function rounding(n: number, sizes: Float64Array, exact: boolean): (i: number) => number {
  const c = (2 + 2 * Math.sqrt(n)) * ulp;
  return (i) => (exact && sizes[i] < 2 ** 24 ? 0 : sizes[i] * c + (sizes[i] > 0 ? tiny : 0));
}

/** All are multiples of 2^-4 below 2^10, and exact: sums of them and of their products round nowhere for a while. */
function onGrid({ t, e }: Operand): boolean {
  const x = numbers(t);
  if (e) return false;
  for (let i = 0; i < x.length; i++) if (x[i] * 16 !== Math.trunc(x[i] * 16)) return false;
  return true;
}

function reduced(x: Operand, attrs: PrimitiveAttrs, out: Tensor): Bound {
  if (!isFloat(x.t.dtype)) return x.e ? run("reduce", [boundTensor(x)], { ...attrs, fn: "max" }) : undefined;
  const fn = attrs["fn"];
  if (fn === "max" || fn === "min") return x.e && run("reduce", [boundTensor(x)], { ...attrs, fn: "max" });
  const n = Math.max(1, x.t.data.length / Math.max(1, out.data.length));
  if (fn === "prod") return producted("reduce", x, attrs, out, n);
  const sizes = run("reduce", [magnitude(x)], attrs);
  const e = x.e && run("reduce", [boundTensor(x)], attrs);
  const more = rounding(
    n,
    sizes.map((s) => s * 16),
    onGrid(x),
  );
  return sizes.map((_, i) => (e?.[i] ?? 0) + more(i) / 16);
}

function producted(op: PrimitiveName, x: Operand, attrs: PrimitiveAttrs, out: Tensor, n: number): Bound {
  const most = run(op, [magnitude(x)], attrs);
  const least = run(op, [magnitude({ t: x.t, e: undefined })], attrs);
  const ofParts = (part: (size: number) => number): Float64Array =>
    run(op, [f64(x.t.shape, (magnitude(x).data as Float64Array).map(part))], attrs);
  const [peaks, lows] = [ofParts((s) => Math.max(1, s)), ofParts((s) => Math.min(1, s || 1))];
  // In some order the product so far is infinite, or vanishes before it grows.
  const hangsOnOrder = (i: number): boolean => peaks[i] > 2 ** 127 || (lows[i] < 2 ** -126 && peaks[i] > 1);
  return most.map((m, i) => (hangsOnOrder(i) ? Infinity : m - least[i] + (out.data[i] === 0 ? 0 : n * ulp * m + tiny)));
}

function scanned(x: Operand, attrs: PrimitiveAttrs, out: Tensor): Bound {
  const axis = attrs["axis"] as number;
  const n = out.shape[axis];
  if (!isFloat(x.t.dtype)) return x.e ? new Float64Array(out.data.length).fill(Infinity) : undefined;
  if (attrs["fn"] === "prod") return producted("scan", x, attrs, out, n);
  if (attrs["fn"] !== "sum") return x.e && run("scan", [boundTensor(x)], { ...attrs, fn: "sum" });
  const sizes = run("scan", [magnitude(x)], attrs);
  const e = x.e && run("scan", [boundTensor(x)], attrs);
  const more = rounding(
    n,
    sizes.map((s) => s * 16),
    onGrid(x),
  );
  return sizes.map((_, i) => (e?.[i] ?? 0) + more(i) / 16);
}

function products(op: PrimitiveName, inputs: readonly Operand[], attrs: PrimitiveAttrs, out: Tensor, step: number): Bound {
  if (!isFloat(out.dtype)) return inputs.some((o) => o.e) ? new Float64Array(out.data.length).fill(Infinity) : undefined;
  const [a, b] = inputs;
  const plain = (o: Operand): Tensor => magnitude({ t: o.t, e: undefined });
  const sizes = run(op, [plain(a), plain(b)], attrs);
  const most = a.e || b.e ? run(op, [magnitude(a), magnitude(b)], attrs) : sizes;
  const inner =
    op === "contract" ? a.t.shape[a.t.shape.length - (attrs["transa"] ? 2 : 1)] : elementCount(b.t.shape) / Math.max(1, b.t.shape[0]);
  const more = rounding(
    inner,
    sizes.map((s) => s * 256),
    onGrid(a) && onGrid(b),
  );
  const steps = step * inner * largest(a) * largest(b);
  return sizes.map((s, i) => most[i] - s + more(i) / 256 + steps);
}

const largest = ({ t }: Operand): number => Array.from(numbers(t), Math.abs).reduce((x, y) => Math.max(x, y), 0);

function scattered(op: PrimitiveName, [x, at, u]: readonly Operand[], attrs: PrimitiveAttrs, out: Tensor, step: number): Bound {
  const how = attrs["reduction"];
  if (at.e || (!isFloat(x.t.dtype) && (x.e || u.e))) return new Float64Array(out.data.length).fill(Infinity);
  if (!isFloat(x.t.dtype)) return undefined;
  if (how === "none") return x.e || u.e ? run(op, [boundTensor(x), at.t, boundTensor(u)], attrs) : undefined;
  const sum = { ...attrs, reduction: "add" };
  const e = run(op, [boundTensor(x), at.t, boundTensor(u)], sum);
  if (how === "max" || how === "min") return e;
  const sizes = run(op, [magnitude(x), at.t, magnitude(u)], attrs);
  if (how === "add") return sizes.map((s, i) => e[i] + (onGrid(x) && onGrid(u) && s < 2 ** 20 ? 0 : 16 * step * s));
  const least = run(op, [magnitude({ t: x.t, e: undefined }), at.t, magnitude({ t: u.t, e: undefined })], attrs);
  return sizes.map((s, i) => s - least[i] + 16 * step * s);
}

function moved(op: PrimitiveName, inputs: readonly Operand[], attrs: PrimitiveAttrs, out: Tensor, index: number): Bound {
  const all = (value: number): Bound => new Float64Array(out.data.length).fill(value);
  if (moves.has(op)) return run(op, inputs.map(boundTensor), attrs);
  switch (op) {
    case "pad":
      return run(op, inputs.map(boundTensor), attrs);
    case "cast":
      return converted(inputs[0], attrs, out);
    case "select":
      return selected(inputs);
    case "gather":
    case "gatherelements":
    case "gathernd":
      return inputs[1].e ? all(Infinity) : run(op, [boundTensor(inputs[0]), inputs[1].t], attrs);
    case "argreduce":
      return positions(inputs[0], attrs);
    case "sort":
      return index === 0 ? all(inputs[0].e!.reduce((a, b) => Math.max(a, b), 0)) : all(Infinity);
    default:
      return all(Infinity);
  }
}

function converted(x: Operand, attrs: PrimitiveAttrs, out: Tensor): Bound {
  const to = attrs["to"] as Tensor["dtype"];
  if (!isFloat(x.t.dtype)) return isFloat(to) ? x.e : passed([x], out);
  if (!isFloat(to)) return corners("cast", [x], attrs, out);
  return dtypes[to].bits < 32 ? rounded(x.t, x.e, to as "f16") : x.e;
}

function selected([c, a, b]: readonly Operand[]): Bound {
  const [mask, x, y] = [c.t.data as Uint8Array, numbers(a.t), numbers(b.t)];
  return Float64Array.from(mask, (m, i) => {
    const [ea, eb] = [a.e?.[i] ?? 0, b.e?.[i] ?? 0];
    if (!c.e?.[i]) return m ? ea : eb;
    return isFloat(a.t.dtype) ? Math.max(ea, eb) + apart(x[i], y[i]) : Infinity;
  });
}

/** A position is undecided where another element may be as large. */
function positions(x: Operand, attrs: PrimitiveAttrs): Bound {
  const axes = [attrs["axis"] as number];
  const sign = attrs["fn"] === "max" ? 1 : -1;
  const v = numbers(x.t);
  const low = f64(
    x.t.shape,
    Float64Array.from({ length: v.length }, (_, i) => sign * v[i] - (x.e?.[i] ?? 0)),
  );
  const best = evaluateWide("reduce", [low], { fn: "max", axes })[0];
  const spread = run("expand", [best], { shape: x.t.shape });
  const rivals = f64(
    x.t.shape,
    Float64Array.from(spread, (s, i) => (sign * v[i] + (x.e?.[i] ?? 0) >= s ? 1 : 0)),
  );
  return run("reduce", [rivals], { fn: "sum", axes }).map((n) => (n > 1 ? Infinity : 0));
}
