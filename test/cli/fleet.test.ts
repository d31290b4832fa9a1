/** One command for many models: broken ones stop no other, nothing is done twice, and parts are the whole byte for byte. */
import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brokenNames, writeModels } from "../../bench/acceptance/fleet-models.mjs";
import { info, modelBytes, node } from "../onnx/build-model.js";
import { binary, portolan, type Ran } from "./portolan.js";
import { root } from "./root.js";

const count = 25;
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-fleet-test-"));
  writeModels(join(folder, "models"), count);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const run = (line: string, cache: string, more = {}): Promise<Ran> =>
  portolan(line.split(" "), { cwd: folder, env: { PORTOLAN_CACHE: join(folder, cache), ...more } });
/** The twins that all tests share. */
const cacheOfTests = {
  PORTOLAN_CACHE: process.env["PORTOLAN_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "portolan"),
};
const bytes = (path: string): string => readFileSync(join(folder, path), "utf8");

interface Document {
  readonly models: readonly { readonly model: string; readonly ok: boolean; readonly diagnostics: readonly { readonly code: string }[] }[];
}
const documentOf = (path: string): Document => JSON.parse(bytes(path)) as Document;
const cachedOf = (path: string): boolean[] =>
  (JSON.parse(bytes(path)) as { models: { cached: boolean }[] }).models.map(({ cached }) => cached);

test("broken models are listed, the others are done, and the second time nothing is done", async () => {
  const first = await run("compile models -t cann --dry-run --jobs 2 --results one.json --timings t1.json", "a");
  expect(first.code).toBe(3);
  expect(first.stdout).toMatch(/models\/cyclic\.onnx +graph-cyclic[^]+compile: 25 models, 5 not ok/);
  const { models } = documentOf("one.json");
  expect(models).toHaveLength(count);
  expect(models.filter((m) => !m.ok).map((m) => m.model)).toEqual(brokenNames.map((name) => `models/${name}`).sort());
  expect(models.filter((m) => !m.ok).map((m) => m.diagnostics[0].code)).toEqual([
    ...["model-truncated", "graph-cyclic", "model-empty", "extent-mismatch", "unsupported-op"],
  ]);
  const second = await run("compile models -t cann --dry-run --jobs 1 --json --timings t2.json", "a");
  expect([second.code, second.stdout]).toEqual([3, bytes("one.json")]);
  expect([new Set(cachedOf("t1.json")), new Set(cachedOf("t2.json"))]).toEqual([new Set([false]), new Set([true])]);
});

test("shards merged are one run, and so are shares of planned tasks in a Slurm array", async () => {
  await run("compile models -t cann --dry-run --results whole.json", "a");
  for (const i of [1, 2]) await run(`compile models -t cann --dry-run --shard ${i}/2 --results s${i}.json`, "b");
  expect((await run("merge s2.json s1.json -o merged.json", "b")).code).toBe(3);
  expect(bytes("merged.json")).toBe(bytes("whole.json"));
  expect((await run("merge s1.json -o half.json", "b")).stderr).toContain("error[merge-incomplete]");
  expect(existsSync(join(folder, "half.json"))).toBe(false);

  const bin = join(folder, "bin");
  mkdirSync(bin);
  copyFileSync(join(root, "test/cli/fake-sbatch.sh"), join(bin, "sbatch"));
  writeFileSync(join(bin, "portolan"), `#!/bin/sh\nexec "${process.execPath}" "${binary}" "$@"\n`);
  for (const name of ["sbatch", "portolan"]) chmodSync(join(bin, name), 0o755);
  const planned = "portolan plan models --kind compile -t cann -o tasks.json";
  const script = `${planned} && sbatch --wait "${join(root, "docs/fleet-slurm.sh")}"; portolan merge parts/*.json -o slurm.json`;
  const ended = spawn("bash", ["-c", script], {
    cwd: folder,
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, PORTOLAN_CACHE: join(folder, "c") },
    stdio: "ignore",
  });
  expect(await new Promise((resolve) => ended.on("close", resolve))).toBe(3);
  expect(readdirSync(join(folder, "parts")).sort()).toEqual([0, 1, 2, 3].map((i) => `part-${i + 1}-of-4.json`));
  expect(bytes("slurm.json")).toBe(bytes("whole.json"));
});

test("bundles have a folder each, named after the whole path; what is still there is not written again", async () => {
  const line = "compile models/group-0 models/cyclic.onnx -t cann,bang -o out --timings";
  expect((await run(`${line} o1.json`, "a")).code).toBe(3);
  const of = (model: string): string => join(folder, "out/models", model);
  expect(readdirSync(of("group-0"))).toHaveLength(20);
  expect(readdirSync(of("group-0/model-3.onnx")).sort()).toEqual(["bang-MLU590", "cann-Ascend910B2"]);
  expect(existsSync(of("cyclic.onnx"))).toBe(false);
  rmSync(of("group-0/model-3.onnx/bang-MLU590"), { recursive: true });
  expect((await run(`${line} o2.json`, "a")).code).toBe(3);
  expect(cachedOf("o2.json").filter((cached) => !cached)).toHaveLength(1);
  expect(existsSync(join(of("group-0/model-3.onnx/bang-MLU590"), "manifest.json"))).toBe(true);
});

const allBelow = (path: string): string[] => readdirSync(join(folder, path), { recursive: true, encoding: "utf8" });

