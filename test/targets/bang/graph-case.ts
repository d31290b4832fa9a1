/** A graph of primitives as a case for the twin: planned into kernels, printed, and what its outputs should be. */
import { expect } from "vitest";
import { evaluateDim, type Dim } from "../../../src/base/dim.js";
import { byteLength, type DType } from "../../../src/base/dtype.js";
import { decodeFloats, isPackedFloat } from "../../../src/base/float-formats.js";
import { elementCount, type Tensor, type TensorData } from "../../../src/base/tensor.js";
import { evaluateGraph } from "../../../src/ir/evaluate/evaluate.js";
import { rankedType, type Graph, type Value } from "../../../src/ir/graph.js";
import { planUnits } from "../../../src/kernel/group/group.js";
import type { Chip } from "../../../src/claim/target.js";
import { printKernel } from "../../../targets/bang/print.js";
import { randomTensor } from "../../kernel/plan-helpers.js";
import type { Bytes, Case, Launch, Outcome } from "./harness.js";

export interface GraphCase {
  readonly program: Case;
  readonly schedules: readonly string[];
  readonly texts: readonly string[];
  readonly check: (outcome: Outcome) => void;
}

type Sizes = Readonly<Record<string, number>>;

export function graphCase(
  name: string,
  graph: Graph,
  chip: Chip,
  symbols: Sizes = {},
  given: ReadonlyMap<Value, Tensor> = new Map(),
): GraphCase {
  const shapeOf = (v: Value) => (rankedType(v)?.shape ?? []).map((d: Dim) => evaluateDim(d, symbols));
  const dtypeOf = (v: Value): DType => rankedType(v)?.dtype ?? "f32";
  const inputs = new Map(graph.inputs.map((v, i) => [v, given.get(v) ?? randomTensor(dtypeOf(v), shapeOf(v), i + 1)]));
  const expected = evaluateGraph(graph, new Map(), inputs);
  const units = planUnits(graph, { caps: chip.caps, isLibrary: () => false, ranges: () => undefined, prefix: `k_${name}_` });
  const buffers: (Bytes | number)[] = [];
  const at = new Map<Value, number>();
  const aliases = new Map<Value, Value>();
  const place = (v: Value): number => {
    const of = aliases.get(v);
    if (of) return place(of);
    const had = at.get(v);
    if (had !== undefined) return had;
    const data = inputs.get(v)?.data ?? graph.constants.get(v)?.load().data;
    at.set(v, buffers.push((data as Bytes | undefined) ?? byteLength(dtypeOf(v), elementCount(shapeOf(v)))) - 1);
    return buffers.length - 1;
  };
  const launches: Launch[] = [];
  const schedules: string[] = [];
  const texts: string[] = [];
  for (const unit of units) {
    if (unit.kind === "alias") aliases.set(unit.value, unit.of);
    if (unit.kind === "node") throw new Error(`${unit.node.op} was left to a library`);
    if (unit.kind !== "kernels") continue;
    for (const { kernel, bind } of unit.kernels) {
      const printed = printKernel(kernel, chip);
      // A kernel's integers may build on those before them.
      const known: Record<string, number> = { ...symbols };
      for (const i of kernel.ints) known[i.name] = evaluateDim(i.value, known);
      launches.push({
        kernel: kernel.name,
        source: printed.text,
        buffers: kernel.buffers.map((b) => place(bind[b.name])),
        ints: printed.ints.map((name) => known[name]),
        work: evaluateDim(kernel.parallelism, known),
      });
      schedules.push(kernel.schedule);
      texts.push(printed.text);
    }
  }
  const check = (outcome: Outcome) => {
    if (outcome.status !== 0) expect.fail(`${name}: ${outcome.stderr}\n${texts.map(numbered).join("\n")}`);
    for (const v of graph.outputs) compare(name, v, outcome.buffers[place(v)], expected.get(v) as Tensor, texts);
  };
  graph.outputs.forEach(place);
  return { program: { name, buffers, launches }, schedules, texts, check };
}

function numbered(text: string): string {
  return text
    .split("\n")
    .map((l, i) => `${String(i + 1).padStart(3)} ${l}`)
    .join("\n");
}

function typed(dtype: DType, bytes: Uint8Array): ArrayLike<number | bigint> {
  const { buffer } = bytes.slice();
  if (isPackedFloat(dtype)) return dtype.startsWith("f8") ? decodeFloats(dtype, bytes) : decodeFloats(dtype, new Uint16Array(buffer));
  const views: Partial<Record<DType, () => TensorData>> = {
    f32: () => new Float32Array(buffer),
    i32: () => new Int32Array(buffer),
    u32: () => new Uint32Array(buffer),
    i64: () => new BigInt64Array(buffer),
    i16: () => new Int16Array(buffer),
    u16: () => new Uint16Array(buffer),
    i8: () => new Int8Array(buffer),
  };
  return (views[dtype]?.() ?? new Uint8Array(buffer)) as ArrayLike<number | bigint>;
}

function compare(name: string, v: Value, bytes: Uint8Array, want: Tensor, texts: readonly string[]): void {
  const got = typed(want.dtype, bytes);
  const wanted = isPackedFloat(want.dtype) ? decodeFloats(want.dtype, want.data as Uint16Array) : (want.data as ArrayLike<number | bigint>);
  const tolerance = want.dtype === "bf16" ? 1.6e-2 : want.dtype === "f16" ? 2e-3 : want.dtype === "f32" ? 2e-5 : 0;
  for (let i = 0; i < wanted.length; i++) {
    const [x, y] = [got[i], wanted[i]];
    if (x === y || Object.is(x, y)) continue;
    const close = tolerance > 0 && Math.abs(Number(x) - Number(y)) <= tolerance * Math.max(1, Math.abs(Number(y)));
    if (!close) expect.fail(`${name}: ${v.name}[${i}] is ${x}, expected ${y}\n${texts.map(numbered).join("\n")}`);
  }
}
