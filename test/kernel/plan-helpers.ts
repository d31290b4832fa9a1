/** Builds small graphs of primitives, runs their units on the interpreter, and compares with the primitives' own meaning. */
import { expect } from "vitest";
import { decodeFloats, isPackedFloat, encodeFloats } from "../../src/base/float-formats.js";
import { evaluateDim, symbolsOf, type Dim } from "../../src/base/dim.js";
import type { DType } from "../../src/base/dtype.js";
import { allocate, elementCount, tensor, type Tensor, type TensorData } from "../../src/base/tensor.js";
import { constData, makeGraph, tensorValue } from "../../src/ir/build.js";
import { evaluateNode } from "../../src/ir/evaluate/node.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import { rankedType, type ConstData, type Graph, type Node, type SymbolInfo, type Value } from "../../src/ir/graph.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import type { Caps } from "../../src/kernel/caps.js";
import { planUnits, type KernelUnit, type Unit } from "../../src/kernel/group/group.js";
import { printKernel } from "../../src/kernel/text/print.js";
import { inferPrimitive } from "../../src/ops/infer-primitive.js";
import type { PrimitiveAttrs } from "../../src/ops/op.js";
import { chips } from "./chips.js";
import { runUnit } from "./run-units.js";
import type { PrimitiveName } from "../../src/ops/primitive.js";

/** The chips, the 310P with its stores of whole granules. */
export const plannedChips: readonly Caps[] = chips.map((c) =>
  c.chip === "Ascend310P3" ? { ...c, dma: { ...c.dma, unitBytes: 32, storeGranule: 32 } } : c,
);

export class Sketch {
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly constants = new Map<Value, ConstData>();
  #count = 0;

  input(dtype: DType, shape: readonly Dim[]): Value {
    const v = tensorValue(`in${this.inputs.length}`, dtype, shape);
    this.inputs.push(v);
    return v;
  }

  constant(t: Tensor): Value {
    const v = tensorValue(`c${this.#count++}`, t.dtype, t.shape);
    this.constants.set(v, constData(t));
    return v;
  }

  scalar(x: number, shape: readonly Dim[], dtype: DType = "f32"): Value {
    const data = allocate(dtype, 1);
    if (isPackedFloat(dtype)) data[0] = encodeFloats(dtype, [x])[0];
    else if (data instanceof BigInt64Array) data[0] = BigInt(x);
    else data[0] = x;
    const one = this.constant(
      tensor(
        dtype,
        shape.map(() => 1),
        data,
      ),
    );
    return shape.every((e) => e === 1) ? one : this.apply("expand", [one], { shape });
  }

  all(op: PrimitiveName, inputs: readonly Value[], attrs: PrimitiveAttrs = {}): Value[] {
    const types = inputs.map((v) => {
      const type = rankedType(v);
      if (!type) throw new Error("unranked");
      return type;
    });
    const outputs = inferPrimitive(op, types, attrs).map((t) => tensorValue(`v${this.#count++}`, t.dtype, t.shape));
    this.nodes.push({ op, inputs, outputs, attrs: nodeAttrs(op, attrs), origin: [outputs[0].name] });
    return outputs;
  }

  apply(op: PrimitiveName, inputs: readonly Value[], attrs: PrimitiveAttrs = {}): Value {
    return this.all(op, inputs, attrs)[0];
  }

  /** As `apply`; the value bears this name. */
  named(name: string, op: PrimitiveName, inputs: readonly Value[], attrs: PrimitiveAttrs = {}): Value {
    const out = { ...this.apply(op, inputs, attrs), name };
    this.nodes.push({ ...(this.nodes.pop() as Node), outputs: [out] });
    return out;
  }

  /** x with extents 1 repeated to `shape`, right-aligned. */
  spread(x: Value, shape: readonly Dim[]): Value {
    const from = rankedType(x)?.shape ?? [];
    const padded = [...shape.slice(from.length).map(() => 1), ...from];
    const ranked = padded.length === from.length ? x : this.apply("reshape", [x], { shape: padded });
    return this.apply("expand", [ranked], { shape });
  }

