/**
 * Line 16 (with --peers): architectures as users' exporters write them (bench/export). `optimize` equals the original in
 * onnxruntime; `compile` for every target, both sizes checked on the twins from one bundle, in fp32 and fp16; nodes
 * beside OnnxSlim and onnxruntime. The exports lie in .cache/exports and are made where Python has what they need.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { figure, root } from "./measure.mjs";
import { largestError } from "./roundtrip.mjs";

const folder = join(root, ".cache/exports");
const dist = (path) => import(join(root, "dist", path));

/** PORTOLAN_PYTHON names the interpreter that has torch, transformers, diffusers, onnx, onnxscript, onnxslim and onnxruntime. */
const python = process.env.PORTOLAN_PYTHON ?? "python3";

/** Makes exports in a folder, as far as Python has what they need; all the small ones when none is named. */
export function makeExports(into, names = []) {
  runPython("export.py", into, ...names);
}

function runPython(script, ...args) {
  const { status, stderr } = spawnSync(python, [join(root, "bench/export", script), ...args], { encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) console.log(`${script}: ${stderr?.trim().split("\n").at(-1) ?? `${python} cannot be started`}`);
}

/** Folders of the exports, made if they can be. */
export function exportedModels({ peers } = {}) {
  if (peers) makeExports(folder);
  if (peers) runPython("count.py", folder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "model.onnx")))
    .sort()
    .map((name) => ({ name, model: join(folder, name, "model.onnx") }));
}

/** The two feeds of a model, of different sizes. */
export async function feedsOf({ model }) {
  const { readNpz } = await dist("src/verify/npz-read.js");
  return ["a", "b"].map((letter) => readNpz(readFileSync(join(model, `../${letter}.npz`)), `${letter}.npz`));
}

export async function exports(check, { peers, only, targets = "all", precisions = ["fp32", "fp16"] } = {}) {
  const found = exportedModels({ peers }).filter(({ name }) => !only || only.some((o) => name.startsWith(o)));
  if (found.length === 0) {
    console.log(`skip 16  exports of bench/export: none in .cache/exports; run with --peers and a Python that has torch and transformers`);
    return;
  }
  for (const one of found) {
    await told(check, `${one.name} optimised in onnxruntime`, () => optimised(check, one));
    for (const precision of precisions) await told(check, `${one.name} ${precision}`, () => twinChecked(check, one, targets, precision));
  }
}

/** What stops one model is its own miss and not the end of the line. */
async function told(check, what, work) {
  try {
    await work();
  } catch (error) {
    check(figure(16, what, error.message.split("\n")[0], "a result", false));
  }
}

async function optimised(check, { name, model }) {
  const { optimize } = await dist("src/api/optimize.js");
  const { openReference } = await dist("src/verify/reference.js");
  const work = mkdtempSync(join(tmpdir(), "portolan-exports-"));
  try {
    const output = join(work, "model.onnx");
    const { ok, diagnostics, optimized } = await optimize(model, { output });
    if (!ok) return check(figure(16, `${name} optimised`, diagnostics[0].message, "optimises", false));
    const { error, range } = await largestError(await openReference(model), await openReference(output), await feedsOf({ model }));
    const value = `${(error / range).toExponential(2)} of range, ${counts(model, optimized)}`;
    check(figure(16, `${name} optimised in onnxruntime`, value, "<= 1e-5", error <= 1e-5 * range));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Nodes before and after, beside the peers' where they were counted. */
function counts(model, { nodesBefore, graph }) {
  const file = join(model, "../nodes.json");
  const peers = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  return `${nodesBefore} -> ${graph.nodes.length} nodes${peers ? ` (OnnxSlim ${peers.onnxslim}, onnxruntime ${peers.onnxruntime})` : ""}`;
}

async function twinChecked(check, { name, model }, targets, precision) {
  const { verify } = await dist("src/api/verify.js");
  const result = await verify(model, { target: targets, precision, inputs: await feedsOf({ model }) });
  const what = `${name} ${precision}`;
  if (!result.verdicts) return check(figure(16, what, result.diagnostics[0]?.message ?? "no verdict", "twin-checked", false));
  for (const verdict of result.verdicts) {
    const outputs = verdict.outputs ?? [];
    const cosine = Math.min(...outputs.map((o) => o.cosine));
    const why = verdict.diagnostics?.find((d) => d.severity === "error")?.message;
    const ok = verdict.ok && outputs.length > 0 && cosine >= 0.999;
    check(figure(16, `${what} ${verdict.target}`, why ?? `cosine ${cosine.toFixed(7)}, two sizes`, "ok, cosine >= 0.999", ok));
  }
}
