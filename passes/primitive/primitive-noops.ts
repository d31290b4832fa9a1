import { isInteger } from "../../src/base/dtype.js";
import { isConst, sameDim, type Dim } from "../../src/base/dim.js";
import { dims, ints } from "../../src/ir/attr.js";
import { dimsAttr, intsAttr, textAttr, type Node } from "../../src/ir/graph.js";
import type { Make, Outcome } from "../../src/ir/rewrite/make.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { isNeutral } from "../constants.js";
import { sameShape } from "../onnx/drop-noops.js";
import { definePass } from "../pass.js";

/**
 * On primitives:
 * reshape, expand to the shape it has; transpose by the identity; cast to the type it has; slice of all; pad by
 * nothing; concat of one; reduce over no axis; x + 0 of integers, x + -0 of floats, x - 0, x * 1, x / 1, x ** 1 with the
 * neutral element expanded  =>  x
 * reshape(reshape(x))       =>  reshape(x)           transpose(transpose(x, p), q)  =>  transpose(x, p[q])
 * expand(expand(x))         =>  expand(x)            reshape(dims) of one element stays as it is
 * transpose that only moves extents of 1             =>  reshape
 * x - v + v, x + v - v of integers, which wrap       =>  x
 *
 * Skipped while extents cannot be told apart, and when the neutral element is not one constant everywhere.
 */
export const primitiveNoops = definePass("primitive-noops", (graph) =>
  graph.rewriteAny((view, make) => {
    if (view.outputs.length !== 1) return;
    return unchanged(view) ?? merged(view, make);
  }),
);

function unchanged(view: AnyView): ValueView | undefined {
  const [x] = view.inputs;
  const [y] = view.outputs;
  if (!x || !y) return undefined;
  switch (view.node.op) {
    case "reshape":
    case "expand":
      return sameShape(x, y) ? x : undefined;
    case "slice":
      return sameShape(x, y) && (intsAttr(view.node, "steps") ?? []).every((s) => s === 1) ? x : undefined;
    case "pad":
      return [...(dimsAttr(view.node, "low") ?? []), ...(dimsAttr(view.node, "high") ?? [])].every((d) => d === 0) ? x : undefined;
    case "transpose":
      return (intsAttr(view.node, "perm") ?? []).every((p, i) => p === i) ? x : undefined;
    case "cast":
      return x.dtype === y.dtype ? x : undefined;
    case "concat":
      return view.inputs.length === 1 ? x : undefined;
    case "reduce":
      return intsAttr(view.node, "axes")?.length === 0 ? x : undefined;
    default:
      return neutral(view);
  }
}

function neutral({ node, inputs: [a, b] }: AnyView): ValueView | undefined {
  if (!a || !b) return undefined;
  if (isNeutralEverywhere(node.op, b)) return a;
  if (isUndone(node.op, a, b)) return a.made?.inputs[0];
  return (node.op === "add" || node.op === "mul") && isNeutralEverywhere(node.op, a) ? b : undefined;
}

const inverse: Readonly<Record<string, string>> = { add: "sub", sub: "add" };

/** Whether an integer has had added, or taken away, what is now taken away or added. */
function isUndone(op: string, a: ValueView, b: ValueView): boolean {
  const isInverse = a.dtype !== undefined && isInteger(a.dtype) && a.made?.node.op === inverse[op];
  return isInverse && a.made?.inputs[1]?.value === b.value;
}

/** Looks through movement that only repeats or rearranges a constant. */
function isNeutralEverywhere(op: string, v: ValueView): boolean {
  let at: ValueView | undefined = v;
  for (let made = at.made; made && ["expand", "reshape", "transpose"].includes(made.node.op); made = at?.made) at = made.inputs[0];
  return isNeutral(op, at?.constant);
}

function merged({ node, inputs: [x], outputs: [y] }: AnyView, make: Make): Outcome {
  const inner = x?.made;
  const [from] = inner?.inputs ?? [];
  if (!x || !y) return undefined;
  if (node.op === "transpose" && movesOnlyOnes(x.shape, node)) return remake("reshape", x, { shape: dims(y.shape ?? []) }, y, make);
  if (!inner || !from || inner.node.op !== node.op) return undefined;
  switch (node.op) {
    case "reshape":
    case "expand":
      return remake(node.op, from, node.attrs, y, make);
    case "transpose": {
      const [p, q] = [intsAttr(inner.node, "perm"), intsAttr(node, "perm")];
      return p && q && remake("transpose", from, { perm: ints(q.map((i) => p[i])) }, y, make);
    }
    case "cast":
      return textAttr(inner.node, "to") === "f32" && (from.dtype === "f16" || from.dtype === "bf16") && y.dtype === from.dtype
        ? from
        : undefined;
    default:
      return undefined;
  }
}

function remake(op: string, x: ValueView, attrs: Node["attrs"], y: ValueView, make: Make): ValueView {
  return make.node(op, [x], attrs, { types: [y.type] })[0];
}

/** Whether the axes longer than 1 keep their order. */
function movesOnlyOnes(shape: readonly Dim[] | undefined, node: Node): boolean {
  const perm = intsAttr(node, "perm");
  if (!shape || !perm) return false;
  const long = perm.filter((p) => !(isConst(shape[p]) && sameDim(shape[p], 1)));
  return long.every((p, i) => i === 0 || long[i - 1] < p);
}
