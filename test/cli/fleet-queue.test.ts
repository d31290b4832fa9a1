/** Many models through Redis: two workers give the bytes of one process, also when one of them is killed; what cannot be reached says so. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeModels } from "../../bench/acceptance/fleet-models.mjs";
import { startRedis } from "../../bench/acceptance/redis.mjs";
import { binary, portolan, type Ran } from "./portolan.js";

interface Redis {
  readonly port: number;
  readonly stop: () => Promise<unknown>;
}

let folder = "";
const redis = (await startRedis("--requirepass", "hunter2")) as Redis | undefined;
const address = `redis://:hunter2@127.0.0.1:${redis?.port ?? 0}/3`;
const withRedis = test.skipIf(!redis);
if (!redis) console.log("skipped: redis-server is not installed (Debian: apt-get install redis-server)");

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-queue-test-"));
  writeModels(join(folder, "models"), 30);
});
afterAll(async () => {
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const env = (cache: string): NodeJS.ProcessEnv => ({ PORTOLAN_CACHE: join(folder, cache) });
const run = (line: string, cache: string, more = {}): Promise<Ran> =>
  portolan(line.split(" "), { cwd: folder, env: { ...env(cache), ...more } });
const bytes = (path: string): string => readFileSync(join(folder, path), "utf8");

interface Worker {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

function worker(cache: string, more = ""): Worker {
  const words = `worker --queue ${address} --jobs 1 --stalled 2 --idle 60${more}`.split(" ");
  const child = spawn(process.execPath, [binary, ...words], { cwd: folder, env: { ...process.env, ...env(cache) } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()));
  return { child, said: () => said, ended: new Promise((resolve) => child.on("close", resolve)) };
}

const done = (w: Worker): number => w.said().match(/^compile /gm)?.length ?? 0;

withRedis("two workers give the bytes of one process, one of them killed in the middle", async () => {
  const wanted = await run("compile models -t all --dry-run --results one.json", "a");
  expect(wanted.code).toBe(3);
  const workers = [worker("b"), worker("c")];
  const asked = run(`compile models -t all --dry-run --results queue.json --queue ${address}`, "d");
  const [killed, other] = workers;
  while (done(killed) < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  killed.child.kill("SIGKILL");
  const { code, stdout, stderr } = await asked;
  expect([code, stderr]).toEqual([3, ""]);
  expect(bytes("queue.json")).toBe(bytes("one.json"));
  expect(stdout).toBe(wanted.stdout);
  expect(done(killed)).toBeLessThan(30);
  expect(done(killed) + done(other)).toBeGreaterThanOrEqual(29);
  other.child.kill("SIGTERM");
  expect(await other.ended).toBe(0);
  expect(other.said() + killed.said()).not.toContain("hunter2");

  // Nobody works any more: the answers are there.
  const again = await run(`compile models -t all --dry-run --json --queue ${address}`, "e");
  expect(again.stdout).toBe(bytes("one.json"));
});

withRedis("a worker with another model says so, once it has been tried elsewhere", async () => {
  const elsewhere = mkdtempSync(join(folder, "elsewhere-"));
  writeModels(join(elsewhere, "models"), 6);
  writeFileSync(join(elsewhere, "models/group-0/model-0.onnx"), "another");
  const busy = worker("f", ` --root ${elsewhere}`);
  const { code, stdout } = await run(`compile models/group-0/model-0.onnx -t cann --dry-run --queue ${address}`, "g");
  expect([code, stdout]).toEqual([2, expect.stringContaining("task-model-differs")]);
  busy.child.kill("SIGINT");
  expect(await busy.ended).toBe(0);
  expect(busy.said()).toMatch(/^1 task$/m);
});

withRedis("who gives up waiting leaves nothing behind", async () => {
  const words = `compile models/group-0 -t bang --dry-run --results none.json --queue ${address}`.split(" ");
  const child = spawn(process.execPath, [binary, ...words], { cwd: folder, env: { ...process.env, ...env("h") } });
  let said = "";
  child.stderr.on("data", (text: Buffer) => (said += text.toString()));
  const ended = new Promise((resolve) => child.on("close", resolve));
  setTimeout(() => child.kill("SIGINT"), 1500);
  expect([await ended, said]).toEqual([130, "interrupted; nothing half-written stays\n"]);
});

withRedis("a wrong password is told without being printed", async () => {
  const { code, stderr } = await run(`compile models -t cann --dry-run --queue ${address.replace("hunter2", "hunter3")}`, "a");
  expect([code, stderr]).toEqual([5, expect.stringMatching(/^error\[queue-unreachable\]: redis:\/\/127\.0\.0\.1:\d+\/3 .*WRONGPASS/)]);
  expect(stderr).not.toContain("hunter");
});

test("a queue that nobody serves is told within seconds", async () => {
  const begun = performance.now();
  const { code, stderr } = await run("worker --queue redis://me:hunter2@127.0.0.1:1/0", "a");
  expect([code, stderr]).toEqual([5, expect.stringContaining("error[queue-unreachable]: redis://127.0.0.1:1/0 does not answer")]);
  expect(stderr).not.toContain("hunter2");
  expect(performance.now() - begun).toBeLessThan(8000);
});

test("without its packages a queue says what to install", async () => {
  const hide = `export const resolve = (name, context, next) => { if (name === "bullmq") throw Object.assign(new Error("hidden"), { code: "ERR_MODULE_NOT_FOUND" }); return next(name, context); };`;
  const register = `import { register } from "node:module"; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hide)}`)});`;
  const { code, stderr } = await run("worker --queue redis://127.0.0.1:1/0", "a", {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(register)}`,
  });
  expect([code, stderr]).toEqual([5, expect.stringMatching(/error\[queue-package-missing\][^]+npm install bullmq ioredis/)]);
});
