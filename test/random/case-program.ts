/** A conformance case as a graph with its inputs, so that rewrites can be tried on it. */
import { symbolsOf } from "../../src/base/dim.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { finishNow } from "../../src/base/steps.js";
import type { Tensor } from "../../src/base/tensor.js";
import { rankedType } from "../../src/ir/graph.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { importSteps } from "../../src/suite/import.js";
import type { SuiteCase } from "../../src/suite/cases.js";
import { theirs } from "./accuracy.js";
import { BoundRun } from "./bound-run.js";
import type { Subject } from "./rewrites.js";

/** Undefined where the case is not imported, draws its values by chance, or holds what no kernel stores. */
export function caseProgram(test: SuiteCase): Subject | undefined {
  if (test.random) return undefined;
  const imported = finishNow(importSteps(test));
  if ("status" in imported) return undefined;
  const { graph } = imported.loaded;
  const inputs = new Map(graph.inputs.map((v) => [v, imported.inputs.get(v.name) as Tensor] as const));
  if (graph.nodes.some((n) => !catalogue.has(n.op))) return undefined;
  try {
    const run = new BoundRun(theirs);
    run.graph(graph, inputs);
    return { graph, inputs, symbols: sizesOf(graph.inputs, inputs), bound: (v) => run.bound(v) };
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined;
    throw error;
  }
}

/** What the open extents of the inputs are in this case. */
export function sizesOf(values: Subject["graph"]["inputs"], inputs: Subject["inputs"]): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const v of values)
    rankedType(v)?.shape.forEach((d, i) => {
      for (const name of symbolsOf(d)) sizes[name] ??= inputs.get(v)?.shape[i] ?? 0;
    });
  return sizes;
}
