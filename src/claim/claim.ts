/**
 * Which nodes a vendor's library answers. A row is asked with explicit attributes (`resolve`); what no row accepts is
 * decomposed, and the reasons are kept for the report.
 */
import { isFloat, type DType } from "../base/dtype.js";
import { rankedType, type Graph, type Node, type Value } from "../ir/graph.js";
import { seenFrom, subgraphsOf } from "../ir/walk.js";
import type { Catalogue } from "../ops/op.js";
import { isPrimitive } from "../ops/primitive.js";
import { resolve } from "./resolve.js";
import type { Chip, ClaimRow, ConstantOf, Target } from "./target.js";

export interface Claim {
  readonly row: ClaimRow;
  /** The node with explicit attributes, outputs unchanged. */
  readonly node: Node;
  /** The constants of the graph that it stands in. */
  readonly constantOf: ConstantOf;
}

export interface Claims {
  readonly byNode: ReadonlyMap<Node, Claim>;
  /** Why a node that has a row was declined. */
  readonly declined: readonly { readonly node: Node; readonly reason: string }[];
}

/** Who is asked, and how readily it answers. */
export interface ClaimOptions {
  readonly target: Target;
  readonly chip: Chip;
  readonly catalogue: Catalogue;
  /** "kernels": the library only for contraction and convolution. Otherwise the rows of role "library" claim. */
  readonly prefer?: "library" | "kernels";
}

/** Operators a chip's vector cores cannot be asked to do well: the library has the matrix unit. */
export const matrixOps: ReadonlySet<string> = new Set(["MatMul", "Gemm", "Conv", "ConvTranspose", "contract", "conv", "convtranspose"]);

/** The types of a row's first input that the chip itself computes in; a matrix operator in another float type is converted around the call. */
export function typesOn(row: ClaimRow, chip: Chip): readonly DType[] {
  const native = (t: DType): boolean => chip.contractTypes.includes(t);
  return row.types.filter((t) => (matrixOps.has(row.op) && isFloat(t) ? native(t) : t !== "bf16" || native(t)));
}

function libraryRows({ target, prefer }: ClaimOptions): ClaimRow[] {
  return target.rows.filter((r) => r.role === "library" && (prefer !== "kernels" || matrixOps.has(r.op)));
}

/** Whether some row would claim this node. */
export function isClaimable(node: Node, graph: Graph, options: ClaimOptions): boolean {
  const candidates = libraryRows(options).filter((r) => r.op === node.op);
  return candidates.length > 0 && typeof answerOf(node, candidates, graph, options) !== "string";
}

/** What the library takes of a graph and of the bodies in it. */
export function claim(graph: Graph, options: ClaimOptions): Claims {
  const byNode = new Map<Node, Claim>();
  const declined: { node: Node; reason: string }[] = [];
  const rows = libraryRows(options);
  const visit = (g: Graph): void => {
    for (const node of g.nodes) {
      for (const body of subgraphsOf(node)) visit(seenFrom(body, g));
      const candidates = rows.filter((r) => r.op === node.op);
      if (candidates.length === 0) continue;
      const answer = answerOf(node, candidates, g, options);
      if (typeof answer === "string") declined.push({ node, reason: answer });
      else byNode.set(node, answer);
    }
  };
  visit(graph);
  return { byNode, declined };
}

/** The first of the rows that accepts a node, or why the first of them that takes its type does not. */
export function answerOf(node: Node, rows: readonly ClaimRow[], graph: Graph, options: ClaimOptions): Claim | string {
  const resolved = resolve(node, options.catalogue, graph);
  if (typeof resolved === "string") return resolved;
  const constantOf: ConstantOf = (v) => v && graph.constants.get(v);
  const dtype = rankedType(resolved.inputs[0])?.dtype;
  const ofType = rows.filter((r) => dtype !== undefined && r.types.includes(dtype));
  let reason = "";
  for (const row of ofType.length > 0 ? ofType : rows) {
    const answer = accepts(row, resolved, constantOf, options);
    if (answer === true) return { row, node: resolved, constantOf };
    reason ||= answer;
  }
  return reason;
}

function hasNoElements(v: Value | undefined): boolean {
  return rankedType(v)?.shape.includes(0) ?? false;
}

/** Whether the chip would round this product's float32 operands to halves. */
export function roundsToHalves(node: Node, chip: Chip): boolean {
  return matrixOps.has(node.op) && !chip.contractTypes.includes("f32") && node.inputs.some((v) => rankedType(v)?.dtype === "f32");
}

/** true, or why the row does not take this node. */
function accepts(row: ClaimRow, node: Node, constantOf: ConstantOf, { chip }: Pick<ClaimOptions, "chip">): true | string {
  const type = rankedType(node.inputs[0]);
  if (!type) return "the type of its first input is unknown";
  if (!row.types.includes(type.dtype)) return `${row.op} takes ${row.types.join(", ")} here, not ${type.dtype}`;
  if (roundsToHalves(node, chip) && !isPrimitive(node.op))
    return `${chip.caps.chip} multiplies halves only, so that its operands are brought into their range first`;
  if (node.inputs.some(hasNoElements)) return "an operand has no elements, which libraries refuse";
  return row.accepts?.(node, chip, constantOf) ?? true;
}
