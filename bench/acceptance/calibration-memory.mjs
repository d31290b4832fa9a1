/**
 * Line 25: what calibrating on 10,000 samples holds beside 10 of the same size, by the peak of the process: on the digits and on a
 * model with activations of 256 KiB, from a folder of files and from one file of all.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { figure, firstLine, portolan, root } from "./measure.mjs";

const line = 25;
const dist = (path) => import(join(root, "dist/src", path));

export async function calibrationMemory(check) {
  const work = mkdtempSync(join(tmpdir(), "portolan-memory-"));
  try {
    const { writeNpz } = await dist("verify/npz.js");
    const models = [
      { name: "digits CNN", model: join(root, "samples/digits/cnn.onnx"), shape: [1, 1, 8, 8] },
      { name: "activations of 256 KiB", model: await largeModel(work), shape: [1, 3, 64, 64] },
    ];
    for (const one of models) for (const way of [folderOf, stackOf]) beside(check, work, one, way, writeNpz);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Two convolutions of 16 channels on 64 x 64 places. */
async function largeModel(work) {
  const [{ parse }, { inferGraph }, { exportOnnx }, { catalogue }] = await Promise.all(
    ["ir/text/parse.js", "ir/infer/infer.js", "onnx/export/export.js", "ops/catalogue.js"].map(dist),
  );
  const text = `
    a = Conv(image: f32[N,3,64,64], v: f32[16,3,3,3]!, pads=[1, 1, 1, 1])
    b = Relu(a)
    c = Conv(b, w: f32[16,16,3,3]!, pads=[1, 1, 1, 1])
    d = Relu(c)
    y = GlobalAveragePool(d)`;
  const path = join(work, "large.onnx");
  writeFileSync(path, Buffer.concat([...exportOnnx(inferGraph(parse(text), catalogue).graph)]));
  return path;
}

/** Values that differ from sample to sample. */
const values = (size, from) => Float32Array.from({ length: size }, (_, i) => (((i * 7919 + from * 104729) % 2003) - 1001) / 400);
const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1);

function folderOf(work, count, shape, writeNpz) {
  const folder = join(work, `folder-${count}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (let i = 0; i < count; i++) {
    const image = { dtype: "f32", shape, data: values(sizeOf(shape), i) };
    writeFileSync(join(folder, `${String(i).padStart(5, "0")}.npz`), writeNpz(new Map([["image", image]])));
  }
  return folder;
}

function stackOf(work, count, shape, writeNpz) {
  const file = join(work, "stack.npz");
  writeFileSync(file, writeNpz(new Map([["image", { dtype: "f32", shape: [count, ...shape], data: values(count * sizeOf(shape), 1) }]])));
  return file;
}

function beside(check, work, { name, model, shape }, way, writeNpz) {
  const peakOf = (count) => portolan(["quantize", model, "--calib", way(work, count, shape, writeNpz), "-o", join(work, "q.onnx")], { timeoutMs: 1_800_000 }); // prettier-ignore
  const [few, many] = [peakOf(10), peakOf(10_000)];
  const what = `${name}, ${way === folderOf ? "a folder of files" : "one file"}`;
  if (few.status !== 0 || many.status !== 0) return check(figure(line, what, firstLine(few.stderr + many.stderr), "exit 0", false));
  const ratio = many.peakRssMiB / few.peakRssMiB;
  const value = `${many.peakRssMiB.toFixed(0)} of ${few.peakRssMiB.toFixed(0)} MiB = ${ratio.toFixed(2)}, ${many.seconds.toFixed(0)} s`;
  check(figure(line, `${what}: peak of 10,000 samples beside 10`, value, "<= 1.10", ratio <= 1.1));
}
