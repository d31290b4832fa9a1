/**
 * Mutated models through import, optimise and compile, in processes with limited time and memory. Resumable: what is done
 * stands in a result file, a line a hundred seeds.
 *
 *   node bench/mutants/run.mjs --to 200000              everything, as far as it is not done
 *   node bench/mutants/run.mjs --seed 4711              one seed, with what became of it
 */
import { fork } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mutated } from "./mutate.mjs";
import { sourceOf } from "./sources.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const chunk = 100;
/** Of CPU a seed; the wall clock allows more, since the machine is shared. */
const mostSeconds = 10;
const mostWallMs = 60_000;
const mostMiB = 1024;

/** A process that attempts seeds; `ask` never rejects. */
class Worker {
  #child;
  async ask(seed) {
    this.#child ??= await started();
    const child = this.#child;
    return new Promise((resolve) => {
      const end = (result) => {
        clearTimeout(timer);
        child.removeAllListeners("message").removeAllListeners("exit");
        if (result.broken) {
          this.#child = undefined;
          child.kill("SIGKILL");
        }
        resolve(result);
      };
      const timer = setTimeout(() => end({ end: "fault", fault: `no end after ${mostWallMs} ms`, broken: true }), mostWallMs);
      child.on("message", end);
      child.on("exit", (code, signal) => end({ end: "fault", fault: `the process ended: ${signal ?? code}`, broken: true }));
      child.send(seed);
    });
  }
  end() {
    this.#child?.removeAllListeners("exit").kill();
    this.#child = undefined;
  }
}

function started() {
  const child = fork(join(here, "worker.mjs"), { execArgv: ["--max-old-space-size=900"], stdio: ["ignore", "ignore", "ignore", "ipc"] });
  return new Promise((resolve) => child.once("message", () => resolve(child)));
}

const overLimit = ({ seconds = 0, peakMiB = 0 }) =>
  seconds > mostSeconds ? `${seconds.toFixed(1)} s of CPU` : peakMiB > mostMiB ? `${peakMiB.toFixed(0)} MiB` : undefined;

async function runChunk(worker, from) {
  const record = { from, ends: {}, faults: [], slowest: 0, peakMiB: 0 };
  for (let seed = from; seed < from + chunk; seed++) {
    const result = await worker.ask(seed);
    const fault = result.fault ?? overLimit(result);
    const end = fault === undefined ? result.end : "fault";
    record.ends[end] = (record.ends[end] ?? 0) + 1;
    if (fault !== undefined) record.faults.push({ seed, model: result.model, fault });
    record.slowest = Math.max(record.slowest, result.seconds ?? 0);
    record.peakMiB = Math.max(record.peakMiB, result.peakMiB ?? 0);
    // A process's memory only grows, and its peak would be put down to the next seed.
    if (fault !== undefined || result.peakMiB > mostMiB / 2) worker.end();
  }
  return record;
}

/** Runs the seeds below `to` that `file` does not hold, in `processes` at a time; answers with the sum of all. */
export async function mutants({ from = 0, to, file, processes = 2, onChunk = () => undefined }) {
  mkdirSync(dirname(file), { recursive: true });
  const had = existsSync(file)
    ? readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .filter(Boolean)
        .map((l) => JSON.parse(l))
    : [];
  const done = new Map(had.filter((r) => r.from >= from && r.from < to).map((r) => [r.from, r]));
  const open = [];
  for (let at = from; at < to; at += chunk) if (!done.has(at)) open.push(at);
  const one = async () => {
    const worker = new Worker();
    for (let at = open.shift(); at !== undefined; at = open.shift()) {
      const record = await runChunk(worker, at);
      done.set(at, record);
      appendFileSync(file, `${JSON.stringify(record)}\n`);
      onChunk(record, open.length);
    }
    worker.end();
  };
  await Promise.all(Array.from({ length: processes }, one));
  return summed([...done.values()], from, to);
}

function summed(records, from, to) {
  const ends = {};
  for (const r of records) for (const [end, n] of Object.entries(r.ends)) ends[end] = (ends[end] ?? 0) + n;
  return {
    seeds: [from, to - 1],
    ends: Object.fromEntries(Object.entries(ends).sort((a, b) => b[1] - a[1])),
    faults: records.flatMap((r) => r.faults),
    slowestSeconds: records.reduce((m, r) => Math.max(m, r.slowest), 0),
    peakMiB: records.reduce((m, r) => Math.max(m, r.peakMiB), 0),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      from: { type: "string", default: "0" },
      to: { type: "string", default: "2000" },
      seed: { type: "string" },
      save: { type: "string" },
      file: { type: "string", default: join(here, "../../.cache/mutants/results.jsonl") },
      processes: { type: "string", default: "2" },
    },
  });
  if (values.seed !== undefined) {
    const seed = Number(values.seed);
    const model = (await sourceOf())(seed);
    if (values.save) writeFileSync(values.save, mutated(model.bytes, seed));
    const { attempt } = await import("./attempt.mjs");
    console.log(model.name, await attempt(model, seed));
  } else {
    const onChunk = (record, left) => {
      for (const { seed, model, fault } of record.faults) console.log(`seed ${seed} (${model}): ${fault}`);
      if (left % 50 === 0) console.log(`${left} chunks to go`);
    };
    const total = await mutants({ from: +values.from, to: +values.to, file: values.file, processes: +values.processes, onChunk });
    console.log(JSON.stringify({ ...total, faults: total.faults.length }, null, 1));
    process.exit(total.faults.length === 0 ? 0 : 1);
  }
}
