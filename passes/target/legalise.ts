import { problem, type Diagnostic } from "../../src/base/diagnostic.js";
import { libraryForm, withConstants, type LibraryForm } from "../../src/claim/call.js";
import { claim, roundsToHalves, type Claim, type Claims } from "../../src/claim/claim.js";
import type { Chip } from "../../src/claim/target.js";
import type { Graph, Node } from "../../src/ir/graph.js";
import { Names } from "../../src/ir/rewrite/names.js";
import { mapBodies } from "../../src/ir/walk.js";
import type { Stage, TargetContext } from "./stage.js";

/**
 * Op(x, ...)  =>  transpose(cast(call target::Op(cast(transpose(x)), ...)))
 * for what a row of the library takes, operators and primitives alike: the call in the layouts and element types it wants,
 * its operator's attributes made explicit; transposes and casts only where these differ from what there is.
 *
 * Skipped when no row takes the node, and the reason is kept.
 */
export const legalise: Stage = {
  name: "legalise",
  decide(now, context) {
    const claims = claim(now.graph, context);
    const rounded = [...claims.byNode.keys()].filter((n) => roundsToHalves(n, context.chip));
    return {
      ...now,
      graph: withCalls(now.graph, claims, context),
      declined: [...now.declined, ...claims.declined],
      rounded: [...now.rounded, ...rounded],
    };
  },
};

/** The same graph when nothing is claimed. */
export function withCalls(graph: Graph, claims: Claims, { target, chip }: TargetContext): Graph {
  if (claims.byNode.size === 0) return graph;
  const names = new Names(graph);
  const besides: LibraryForm["constants"][number][] = [];
  const formOf = (claimed: Claim): readonly Node[] => {
    const { nodes, constants } = libraryForm(claimed, target, chip, names);
    besides.push(...constants);
    return nodes;
  };
  const called = (g: Graph): Graph => ({
    ...g,
    nodes: g.nodes.flatMap((node) => {
      const claimed = claims.byNode.get(node);
      if (claimed) return formOf(claimed);
      const attrs = mapBodies(node.attrs, called);
      return [attrs === node.attrs ? node : { ...node, attrs }];
    }),
  });
  return withConstants(called(graph), besides);
}

/** What a float32 program should know of a chip whose matrix unit takes halves only. */
export function productsInHalves(nodes: readonly Node[], chip: Chip): readonly Diagnostic[] {
  if (nodes.length === 0) return [];
  const [node] = nodes[0].origin;
  const count = nodes.length === 1 ? "one matrix product is" : `${nodes.length} matrix products are`;
  return [
    problem("half-products", `${count} computed from float16 operands: ${chip.caps.chip} multiplies no float32`, {
      severity: "warning",
      why: "Operands and results are rounded to 11 bits. They are scaled into the range of float16 before, and back after.",
      fix: "Take a chip that multiplies float32, or compare with verify whether the model bears it.",
      location: { node },
    }),
  ];
}
