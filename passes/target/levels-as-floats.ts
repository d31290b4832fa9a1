import { isClaimable } from "../../src/claim/claim.js";
import { text } from "../../src/ir/attr.js";
import { rankedType, type Graph, type Node } from "../../src/ir/graph.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { tensorType } from "../../src/base/value-type.js";
import type { TargetContext, TargetPass } from "./stage.js";

/**
 * cast(P(a, b), f32)       =>  P(a, b, acc=f32)
 * cast(P(a, b) + c, f32)   =>  P(a, b, acc=f32) + cast(c, f32)          P is contract or conv of 8-bit levels
 *
 * for libraries whose products of levels come as floats; reshapes, transposes and further summands are looked through. A sum beyond 2^24 is then rounded once more, to f32's 24 bits.
 *
 * Skipped when a row gives the sums as integers, when none gives them as floats, and when somebody else reads the integers.
 */
export const levelsAsFloats: TargetPass = {
  name: "levels-as-floats",
  rounds: true,
  run: (graph, context) => rewriteAny(graph, knowing(context.catalogue, context), (view, make) => asFloats(view, graph, context, make)),
};

/** Whether a product of levels is the library's, with sums in its own type or as floats. */
export function isMultiplied(node: Node, graph: Graph, context: TargetContext): boolean {
  return isClaimable(node, graph, context) || isClaimable(inFloats(node), graph, context);
}

function asFloats(view: AnyView, graph: Graph, context: TargetContext, make: Make): ValueView | undefined {
  const [sum] = view.inputs;
  if (view.node.op !== "cast" || view.outputs[0]?.dtype !== "f32" || sum?.dtype !== "i32") return undefined;
  const product = productIn(sum)?.node;
  if (!product || isClaimable(product, graph, context) || !isClaimable(inFloats(product), graph, context)) return undefined;
  return anew(sum, make);
}

const moves: ReadonlySet<string> = new Set(["reshape", "transpose"]);
const sums: ReadonlySet<string> = new Set(["add", "sub"]);

/** The product among a value's summands, as long as nobody else reads what lies between. */
function productIn(v: ValueView): AnyView | undefined {
  if (v.uses !== 1 || !v.made) return undefined;
  const { node, inputs } = v.made;
  if (isOfLevels(node)) return v.made;
  const [a, b] = inputs;
  if (moves.has(node.op)) return a && productIn(a);
  return sums.has(node.op) ? ((a && productIn(a)) ?? (b && productIn(b))) : undefined;
}

/** The value in floats: its product, what moves that and what is added to it made anew. */
function anew(v: ValueView, make: Make): ValueView {
  if (!v.made || !productIn(v)) return inFloat(v, make);
  const { node, inputs } = v.made;
  if (isOfLevels(node)) return make.node(node.op, inputs, inFloats(node).attrs)[0];
  return make.node(
    node.op,
    inputs.map((x) => x && anew(x, make)),
    node.attrs,
  )[0];
}

/** A cast in front of what repeats a constant, where it is computed when compiling. */
function inFloat(v: ValueView, make: Make): ValueView {
  const [from] = v.made?.node.op === "expand" ? v.made.inputs : [];
  const cast = make.node("cast", [from ?? v], nodeAttrs("cast", { to: "f32" }))[0];
  return from && v.made ? make.node("expand", [cast], v.made.node.attrs)[0] : cast;
}

function isOfLevels({ op, attrs, inputs }: Node): boolean {
  return (op === "contract" || op === "conv") && rankedType(inputs[0])?.dtype === "i8" && attrs["acc"]?.kind === "text";
}

/** A product with sums in floats. */
function inFloats(node: Node): Node {
  const outputs = node.outputs.map((v) => v && { ...v, type: tensorType("f32", rankedType(v)?.shape) });
  return { ...node, attrs: { ...node.attrs, acc: text("f32") }, outputs };
}
