/**
 * OnnxModel to Graph: names become values, weights and Constant nodes become constants, every node is upgraded to the
 * internal opset, model-local functions are inlined. Types are only what the file declares; src/ir infers the rest.
 */
import type { ByteSource, OpenBeside } from "../../base/byte-source.js";
import { problem, type Diagnostic } from "../../base/diagnostic.js";
import type { Dim } from "../../base/dim.js";
import type { Tensor } from "../../base/tensor.js";
import { collectSymbols } from "../../ir/build.js";
import type { Graph } from "../../ir/graph.js";
import type { Catalogue } from "../../ops/op.js";
import { DeclaredTypes } from "./declared-types.js";
import type { FreshDimNames } from "./dim-names.js";
import { applyShapes, frozenInputs } from "./fix-inputs.js";
import { GraphImporter } from "./graph.js";
import { metadataOf } from "../bytes/metadata.js";
import { readModel } from "../bytes/model.js";
import type { OnnxModel } from "../bytes/schema.js";
import { internalOpset } from "../upgrade/upgrade.js";

export interface ImportOptions {
  /** A user's own formula (a record with `declaredAt`) goes before a model-local function of the same name. */
  readonly catalogue: Catalogue;
  readonly openBeside: OpenBeside;
  /** Inputs that become constants. */
  readonly freeze?: ReadonlyMap<string, Tensor>;
  /** Extents of whole inputs. */
  readonly shapes?: ReadonlyMap<string, readonly Dim[]>;
  /** Extents of named dims. */
  readonly dims?: ReadonlyMap<string, number>;
  /** Shapes of the arrays it will be run on, one map a run: a name that stands for unequal extents there is not trusted. */
  readonly fed?: readonly ReadonlyMap<string, readonly number[]>[];
  /** Names for unnamed extents, where the caller has used some in `shapes`. */
  readonly dimNames?: FreshDimNames;
}

export interface Imported {
  readonly graph: Graph;
  /** Warnings and notes; errors are thrown. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a model of any opset as a Graph of the internal opset. Throws DiagnosticError with every problem found:
 * those of `readModel`, `graph-cyclic`, `value-undefined`, `value-duplicate`, `type-mismatch`, `function-recursive`,
 * `external-data-*`, `tensor-*`, `opset-*`, `shape-*`, `dim-unknown`, `freeze-*`.
 */
export function importOnnx(source: ByteSource, options: ImportOptions): Imported {
  return importModel(readModel(source), options);
}

export function importModel(model: OnnxModel, options: ImportOptions): Imported {
  const types = new DeclaredTypes(model.graph, options.dimNames);
  const contradicted = applyShapes(model, types, options);
  const importer = new GraphImporter(model, types, options.catalogue, options.openBeside);
  const frozen = frozenInputs(model, options);
  const body = importer.importGraph(model.graph, { opsets: opsetsOf(model) }, frozen);
  importer.problems.throwErrors();
  const graph: Graph = { ...body, metadata: metadataOf(model) };
  return {
    graph: { ...graph, symbols: collectSymbols(graph) },
    diagnostics: [...notesOn(model), ...contradicted, ...importer.problems.diagnostics],
  };
}

/** Files before IR version 3 named no opset and meant the first. */
function opsetsOf(model: OnnxModel): ReadonlyMap<string, number> {
  return model.opsets.size === 0 && model.irVersion < 3 ? new Map([["", 1]]) : model.opsets;
}

function notesOn(model: OnnxModel): Diagnostic[] {
  const notes: Diagnostic[] = [];
  const version = model.opsets.get("") ?? internalOpset;
  if (version > internalOpset)
    notes.push(
      problem("opset-newer", `${model.source.name} uses opset ${version} of ai.onnx; the newest known here is ${internalOpset}`, {
        severity: "warning",
        why: "Operators that changed since are read as their last known form.",
      }),
    );
  if (model.trainingInfos > 0)
    notes.push(
      problem("training-ignored", `${model.trainingInfos} training_info entries are ignored; the inference graph is used`, {
        severity: "note",
      }),
    );
  if (model.graph.annotations > 0)
    notes.push(problem("annotations-ignored", `${model.graph.annotations} quantization annotations are ignored`, { severity: "note" }));
  return notes;
}
