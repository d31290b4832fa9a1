/** inspect(): inputs, outputs, operators and sizes of a model, without loading a weight. */
import { byteLength } from "../base/dtype.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { elementCount } from "../base/tensor.js";
import { loadModel, type ModelOptions, type ModelSource } from "../driver/load.js";
import type { ConstData, Graph } from "../ir/graph.js";
import { print } from "../ir/text/print.js";
import { spellType } from "../ir/text/spelling.js";
import { countOps, definedValues, eachGraph } from "../ir/walk.js";

interface NamedType {
  readonly name: string;
  /** As in the text form: `f32[N,3]`. */
  readonly type: string;
}

export interface Inspected {
  readonly model: string;
  readonly bytes: number;
  readonly inputs: readonly NamedType[];
  readonly outputs: readonly NamedType[];
  /** Open extents and their bounds; `hi` is null where there is none. */
  readonly symbols: readonly { readonly name: string; readonly lo: number; readonly hi: number | null }[];
  readonly nodes: number;
  readonly nodesWithBodies: number;
  readonly weights: { readonly count: number; readonly bytes: number };
  /** Operators and how often, the commonest first. */
  readonly operators: readonly (readonly [string, number])[];
  /** Operators that nothing here says the meaning of. */
  readonly withoutMeaning: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** The whole graph in its text form. */
  readonly text: () => string;
  /** Every value with its type. */
  readonly tensors: () => NamedType[];
}

/** Throws DiagnosticError for a model that cannot be read or contradicts itself. */
export async function inspect(path: ModelSource, options: ModelOptions = {}): Promise<Inspected> {
  const { graph, diagnostics, source, catalogue } = await loadModel(path, options);
  const operators = [...countOps(graph)].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return {
    model: source.name,
    bytes: source.size,
    ...summary(graph),
    operators,
    withoutMeaning: operators.map(([op]) => op).filter((op) => !catalogue.has(op) && !controlFlow.has(op)),
    diagnostics,
    text: () => print(graph),
    tensors: () => definedValues(graph).map(described),
  };
}

const described = (v: Graph["inputs"][number]): NamedType => ({ name: v.name, type: spellType(v.type) });

const controlFlow: ReadonlySet<string> = new Set(["If", "Loop", "Scan"]);

function summary(graph: Graph) {
  const weights: ConstData[] = [];
  eachGraph(graph, (g) => weights.push(...g.constants.values()));
  return {
    inputs: graph.inputs.map(described),
    outputs: graph.outputs.map(described),
    symbols: graph.symbols.map((s) => ({ name: s.name, lo: s.range.lo, hi: Number.isFinite(s.range.hi) ? s.range.hi : null })),
    nodes: graph.nodes.length,
    nodesWithBodies: [...countOps(graph).values()].reduce((a, b) => a + b, 0),
    weights: { count: weights.length, bytes: weights.reduce((n, w) => n + byteLength(w.dtype, elementCount(w.shape)), 0) },
  };
}
