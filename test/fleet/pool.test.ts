/** Processes of a fleet: what ends one of them is told of its model alone. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Pool, type PoolOptions } from "../../src/fleet/pool.js";
import { lasts, type Outcome, type Task } from "../../src/fleet/task.js";

let root = "";
const usual = process.env["TMPDIR"];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "portolan-pool-"));
  process.env["TMPDIR"] = root;
});
afterEach(() => {
  if (usual === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = usual;
  rmSync(root, { recursive: true, force: true });
});

const task = (model: string): Task => ({
  ...{ kind: "compile", model, sha256: "00", data: [], options: {} },
  portolan: { version: "0", code: "00" },
});

async function pooled(models: readonly string[], more: Partial<PoolOptions> = {}): Promise<readonly Outcome[]> {
  const entry = new URL("./slow-child.mjs", import.meta.url);
  const pool = new Pool({ entry, start: { root }, jobs: 2, compare: false, signal: new AbortController().signal, ...more });
  try {
    return await Promise.all(models.map((model) => pool.run(task(model))));
  } finally {
    await pool.close();
  }
}

const begun = (): string[] => readFileSync(join(root, "begun"), "utf8").trim().split("\n").sort();

test("a process that dies takes its model along, after a second try, and no other", async () => {
  const [aborted, ...fine] = await pooled(["abort", "fine-1", "fine-2", "fine-3", "fine-4"]);
  expect(aborted.result).toMatchObject({ ok: false, diagnostics: [{ code: "worker-died", location: { path: "abort" } }] });
  expect(aborted.result.diagnostics[0].message).toContain("SIGABRT");
  expect(lasts(aborted.result)).toBe(false);
  expect(fine.map(({ result }) => result.ok)).toEqual([true, true, true, true]);
  expect(begun().filter((m) => m === "abort")).toHaveLength(2);
});

test("a process that dies once is forgiven", async () => {
  const [{ result, peakBytes }] = await pooled(["once-gone"]);
  expect(result.ok).toBe(true);
  expect(peakBytes).toBeGreaterThan(1 << 20);
});

test("a full heap is called that", async () => {
  const [{ result }] = await pooled(["fills"], { memoryMiB: 40 });
  expect(result.diagnostics[0]).toMatchObject({ code: "worker-died", why: "V8's heap was full under --memory 40." });
});

test("a task that does not end is ended, and the next one has a process", async () => {
  const [late, fine] = await pooled(["sleeps", "fine-1"], { jobs: 1, timeoutMs: 700 });
  expect([late.result.diagnostics[0].code, fine.result.ok]).toEqual(["task-timeout", true]);
  expect(begun()).toEqual(["fine-1", "sleeps"]);
});

test("a defect of ours is told, and does not last", async () => {
  const [{ result }] = await pooled(["throws"]);
  expect(result.diagnostics[0]).toMatchObject({ code: "internal", message: "a defect" });
  expect(lasts(result)).toBe(false);
});

test("an abort ends what runs and begins nothing more", async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error("enough")), 500);
  await expect(pooled(["sleeps", "sleeps-1", "sleeps-2", "fine-1"], { signal: abort.signal })).rejects.toThrow("enough");
  expect(begun()).toEqual(["sleeps", "sleeps-1"]);
  expect(readdirSync(root).filter((f) => f.startsWith("portolan-fleet-"))).toEqual([]);
});
