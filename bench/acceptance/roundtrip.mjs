/**
 * Line 4: models of the developer set import, print, parse and print identically, and survive export; the real models
 * optimised give the same numbers in onnxruntime.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { feedsFor } from "../inputs.mjs";
import { fetchModel, models } from "../models.mjs";
import { figure, root } from "./measure.mjs";

const dist = (path) => import(join(root, "dist", path));

export async function roundtrip(check) {
  const packs = join(root, "../shared/onnx-tests");
  if (existsSync(packs)) await developerSet(check, packs);
  else check(figure(4, "developer set", "no ../shared/onnx-tests beside the clone", "present", false));
  await realModels(check);
}

async function developerSet(check, packs) {
  const [{ readTarGz }, { bytesSource }, { importOnnx }, { exportOnnx }, { canonical, print }, { parse }, { catalogue }] =
    await Promise.all([
      dist("src/base/tar.js"),
      dist("src/base/byte-source.js"),
      dist("src/onnx/import/import.js"),
      dist("src/onnx/export/export.js"),
      dist("src/ir/text/print.js"),
      dist("src/ir/text/parse.js"),
      dist("src/ops/catalogue.js"),
    ]);
  const read = (bytes, path) => importOnnx(bytesSource(bytes, path), { catalogue, openBeside: () => undefined }).graph;
  const count = { models: 0, imported: 0, printed: 0, survived: 0 };
  for (const file of readdirSync(packs).filter((f) => f.endsWith(".tar.gz")))
    for (const { path, bytes } of readTarGz(readFileSync(join(packs, file)), file)) {
      if (!path.endsWith("/model.onnx")) continue;
      count.models++;
      try {
        const graph = read(bytes, path);
        count.imported++;
        const text = print(graph);
        if (print(parse(text)) === text) count.printed++;
        if (canonical(read(Buffer.concat([...exportOnnx(graph)]), path)) === canonical(graph)) count.survived++;
      } catch (error) {
        if (error.name !== "DiagnosticError") throw error;
      }
    }
  const share = (100 * count.imported) / count.models;
  check(figure(4, "developer set imports", `${count.imported}/${count.models} (${share.toFixed(1)} %)`, ">= 97 %", share >= 97));
  const all = `${count.imported}`;
  check(figure(4, "of these print, parse and print identically", count.printed, all, count.printed === count.imported));
  check(figure(4, "of these survive export and re-import", count.survived, all, count.survived === count.imported));
}

async function realModels(check) {
  const { optimize } = await dist("src/api/optimize.js");
  const { openReference } = await dist("src/verify/reference.js");
  const folder = mkdtempSync(join(tmpdir(), "portolan-optimize-"));
  try {
    for (const { name } of models) {
      const file = fetchModel(name);
      const output = join(folder, `${name}.onnx`);
      const { ok, diagnostics, optimized } = await optimize(file, { output });
      if (!ok) {
        check(figure(4, `${name} optimised`, diagnostics[0].message, "optimises", false));
        continue;
      }
      const { error, range } = await largestError(await openReference(file), await openReference(output), feedsFor(name));
      const nodes = `${optimized.nodesBefore} -> ${optimized.graph.nodes.length} nodes`;
      check(
        figure(
          4,
          `${name} optimised in onnxruntime`,
          `${(error / range).toExponential(2)} of range, ${nodes}`,
          "<= 1e-5",
          error <= 1e-5 * range,
        ),
      );
      const left = unfolded(optimized.graph);
      check(figure(4, `${name} BatchNormalization behind the Conv it could fold into`, left, 0, left === 0));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Over all outputs and inputs together; every output against its own range would hide small ones, so the worst ratio counts. */
export async function largestError(before, after, feeds) {
  const seen = new Map();
  for (const feed of feeds) {
    const [want, got] = [await before.run(feed), await after.run(feed)];
    for (const [name, { data }] of want) {
      const of = seen.get(name) ?? { error: 0, low: Infinity, high: -Infinity };
      const mine = got.get(name).data;
      for (let i = 0; i < data.length; i++) {
        of.error = Math.max(of.error, Math.abs(Number(data[i]) - Number(mine[i])));
        of.low = Math.min(of.low, Number(data[i]));
        of.high = Math.max(of.high, Number(data[i]));
      }
      seen.set(name, of);
    }
  }
  return [...seen.values()]
    .map(({ error, low, high }) => ({ error, range: high - low || 1 }))
    .reduce((a, b) => (a.error / a.range >= b.error / b.range ? a : b));
}

/** BatchNormalization nodes whose data comes from a Conv that nobody else reads. */
function unfolded(graph) {
  const producer = new Map(graph.nodes.flatMap((n) => n.outputs.map((v) => [v, n])));
  const reads = new Map();
  for (const n of graph.nodes) for (const v of n.inputs) reads.set(v, (reads.get(v) ?? 0) + 1);
  return graph.nodes.filter(
    (n) => n.op === "BatchNormalization" && producer.get(n.inputs[0])?.op === "Conv" && reads.get(n.inputs[0]) === 1,
  ).length;
}
