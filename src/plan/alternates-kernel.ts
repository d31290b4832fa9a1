/** Kernels for a library step, from the meaning of its operator. */
import { DiagnosticError } from "../base/diagnostic.js";
import { elementCount } from "../base/tensor.js";
import { operatorGraph, operatorOf } from "../ir/call.js";
import { decompose } from "../ir/rewrite/decompose.js";
import type { Graph, Node, Value } from "../ir/graph.js";
import { planUnits } from "../kernel/group/group.js";
import { mostConstantElements, type Alternate, type AlternateOptions } from "./alternates.js";
import { rowOf } from "../claim/call.js";
import { matrixOps } from "../claim/claim.js";
import { primitivePasses, runPasses } from "../../passes/pipeline.js";
import { halve } from "../../passes/target/store-halves.js";
import { narrowIntegers } from "../../passes/target/narrow-integers.js";
import { asPlain } from "../../passes/target/expand-transposed.js";

/** Matrix work that kernels may stand in for: models hold little of it, mostly on few channels. */
const kernelsToo: ReadonlySet<string> = new Set(["ConvTranspose", "convtranspose"]);

/** Kernels for what a library node does, or why there are none. */
export function kernelAlternate(node: Node, graph: Graph, options: AlternateOptions): Alternate | string {
  const { op } = operatorOf(node);
  if (node.call && rowOf(options.target, node).packed) return "its weight lies as the call alone reads it";
  if (matrixOps.has(op) && !kernelsToo.has(op)) return "vector cores would be far slower at matrix work than the library's matrix unit";
  try {
    return kernelsFor(node, graph, options);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map((d) => `${d.code}: ${d.message}`).join("; ");
  }
}

function kernelsFor(node: Node, graph: Graph, options: AlternateOptions): Alternate | string {
  const { chip, catalogue, ranges } = options;
  const called = operatorGraph(node, graph);
  // Kernels compute in f32 whatever the call takes.
  const { graph: own, storedAs } = halve(called, {
    catalogue,
    precision: "fp32",
    wide: new Set(),
    takesHalves: () => false,
    halves: new Map(),
  });
  const plain = asPlain(
    decompose(own, catalogue, () => false),
    catalogue,
    new Set(),
  );
  const tidy = runPasses(plain, { catalogue, passes: primitivePasses }).graph;
  const ready = narrowIntegers.run(tidy, { catalogue });
  if (!sameValues(ready.inputs, own.inputs) || !sameValues(ready.outputs, own.outputs))
    return "its operands or results are others once it is taken apart";
  const added = [...ready.constants].flatMap(([v, c]) => (own.constants.has(v) ? [] : [elementCount(c.shape)]));
  const elements = added.reduce((n, count) => n + count, 0);
  if (elements > mostConstantElements) return `kernels would store ${elements} elements of its weights a second time`;
  const units = planUnits(ready, { caps: chip.caps, isLibrary: () => false, ranges, prefix: options.kernelPrefix(node), storedAs });
  const left = units.flatMap((u) => (u.kind === "node" ? [u.node.op] : []));
  return left.length === 0
    ? { kind: "kernel", units, constants: ready.constants }
    : `no kernel carries out ${[...new Set(left)].join(", ")}`;
}

function sameValues(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((v, i) => v === b[i]);
}
