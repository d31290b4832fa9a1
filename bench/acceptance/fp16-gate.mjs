/**
 * Line 12: fp16 storage loses digits and nothing else. The real models, the developer set and the exports of bench/export
 * in fp16 on the three twins: no NaN or infinity that onnxruntime's fp32 has not, every output with a cosine of 0.999.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { feedsFor } from "../inputs.mjs";
import { fetchModel, frozenModels, models } from "../models.mjs";
import { exportedModels, feedsOf } from "./exports.mjs";
import { figure, firstLine, portolan, root } from "./measure.mjs";

const line = 12;
const targets = "cann,bang,kunlun";
const set = join(dirname(root), "shared/onnx-tests");

/** @param check collects { line, what, value, floor, ok } */
export async function fp16Gate(api, check, { only } = {}) {
  const wanted = (name) => !only || only.some((o) => name.startsWith(o));
  for (const { name } of models) if (wanted(name)) await gate(api, check, name, fetchModel(name), feedsFor(name));
  for (const { name, freeze } of frozenModels)
    if (wanted(name)) await gate(api, check, name, fetchModel(name), feedsFor(name), new Map(Object.entries(freeze)));
  const exports = exportedModels({}).filter(({ name }) => wanted(name));
  if (exports.length === 0) console.log(`skip ${line}  exports of bench/export: none in .cache/exports`);
  for (const one of exports) await gate(api, check, one.name, one.model, await feedsOf(one));
  if (only) return;
  if (existsSync(join(set, "index.json"))) await developerSet(check);
  else console.log(`skip ${line}  developer set: ../shared/onnx-tests is missing`);
}

async function gate(api, check, name, model, inputs, freeze) {
  const result = await api.verify(model, { target: targets, precision: "fp16", inputs, freeze });
  const error = (list) => list?.find((d) => d.severity === "error")?.message;
  if (!result.verdicts) return check(figure(line, name, error(result.diagnostics) ?? "no verdict", "a verdict", false));
  for (const v of result.verdicts) {
    const finite = v.outputs.length > 0 && v.outputs.every((o) => Number.isFinite(o.maxAbs));
    const cosine = Math.min(...v.outputs.map((o) => (o.cosine === null ? Number.NaN : o.cosine)));
    const value = error(v.diagnostics) ?? `cosine ${cosine.toFixed(7)}${finite ? "" : ", not finite where fp32 is"}`;
    check(figure(line, `${name} fp16 ${v.target}`, value, "finite, cosine >= 0.999", finite && cosine >= 0.999));
  }
}

/** Cases that pass in fp32 and give NaN or infinity in fp16. A case that is wrong otherwise stands on a single rounding. */
async function developerSet(check) {
  const work = mkdtempSync(join(tmpdir(), "portolan-gate-"));
  const run = (precision) => {
    const file = join(work, `${precision}.json`);
    const ran = portolan(["suite", set, "--target", targets, "--precision", precision, "--json", file], { timeoutMs: 3_600_000 });
    return existsSync(file)
      ? JSON.parse(readFileSync(file, "utf8")).targets
      : check(figure(line, `developer set ${precision}`, firstLine(ran.stderr) || `ended by ${ran.signal}`, "a result", false));
  };
  try {
    const [fp32, fp16] = [run("fp32"), run("fp16")];
    for (const target of fp32 && fp16 ? Object.keys(fp32) : []) await compared(check, target, fp32[target].cases, fp16[target].cases);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What a case's own fp32 computation comes to at most, as onnxruntime has it: every float between its nodes is an output. */
const largest = new Map();
async function largestIn(name) {
  if (largest.has(name)) return largest.get(name);
  const [{ readCases }, { readTensorProto }, { openReference }, { importOnnx }, { exportOnnx }] = await Promise.all(
    ["suite/cases", "onnx/bytes/tensor-proto", "verify/reference", "api/import", "onnx/export/export"].map(
      (path) => import(join(root, "dist/src", `${path}.js`)),
    ),
  );
  const test = readCases(set).find((c) => c.name === name);
  const { loaded } = await importOnnx(test.model);
  const between = loaded.graph.nodes.flatMap((n) => n.outputs).filter((v) => v?.type.kind === "tensor" && v.type.dtype === "f32");
  const all = Buffer.concat([...exportOnnx({ ...loaded.graph, outputs: between })]);
  const reference = await openReference(all, () => all);
  const outputs = await reference.run(new Map(loaded.graph.inputs.map((v, i) => [v.name, readTensorProto(test.inputs[i])])));
  const most = [...outputs.values()].reduce((m, t) => t.data.reduce((n, x) => Math.max(n, Math.abs(x)), m), 0);
  largest.set(name, most);
  return most;
}

const mostHalf = 65504;

async function compared(check, target, fp32, fp16) {
  const right = new Set(fp32.filter((c) => c.status === "pass").map((c) => c.name));
  const both = fp16.filter((c) => right.has(c.name));
  const passes = both.filter((c) => c.status === "pass").length;
  const worse = both.filter((c) => c.status === "crash" || (c.status === "wrong" && /nan|inf/i.test(c.reason ?? "")));
  const lost = [];
  for (const c of worse) {
    const most = await largestIn(c.name);
    if (most <= mostHalf) lost.push(c);
    else console.log(`     ${target} ${c.name}: its own values come to ${most.toExponential(2)} in fp32, more than fp16 holds`);
  }
  lost.slice(0, 20).forEach((c) => console.log(`     ${target} ${c.name}: ${c.reason}`));
  check(
    figure(
      line,
      `developer set fp16 ${target}`,
      `${passes} of ${both.length} pass, ${lost.length} lost their values`,
      "0 lost",
      lost.length === 0,
    ),
  );
}
