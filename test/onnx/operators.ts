/** Runs cases of the ONNX conformance packs through the operators' reference semantics. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { bytesSource } from "../../src/base/byte-source.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { toNumbers } from "../../src/base/float-formats.js";
import type { Tensor } from "../../src/base/tensor.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { recordAttrs } from "../../src/ir/record-attrs.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { readTensorProto } from "../../src/onnx/bytes/tensor-proto.js";
import { evaluateRecord } from "../../src/ops/evaluate/eager.js";
import type { Catalogue } from "../../src/ops/op.js";
import { canShadow, ShadowBuilder } from "../ops/shadow.js";

export interface IndexEntry {
  readonly name: string;
  readonly suite: string;
  readonly pack: string;
  readonly path: string;
  readonly operator?: string;
  readonly ops: Readonly<Record<string, number>>;
  readonly tags?: readonly string[];
  readonly rtol?: number;
  readonly atol?: number;
  readonly inputs: readonly { readonly name: string; readonly kind: string }[];
  readonly outputs: readonly { readonly name: string; readonly kind: string }[];
}

/** The files of a plain ustar archive, gzip'ed. */
export function readPack(path: string): Map<string, Uint8Array> {
  const tar = gunzipSync(readFileSync(path));
  const files = new Map<string, Uint8Array>();
  const text = (at: number, n: number) => tar.toString("latin1", at, at + n).replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8);
    const prefix = text(at + 345, 155);
    if (text(at + 156, 1) !== "5") files.set((prefix ? `${prefix}/` : "") + text(at, 100), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

export function runGraph(graph: Graph, inputs: readonly Tensor[], catalogue: Catalogue): Tensor[] {
  const out = evaluateGraph(graph, catalogue, new Map(graph.inputs.map((v, i) => [v, inputs[i]])));
  return graph.outputs.map((v) => out.get(v)!);
}

function differences(got: Tensor, want: Tensor, rtol: number, atol: number, valuesToo: boolean): string | undefined {
  if (got.dtype !== want.dtype) return `type ${got.dtype}, expected ${want.dtype}`;
  if (got.shape.join() !== want.shape.join()) return `shape [${got.shape}], expected [${want.shape}]`;
  if (!valuesToo) return undefined;
  if (want.dtype === "string") return (got.data as string[]).every((s, i) => s === want.data[i]) ? undefined : "texts differ";
  if (want.dtype === "c64" || want.dtype === "c128") return "complex";
  const [a, b] = [toNumbers(got), toNumbers(want)];
  const at = a.findIndex((x, i) => !(Object.is(x, b[i]) || x === b[i] || Math.abs(x - b[i]) <= atol + rtol * Math.abs(b[i])));
  return at < 0 ? undefined : `element ${at} is ${a[at]}, expected ${b[at]}`;
}

/** One operator, its inputs seen with symbolic extents; undefined unless the model is one node with a record. */
export function runShadow(
  entry: IndexEntry,
  pack: Map<string, Uint8Array>,
  catalogue: Catalogue,
): "same" | "declined" | { wrong: string } | undefined {
  const file = (name: string) => pack.get(`${entry.path}/${name}`);
  if ([...entry.inputs, ...entry.outputs].some((v) => v.kind !== "tensor")) return undefined;
  const { graph } = importOnnx(bytesSource(file("model.onnx")!), { catalogue, openBeside: () => undefined });
  const [node] = graph.nodes;
  const record = node && catalogue.get(node.op);
  if (graph.nodes.length !== 1 || !record) return undefined;
  const given = new Map(graph.inputs.map((v, k) => [v, readTensorProto(file(`test_data_set_0/input_${k}.pb`)!)]));
  const inputs = node.inputs.map((v) => v && (given.get(v) ?? graph.constants.get(v)!.load()));
  if (inputs.some((t) => t && !canShadow(t.dtype))) return undefined;
  const attrs = recordAttrs(record, node);
  let want: (Tensor | undefined)[];
  try {
    want = evaluateRecord(record, inputs, attrs, node.outputs.length);
  } catch {
    return undefined;
  }
  try {
    const b = new ShadowBuilder();
    const shown = inputs.map(
      (t, i) => t && (record.inputs[Math.min(i, record.inputs.length - 1)].shaping ? b.constant(t) : b.input(t, `d${i}_`)),
    );
    const got = record.build(b, shown, attrs, node.outputs.length);
    for (const [i, h] of got.entries()) {
      const expected = want[i];
      const wrong = h && expected && differences(b.value(h), expected, 1e-5, 1e-6, true);
      if (wrong) return { wrong };
    }
    return "same";
  } catch (e) {
    if (e instanceof DiagnosticError)
      return e.diagnostics[0].code === "extent-mismatch" || e.diagnostics[0].code === "type-mismatch" ? { wrong: e.message } : "declined";
    return { wrong: (e as Error).message };
  }
}

/** undefined when the case passes, else why not. */
export function runCase(entry: IndexEntry, pack: Map<string, Uint8Array>, catalogue: Catalogue): string | undefined {
  const file = (name: string) => pack.get(`${entry.path}/${name}`);
  if ([...entry.inputs, ...entry.outputs].some((v) => v.kind !== "tensor")) return "not a tensor";
  try {
    const { graph } = importOnnx(bytesSource(file("model.onnx")!), { catalogue, openBeside: () => undefined });
    const inputs = graph.inputs.map((_, k) => readTensorProto(file(`test_data_set_0/input_${k}.pb`)!));
    const outputs = runGraph(graph, inputs, catalogue);
    const random = entry.tags?.includes("random") ?? false;
    for (const [k, got] of outputs.entries()) {
      const want = readTensorProto(file(`test_data_set_0/output_${k}.pb`)!);
      const wrong = differences(got, want, entry.rtol ?? 1e-3, entry.atol ?? 1e-7, !random);
      if (wrong) return `output ${k}: ${wrong}`;
    }
    return undefined;
  } catch (e) {
    return e instanceof DiagnosticError ? e.message : `${(e as Error).stack?.split("\n").slice(0, 4).join(" | ")}`;
  }
}
