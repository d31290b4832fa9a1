/**
 * A conformance case to the graph that every target compiles. Only an input that serves nowhere but as an operand which
 * shapes the program may become a constant; data stays data.
 */
import { bytesSource, type ByteSource } from "../base/byte-source.js";
import { DiagnosticError } from "../base/diagnostic.js";
import { infoOf } from "../base/dtype.js";
import type { Steps } from "../base/steps.js";
import { toNumbers } from "../base/float-formats.js";
import type { Tensor } from "../base/tensor.js";
import { inferGraph } from "../ir/infer/infer.js";
import type { Graph } from "../ir/graph.js";
import { capturesOf, subgraphsOf } from "../ir/walk.js";
import { importModel } from "../onnx/import/import.js";
import { readModel } from "../onnx/bytes/model.js";
import { readTensorProto } from "../onnx/bytes/tensor-proto.js";
import { catalogue } from "../ops/catalogue.js";
import { isSpelled } from "../verify/npz.js";
import { optimiseSteps } from "../driver/compile.js";
import type { LoadedModel } from "../driver/load.js";
import type { SuiteCase } from "./cases.js";
import type { CaseResult } from "./result.js";

export interface ImportedCase {
  readonly test: SuiteCase;
  readonly loaded: LoadedModel;
  /** After the passes that need no target. */
  readonly graph: Graph;
  /** Values of the inputs that stayed inputs. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly frozen: readonly string[];
}

/** A case's graph after `passes`; or its result when it ends here, `unsupported` with the reason or `crash` for a defect of ours. */
export function importSteps(test: SuiteCase, passes?: readonly string[]): Steps<ImportedCase | CaseResult> {
  return settling(test.name, function* () {
    const source = bytesSource(test.model, "model.onnx");
    const open = importAs(source);
    const refusal = borderRefusal(open) ?? missingValue(open, test);
    if (refusal !== undefined) return unsupported(test.name, refusal);

    const inputs = new Map(open.inputs.map((v, i) => [v.name, readTensorProto(test.inputs[i])]));
    const roles = shapingInputs(open);
    const freeze = new Map([...inputs].filter(([name]) => roles.has(name)));
    for (const name of freeze.keys()) inputs.delete(name);
    const inferred = inferGraph(freeze.size > 0 ? importAs(source, freeze) : open, catalogue);
    const error = inferred.diagnostics.find((d) => d.severity === "error");
    if (error) return unsupported(test.name, `${error.code}: ${error.message}`);

    const loaded: LoadedModel = { graph: inferred.graph, source, catalogue, diagnostics: [] };
    const { graph } = yield* optimiseSteps(loaded, { passes });
    const frozen = [...roles].map(([name, operands]) => `${name} (${operands.join(", ")})`);
    return { test: { ...test, limits: limitsFor(test, inferred.graph) }, loaded, graph, inputs, frozen };
  });
}

/** Operators each of whose results sums all of their input: rounding is a part of the largest result, also where one is 0. */
const transforms: ReadonlySet<string> = new Set(["DFT", "STFT"]);

/** A transform's results are kept to one step of float32 at their largest; everything else to what the case says. */
function limitsFor(test: SuiteCase, graph: Graph): SuiteCase["limits"] {
  const made = new Set(graph.nodes.filter((n) => transforms.has(n.op)).flatMap((n) => n.outputs));
  if (test.random || !graph.outputs.every((v) => made.has(v))) return test.limits;
  const largest = Math.max(...test.outputs.map((bytes) => toNumbers(readTensorProto(bytes)).reduce((m, x) => Math.max(m, Math.abs(x)), 0)));
  return { ...test.limits, atol: Math.max(test.limits.atol, largest * 2 ** -23) };
}

/** A part of a case's way: a refusal of the model is a result, and so is a defect of ours. Cancelling passes through. */
export function* settling<T>(name: string, work: () => Steps<T | CaseResult>): Steps<T | CaseResult> {
  try {
    return yield* work();
  } catch (error) {
    if (error instanceof DiagnosticError) return unsupported(name, `${error.diagnostics[0].code}: ${error.diagnostics[0].message}`);
    if (error instanceof Error && error.name === "AbortError") throw error;
    return { name, status: "crash", reason: error instanceof Error ? error.message : String(error) };
  }
}

function unsupported(name: string, reason: string): CaseResult {
  return { name, status: "unsupported", reason };
}

function importAs(source: ByteSource, freeze?: ReadonlyMap<string, Tensor>): Graph {
  return importModel(readModel(source), { catalogue, openBeside: () => undefined, freeze }).graph;
}

function missingValue({ inputs }: Graph, test: SuiteCase): string | undefined {
  const missing = inputs.at(test.inputs.length);
  return missing && `no value is given for input "${missing.name}"`;
}

function borderRefusal({ inputs, outputs }: Graph): string | undefined {
  for (const { name, type } of [...inputs, ...outputs]) {
    if (type.kind !== "tensor") return `${type.kind} "${name}" at the model's border`;
    if (!isSpelled(type.dtype) && infoOf(type.dtype).held === undefined) return `"${name}" has an element type that no kernel stores`;
  }
  return undefined;
}

/** Inputs whose every use is an operand that the catalogue marks as shaping the program, with those operands. */
export function shapingInputs(graph: Graph): Map<string, string[]> {
  const roles = new Map(graph.inputs.map((v) => [v, new Set<string>()]));
  for (const node of graph.nodes) {
    const specs = catalogue.get(node.op)?.inputs ?? [];
    node.inputs.forEach((v, i) => {
      if (!v) return;
      if (specs[i]?.shaping) roles.get(v)?.add(`${node.op}.${specs[i].name}`);
      else roles.delete(v);
    });
    for (const body of subgraphsOf(node)) for (const v of capturesOf(body)) roles.delete(v);
  }
  for (const v of graph.outputs) roles.delete(v);
  return new Map([...roles].filter(([, operands]) => operands.size > 0).map(([v, operands]) => [v.name, [...operands]]));
}
