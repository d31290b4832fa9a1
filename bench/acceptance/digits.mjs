/**
 * Line 20: a task with labels. The two classifiers of samples/digits in each scheme, on 360 images that neither training
 * nor calibration has seen: how many they name rightly in onnxruntime and on the twins, against the float model, and
 * whether the twins name what onnxruntime does for the same file.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeArrays } from "../../dist/src/api/arrays.js";
import { openReference } from "../../dist/src/verify/reference.js";
import { figure, root } from "./measure.mjs";

const line = 20;
const folder = join(root, "samples/digits");
const calibration = join(folder, "calib.npz");

/** `points` are what a scheme may lose of the float model's accuracy. */
const schemes = [
  { name: "float", points: 0.3 },
  { name: "fp16", points: 0.3, precision: "fp16" },
  { name: "w8a8", points: 0.3, quantize: { scheme: "w8a8" } },
  { name: "w8a8 in whole numbers", points: 0.3, quantize: { scheme: "w8a8" }, prefer: "kernels" },
  { name: "w8a8-dynamic", points: 0.3, quantize: { scheme: "w8a8-dynamic" } },
  { name: "w8a16", points: 0.3, quantize: { scheme: "w8a16" } },
  { name: "w4a16 in groups of 16", points: 1, quantize: { scheme: "w4a16", group: 16 } },
];

/** The place of the largest of each row. */
export function classesOf({ shape, data }) {
  const [rows, classes] = shape;
  const row = (i) => data.subarray(i * classes, (i + 1) * classes);
  return Array.from({ length: rows }, (_, i) => row(i).indexOf(Math.max(...row(i))));
}

/** How many of a hundred are the same; labels are int64. */
export const percentSame = (some, others) => (100 * some.filter((c, i) => c === Number(others[i])).length) / some.length;

/** As its users run it: with all its rewrites, so that products of QDQ models are integers' own. */
async function inOnnxruntime(model, feed) {
  const reference = await openReference(model, undefined, "all");
  return (await reference.run(feed)).get("logits");
}

/** How many of a hundred are within one step, where 255 of them span what is wanted. */
function percentWithinStep(some, wanted) {
  const step = (Math.max(...wanted.data) - Math.min(...wanted.data)) / 255;
  return (100 * some.data.filter((x, i) => Math.abs(x - wanted.data[i]) <= step).length) / some.data.length;
}

const largestError = (some, others) => some.data.reduce((most, x, i) => Math.max(most, Math.abs(x - others.data[i])), 0);

/** @param check collects { line, what, value, floor, ok } */
export async function digits(api, check, { only, chips = ["all"] } = {}) {
  const tested = decodeArrays(readFileSync(join(folder, "test.npz")));
  const task = { feed: new Map([["image", tested.get("image")]]), labels: tested.get("labels").data, target: chips.join(",") };
  const work = mkdtempSync(join(tmpdir(), "portolan-digits-"));
  try {
    for (const name of ["cnn", "transformer"]) if (!only || only.includes(name)) await classifier(api, check, { ...task, name, work });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function classifier(api, check, task) {
  const { name, feed, labels, work } = task;
  const float = join(folder, `${name}.onnx`);
  const accuracy = percentSame(classesOf(await inOnnxruntime(float, feed)), labels);
  check(figure(line, `${name} in onnxruntime`, `${accuracy.toFixed(2)} % of ${labels.length} images`, ">= 97 %", accuracy >= 97));
  for (const [i, scheme] of schemes.entries()) {
    const model = scheme.quantize ? join(work, `${name}-${i}.onnx`) : float;
    if (scheme.quantize) {
      const { ok, diagnostics } = await api.quantize(float, { ...scheme.quantize, calibration, output: model });
      if (!ok) {
        check(figure(line, `${name} ${scheme.name}`, diagnostics[0].message, "a model", false));
        continue;
      }
    }
    await inScheme(api, check, { ...task, model, accuracy, scheme });
  }
}

async function inScheme(api, check, { name, scheme, model, feed, labels, accuracy, target }) {
  const label = `${name} ${scheme.name}`;
  const lost = (where, logits) => {
    const percent = percentSame(classesOf(logits), labels);
    const value = `${percent.toFixed(2)} %, ${(accuracy - percent).toFixed(2)} points lost`;
    check(figure(line, `${label} ${where}`, value, `<= ${scheme.points} points`, accuracy - percent <= scheme.points));
  };
  const wanted = await inOnnxruntime(model, feed);
  if (scheme.quantize) lost("in onnxruntime", wanted);
  const result = await api.verify(model, { target, precision: scheme.precision, prefer: scheme.prefer, inputs: [feed] });
  if (!result.verdicts) check(figure(line, label, result.diagnostics[0].message, "a verdict", false));
  for (const v of result.verdicts ?? []) {
    const where = `on ${v.target}:${v.chip}`;
    const logits = v.outcome?.outputs?.get("logits");
    if (!logits) {
      check(figure(line, `${label} ${where}`, v.diagnostics[0]?.message ?? "nothing", "outputs", false));
      continue;
    }
    lost(where, logits);
    const same = percentSame(classesOf(logits), classesOf(wanted));
    const value = `${same.toFixed(2)} % of images, logits within ${largestError(logits, wanted).toExponential(1)}`;
    check(figure(line, `${label} ${where}, named as in onnxruntime`, value, ">= 99.5 %", same >= 99.5));
    const near = percentWithinStep(logits, wanted);
    // Of weights alone onnxruntime rounds activations too, which the file does not say.
    if (scheme.quantize?.scheme.startsWith("w8a8"))
      check(figure(line, `${label} ${where}, within a step of onnxruntime`, `${near.toFixed(2)} % of logits`, ">= 99.9 %", near >= 99.9));
  }
}
