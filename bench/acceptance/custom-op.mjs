/**
 * Line 8: the model of samples/custom-op, whose operators Portolan knows by formulas alone, on the twins of all chips
 * against the plain arithmetic below. The reference reads the weights with onnx-proto and shares no code with the compiler.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import proto from "onnx-proto";
import { normalSource } from "../inputs.mjs";
import { figure } from "./measure.mjs";

const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "samples/custom-op");
export const modelPath = join(folder, "model.onnx");
const opsPath = "samples/custom-op/ops.ts";
const opsSource = readFileSync(join(folder, "ops.ts"), "utf8");
export const ops = [{ source: opsSource, path: opsPath }];

const inputs = 24;
const half = 40;
const outputs = 12;

function weights() {
  const { graph } = proto.onnx.ModelProto.decode(readFileSync(modelPath));
  const floats = ({ rawData }) => new Float32Array(Uint8Array.from(rawData).buffer);
  return Object.fromEntries(graph.initializer.map((t) => [t.name, floats(t)]));
}

const dot = (row, matrix, columns, j) => row.reduce((sum, v, i) => sum + v * matrix[i * columns + j], 0);
const times = (row, matrix, columns) => Array.from({ length: columns }, (_, j) => dot(row, matrix, columns, j));

/** One row of y for one row of x, in double precision. */
function outputRow(x, w) {
  const rms = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length + 1e-4);
  const normed = x.map((v, i) => (v / rms) * w["norm.scale"][i]);
  const both = times(normed, w["up.weight"], 2 * half);
  const gated = Array.from({ length: half }, (_, i) => {
    const gate = both[half + i] + w["gate.bias"][i];
    return (both[i] * gate) / (1 + Math.exp(-1.5 * gate));
  });
  const smooth = gated.map((v) => 2 * Math.tanh(v / 2));
  return times(smooth, w["down.weight"], outputs).map((v) => {
    const excess = Math.abs(v) - 1.25;
    return excess <= 0 ? v : Math.sign(v) * (1.25 + 0.01 * excess);
  });
}

/** Seeded rows, with the outputs that the formulas must give. */
export function runOf(rows, seed) {
  const normal = normalSource(seed);
  const data = Float32Array.from({ length: rows * inputs }, () => 3 * normal());
  const w = weights();
  const y = Array.from({ length: rows }, (_, r) => outputRow([...data.subarray(r * inputs, (r + 1) * inputs)], w)).flat();
  return {
    feed: new Map([["x", { dtype: "f32", shape: [rows, inputs], data }]]),
    want: new Map([["y", { dtype: "f32", shape: [rows, outputs], data: Float32Array.from(y) }]]),
    capped: y.filter((v) => Math.abs(v) > 1.25).length / y.length,
  };
}

/** Two spelling mistakes and a misuse, and what each must say. */
export const mistakes = [
  { text: "sqrt(mean(x", wrong: "sqrtt(mean(x", code: "formula-type-error" },
  { text: "if (cap <= 0)", wrong: "if (x <= 0)", code: "formula-condition" },
  { text: "abs(x) <= cap, x,", wrong: "abs(x) == cap, x,", code: "formula-syntax" },
];

/** The source with a mistake, and the line it stands in. */
function withMistake({ text, wrong }) {
  const line = opsSource.slice(0, opsSource.indexOf(text)).split("\n").length;
  return { source: opsSource.replace(text, wrong), line };
}

export async function customOp(api, check, { target = "all", rows = [1, 5, 33, 500] } = {}) {
  const runs = rows.map((n, i) => runOf(n, i + 1));
  const many = runs.at(-1);
  check(
    figure(
      8,
      "outputs that take the capped branch",
      `${(100 * many.capped).toFixed(0)} %`,
      "5 % .. 95 %",
      many.capped > 0.05 && many.capped < 0.95,
    ),
  );
  const result = await api.verify(modelPath, { ops, target, inputs: runs.map((r) => r.feed), expected: runs.map((r) => r.want) });
  for (const v of result.verdicts ?? []) {
    const [o] = v.outputs;
    const failed = v.diagnostics.map((d) => d.message).join("; ");
    const value =
      o && o.cosine !== null ? `cosine ${o.cosine.toFixed(7)}, max error ${(o.maxAbs / o.range).toExponential(2)} of range` : failed;
    check(figure(8, `custom operators on ${v.target}:${v.chip}`, value, ">= 0.99999, <= 1e-3", v.ok));
  }
  if (!result.verdicts) check(figure(8, "custom operators", result.diagnostics.map((d) => d.message).join("; "), "compiles", false));
  for (const mistake of mistakes) await named(api, check, mistake);
}

async function named(api, check, mistake) {
  const { source, line } = withMistake(mistake);
  const { ok, diagnostics } = await api.compile(modelPath, { target: "cann", ops: [{ source, path: opsPath }] });
  const { code, location: at } = diagnostics[0] ?? {};
  const good = !ok && code === mistake.code && at?.path === opsPath && at.line === line && at.column > 0;
  check(
    figure(
      8,
      `"${mistake.wrong}" in ops.ts`,
      `${code} at ${at?.path}:${at?.line}:${at?.column}`,
      `${mistake.code} at ${opsPath}:${line}:*`,
      good,
    ),
  );
}
