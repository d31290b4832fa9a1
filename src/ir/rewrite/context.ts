/** What a rewrite of a typed graph knows: the catalogue types made nodes, inference has found facts. */
import { isConst } from "../../base/dim.js";
import { DiagnosticError } from "../../base/diagnostic.js";
import { dtypes } from "../../base/dtype.js";
import { elementCount } from "../../base/tensor.js";
import { mostExtents } from "../../ops/extents.js";
import type { Catalogue } from "../../ops/op.js";
import type { Fact } from "../infer/facts.js";
import type { Value } from "../graph.js";
import { inferNode } from "../infer/node.js";
import type { RewriteContext } from "./make.js";

export interface Knowing {
  /** From `inferGraph`. */
  readonly facts?: ReadonlyMap<Value, Fact>;
}

export function knowing(catalogue: Catalogue, known: Knowing = {}): RewriteContext {
  return {
    factOf: (v) => (mayBeExtents(v) ? known.facts?.get(v) : undefined),
    typesOf: (node, around) => {
      try {
        const facts = inferNode(node, catalogue, around);
        return "unknown" in facts ? [] : facts.types.map((t) => t ?? { kind: "unknown" });
      } catch (e) {
        // A pass that makes an ill-typed node is found out by `verify`, which names the pass.
        if (e instanceof DiagnosticError) return [];
        throw e;
      }
    },
  };
}

/** Whether a value is a small tensor of numbers: nothing else is asked about, and to answer takes a run of inference. */
function mayBeExtents({ type }: Value): boolean {
  if (type.kind !== "tensor" || !type.shape?.every(isConst)) return false;
  return elementCount(type.shape) <= mostExtents && !["string", "complex"].includes(dtypes[type.dtype].kind);
}
