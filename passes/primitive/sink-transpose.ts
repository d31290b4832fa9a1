import type { Dim } from "../../src/base/dim.js";
import { dims, int, ints } from "../../src/ir/attr.js";
import { dimsAttr, intAttr, intsAttr, type Attr, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { readsOf } from "../../src/ir/walk.js";
import { isPoint } from "../../src/kernel/group/build.js";
import { elementwise } from "../elementwise.js";
import { definePass } from "../pass.js";

type Perm = readonly number[];

/**
 * f(transpose(x, p), transpose(z, p), c, expand(e))  =>  transpose(f(x, z, c', expand(e')), p)
 * for f arithmetic (of either level), concat, slice, pad or reduce, with its axes renamed by p; c' and e' are the constant and the small
 * tensor in the order of x. On the way, transpose(transpose(x, p), q)  =>  transpose(x, p[q]), or x where p[q] moves nothing.
 *
 * A library's image calls have transposes on both sides; sunk through what lies between two of them they meet and
 * cancel, so a chain of such calls stays in the library's layout.
 *
 * Skipped when an operand is in another order, when p differs between operands, when nothing but constants would be
 * left, and when a transposed operand is also read by something it cannot sink through: it would stay, and another
 * transpose join it.
 */
export const sinkTranspose = definePass("sink-transpose", (graph) => {
  const stuck = stuckValues(graph.graph);
  return graph.rewriteAny((view, make) => {
    const [y] = view.outputs;
    if (view.node.op === "transpose") return met(view, make);
    if (!isSinkable(view.node) || !y?.shape || view.outputs.length !== 1) return;
    const perm = commonPerm(view, stuck);
    if (!perm || perm.length !== y.shape.length) return;
    const back = inverse(perm);
    const inputs = view.inputs.map((v, i) => (view.node.op === "pad" && i === 1 ? v : v && operandOf(view.node, v, perm, back, make)));
    if (inputs.some((v, i) => view.inputs[i] && !v)) return;
    const [inner] = make.node(view.node.op, inputs, renamed(view.node, perm, back), { types: [permuted(y, back)] });
    return make.node("transpose", [inner], { perm: ints(perm) }, { types: [y.type] })[0];
  });
});

function met({ node, inputs: [v], outputs: [y] }: AnyView, make: Make): ValueView | undefined {
  const [p, q] = [v && transposedBy(v), intsAttr(node, "perm")];
  const x = v?.made?.inputs[0];
  if (!p || !q || !x || !y) return undefined;
  const both = q.map((i) => p[i]);
  return both.every((axis, i) => axis === i) ? x : make.node("transpose", [x], { perm: ints(both) }, { types: [y.type] })[0];
}

function isSinkable(node: Node): boolean {
  return isPoint(node.op) || elementwise.has(node.op) || ["concat", "slice", "pad", "reduce"].includes(node.op);
}

/** Transposed values somebody reads who keeps the transpose where it is. */
function stuckValues(graph: Graph): Set<Value> {
  const out = new Set<Value>(graph.outputs);
  for (const node of graph.nodes)
    if (!isSinkable(node) && node.op !== "transpose" && node.op !== "expand") readsOf(node).forEach((v) => out.add(v));
  return out;
}

/** The permutation of all transposed operands; undefined when there is none or they differ. */
function commonPerm(view: AnyView, stuck: ReadonlySet<Value>): Perm | undefined {
  const perms = view.inputs.flatMap((v) => {
    const perm = v && transposedBy(v);
    return perm ? [{ perm, free: !stuck.has(v.value) || v.uses === 1 }] : [];
  });
  const [first] = perms;
  return first && perms.every((p) => p.free && `${p.perm}` === `${first.perm}`) ? first.perm : undefined;
}

function transposedBy(v: ValueView): Perm | undefined {
  return v.made?.node.op === "transpose" ? intsAttr(v.made.node, "perm") : undefined;
}

/** ONNX operators broadcast by themselves: what has one element fits any order, what repeats is small to transpose. */
function operandOf(node: Node, v: ValueView, perm: Perm, back: Perm, make: Make): ValueView | undefined {
  if (!elementwise.has(node.op) || transposedBy(v)) return inOrder(v, perm, back, make);
  if (v.shape?.every((d) => d === 1)) return v;
  const repeats = v.shape?.length === perm.length && v.shape.includes(1);
  return repeats ? moved(v, back, make) : undefined;
}

/** An operand as it is before the transposes. */
function inOrder(v: ValueView, perm: Perm, back: Perm, make: Make): ValueView | undefined {
  const { made } = v;
  if (transposedBy(v)) return made?.inputs[0];
  const small = made?.node.op === "expand" ? made.inputs[0] : undefined;
  if (small && made)
    return make.node(
      "expand",
      [moved(small, back, make)],
      { shape: dims(reordered(v.shape ?? [], back)) },
      { types: [permuted(v, back)] },
    )[0];
  return v.constant && v.shape?.length === perm.length ? moved(v, back, make) : undefined;
}

function moved(v: ValueView, back: Perm, make: Make): ValueView {
  return make.node("transpose", [v], { perm: ints(back) }, { types: [permuted(v, back)] })[0];
}

function inverse(perm: Perm): number[] {
  return perm.map((_, axis) => perm.indexOf(axis));
}

function reordered<T extends Dim>(list: readonly T[], perm: Perm): T[] {
  return perm.map((p) => list[p]);
}

function permuted(v: ValueView, perm: Perm): ValueView["type"] {
  const { type } = v;
  return type.kind === "tensor" && type.shape ? { ...type, shape: reordered(type.shape, perm) } : type;
}

/** Axis k of the result is axis p[k] of what is transposed. */
function renamed(node: Node, perm: Perm, back: Perm): Readonly<Record<string, Attr>> {
  const out: Record<string, Attr> = { ...node.attrs };
  const axis = intAttr(node, "axis");
  const axes = intsAttr(node, "axes");
  if (node.op === "concat" && axis !== undefined) out["axis"] = int(perm[axis]);
  if (node.op === "reduce" && axes) out["axes"] = ints(axes.map((a) => perm[a]).sort((a, b) => a - b));
  for (const name of ["starts", "sizes", "low", "high"]) {
    const list = dimsAttr(node, name);
    if (list) out[name] = dims(reordered(list, back));
  }
  const steps = intsAttr(node, "steps");
  if (steps) out["steps"] = ints(reordered(steps, back));
  return out;
}
