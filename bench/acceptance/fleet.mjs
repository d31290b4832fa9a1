/**
 * Line 33: 200 small models, five of them broken, as one run, from the cache, as shards, as a Slurm array and through Redis, where one
 * worker is killed: the same bytes each time. And what it takes: tasks a second, memory.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokenNames, writeModels } from "./fleet-models.mjs";
import { binary, figure, portolan } from "./measure.mjs";
import { startRedis } from "./redis.mjs";

const count = 200;

export async function fleet(check) {
  const folder = mkdtempSync(join(tmpdir(), "portolan-fleet-"));
  try {
    writeModels(join(folder, "models"), count);
    const whole = oneMachine(check, folder);
    schedulers(check, folder, whole);
    await queue(check, folder, whole);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const env = (folder, cache) => ({ PORTOLAN_CACHE: join(folder, cache) });
const line = ["compile", "models", "-t", "all", "--dry-run"];
const run = (folder, cache, ...words) => portolan(words, { cwd: folder, env: env(folder, cache) });
const bytes = (folder, path) => readFileSync(join(folder, path), "utf8");

function same(check, what, got, whole) {
  check(figure(33, what, got === whole ? "the same bytes" : "other bytes", "the same bytes", got === whole));
}

function oneMachine(check, folder) {
  for (const jobs of [1, 2]) {
    const { status, seconds, peakRssMiB } = run(folder, `jobs-${jobs}`, ...line, "--jobs", `${jobs}`, ...output(jobs));
    const { models } = JSON.parse(bytes(folder, `times-${jobs}.json`));
    const child = Math.max(...models.map((m) => m.peakBytes)) / 2 ** 20;
    const memory = `${peakRssMiB.toFixed(0)} MiB and ${child.toFixed(0)} MiB a process`;
    const value = `${seconds.toFixed(1)} s, ${(count / seconds).toFixed(0)} models a second for three chips, ${memory}`;
    check(figure(33, `${count} models, ${jobs} at a time`, value, "exit code 3", status === 3));
  }
  const whole = bytes(folder, "jobs-1.json");
  same(check, "one process and two", bytes(folder, "jobs-2.json"), whole);
  const bad = JSON.parse(whole).models.filter((m) => !m.ok);
  const listed = bad.map((m) => m.model.replace("models/", "")).sort();
  check(figure(33, "broken models listed", `${listed.length}`, "5", JSON.stringify(listed) === JSON.stringify([...brokenNames].sort())));
  const again = run(folder, "jobs-1", ...line, "--results", "again.json");
  check(figure(33, "again, from the cache", `${again.seconds.toFixed(2)} s`, "< 5 s", again.seconds < 5));
  same(check, "from the cache", bytes(folder, "again.json"), whole);
  return whole;
}

const output = (jobs) => ["--results", `jobs-${jobs}.json`, "--timings", `times-${jobs}.json`];

function schedulers(check, folder, whole) {
  for (const i of [1, 2]) run(folder, "shards", ...line, "--shard", `${i}/2`, "--results", `shard-${i}.json`);
  run(folder, "shards", "merge", "shard-1.json", "shard-2.json", "-o", "merged.json");
  same(check, "two shards merged", bytes(folder, "merged.json"), whole);
  run(folder, "slurm", "plan", "models", "--kind", "compile", "-t", "all", "-o", "tasks.json");
  for (const index of [0, 1, 2]) run(folder, "slurm", "worker", "--tasks", "tasks.json", "--index", `${index}`, "--of", "3", "-o", "parts");
  run(folder, "slurm", "merge", ...[1, 2, 3].map((i) => `parts/part-${i}-of-3.json`), "-o", "planned.json");
  same(check, "three shares of planned tasks merged", bytes(folder, "planned.json"), whole);
}

async function queue(check, folder, whole) {
  const redis = await startRedis();
  if (!redis) return console.log("skip 33  queue: redis-server is not installed");
  try {
    const address = `redis://127.0.0.1:${redis.port}/0`;
    await through(check, "two workers on Redis", folder, `${address}`, whole, () => false);
    await through(check, "two workers, one killed in the middle", folder, `redis://127.0.0.1:${redis.port}/1`, whole, (done) => done >= 20);
  } finally {
    await redis.stop();
  }
}

/** `kill` is asked after each task of the first worker. */
async function through(check, what, folder, address, whole, kill) {
  const words = ["worker", "--queue", address, "--jobs", "1", "--stalled", "3"];
  const database = address.slice(-1);
  const workers = [0, 1].map((i) => started(words, folder, `worker-${database}${i}`));
  workers[0].onLine = (done) => kill(done) && workers[0].child.kill("SIGKILL");
  const begun = performance.now();
  const asked = started([...line, "--queue", address, "--results", `queue-${database}.json`], folder, "asks");
  const code = await asked.ended;
  const seconds = (performance.now() - begun) / 1000;
  for (const { child } of workers) child.kill("SIGTERM");
  const ends = await Promise.all(workers.map((w) => w.ended));
  check(figure(33, what, `${seconds.toFixed(1)} s, workers end with ${ends.join(" and ")}`, "exit code 3", code === 3));
  same(check, what, bytes(folder, `queue-${database}.json`), whole);
}

function started(words, folder, cache) {
  const child = spawn(process.execPath, [binary, ...words], { cwd: folder, env: { ...process.env, ...env(folder, cache) } });
  const one = { child, onLine: undefined, ended: new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? code))) };
  let done = 0;
  child.stdout.resume();
  child.stderr.on("data", (text) => {
    done += `${text}`.match(/^compile /gm)?.length ?? 0;
    one.onLine?.(done);
  });
  return one;
}
