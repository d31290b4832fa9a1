/**
 * From nothing to a checked model: installs, builds, fetches the PP-OCRv4 text detector, compiles it for all three
 * targets, runs each on its twin and compares with onnxruntime. Leaves the generated projects in out/quickstart.
 */
import { execSync } from "node:child_process";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./ensure.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const begin = performance.now();
const since = (from) => `${((performance.now() - from) / 1000).toFixed(1)} s`;

const installSeconds = ensureInstalled();
const buildBegin = performance.now();
execSync("npm run -s build", { cwd: root, stdio: "inherit" });
console.log(`built in ${since(buildBegin)}`);

const { fetchModel } = await import("./models.mjs");
const { feedsFor } = await import("./inputs.mjs");
const fetchBegin = performance.now();
const model = fetchModel("det");
const fetchSeconds = (performance.now() - fetchBegin) / 1000;
console.log(`PP-OCRv4 text detector: ${relative(root, model)}`);

const { verify } = await import(join(root, "dist/src/api/index.js"));
const keep = join(root, "out/quickstart");
const inputs = feedsFor("det");
const result = await verify(model, {
  target: "all",
  inputs,
  keep,
  onEvent: (e) => e.kind === "phase" && console.log(`  ${e.target ? `${e.target}: ` : ""}${e.name}`),
});
for (const d of result.diagnostics.filter((d) => d.severity === "error")) console.error(`${d.code}: ${d.message}`);

const rows = [["target", "chip", "steps", "kernels", "max abs error", "cosine", "result"]];
for (const v of result.verdicts ?? []) {
  for (const d of v.diagnostics) console.error(`${v.target}: ${d.code}: ${d.message}`);
  const o = v.outputs[0];
  const emitted = v.compiled?.emitted;
  rows.push([
    v.target,
    v.chip,
    `${emitted?.steps.length ?? "-"}`,
    `${emitted?.kernels.length ?? "-"}`,
    o?.maxAbs?.toExponential(2) ?? "-",
    o?.cosine?.toFixed(7) ?? "-",
    v.ok ? `twin-checked (${v.evidence})` : "FAILED",
  ]);
}
const widths = rows[0].map((_, i) => Math.max(...rows.map((r) => r[i].length)));
console.log(
  "\n" +
    rows
      .map((r) =>
        r
          .map((c, i) => c.padEnd(widths[i]))
          .join("  ")
          .trimEnd(),
      )
      .join("\n"),
);
console.log(`\nThe generated C++ lies in ${relative(root, keep)}/; begin with the README.md of a folder there.`);
console.log(`downloads: packages ${installSeconds.toFixed(1)} s, model ${fetchSeconds.toFixed(1)} s; everything together ${since(begin)}`);
process.exit(result.ok ? 0 : 1);
