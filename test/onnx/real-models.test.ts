import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bytesSource } from "../../src/base/byte-source.js";
import { toNumbers } from "../../src/base/float-formats.js";
import { elementCount, type Tensor } from "../../src/base/tensor.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { onnxruntime } from "../onnxruntime.js";
import { runGraph } from "./operators.js";

const folder = join(import.meta.dirname, "..", "..", ".cache", "models");

/** Seeded numbers of a bell-like shape. */
function noise(shape: readonly number[], scale: number): Float32Array {
  let state = 12345;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return Float32Array.from({ length: elementCount(shape) }, () => scale * (next() + next() + next() - 1.5));
}

const models: [file: string, shape: number[], scale: number][] = [
  ["ch_PP-OCRv4_det_infer.onnx", [1, 3, 64, 96], 1],
  ["ch_PP-OCRv4_rec_infer.onnx", [1, 3, 48, 64], 1],
  ["ch_ppocr_mobile_v2.0_cls_infer.onnx", [1, 3, 48, 192], 1],
  ["melspectrogram.onnx", [1, 4000], 8000],
  ["embedding_model.onnx", [1, 76, 32, 1], 5],
  ["alexa_v0.1.onnx", [1, 16, 96], 10],
  ["weather_v0.1.onnx", [1, 22, 96], 10],
  ["hey_mycroft_v0.1.onnx", [1, 16, 96], 10],
  ["hey_rhasspy_v0.1.onnx", [1, 16, 96], 10],
  ["hello_deepa.onnx", [1, 25, 96], 10],
];

test.each(models)("%s computes what onnxruntime computes", async (file, shape, scale) => {
  const path = join(folder, file);
  if (!existsSync(path)) return console.log(`skipped: no ${file} in .cache/models`);
  const bytes = readFileSync(path);
  const { graph } = importOnnx(bytesSource(bytes, file), { catalogue, openBeside: () => undefined });
  const x: Tensor = { dtype: "f32", shape, data: noise(shape, scale) };
  const started = performance.now();
  const [got] = runGraph(graph, [x], catalogue);
  const ms = performance.now() - started;
  const ort = await onnxruntime();
  const session = await ort.InferenceSession.create(bytes);
  const feeds = { [session.inputNames[0]]: new ort.Tensor("float32", x.data as Float32Array, shape) };
  const want = (await session.run(feeds))[session.outputNames[0]];
  expect(got.shape).toEqual(want.dims);
  const [a, b] = [toNumbers(got), want.data as Float32Array];
  const range = b.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const worst = a.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i])), 0);
  console.log(`${file}: max abs error ${worst.toExponential(1)} of range ${range.toPrecision(3)}, ${ms.toFixed(0)} ms`);
  // The detector sees no text in noise: its outputs are near 0, where a sigmoid keeps absolute accuracy only.
  expect(worst).toBeLessThanOrEqual(1e-4 * range + 1e-6);
});
