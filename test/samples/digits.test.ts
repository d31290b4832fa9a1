/** The committed classifiers of digits know their task, and int8 leaves them that. `npm run acceptance -- 20` asks the twins. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportOnnx, quantize, type Feed, type Tensor } from "../../src/api/index.js";
import { decodeArrays } from "../../src/api/arrays.js";
import { openReference } from "../../src/verify/reference.js";
import { classesOf, percentSame } from "../../bench/acceptance/digits.mjs";

const folder = "samples/digits";
const tested = decodeArrays(readFileSync(join(folder, "test.npz")));
const feed: Feed = new Map([["image", tested.get("image") as Tensor]]);
const labels = tested.get("labels") as Tensor;

/** Of a hundred images, in onnxruntime. */
async function accuracy(model: string | Uint8Array): Promise<number> {
  const reference = await openReference(model, undefined, "all");
  const logits = (await reference.run(feed)).get("logits") as Tensor;
  return percentSame(classesOf(logits), labels.data);
}

test.each(["cnn", "transformer"])("%s", async (name) => {
  const float = join(folder, `${name}.onnx`);
  const right = await accuracy(float);
  expect(labels.shape).toEqual([360]);
  expect(right).toBeGreaterThanOrEqual(97);

  const { quantized, diagnostics } = await quantize(float, { calibration: join(folder, "calib.npz"), scheme: "w8a8" });
  expect(diagnostics.filter((d) => d.severity === "error")).toEqual([]);
  expect(new Set(quantized?.layers.map((l) => l.held))).toEqual(new Set(["w8a8"]));
  const { graph, speech } = quantized as NonNullable<typeof quantized>;
  const held = await accuracy(Buffer.concat([...exportOnnx(graph, speech)]));
  expect(right - held).toBeLessThanOrEqual(0.3);
});
