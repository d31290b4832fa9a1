/**
 * Line 13: random programs. 20,000 graphs of ONNX operators, each from its number: what the operators mean (`evaluate`),
 * what onnxruntime computes and what the tiles of a chip compute agree within docs/ulp.md; chips in turn. Then 1,500 of
 * them, chosen by the commit, on the three twins. The generator is TypeScript beside the tests (test/random).
 *
 *   node bench/acceptance/random-programs.mjs                       20,000 on the interpreter, 1,500 on the twins
 *   node bench/acceptance/random-programs.mjs --from 300 --count 50 --twins 0
 */
import { execFileSync, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { figure, root } from "./measure.mjs";

/** The engine is compiled apart from the product. Returns a path in it. */
export function engine(file) {
  execFileSync("node", [join(root, "node_modules/typescript-7/bin/tsc"), "-p", join(root, "test/random/tsconfig.json")], {
    stdio: "inherit",
  });
  return join(root, ".cache/random/test/random", file);
}

/** Runs seeds from..to in processes of their own, `blocks` of them at a time; hands each told line to `onTold`. */
async function inProcesses(worker, from, to, onTold) {
  const queue = [];
  for (let at = from; at < to; at += 100) queue.push([at, Math.min(to, at + 100)]);
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const last = await oneProcess(worker, next, onTold);
      // A process that ended early takes its program along; the rest goes on in another.
      if (last !== undefined) {
        onTold({
          seed: last,
          findings: [{ kind: "ended", text: "onnxruntime, or we, ended the process" }],
          operators: [],
          primitives: [],
          schedules: [],
        });
        if (last + 1 < next[1]) queue.unshift([last + 1, next[1]]);
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}

/** The seed it stood at when it ended early. */
function oneProcess(worker, [from, to], onTold) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [worker, `${from}`, `${to}`], { stdio: ["ignore", "pipe", "inherit"] });
    let [standing, done] = [from, undefined];
    createInterface({ input: child.stdout }).on("line", (line) => {
      const told = JSON.parse(line);
      standing = told.seed;
      if (!told.findings) return;
      done = told.seed;
      onTold(told);
    });
    child.on("close", () => resolve(done === to - 1 ? undefined : standing));
  });
}

const count = (table, key, by = 1) => table.set(key, (table.get(key) ?? 0) + by);
const list = (table) =>
  [...table]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([k, n]) => `${k} ${n}`)
    .join(", ");

const spelledFailure = ({ seed, chip, findings, text }) =>
  `seed ${seed} on ${chip}: ${findings.map((f) => `${f.kind}: ${f.text}`).join("\n  ")}\n${text ?? ""}`;

export async function programs({ from = 0, to = 20_000 } = {}) {
  const tables = {
    operators: new Map(),
    primitives: new Map(),
    schedules: new Map(),
    chips: new Map(),
    without: new Map(),
    refused: new Map(),
  };
  const failed = [];
  let slowest = { ms: 0 };
  await inProcesses(engine("worker.js"), from, to, (told) => {
    told.operators.forEach((op) => count(tables.operators, op));
    told.primitives.forEach((op) => count(tables.primitives, op));
    told.schedules.forEach((s) => count(tables.schedules, s));
    count(tables.chips, `${told.chip} ${told.precision}${told.open ? " open" : ""}`);
    if (told.withoutReference) count(tables.without, told.withoutReference.replace(/'[^']*'|\d+/g, "").slice(0, 90));
    if (told.refused) count(tables.refused, told.refused.replace(/"[^"]*"/g, "").slice(0, 90));
    if (told.ms > slowest.ms) slowest = told;
    if (told.findings.length === 0) return;
    failed.push(told);
    console.log(spelledFailure(told));
  });
  failed.sort((a, b) => a.seed - b.seed);
  return { tables, failed, slowest };
}

export async function randomPrograms(check, { from = 0, to = 20_000 } = {}) {
  const start = performance.now();
  const { tables, failed, slowest } = await programs({ from, to });
  const seconds = (performance.now() - start) / 1000;
  for (const [what, table] of Object.entries(tables)) console.log(`${what}: ${list(table)}`);
  const sum = (table) => [...table.values()].reduce((a, b) => a + b, 0);
  console.log(`slowest: seed ${slowest.seed}, ${slowest.ms} ms`);
  check(
    figure(13, `random programs, seeds ${from} to ${to - 1}: differences`, `${failed.length} of ${to - from}`, "0", failed.length === 0),
  );
  const told = 1 - sum(tables.without) / (to - from);
  check(figure(13, "of them judged by onnxruntime too", `${(100 * told).toFixed(1)} %`, ">= 85 %", told >= 0.85));
  check(figure(13, "time", `${seconds.toFixed(0)} s on ${availableParallelism()} cores`, "<= 720 s on 2 cores", seconds <= 720));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { values } = parseArgs({ options: { from: { type: "string" }, count: { type: "string" } } });
  const from = Number(values.from ?? 0);
  await randomPrograms((f) => console.log(`${f.ok ? "ok  " : "MISS"} ${f.what}: ${f.value} (${f.floor})`), {
    from,
    to: from + Number(values.count ?? 20_000),
  });
}
