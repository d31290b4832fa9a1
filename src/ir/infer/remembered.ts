/**
 * What inference found of a node, kept with it. Passes hand most nodes on as they are, and a graph is inferred before
 * and after each round of them: a node whose operands are known as they were then means what it meant.
 */
import type { Catalogue } from "../../ops/op.js";
import type { ConstData, Node } from "../graph.js";
import type { Fact, Knowledge } from "./facts.js";
import { inferNode, type NodeFacts, type Unknown } from "./node.js";

interface Remembered {
  readonly catalogue: Catalogue;
  /** The constant behind each operand, then what was known of each. */
  readonly operands: readonly (ConstData | Fact | undefined)[];
  readonly found: NodeFacts | Unknown;
}

const remembered = new WeakMap<Node, Remembered>();

/** `inferNode`, done once for a node as long as the same is known of its operands. */
export function inferOnce(node: Node, catalogue: Catalogue, facts: Knowledge): NodeFacts | Unknown {
  const operands = [...node.inputs.map((v) => v && facts.constant(v)), ...node.inputs.map((v) => v && facts.fact(v))];
  const had = remembered.get(node);
  if (had?.catalogue === catalogue && operands.every((o, i) => o === had.operands[i])) return had.found;
  const found = inferNode(node, catalogue, facts);
  remembered.set(node, { catalogue, operands, found });
  return found;
}

/** A node that differs from another only in the types of its outputs means the same. */
export function inherit(node: Node, from: Node): void {
  const had = remembered.get(from);
  if (had) remembered.set(node, had);
}
