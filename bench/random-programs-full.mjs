/**
 * All 20,000 random programs on one chip of each target, chips in turn; hours on two cores. May be stopped and started
 * again: what is done stands in .cache/random-programs-full.json, with the counts per primitive's operator, schedule and
 * call, and every failure. Another generator or another emitter begins anew (the file knows the commit it began at;
 * --keep goes on under a newer one).
 *
 *   node bench/random-programs-full.mjs [--count 20000] [--keep]
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./acceptance/measure.mjs";
import { batchSize, onTwins, printTables, twinTables } from "./acceptance/random-programs.mjs";

const { values } = parseArgs({ options: { count: { type: "string" }, keep: { type: "boolean" } } });
const count = Number(values.count ?? 20_000);
const file = join(root, ".cache/random-programs-full.json");
const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
const goesOn = before && before.batchSize === batchSize && (before.commits.includes(commit) || values.keep);
const state = goesOn ? { ...before, commits: [...new Set([...before.commits, commit])] } : { batchSize, commits: [commit], batches: [] };

const tally = (list) => Object.fromEntries([...new Set(list)].map((x) => [x, list.filter((y) => y === x).length]));
const spread = (table) => Object.entries(table ?? {}).flatMap(([x, n]) => Array(n).fill(x));

function save() {
  mkdirSync(join(root, ".cache"), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}

await onTwins(
  Array.from({ length: count }, (_, seed) => seed),
  {
    skip: new Set(state.batches.map((b) => b.batch)),
    onBatch(told) {
      const { schedules = [], calls = [], operators = [], ...rest } = told;
      state.batches.push({ ...rest, schedules: tally(schedules), calls: tally(calls), operators: tally(operators) });
      save();
      console.log(`batch ${told.batch}, ${told.chip}: ${told.kernels} kernels, ${told.failures?.length ?? 1} failures`);
      for (const f of told.failures ?? []) console.log(`seed ${f.seed} on ${told.chip}: ${f.text}\n${f.graph}`);
    },
  },
);

const { tables, totals, add } = twinTables();
for (const b of state.batches) add({ ...b, schedules: spread(b.schedules), calls: spread(b.calls), operators: spread(b.operators) });
printTables(tables);
console.log(
  `${totals.programs} programs in ${totals.batches} units, ${totals.kernels} kernels, ${totals.failures.length} failures: ${file}`,
);
process.exit(totals.failures.length === 0 ? 0 : 1);
