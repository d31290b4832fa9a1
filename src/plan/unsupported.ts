/**
 * What is said of an operator that no chip carries out: what stands in its way and what the user can do, by the kind of
 * operator. Advice is given only where following it helps.
 */
import { closest } from "../base/suggest.js";
import type { Graph, Node, Value } from "../ir/graph.js";
import { subgraphsOf } from "../ir/walk.js";
import type { Catalogue } from "../ops/op.js";

export interface Unsupported {
  /** What stands in the way, to follow the node's name. */
  readonly what: string;
  readonly why?: string;
  readonly fix: string;
}

/** Operators whose output has as many elements as the values say. */
const countedByValues: ReadonlySet<string> = new Set(["NonZero", "Unique", "Compress", "NonMaxSuppression"]);

/** Why a node of the graph cannot be compiled. The catalogue offers the names that a misspelt one may mean. */
export function unsupported(node: Node, graph: Graph, catalogue: Catalogue): Unsupported {
  if (node.op === "If")
    return {
      what: "its condition is not known when compiling",
      why: "A program runs the same steps each time; a condition that is known leaves one branch, which is compiled.",
      fix: frozen(node.inputs[0], graph, "true", ", or their sizes with --shape where it looks at those"),
    };
  if (subgraphsOf(node).length > 0)
    return {
      what: "its body is not unrolled here",
      why: "A program runs the same steps each time, and none of them is a body with a count of its own.",
      fix: "Export the model with the loop unrolled, or run the loop on the host.",
    };
  if (countedByValues.has(node.op))
    return {
      what: "the extents of its output depend on the values of its input",
      why: "Memory is laid out from the shapes of the inputs, before any value is known.",
      fix: `${frozen(node.inputs[0], graph, "VALUE")} Otherwise end the model before this node and run the rest on the host.`,
    };
  return {
    what: `Portolan has no meaning for this operator${closest(node.op, [...catalogue.keys()])}`,
    fix: "If it computes numbers element by element or by sums, give it a formula: portolan compile ... --ops my-ops.ts",
  };
}

/** How to make a value known: by its own name where it is an input of the model. */
function frozen(v: Value | undefined, graph: Graph, value: string, otherwise = ""): string {
  return v && graph.inputs.includes(v)
    ? `Fix it with --freeze ${v.name}=${value}.`
    : `Fix the inputs it is computed from with --freeze NAME=VALUE${otherwise}.`;
}
