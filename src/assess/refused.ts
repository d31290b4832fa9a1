/**
 * Whose fault a refusal is, in bodies too: a branch is refused for what stands in it, and what needs a kernel there needs one as it
 * would outside. What a refusal needs is said only of codes that tell it.
 */
import type { Diagnostic } from "../base/diagnostic.js";
import type { Graph, Node } from "../ir/graph.js";
import { subgraphsOf } from "../ir/walk.js";
import type { Catalogue } from "../ops/op.js";
import { withoutMeaning } from "../plan/refuse.js";
import { unsupported } from "../plan/unsupported.js";
import type { Carried } from "./carry.js";
import type { Need } from "./report.js";
import type { Subject } from "./subject.js";

export interface Refused {
  readonly node: Node;
  readonly fault: Diagnostic;
  readonly need: Need;
}

const needs: Readonly<Record<string, Need>> = {
  // Another spelling of the model, or values that the user fixes, takes these away.
  ...{ "data-dependent-shape": "rewrite", "dynamic-extent": "rewrite", "shaping-operand-unknown": "rewrite", "unknown-shape": "rewrite" },
  ...{ "unsupported-dtype": "rewrite", "unsupported-type": "rewrite" },
  // No schedule or instruction was found.
  ...{ "no-schedule": "kernel", "no-vector-form": "kernel", "scratchpad-overflow": "kernel" },
  ...{ "unsupported-lane-function": "kernel", "kernel-function": "kernel" },
  "device-memory-exceeded": "none",
};

export const needOf = ({ code }: Diagnostic): Need => (Object.hasOwn(needs, code) ? needs[code] : "unknown");

/** Nodes that refusals are laid to: of one with bodies those in them, where any is spoken of. */
export function refusedNodes({ refused, faults }: Pick<Carried, "refused" | "faults">, { graph, loaded }: Subject): readonly Refused[] {
  const { catalogue } = loaded;
  return [...refused].flatMap(([node, fault]) => {
    const within = refusedIn(node, faults, catalogue);
    return within.length > 0 ? within : [told(node, fault, graph, catalogue)];
  });
}

function refusedIn(outer: Node, faults: readonly Diagnostic[], catalogue: Catalogue): readonly Refused[] {
  return subgraphsOf(outer).flatMap((body) => {
    const unknown = new Set(withoutMeaning(body, catalogue));
    return body.nodes.flatMap((n): readonly Refused[] => {
      const deeper = refusedIn(n, faults, catalogue);
      if (deeper.length > 0) return deeper;
      const own = faults.find((d) => d.location?.node !== undefined && n.origin.includes(d.location.node));
      const fault = own ?? (unknown.has(n) ? faults.find((d) => speaksOf(d, n)) : undefined);
      return fault ? [told(n, fault, body, catalogue)] : [];
    });
  });
}

/** What is said of an operator without a meaning is said once of all nodes that it is the operator of. */
export const speaksOf = ({ code, message }: Diagnostic, { op }: Node): boolean => code === "unsupported-op" && message.startsWith(`${op} `);

/** An operator that is refused though it has a meaning is one whose body is not run. */
function told(node: Node, fault: Diagnostic, graph: Graph, catalogue: Catalogue): Refused {
  if (withoutMeaning(graph, catalogue).includes(node)) return { node, fault, need: unsupported(node, graph, catalogue).needs };
  return { node, fault, need: fault.code === "unsupported-op" ? "rewrite" : needOf(fault) };
}
