/**
 * Line 14: random rewrites. Every pass alone, and all of them in their order, over every case of the developer set and
 * over random graphs: the rewritten graph gives in onnxruntime what the graph gave, bit for bit unless the pass says that
 * it rounds. Passes on primitives are held to the primitives' own evaluation.
 *
 *   node bench/acceptance/random-rewrites.mjs --from 0 --count 200
 */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { figure, root } from "./measure.mjs";
import { engine, inProcesses } from "./random-programs.mjs";

const set = join(dirname(root), "shared/onnx-tests");

export async function randomRewrites(check, { from = 0, to = 3000 } = {}) {
  const start = performance.now();
  const worker = engine("rewrites-worker.js");
  await judged(check, "random graphs", worker, from, to, []);
  if (existsSync(join(set, "index.json"))) await judged(check, "cases of the developer set", worker, 0, Number.MAX_SAFE_INTEGER, [set]);
  else check(figure(14, "cases of the developer set", "../shared/onnx-tests is missing: skipped", "there", true));
  const seconds = (performance.now() - start) / 1000;
  check(figure(14, "time", `${seconds.toFixed(0)} s on ${availableParallelism()} cores`, "<= 900 s on 2 cores", seconds <= 900));
}

async function judged(check, what, worker, from, to, more) {
  const counts = new Map();
  let [graphs, judgedOnes, failed] = [0, 0, 0];
  await inProcesses(worker, { from, to }, more, (told) => {
    graphs++;
    if (told.passes.length > 0) judgedOnes++;
    for (const { pass } of told.passes) counts.set(pass, (counts.get(pass) ?? 0) + 1);
    const faults = [
      ...told.passes.filter((p) => p.fault !== undefined),
      ...(told.findings ?? []).map((f) => ({ pass: f.kind, fault: f.text })),
    ];
    if (faults.length === 0) return;
    failed++;
    console.log(`${told.name ?? told.seed}: ${faults.map((f) => `${f.pass}: ${f.fault}`).join("\n  ")}\n${told.text ?? ""}`);
  });
  const list = [...counts].sort((a, b) => b[1] - a[1]).map(([pass, n]) => `${pass} ${n}`);
  console.log(`${what}: ${graphs} graphs, ${judgedOnes} of them rewritten; rewrites: ${list.join(", ")}`);
  check(figure(14, `${what}: rewritten otherwise than meant`, `${failed} of ${graphs}`, "0", failed === 0));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { values } = parseArgs({ options: { from: { type: "string" }, count: { type: "string" } } });
  const from = Number(values.from ?? 0);
  const say = (f) => console.log(`${f.ok ? "ok  " : "MISS"} ${f.what}: ${f.value} (${f.floor})`);
  await randomRewrites(say, { from, to: from + Number(values.count ?? 3000) });
}
