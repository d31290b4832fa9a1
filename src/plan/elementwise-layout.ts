/**
 * Calls that treat every element alike do not care for the order of the axes: a chain of them between a transpose and
 * its inverse runs on the stored order as it is.
 */
import type { Dim } from "../base/dim.js";
import { elementCount } from "../base/tensor.js";
import { tensorType } from "../base/value-type.js";
import type { Names } from "../ir/rewrite/names.js";
import { intsAttr, rankedType, type ConstData, type Node, type Value } from "../ir/graph.js";
import { elementwise } from "../../passes/elementwise.js";
import { transposeTensor } from "../ops/evaluate/movement.js";

interface Chain {
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<Value, ConstData>;
}

/**
 * transpose(f(transpose(x, p), c), inverse of p)  =>  f(x, transpose(c, inverse of p))
 *
 * Undefined when the chain is no such thing: another operator, two permutations, or an operand that comes in another
 * order and has more than one element. `results` are the values others read.
 */
export function withoutTransposes({ nodes, constants }: Chain, results: ReadonlySet<Value>, names: Names): Chain | undefined {
  const moves = nodes.filter((n) => n.op === "transpose");
  const work = nodes.filter((n) => n.op !== "transpose");
  const made = new Set(work.flatMap((n) => n.outputs));
  const entering = moves.filter((n) => !made.has(n.inputs[0]));
  const leaving = moves.filter((n) => made.has(n.inputs[0]));
  const perm = entering.length > 0 ? intsAttr(entering[0], "perm") : undefined;
  if (!perm || leaving.length === 0 || work.length === 0 || !work.every((n) => elementwise.has(n.op))) return undefined;
  const back = perm.map((_, axis) => perm.indexOf(axis));
  if (!entering.every((n) => `${intsAttr(n, "perm")}` === `${perm}`) || !leaving.every((n) => `${intsAttr(n, "perm")}` === `${back}`))
    return undefined;

  const stored = new Map<Value, Value>();
  const moved = new Map<Value, ConstData>();
  for (const n of entering) stored.set(n.outputs[0] as Value, n.inputs[0] as Value);
  for (const n of leaving) {
    const y = n.inputs[0] as Value;
    if (stored.has(y) || results.has(y)) return undefined;
    stored.set(y, n.outputs[0] as Value);
  }
  const inOrder = (v: Value | undefined): Value | undefined | "other" => {
    const type = rankedType(v);
    if (!v || stored.has(v)) return v && stored.get(v);
    if (!type) return "other";
    const data = constants.get(v);
    if (!data && !made.has(v)) return "other";
    if (results.has(v) || (made.has(v) && type.shape.length !== back.length)) return "other";
    const shape = data && elementCount(data.shape) === 1 ? type.shape : reordered(type.shape, back);
    const out: Value = { name: names.fresh(v.name), type: tensorType(type.dtype, shape) };
    if (data) moved.set(out, elementCount(data.shape) === 1 ? data : transposedConstant(data, back));
    stored.set(v, out);
    return out;
  };
  const out: Node[] = [];
  for (const n of work) {
    const [inputs, outputs] = [n.inputs.map(inOrder), n.outputs.map(inOrder)];
    if ([...inputs, ...outputs].includes("other")) return undefined;
    out.push({ ...n, inputs: inputs as Node["inputs"], outputs: outputs as Node["outputs"] });
  }
  return { nodes: out, constants: moved };
}

function padded<T extends Dim>(shape: readonly T[], rank: number): (T | 1)[] {
  return [...new Array<1>(Math.max(0, rank - shape.length)).fill(1), ...shape];
}

function reordered(shape: readonly Dim[], perm: readonly number[]): Dim[] {
  const full = padded(shape, perm.length);
  return perm.map((p) => full[p]);
}

function transposedConstant(data: ConstData, perm: readonly number[]): ConstData {
  const full = padded(data.shape, perm.length);
  const shape = perm.map((p) => full[p]);
  return { dtype: data.dtype, shape, load: () => transposeTensor({ ...data.load(), shape: full }, perm) };
}
