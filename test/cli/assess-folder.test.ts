/** `portolan assess` on folders that hold checkpoints: found beside models, kept by content, and one that is broken stops no other. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operator } from "../assess/models.js";
import { fieldsOf, type ConfigName } from "../serve/configs.js";
import { portolan, type Ran } from "./portolan.js";

const work = mkdtempSync(join(tmpdir(), "portolan-assess-folder-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const put = (path: string, content: string | Uint8Array): void => {
  const file = join(work, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, content);
};

function putCheckpoint(path: string, name: ConfigName, more: object = {}): void {
  put(`${path}/config.json`, JSON.stringify({ ...fieldsOf(name), ...more }));
  put(`${path}/model.safetensors.index.json`, JSON.stringify({ metadata: { total_size: 16e9 }, weight_map: {} }));
}

beforeAll(() => {
  putCheckpoint("models/qwen", "Qwen3-8B");
  putCheckpoint("models/deep/er/llama", "Llama-3-8B");
  put("models/relu.onnx", operator("Relu"));
  // What is exported runs, whatever weights lie beside it: the page of an encoder on a hub has both.
  putCheckpoint("exported/encoder", "Qwen3-8B", { architectures: ["BertModel"], model_type: "bert" });
  put("exported/encoder/onnx/model.onnx", operator("Relu"));
  put("models/settings/config.json", "{}");
  put("models/cut.gguf", "GGUF");
  putCheckpoint("broken/mad", "Qwen3-8B", { hidden_size: -1 });
});

const run = (line: string, cache = "cache"): Promise<Ran> =>
  portolan(["assess", ...line.split(" ")], {
    cwd: work,
    env: { PORTOLAN_CONFIG: join(work, "config"), PORTOLAN_CACHE: join(work, cache), LC_ALL: "C" },
  });
const text = (path: string): string => readFileSync(join(work, path), "utf8");
const cached = (path: string): boolean[] => (JSON.parse(text(path)) as { models: { cached: boolean }[] }).models.map((m) => m.cached);

test("checkpoints and models of a folder are assessed, the broken one is listed, and nothing is done twice", async () => {
  const files = "--report all.html --csv all.csv --results one.json";
  const first = await run(`models -t Ascend910B2,R200 ${files} --timings t1.json`);
  expect(first.code).toBe(3);
  expect(first.stdout).toMatch(/models\/qwen +Ascend910B2 +serves it +vllm-ascend +1 card +\d+ - \d+ +measured on it/);
  expect(first.stdout).toMatch(/models\/qwen +R200 +refused +none +unknown +unknown/);
  expect(first.stdout).toMatch(/models\/relu\.onnx +ready/);
  expect(first.stdout).toMatch(/models\/cut\.gguf +gguf-malformed[^]+assess: 1 model, 2 checkpoints, 1 unread, 1 not ok/);
  const { models } = JSON.parse(text("one.json")) as { models: { model: string }[] };
  expect(models.map((m) => m.model)).toEqual(["cut.gguf", "deep/er/llama", "qwen", "relu.onnx"].map((n) => `models/${n}`));
  const lines = text("all.csv").trimEnd().split("\r\n");
  expect(lines).toHaveLength(1 + 3 * 2);
  for (const name of ["models/qwen", "models/deep/er/llama", "models/relu.onnx", "models/cut.gguf"])
    expect(text("all.html")).toContain(name);
  const again = await run("models -t Ascend910B2,R200 --json --timings t2.json");
  expect(again.stdout).toBe(text("one.json"));
  expect([new Set(cached("t1.json")), new Set(cached("t2.json"))]).toEqual([new Set([false]), new Set([true])]);
  putCheckpoint("models/qwen", "Qwen3-8B", { num_hidden_layers: 12 });
  await run("models -t Ascend910B2,R200 --json --timings t3.json");
  expect(cached("t3.json").filter((c) => !c)).toHaveLength(1);
  putCheckpoint("models/qwen", "Qwen3-8B");
});

test("shards merged are one run byte for byte", async () => {
  const parts = ["1/2", "2/2"].map((shard, i) => run(`models -t Ascend910B2 --shard ${shard} --results part${i}.json`));
  await Promise.all([...parts, run("models -t Ascend910B2 --results whole.json")]);
  const merged = await portolan(["merge", "part0.json", "part1.json", "-o", "merged.json"], { cwd: work });
  expect(merged.code).toBe(3);
  expect(text("merged.json")).toBe(text("whole.json"));
});

test("what worker and merge make of a plan are the bytes of one run", async () => {
  const env = { PORTOLAN_CONFIG: join(work, "config"), PORTOLAN_CACHE: join(work, "planned"), LC_ALL: "C" };
  const on = (line: string): Promise<Ran> => portolan(line.split(" "), { cwd: work, env });
  // A plan names what can be read alone.
  expect((await on("plan models/qwen models/deep models/relu.onnx --kind assess -t P800 -o tasks.json")).code).toBe(0);
  for (const i of [0, 1]) expect((await on(`worker --tasks tasks.json --index ${i} --of 2 -o parts`)).code).toBe(0);
  const parts = readdirSync(join(work, "parts")).map((name) => `parts/${name}`);
  await on(`merge ${parts.join(" ")} -o together.json`);
  await on("assess models/qwen models/deep models/relu.onnx -t P800 --results once.json");
  expect(text("together.json")).toBe(text("once.json"));
});

test("of weights beside an exported model the model is assessed", async () => {
  const { code, stdout } = await run("exported -t R200 --json");
  const { models } = JSON.parse(stdout) as { models: { model: string }[] };
  expect([code, models.map((m) => m.model)]).toEqual([0, ["exported/encoder/onnx/model.onnx"]]);
});

test("several checkpoints are asked with their own options, and conditions hold for each", async () => {
  const gated = await run("models/qwen models/deep/er/llama -t Ascend910B2,R200 --precision w8a8 --batch 4 --fail-on blocker --json", "b");
  expect(gated.code).toBe(1);
  const { models } = JSON.parse(gated.stdout) as {
    models: {
      checkpoint: { options: { batch: number }; chips: { weightBytes: number }[] };
      diagnostics: { code: string; message: string }[];
    }[];
  };
  for (const { checkpoint, diagnostics } of models) {
    expect(checkpoint.options.batch).toBe(4);
    expect(checkpoint.chips[0].weightBytes).toBeLessThan(11e9);
    expect(diagnostics.map((d) => [d.code, d.message])).toEqual([["assess-gate", expect.stringContaining("on R200")]]);
  }
  const one = await run("models/qwen -t Ascend910B2 --jobs 1 --json", "b");
  expect((JSON.parse(one.stdout) as { models: unknown[] }).models).toHaveLength(1);
});

test.each([
  ["models/qwen models/deep --weights --dim n=1", "only models take --dim, --weights"],
  ["models/qwen models/deep --fail-on coverage<95", "a checkpoint has no nodes"],
  ["models/relu.onnx models/relu.onnx models/settings/../relu.onnx --batch 4", "only checkpoints take --batch"],
  ["models/relu.onnx models/. --engine vllm", 'engine "vllm" is not known'],
  ["models --precision w9a9", 'precision "w9a9" is not known'],
])("%s is a usage error", async (line, why) => {
  expect(await run(line)).toMatchObject({ code: 2, stderr: expect.stringContaining(why) as string });
});

test("what one kind takes, the other does without where both stand together", async () => {
  const ran = await run("models/qwen models/relu.onnx -t Ascend910B2 --precision fp16 --batch 2 --fail-on coverage<95");
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining("assess: 1 model, 1 checkpoint, all ok") as string });
});

test("a broken checkpoint says why, and ends as it would alone", async () => {
  const [among, alone] = [await run("models/qwen broken -t Ascend910B2"), await run("broken/mad -t Ascend910B2")];
  expect([among.code, alone.code]).toEqual([3, 3]);
  expect(among.stdout).toMatch(/broken\/mad +checkpoint-config +.*hidden_size/);
});
