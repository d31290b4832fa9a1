/**
 * Every tenth conformance case through the text form, inference, passes, decomposition and the passes after it; each
 * stage still gives the standard's answers. Operands that shape the program are frozen, as the catalogue marks them.
 */
import { expect, test } from "vitest";
import { primitivePasses, runPasses } from "../../passes/pipeline.js";
import { bytesSource } from "../../src/base/byte-source.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { toNumbers } from "../../src/base/float-formats.js";
import type { Tensor } from "../../src/base/tensor.js";
import { decompose } from "../../src/ir/rewrite/decompose.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { print } from "../../src/ir/text/print.js";
import { freezeInputs, setShapes } from "../../src/ir/rewrite/specialise.js";
import { verify } from "../../src/ir/verify.js";
import { countOps } from "../../src/ir/walk.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { readTensorProto } from "../../src/onnx/bytes/tensor-proto.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { havePacks, packFiles, readIndex, type IndexEntry } from "../onnx/packs.js";

type Read = (file: string) => Tensor;

/** Codes of what this version declines to take apart; each comes with its reason. */
const declined: ReadonlySet<string> = new Set([
  "shaping-operand-unknown",
  "dynamic-extent",
  "formula-condition",
  "unsupported-op",
  "unsupported-type",
  "operator-rule",
]);

test.skipIf(!havePacks)("each stage gives the standard's answers", () => {
  const files = packFiles("node");
  const wrong: string[] = [];
  const counts = { run: 0, declined: 0 };
  const cases = readIndex().filter(
    (e, i) => i % 10 === 0 && files.has(`${e.path}/model.onnx`) && [...e.inputs, ...e.outputs].every((v) => v.kind === "tensor"),
  );
  for (const entry of cases) {
    const read: Read = (file) => readTensorProto(files.get(`${entry.path}/test_data_set_0/${file}.pb`) as Uint8Array);
    try {
      const { graph } = importOnnx(bytesSource(files.get(`${entry.path}/model.onnx`) as Uint8Array), {
        catalogue,
        openBeside: () => undefined,
      });
      expect(print(parse(print(graph)))).toBe(print(graph));
      expect(verify(graph)).toEqual([]);
      if ([...countOps(graph).keys()].every((op) => catalogue.has(op) || op === "If" || op === "Loop")) stages(graph, entry, read, wrong);
      counts.run++;
    } catch (e) {
      if (!(e instanceof DiagnosticError) || !declined.has(e.diagnostics[0].code)) wrong.push(`${entry.name}: ${(e as Error).message}`);
      else counts.declined++;
    }
  }
  console.log(`${cases.length} cases: ${counts.run} run, ${counts.declined} declined with a reason`);
  expect(wrong).toEqual([]);
});

function stages(graph: Graph, entry: IndexEntry, read: Read, wrong: string[]): void {
  const inputs = new Map(graph.inputs.map((v, k) => [v.name, read(`input_${k}`)]));
  const check = (g: Graph, stage: string): void => {
    const fixed = setShapes(g, new Map(g.inputs.map((v) => [v.name, (inputs.get(v.name) as Tensor).shape])));
    const out = evaluateGraph(fixed, catalogue, new Map(fixed.inputs.map((v) => [v, inputs.get(v.name) as Tensor])));
    [...out.values()].forEach((got, k) => {
      const fault = difference(got, read(`output_${k}`), entry, stage);
      if (fault) wrong.push(`${entry.name}, ${stage}: output ${k}: ${fault}`);
    });
  };
  check(graph, "as imported");
  const optimised = runPasses(freezeInputs(graph, shapingInputs(graph, inputs)), { catalogue }).graph;
  expect(verify(optimised, catalogue)).toEqual([]);
  check(optimised, "after the passes");
  const typed = inferGraph(optimised, catalogue);
  const whole = decompose(typed.graph, catalogue, () => false, typed);
  expect(verify(whole, catalogue)).toEqual([]);
  check(runPasses(whole, { catalogue, passes: primitivePasses }).graph, "as primitives");
}

function shapingInputs(graph: Graph, inputs: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const out = new Map<string, Tensor>();
  for (const node of graph.nodes)
    node.inputs.forEach((v, i) => {
      const given = v && graph.inputs.includes(v) && catalogue.get(node.op)?.inputs[i]?.shaping && inputs.get(v.name);
      if (v && given) out.set(v.name, given);
    });
  return out;
}

/** Primitives of a packed float round one by one, where an operator rounds once: two units of bf16 are allowed there. */
function difference(got: Tensor, want: Tensor, entry: IndexEntry, stage: string): string | undefined {
  if (got.dtype !== want.dtype || got.shape.join() !== want.shape.join())
    return `${got.dtype}[${got.shape.join()}], expected ${want.dtype}[${want.shape.join()}]`;
  if (entry.tags.includes("random") || want.dtype === "string" || want.dtype.startsWith("c")) return undefined;
  const rtol = stage === "as primitives" && want.dtype === "bf16" ? 2 ** -7 : entry.rtol;
  const [a, b] = [toNumbers(got), toNumbers(want)];
  const at = a.findIndex((x, i) => !(Object.is(x, b[i]) || x === b[i] || Math.abs(x - b[i]) <= entry.atol + rtol * Math.abs(b[i])));
  return at < 0 ? undefined : `element ${at} is ${a[at]}, expected ${b[at]}`;
}