test("Ctrl-C leaves nothing half-written, and the same command goes on to the same bytes", async () => {
  const line = "compile models -t all -o stopped --results stopped.json --jobs 2 --timings st.json";
  const child = spawn(process.execPath, [binary, ...line.split(" ")], {
    cwd: folder,
    env: { ...process.env, PORTOLAN_CACHE: join(folder, "e") },
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const kept = (): number => (existsSync(join(folder, "e/results")) ? readdirSync(join(folder, "e/results")).length : 0);
  while (kept() < 4 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10));
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(existsSync(join(folder, "stopped.json"))).toBe(false);
  const left = allBelow("stopped");
  expect(left.filter((f) => f.includes(".portolan-"))).toEqual([]);
  const bundles = left.filter((f) => /(?:cann|bang|kunlun)-\w+$/.test(f));
  expect(bundles.filter((f) => !existsSync(join(folder, "stopped", f, "manifest.json")))).toEqual([]);
  // Whatever is kept is whole: it is read, and the rest is done.
  expect(allBelow("e/results").filter((f) => !/^(?:..|..\/[0-9a-f]{64}\.json)$/.test(f))).toEqual([]);
  expect((await run(line, "e")).code).toBe(3);
  expect(cachedOf("st.json")).toContain(true);
  await run("compile models -t all -o fresh --results fresh.json", "f");
  expect(bytes("stopped.json")).toBe(bytes("fresh.json"));
});

test("what differs between two runs is seen: weights by their ends and times, models by their bytes", async () => {
  mkdirSync(join(folder, "own"));
  const w = { name: "w", dims: [4, 4], dataType: 1, dataLocation: 1, externalData: [{ key: "location", value: "w.bin" }] };
  const graph = { input: [info("x", [1, 4])], output: [info("y", [1, 4])], initializer: [w], node: [node("MatMul", ["x", "w"], ["y"])] };
  writeFileSync(join(folder, "own/m.onnx"), modelBytes({ graph }));
  const weights = (value: number): void =>
    writeFileSync(join(folder, "own/w.bin"), new Uint8Array(Float32Array.from({ length: 16 }, () => value).buffer));
  const known = async (more = ""): Promise<boolean> => {
    expect((await run(`compile own -t cann --dry-run --timings w.json${more}`, "a")).code).toBe(0);
    return cachedOf("w.json")[0];
  };
  weights(1);
  expect([await known(), await known()]).toEqual([false, true]);
  weights(2);
  expect([await known(), await known()]).toEqual([false, true]);
  utimesSync(join(folder, "own/w.bin"), 5, 5);
  expect([await known(), await known(" --hash-weights")]).toEqual([false, false]);
  utimesSync(join(folder, "own/w.bin"), 6, 6);
  expect([await known(" --hash-weights"), await known(" --precision fp16")]).toEqual([true, false]);

  expect((await run("plan own --kind compile -t cann -o own.json", "a")).code).toBe(0);
  const share = "worker --tasks own.json --index 0 --of 1 -o own-parts";
  expect((await run(share, "g")).code).toBe(0);
  weights(3);
  const { code, stdout } = await run(share, "h");
  expect([code, stdout]).toEqual([2, expect.stringContaining("task-model-differs")]);
});

test("a model that is not there is one of the list, and a list of none is refused", async () => {
  writeFileSync(join(folder, "list.txt"), "# two\nmodels/group-0/model-1.onnx\n\nmodels/none.onnx\n");
  const { code, stdout } = await run("compile @list.txt -t cann --dry-run", "a");
  expect([code, stdout]).toEqual([3, expect.stringMatching(/models\/none\.onnx +file-unreadable[^]+2 models, 1 not ok/)]);
  mkdirSync(join(folder, "bare"));
  expect((await run("compile bare -t cann --dry-run", "a")).stderr).toContain("error[no-models]");
  expect((await run("plan @list.txt --kind compile -t cann -o no.json", "a")).code).toBe(3);
  expect(existsSync(join(folder, "no.json"))).toBe(false);
});

const refusals: readonly [line: string, code: string][] = [
  ["compile models -t cann", "missing-option"],
  ["compile models -t cann --dry-run --print-after fuse", "bad-option"],
  ["verify models -t cann --inputs x.npz", "bad-option"],
  ["verify models -t cann --keep kept", "bad-option"],
  ["compile models -t cann --dry-run --shard 3/2", "bad-option"],
  ["compile models -t cann -o out --queue redis://127.0.0.1:1/0", "bad-option"],
  ["compile models -t cann --dry-run --root models/group-0", "task-outside-root"],
  ["worker", "missing-option"],
];
test.each(refusals)("%s is refused before any work", async (line, code) => {
  const { code: exit, stderr } = await run(line, "a");
  expect([exit, stderr]).toEqual([2, expect.stringContaining(`error[${code}]`)]);
});

test("verify tells models apart: one that agrees, one that cannot be read", async () => {
  const { code, stdout } = await run("verify models/group-0/model-0.onnx models/empty.onnx -t kunlun --json", "../own-cache", cacheOfTests);
  expect(code).toBe(3);
  const { models } = JSON.parse(stdout) as Document & { models: readonly { targets?: readonly object[] }[] };
  expect(models.map((m) => m.ok)).toEqual([false, true]);
  expect(models[1].targets?.[0]).toMatchObject({ target: "kunlun", ok: true, outputs: [{ name: "y", ok: true }] });
  expect(stdout).not.toContain("milliseconds");
});

test("one model is what it was", async () => {
  const one = "compile models/group-0/model-1.onnx -t cann --dry-run --json";
  expect(JSON.parse((await run(one, "a")).stdout)).toMatchObject({ ok: true, bundles: [{ stepList: [{}, {}] }] });
});
