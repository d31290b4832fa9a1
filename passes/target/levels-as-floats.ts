import { isClaimable } from "../../src/claim/claim.js";
import { text } from "../../src/ir/attr.js";
import { rankedType, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { tensorType } from "../../src/base/value-type.js";
import { inferPrimitive } from "../../src/ops/infer-primitive.js";
import type { PrimitiveAttrs } from "../../src/ops/op.js";
import type { TargetContext, TargetPass } from "./stage.js";

/**
 * cast(P(a, b), f32)       =>  P(a, b, acc=f32)
 * cast(P(a, b) + c, f32)   =>  P(a, b, acc=f32) + cast(c, f32)          P is contract or conv of 8-bit levels
 *
 * for libraries whose products of levels come as floats; reshapes, transposes and further summands are looked through. Sums, and
 * what is added to them, are then rounded to f32's 24 bits each, and so is what comes of both: beyond 2^24 they are no longer exact.
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

/** A product that is asked before it is made: its operands, and what it says of them. */
interface Asked {
  readonly op: "contract" | "conv";
  readonly a: Value;
  readonly b: Value;
  readonly attrs: PrimitiveAttrs;
}

export function isProductMultiplied({ op, a, b, attrs }: Asked, graph: Graph, context: TargetContext): boolean {
  const types = [a, b].flatMap((v) => rankedType(v) ?? []);
  const [{ shape }] = inferPrimitive(op, types, attrs, () => true);
  const y: Value = { name: "y", type: tensorType("i32", shape) };
  return isMultiplied({ op, inputs: [a, b], outputs: [y], attrs: nodeAttrs(op, attrs), origin: [] }, graph, context);
}

function asFloats(view: AnyView, graph: Graph, context: TargetContext, make: Make): ValueView | undefined {
  const [sum] = view.inputs;
  if (view.node.op !== "cast" || view.outputs[0]?.dtype !== "f32" || sum?.dtype !== "i32") return undefined;
  const takes: Takes = (node) => isOfLevels(node) && !isClaimable(node, graph, context) && isClaimable(inFloats(node), graph, context);
  return hasProduct(sum, takes) ? anew(sum, takes, make) : undefined;
}

/** Whether a product is the library's in floats alone. */
type Takes = (node: Node) => boolean;

const moves: ReadonlySet<string> = new Set(["reshape", "transpose"]);
const sums: ReadonlySet<string> = new Set(["add", "sub"]);

/** Whether such a product is among a value's summands, and nobody else reads what lies between. */
function hasProduct(v: ValueView, takes: Takes): boolean {
  if (v.uses !== 1 || !v.made) return false;
  const { node, inputs } = v.made;
  if (takes(node)) return true;
  const looked = moves.has(node.op) ? inputs.slice(0, 1) : sums.has(node.op) ? inputs : [];
  return looked.some((x) => x && hasProduct(x, takes));
}

/** The value in floats: its products, what moves those and what is added to them made anew. */
function anew(v: ValueView, takes: Takes, make: Make): ValueView {
  if (!v.made || !hasProduct(v, takes)) return inFloat(v, make);
  const { node, inputs } = v.made;
  if (takes(node)) return make.node(node.op, inputs, inFloats(node).attrs)[0];
  const reals = inputs.map((x) => x && anew(x, takes, make));
  return make.node(node.op, reals, node.attrs)[0];
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
