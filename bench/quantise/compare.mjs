/**
 * Beside onnxruntime's static quantiser: the same model, samples, bits and granularity, one run. Signal over error of the
 * outputs on samples that neither was calibrated on. Needs PORTOLAN_PYTHON with onnx and onnxruntime.
 *
 *   node bench/quantise/compare.mjs MODEL... [--shape x:1,3,48,320]... [--count 8]
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    shape: { type: "string", multiple: true, default: [] },
    count: { type: "string", default: "8" },
    ranges: { type: "string", default: "mse" },
  },
});
const python = process.env.PORTOLAN_PYTHON;
if (!python) {
  console.log("skipped: PORTOLAN_PYTHON names no interpreter");
  process.exit(0);
}
const api = await import("../../dist/src/api/index.js");
const { encodeArrays } = await import("../../dist/src/api/arrays.js");
const { sqnr } = await import("./sqnr.mjs");
const { parseShapes } = await import("../../dist/src/cli/model-options.js");
const count = Number(values.count);

for (const model of positionals) {
  const work = mkdtempSync(join(tmpdir(), "portolan-compare-"));
  try {
    const shapes = parseShapes(values.shape);
    const { loaded } = await api.importOnnx(model, { shapes });
    const feeds = Array.from({ length: count + 4 }, (_, i) => api.seededInputs(loaded.graph, 100 + i));
    mkdirSync(join(work, "samples"));
    feeds.slice(0, count).forEach((f, i) => writeFileSync(join(work, "samples", `${String(i).padStart(4, "0")}.npz`), encodeArrays(f)));
    const held = feeds.slice(count);
    const ours = join(work, "ours.onnx");
    const started = performance.now();
    const result = await api.quantize(model, {
      scheme: "w8a8",
      calibration: join(work, "samples"),
      output: ours,
      ranges: values.ranges,
      shapes,
    });
    const seconds = (performance.now() - started) / 1000;
    if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
    const peer = join(work, "peer.onnx");
    const before = performance.now();
    execFileSync(python, [new URL("peer.py", import.meta.url).pathname, model, join(work, "samples"), peer], {
      stdio: ["ignore", "ignore", "ignore"],
    });
    const peerSeconds = (performance.now() - before) / 1000;
    const [a, b] = [await sqnr(model, ours, held), await sqnr(model, peer, held)];
    console.log(
      `${basename(model)} ${basename(join(model, ".."))}: ours ${a.toFixed(1)} dB in ${seconds.toFixed(1)} s, onnxruntime's ${b.toFixed(1)} dB in ${peerSeconds.toFixed(1)} s: ${(a - b).toFixed(1)} dB`,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
