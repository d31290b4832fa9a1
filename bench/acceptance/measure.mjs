/** Runs the command line (or any script) in a process of its own and tells wall time, processor time, peak memory and exit code. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
export const root = dirname(dirname(here));
export const binary = join(root, "dist/src/cli/main.js");

/** `script` is run by node with `args`; `seconds` counts the start of node. */
export function measured(script, args, { env = {}, cwd, timeoutMs = 600_000, traceModules = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "portolan-measure-"));
  const report = join(folder, "report.json");
  const trace = join(folder, "modules");
  const start = performance.now();
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ["--import", join(here, "at-exit.mjs"), script, ...args], {
    encoding: "utf8",
    cwd,
    timeout: timeoutMs,
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: "1", ...env, PORTOLAN_MEASURE: report, ...(traceModules ? { PORTOLAN_TRACE_MODULES: trace } : {}) },
  });
  const seconds = (performance.now() - start) / 1000;
  const told = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : { peakRssMiB: Number.NaN, cpuSeconds: Number.NaN };
  const modules = existsSync(trace) ? readFileSync(trace, "utf8").trim().split("\n") : [];
  rmSync(folder, { recursive: true, force: true });
  return { status, signal, stdout, stderr, seconds, modules, ...told };
}

export const portolan = (args, options) => measured(binary, args, options);

/** `floor` as text, `ok` decided by the caller. */
export function figure(line, what, value, floor, ok) {
  return { line, what, value, floor, ok };
}

/** What a failed command said first. */
export function firstLine(text) {
  return text.trim().split("\n")[0].slice(0, 160);
}
