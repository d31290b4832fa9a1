import { dimKey, divideExactly, product, sameDim, type Dim } from "../../base/dim.js";
import { isHalf, type DType } from "../../base/dtype.js";
import { decodeFloat, isPackedFloat } from "../../base/float-formats.js";
import { elementCount } from "../../base/tensor.js";
import { invariant } from "../../base/diagnostic.js";
import { dimsAttr, intAttr, intsAttr, rankedType, textAttr, type ConstData, type Node, type Value } from "../../ir/graph.js";
import { binaryFns, compareFns, unaryFns } from "../../ops/primitive.js";
import {
  affineKey,
  along,
  linear,
  moveIndex,
  movementOps,
  rootLoops,
  shapeOf,
  splitAxis,
  type Affine,
  type Axis,
  type Refusal,
} from "./access.js";
import type { GroupBody, GroupExpr, GroupOutput, PointExpr, PointFn } from "./expr.js";
import type { ReduceFn } from "../tile.js";

const pointOps: ReadonlySet<string> = new Set([...unaryFns, ...binaryFns, ...compareFns, "select", "cast"]);

export function isPoint(op: string): boolean {
  return pointOps.has(op);
}

/** Operators a group can hold. */
export function isFusible(node: Node): boolean {
  return isPoint(node.op) || movementOps.has(node.op) || node.op === "reduce" || node.op === "scan" || node.op === "iota";
}

interface BuildInput {
  /** The value the group materialises. */
  readonly root: Value;
  /** Nodes to inline; every other value is read from its buffer. */
  readonly inlined: ReadonlySet<Node>;
  readonly producer: ReadonlyMap<Value, Node>;
  /** f32 values that lie in memory in a half form. */
  readonly stored: ReadonlyMap<Value, Value>;
  /** The value of constants that are the same everywhere. */
  readonly splat: (v: Value) => number | bigint | undefined;
}

type BuildResult = { readonly kind: "body"; readonly body: GroupBody } | { readonly kind: "no"; readonly why: string };

class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.kind);
    this.refusal = refusal;
  }
}

function refuse(why: string): never {
  throw new Refused({ kind: "no", why });
}

export function elementsOf(v: Value): Dim {
  return product(shapeOf(v));
}

/** Builds the group, splitting loops where a reshape asks for it. */
export function buildGroup(input: BuildInput): BuildResult {
  let { axes, index } = rootLoops(input.root);
  for (let tries = 0; tries < 32; tries++) {
    const builder = new Builder(input, axes);
    try {
      return { kind: "body", body: builder.body(index) };
    } catch (e) {
      if (!(e instanceof Refused)) throw e;
      if (e.refusal.kind === "no") return e.refusal;
      const { axis, inner } = e.refusal;
      if (!axes.includes(axis)) return { kind: "no", why: "a reduction loop would have to be split" };
      const high: Axis = { name: `${axis.name}h`, extent: divide(axis.extent, inner) };
      const low: Axis = { name: `${axis.name}l`, extent: inner };
      axes = axes.flatMap((a) => (a === axis ? [high, low] : [a]));
      index = index.map((a) => splitAxis(a, axis, high, low));
    }
  }
  return { kind: "no", why: "too many loop splits" };
}

function divide(a: Dim, b: Dim): Dim {
  const out = divideExactly(a, b);
  invariant(out !== undefined, "loop split by a divisor");
  return out;
}

/** Inlines nodes bottom-up from the root; holds the group's loops while it does. */
class Builder {
  readonly input: BuildInput;
  readonly axes: readonly Axis[];
  #reduced: readonly Axis[] | undefined;
  #scanned = false;
  readonly #known = new Map<string, GroupExpr>();
  readonly #places = new Map<readonly Affine[], string>();
  readonly #ids = new Map<GroupExpr, number>();

  constructor(input: BuildInput, axes: readonly Axis[]) {
    this.input = input;
    this.axes = axes;
  }

  body(index: readonly Affine[]): GroupBody {
    const { root } = this.input;
    const half = this.input.stored.get(root);
    const whole = this.#value(root, index, true);
    const expr = half ? this.#cast(whole, dtypeOf(half)) : whole;
    const reduced = this.#reduced ?? [];
    const output: GroupOutput = { value: half ?? root, at: linear(shapeOf(root), index), expr };
    const parallel = this.axes.filter((a) => !reduced.includes(a) && a.extent !== 1);
    return { parallel, reduced, outputs: [output], elements: elementsOf };
  }

  #make(key: string, expr: () => GroupExpr): GroupExpr {
    const had = this.#known.get(key);
    if (had) return had;
    const made = expr();
    const again = this.#known.get(key) ?? made;
    this.#known.set(key, again);
    if (!this.#ids.has(again)) this.#ids.set(again, this.#ids.size);
    return again;
  }

