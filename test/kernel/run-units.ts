import { evaluateDim, type Dim } from "../../src/base/dim.js";
import type { DType } from "../../src/base/dtype.js";
import { allocate, elementCount, type TensorData } from "../../src/base/tensor.js";
import { rankedType, type Node, type Value } from "../../src/ir/graph.js";
import type { Caps } from "../../src/kernel/caps.js";
import type { Unit } from "../../src/kernel/group/group.js";
import { interpret } from "../../src/kernel/interpret/interpret.js";
import { printKernel } from "../../src/kernel/text/print.js";

export interface UnitRun {
  readonly caps: Caps;
  readonly symbols: Readonly<Record<string, number>>;
  /** What is known so far; results are added. */
  readonly data: Map<Value, TensorData>;
  /** Carries out a node that is no kernel. */
  readonly node: (node: Node) => void;
}

export function shapeUnder(v: Value, symbols: Readonly<Record<string, number>>): number[] {
  return (rankedType(v)?.shape ?? []).map((d: Dim) => evaluateDim(d, symbols));
}

const dtypeOf = (v: Value): DType => rankedType(v)?.dtype ?? "f32";

export function runUnit(unit: Unit, run: UnitRun): void {
  const { data, symbols, caps } = run;
  if (unit.kind === "node") return run.node(unit.node);
  if (unit.kind === "alias") {
    const empty = shapeUnder(unit.of, symbols).includes(0);
    const of = data.get(unit.of) ?? (empty ? allocate(dtypeOf(unit.of), 0) : undefined);
    if (!of) throw new Error(`${unit.value.name} is a view of ${unit.of.name}, which is not there`);
    data.set(unit.value, of);
    return;
  }
  for (const { kernel, bind } of unit.kernels) {
    const buffers: Record<string, TensorData> = {};
    for (const b of kernel.buffers) {
      const v = bind[b.name];
      if (!data.has(v)) {
        if (b.access === "read") throw new Error(`${kernel.name} reads ${v.name}, which is not there`);
        data.set(v, poisoned(dtypeOf(v), elementCount(shapeUnder(v, symbols))));
      }
      buffers[b.name] = data.get(v) as TensorData;
    }
    try {
      interpret(kernel, buffers, symbols, caps);
    } catch (e) {
      throw new Error(`${(e as Error).message}\n${printKernel(kernel)}`, { cause: e });
    }
  }
  for (const v of unit.nodes.flatMap((n) => n.outputs)) if (v && shapeUnder(v, symbols).includes(0)) data.set(v, allocate(dtypeOf(v), 0));
}

/** A value no test expects, so that elements nobody wrote are seen. */
function poisoned(dtype: DType, count: number): TensorData {
  const data = allocate(dtype, count);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(77n);
  else (data as Float32Array).fill(77);
  return data;
}
