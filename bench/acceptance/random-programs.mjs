/**
 * Line 13: random programs. 20,000 graphs of ONNX operators, each from its number: what the operators mean (`evaluate`),
 * what onnxruntime computes and what the tiles of a chip compute agree within docs/ulp.md; chips in turn. Then 1,500 of
 * them, chosen by the commit, on the three twins. The generator is TypeScript beside the tests (test/random).
 *
 *   node bench/acceptance/random-programs.mjs                       20,000 on the interpreter, 1,500 on the twins
 *   node bench/acceptance/random-programs.mjs --from 300 --count 50 --twins 0
 */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
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

/**
 * Runs positions from..to in processes of their own, `block` at a time, and hands each told line to `onTold`. A worker
 * that has fewer says so (`of`). A process that ended early takes its position along; the rest goes on in another.
 */
export async function inProcesses(worker, { from, to, block: size = 100, lanes = availableParallelism() }, more, onTold) {
  let [at, end] = [from, to];
  const left = [];
  const next = () => left.shift() ?? (at < end ? [at, (at = Math.min(end, at + size))] : undefined);
  const lane = async () => {
    for (let block = next(); block; block = next()) {
      const died = await oneProcess(worker, block, more, onTold, (of) => (end = Math.min(end, of)));
      if (died === undefined) continue;
      const ended = [{ kind: "ended", text: "onnxruntime, or we, ended the process" }];
      onTold({ seed: died, findings: ended, passes: [], operators: [], primitives: [], schedules: [] });
      if (died + 1 < block[1]) left.push([died + 1, block[1]]);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** The position it stood at when it ended early. */
function oneProcess(worker, [from, to], more, onTold, onCount) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [worker, `${from}`, `${to}`, ...more], { stdio: ["ignore", "pipe", "inherit"] });
    let [standing, done] = [from, false];
    createInterface({ input: child.stdout }).on("line", (line) => {
      const told = JSON.parse(line);
      standing = told.seed;
      if (told.of !== undefined) onCount(told.of);
      if (told.end) done = true;
      else if (told.findings) onTold(told);
    });
    child.on("close", () => resolve(done ? undefined : standing));
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

export async function programs({ from = 0, to = 20_000, worker = "worker.js" } = {}) {
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
  await inProcesses(engine(worker), { from, to }, [], (told) => {
    told.operators.forEach((op) => count(tables.operators, op));
    told.primitives.forEach((op) => count(tables.primitives, op));
    told.schedules.forEach((s) => count(tables.schedules, s));
    count(tables.chips, `${told.chip} ${told.precision}${told.open ? " open" : ""}${told.resized ? " resized" : ""}`);
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
  check(figure(13, "time", `${seconds.toFixed(0)} s on ${availableParallelism()} cores`, "<= 1200 s on 2 cores", seconds <= 1200));
}

/** Programs with bodies, on no tiles: what they mean, what onnxruntime computes, what the passes leave; the first ones on the twins. */
export async function randomBodies(check, { to = 4000, twins = 120 } = {}) {
  const { tables, failed } = await programs({ to, worker: "bodies-worker.js" });
  printTables({ operators: tables.operators, without: tables.without });
  check(figure(13, `random programs with If, Loop or Scan: differences`, `${failed.length} of ${to}`, "0", failed.length === 0));
  const told = 1 - [...tables.without.values()].reduce((a, b) => a + b, 0) / to;
  check(figure(13, "of them judged by onnxruntime too", `${(100 * told).toFixed(1)} %`, ">= 65 %", told >= 0.65));
  const { totals, add, tables: ran } = twinTables();
  await onTwins([...Array(twins).keys()], { more: ["bodies"], onBatch: add });
  for (const f of totals.failures) console.log(`seed ${f.seed} on ${f.chip}: ${f.text}\n${f.graph ?? ""}`);
  printTables({ refused: ran.refused });
  check(
    figure(
      13,
      "of them on the twins of three targets: differences",
      `${totals.failures.length} of ${totals.programs}`,
      "0",
      totals.failures.length === 0 && totals.programs >= 3 * twins - 9,
    ),
  );
}

/** Numbers that the commit chooses, each once. */
function chosenSeeds(count, of) {
  const head = execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  const rank = (seed) => createHash("sha256").update(`${head} ${seed}`).digest("hex");
  const ranked = Array.from({ length: of }, (_, seed) => [rank(seed), seed]).sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return { head, seeds: ranked.slice(0, count).map(([, seed]) => seed) };
}

/** Programs in a batch: some 150 kernels in one compiled unit. */
export const batchSize = 50;

/** Every seed on one chip of each target. `skip` are batches done before; `onBatch` hears of each that is done now. */
export async function onTwins(seeds, { skip = new Set(), more = [], onBatch = () => {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "portolan-random-"));
  const file = join(folder, "seeds.json");
  writeFileSync(file, JSON.stringify(seeds));
  const batches = 3 * Math.ceil(seeds.length / batchSize);
  const worker = engine("twins-worker.js");
  const lane = async (list) => {
    for (const batch of list)
      await inProcesses(worker, { from: batch, to: batch + 1, lanes: 1 }, [file, `${batchSize}`, ...more], (told) =>
        onBatch({ batch, ...told }),
      );
  };
  const todo = Array.from({ length: batches }, (_, b) => b).filter((b) => !skip.has(b));
  const lanes = availableParallelism();
  try {
    await Promise.all(Array.from({ length: lanes }, (_, k) => lane(todo.filter((_, i) => i % lanes === k))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What batches told, added up. */
export function twinTables() {
  const tables = { chips: new Map(), schedules: new Map(), calls: new Map(), operators: new Map(), refused: new Map() };
  const totals = { programs: 0, batches: 0, kernels: 0, failures: [] };
  const add = (told) => {
    totals.batches++;
    totals.programs += told.programs ?? 0;
    totals.kernels += told.kernels ?? 0;
    count(tables.chips, told.chip ?? "ended", told.programs ?? 0);
    for (const name of ["schedules", "calls", "operators"]) (told[name] ?? []).forEach((x) => count(tables[name], x));
    for (const why of told.refused ?? []) count(tables.refused, why.replace(/"[^"]*"/g, "").slice(0, 90));
    for (const f of told.findings) totals.failures.push({ chip: told.chip, seed: `batch ${told.batch}`, text: f.text });
    for (const f of told.failures ?? []) totals.failures.push({ chip: told.chip, ...f });
  };
  return { tables, totals, add };
}

export function printTables(tables) {
  for (const [what, table] of Object.entries(tables)) console.log(`${what}: ${list(table)}`);
}

export async function randomTwins(check, { most = 1500, of = 20_000 } = {}) {
  const start = performance.now();
  const { head, seeds } = chosenSeeds(most, of);
  const { tables, totals, add } = twinTables();
  await onTwins(seeds, {
    onBatch(told) {
      const known = totals.failures.length;
      add(told);
      for (const f of totals.failures.slice(known)) console.log(`seed ${f.seed} on ${f.chip}: ${f.text}\n${f.graph ?? ""}`);
    },
  });
  const seconds = (performance.now() - start) / 1000;
  console.log(`seeds by commit ${head}: ${seeds.slice(0, 20).join(" ")} ...`);
  printTables(tables);
  const { programs: ran, failures, kernels, batches } = totals;
  check(
    figure(
      13,
      `${seeds.length} programs on the twins of three targets: differences`,
      `${failures.length} of ${ran}`,
      "0",
      failures.length === 0,
    ),
  );
  const each = kernels / Math.max(1, batches);
  check(figure(13, "kernels in a compiled unit", each.toFixed(0), ">= 50", each >= 50));
  check(
    figure(13, "time on the twins", `${seconds.toFixed(0)} s on ${availableParallelism()} cores`, "<= 1800 s on 2 cores", seconds <= 1800),
  );
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { values } = parseArgs({ options: { from: { type: "string" }, count: { type: "string" }, twins: { type: "string" } } });
  const from = Number(values.from ?? 0);
  const say = (f) => console.log(`${f.ok ? "ok  " : "MISS"} ${f.what}: ${f.value} (${f.floor})`);
  const to = from + Number(values.count ?? 20_000);
  if (to > from) await randomPrograms(say, { from, to });
  const twins = Number(values.twins ?? 1500);
  if (twins > 0) await randomTwins(say, { most: twins });
  if (from === 0 && twins > 0) await randomBodies(say);
}