  #value(v: Value, index: readonly Affine[], isRoot = false): GroupExpr {
    const node = this.input.producer.get(v);
    if (node && (isRoot || this.input.inlined.has(node))) {
      return this.#make(`${v.name}[${this.#place(index)}]`, () => this.#node(node, index));
    }
    return this.#read(v, shapeOf(v), index);
  }

  #place(index: readonly Affine[]): string {
    const place = this.#places.get(index) ?? index.map(affineKey).join(",");
    this.#places.set(index, place);
    return place;
  }

  #read(v: Value, shape: readonly Dim[], index: readonly Affine[]): GroupExpr {
    const dtype = dtypeOf(v);
    const splat = this.input.splat(v);
    if (splat !== undefined) return this.#make(`${dtype} ${splat} ${Object.is(splat, -0)}`, () => ({ op: "const", dtype, value: splat }));
    const at = linear(shape, index);
    const extent = this.#extent(v, at);
    if (extent !== undefined) return this.#make(`host ${dtype} ${dimKey(extent)}`, () => ({ op: "host", dtype, value: extent }));
    const half = this.input.stored.get(v);
    const value = half ?? v;
    const lying = this.#make(`read ${value.name}[${affineKey(at)}]`, () => ({ op: "read", dtype: dtypeOf(value), value, at }));
    return half ? this.#cast(lying, dtype) : lying;
  }

  #cast(x: GroupExpr, dtype: DType): GroupExpr {
    return this.#pointOf("cast", dtype, [x], "rint", "wrap");
  }

  /** The element of an extents tensor, where it is one and the same for all loops. */
  #extent(v: Value, at: Affine): Dim | undefined {
    const node = this.input.producer.get(v);
    if (node?.op !== "dims" || at.terms.length > 0 || typeof at.offset !== "number") return undefined;
    return dimsAttr(node, "value")?.[at.offset];
  }

  #node(node: Node, index: readonly Affine[]): GroupExpr {
    if (movementOps.has(node.op)) return this.#movement(node, index);
    if (node.op === "reduce") return this.#reduce(node, index);
    if (node.op === "scan") return this.#scan(node, index);
    if (node.op === "iota") {
      const at = index[intAttr(node, "axis") ?? 0];
      const dtype = dtypeOf(node.outputs[0]);
      return this.#make(`position ${dtype} ${affineKey(at)}`, () => ({ op: "position", dtype, at }));
    }
    const args = node.inputs.map((x) => this.#value(defined(x), index));
    return this.#point(node, args);
  }

  #point(node: Node, args: readonly GroupExpr[]): GroupExpr {
    const dtype = dtypeOf(node.outputs[0]);
    const round = textAttr(node, "round") === "rint" ? "rint" : "trunc";
    const overflow = textAttr(node, "overflow") === "saturate" ? "saturate" : "wrap";
    const fn = node.op as PointFn;
    const [only] = args;
    // Extents become numbers of any type without a lane of int64.
    if (fn === "cast" && only.op === "host" && (dtype === "f32" || dtype === "i32")) {
      const { value } = only;
      return this.#make(`host ${dtype} ${dimKey(value)}`, () => ({ op: "host", dtype, value }));
    }
    return this.#pointOf(fn, dtype, args, round, overflow);
  }

  #pointOf(fn: PointFn, dtype: DType, args: readonly GroupExpr[], round: PointExpr["round"], overflow: PointExpr["overflow"]): GroupExpr {
    const [only] = args;
    // f32 holds every half: there and back changes nothing.
    const back = fn === "cast" && only.op === "point" && only.fn === "cast" && only.dtype === "f32" ? only.args[0] : undefined;
    if (back && back.dtype === dtype && isHalf(dtype)) return back;
    const key = `${fn} ${dtype} ${round} ${overflow} ${args.map((a) => this.#ids.get(a)).join(" ")}`;
    return this.#make(key, () => ({ op: "point", dtype, fn, args, round, overflow }));
  }

  #movement(node: Node, index: readonly Affine[]): GroupExpr {
    const x = defined(node.inputs[0]);
    const source = this.input.producer.get(x);
    const inlined = source !== undefined && this.input.inlined.has(source);
    if (node.op === "reshape" && !inlined) return this.#read(x, shapeOf(node.outputs[0]), index);
    const moved = moveIndex(node, index);
    if ("kind" in moved) throw new Refused(moved);
    if (node.op === "window" && inlined && !isViewOnly(source, this.input))
      refuse("a sliding window would compute its elements many times");
    return this.#value(x, moved);
  }

  #reduce(node: Node, index: readonly Affine[]): GroupExpr {
    const x = defined(node.inputs[0]);
    const shape = shapeOf(x);
    const axes = (intsAttr(node, "axes") ?? []).filter((d) => shape[d] !== 1);
    const dtype = dtypeOf(x);
    const fn = reduceFn(node);
    if (axes.some((d) => shape[d] === 0)) return { op: "const", dtype, value: identityOf(fn, dtype) };
    if (axes.length === 0) return this.#value(x, index);
    if (this.#scanned) refuse("a scan and a reduction do not share loops");
    const loops = this.#reductionLoops(
      axes.map((d) => shape[d]),
      index,
    );
    const inside = index.map((a, d) => (axes.includes(d) ? along(loops[axes.indexOf(d)]) : a));
    const arg = this.#value(x, inside);
    return this.#make(`reduce ${fn} ${this.#ids.get(arg)}`, () => ({ op: "reduce", dtype, fn, arg }));
  }

  /** The loops a reduction runs over: the group's own where the result does not vary, else new ones. */
  #reductionLoops(extents: readonly Dim[], index: readonly Affine[]): readonly Axis[] {
    const used = new Set(index.flatMap((a) => a.terms.map((t) => t.axis)));
    if (this.#reduced) {
      if (this.#reduced.some((a) => used.has(a))) refuse("a reduction inside another one");
      if (!sameList(extents, this.#reduced)) refuse("two reductions of different extents");
      return this.#reduced;
    }
    const free = this.axes.filter((a) => !used.has(a) && a.extent !== 1);
    if (free.length > 0 && !sameList(extents, free)) refuse("the result of a reduction is spread over other loops than it reduced");
    this.#reduced = free.length > 0 ? free : extents.map((extent, k) => ({ name: `r${k}`, extent }));
    return this.#reduced;
  }

  #scan(node: Node, index: readonly Affine[]): GroupExpr {
    const axis = intAttr(node, "axis") ?? 0;
    const [term, ...more] = index[axis].terms;
    if (more.length > 0 || !term || term.step !== 1 || index[axis].offset !== 0) refuse("a scan is read through a view");
    if (index.some((a, d) => d !== axis && a.terms.some((t) => t.axis === term.axis))) refuse("a scan is read along a diagonal");
    if (this.#reduced || this.#scanned || intAttr(node, "exclusive")) refuse("only one plain scan fits a group");
    this.#scanned = true;
    this.#reduced = [term.axis];
    const reverse = intAttr(node, "reverse") === 1;
    invariant(!reverse, "reversed scans are rewritten before grouping");
    const arg = this.#value(defined(node.inputs[0]), index);
    return { op: "scan", dtype: dtypeOf(node.outputs[0]), fn: reduceFn(node), arg };
  }
}

function isViewOnly(node: Node | undefined, input: BuildInput): boolean {
  for (let n = node; n && input.inlined.has(n); n = n.inputs[0] && input.producer.get(n.inputs[0]))
    if (!movementOps.has(n.op)) return false;
  return true;
}

function sameList(extents: readonly Dim[], axes: readonly Axis[]): boolean {
  return extents.length === axes.length && extents.every((e, i) => sameDim(e, axes[i].extent));
}

function defined(v: Value | undefined): Value {
  invariant(v, "a primitive lacks an operand");
  return v;
}

export function dtypeOf(v: Value | undefined): DType {
  const type = rankedType(v);
  invariant(type, `value ${v?.name ?? "?"} inside a group has no known rank`);
  return type.dtype;
}

export function reduceFn(node: Node): ReduceFn {
  const fn = textAttr(node, "fn");
  if (fn === "any") return "max";
  if (fn === "all") return "min";
  invariant(fn === "sum" || fn === "prod" || fn === "max" || fn === "min", `reduction by ${fn ?? "nothing"}`);
  return fn;
}

/** The value a reduction of nothing has. */
export function identityOf(fn: ReduceFn, dtype: DType): number | bigint {
  const wide = dtype === "i64";
  if (fn === "sum") return wide ? 0n : 0;
  if (fn === "prod") return wide ? 1n : 1;
  const [lo, hi] = limits(dtype);
  return fn === "max" ? lo : hi;
}

function limits(dtype: DType): [number | bigint, number | bigint] {
  switch (dtype) {
    case "bool":
      return [0, 1];
    case "i64":
      return [-(2n ** 63n), 2n ** 63n - 1n];
    case "i32":
      return [-(2 ** 31), 2 ** 31 - 1];
    case "u32":
      return [0, 2 ** 32 - 1];
    case "i16":
      return [-(2 ** 15), 2 ** 15 - 1];
    case "u16":
      return [0, 2 ** 16 - 1];
    case "i8":
      return [-128, 127];
    case "u8":
      return [0, 255];
    default:
      return [-Infinity, Infinity];
  }
}

/** Constants longer than this are not looked at. */
const mostLookedAt = 1 << 16;

/** The value of a constant that is the same everywhere. */
export function splatOf(c: ConstData | undefined, dtype: DType): number | bigint | undefined {
  if (!c || elementCount(c.shape) > mostLookedAt) return undefined;
  const { data } = c.load();
  const [x] = data;
  if (typeof x === "string" || x === undefined) return undefined;
  for (const y of data) if (!Object.is(x, y)) return undefined;
  return isPackedFloat(dtype) ? decodeFloat(dtype, Number(x)) : x;
}

/** True when an extent is surely zero. */
export function isEmpty(v: Value): boolean {
  return shapeOf(v).includes(0);
}