  #symbols(): SymbolInfo[] {
    const names = new Set(this.inputs.flatMap((v) => (rankedType(v)?.shape ?? []).flatMap((d) => symbolsOf(d))));
    return [...names].map((name) => ({ name, range: { lo: 0, hi: Infinity } }));
  }

  graph(...outputs: Value[]): Graph {
    return makeGraph({ inputs: this.inputs, outputs, nodes: this.nodes, constants: this.constants, symbols: this.#symbols() });
  }
}

/** Seeded values: floats of both signs, small integers, 0 or 1. */
export function randomTensor(dtype: DType, shape: readonly number[], seed = 1): Tensor {
  let state = seed * 2654435761 + 12345;
  const next = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const count = elementCount(shape);
  const data = allocate(dtype, count);
  for (let i = 0; i < count; i++) {
    const x = next();
    if (data instanceof BigInt64Array) data[i] = BigInt(Math.floor(x * 19) - 9);
    else if (dtype === "f32") data[i] = x * 4 - 2;
    else if (isPackedFloat(dtype)) data[i] = encodeFloats(dtype, [x * 4 - 2])[0];
    else if (dtype === "bool") data[i] = x < 0.5 ? 0 : 1;
    else data[i] = dtype.startsWith("u") ? Math.floor(x * 20) : Math.floor(x * 19) - 9;
  }
  return tensor(dtype, shape, data);
}

export interface Ran {
  readonly units: readonly Unit[];
  readonly kernels: readonly KernelUnit["kernels"][number]["kernel"][];
  readonly text: string;
}

/** Plans, interprets, compares every output with `evaluateGraph`. `symbols` gives extents of symbolic shapes. */
export function checkPlan(
  graph: Graph,
  caps: Caps,
  symbols: Readonly<Record<string, number>> = {},
  given: ReadonlyMap<Value, Tensor> = new Map(),
  isLibrary: (n: Node) => boolean = () => false,
): Ran {
  const size = (d: Dim) => evaluateDim(d, symbols);
  const shapeOf = (v: Value) => (rankedType(v)?.shape ?? []).map(size);
  const inputs = new Map(graph.inputs.map((v, i) => [v, given.get(v) ?? randomTensor(rankedType(v)?.dtype ?? "f32", shapeOf(v), i + 1)]));
  const expected = evaluateGraph(graph, new Map(), inputs);
  const units = planUnits(graph, { caps, isLibrary, ranges: () => undefined, prefix: "k_" });
  const data = new Map<Value, TensorData>([...inputs].map(([v, t]) => [v, t.data]));
  for (const [v, c] of graph.constants) data.set(v, c.load().data);
  const node = (n: Node): void => runNode(n, data, shapeOf);
  for (const unit of units) runUnit(unit, { caps, symbols, data, node });
  for (const v of graph.outputs) {
    const got = data.get(v);
    const want = expected.get(v);
    if (!got || !want) throw new Error(`output ${v.name} was not computed`);
    compare(v, got, want);
  }
  const kernels = units.flatMap((u) => (u.kind === "kernels" ? u.kernels.map((k) => k.kernel) : []));
  return { units, kernels, text: kernels.map(printKernel).join("\n") };
}

function runNode(node: Node, data: Map<Value, TensorData>, shapeOf: (v: Value) => number[]): void {
  const inputs = node.inputs.map((v) => v && tensor(rankedType(v)?.dtype ?? "f32", shapeOf(v), data.get(v) as TensorData));
  const outputs = evaluateNode(node, new Map(), inputs);
  node.outputs.forEach((v, i) => v && data.set(v, (outputs[i] as Tensor).data));
}

function compare(v: Value, got: TensorData, want: Tensor): void {
  const numbers = (d: TensorData): ArrayLike<number> =>
    isPackedFloat(want.dtype) ? decodeFloats(want.dtype, d as Uint16Array) : (d as Float32Array);
  const [a, b] = [numbers(got), numbers(want.data)];
  expect(a.length, v.name).toBe(b.length);
  const tolerance = want.dtype === "bf16" ? 1.6e-2 : want.dtype === "f16" ? 2e-3 : want.dtype === "f32" ? 2e-5 : 0;
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i], b[i]];
    if (typeof y === "bigint" || tolerance === 0) {
      if (x !== y) expect.fail(`${v.name}[${i}] is ${x}, expected ${y}`);
    } else if (!Object.is(x, y) && x !== y && !(Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y))))
      expect.fail(`${v.name}[${i}] is ${x}, expected ${y}`);
  }
}

/** The units of a graph that are kernels. */
export function kernelUnits(units: readonly Unit[]): KernelUnit[] {
  return units.filter((u) => u.kind === "kernels");
}
