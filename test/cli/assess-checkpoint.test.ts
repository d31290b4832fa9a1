/** `portolan assess` on a checkpoint's folder: both languages, JSON, and what is wrong with a folder or an option. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operator } from "../assess/models.js";
import { fieldsOf } from "../serve/configs.js";
import { portolan, type Ran } from "./portolan.js";

const work = mkdtempSync(join(tmpdir(), "portolan-assess-cli-"));
afterAll(() => rmSync(work, { recursive: true }));
const folder = join(work, "qwen");

beforeAll(() => {
  mkdirSync(folder);
  writeFileSync(join(folder, "config.json"), JSON.stringify(fieldsOf("Qwen3-32B")));
});

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  portolan(["assess", ...args], { env: { PORTOLAN_CONFIG: join(work, "config"), LC_ALL: "C", ...env } });

describe("the report", () => {
  test("tells engines, cards, speed with what it rests on, and how to start", async () => {
    const { stdout, code } = await run([folder, "-t", "Ascend910C,P800"]);
    expect(code).toBe(0);
    for (const part of [
      "32.8 billion parameters",
      "layers: 64 of full attention",
      "262144 bytes a token",
      "vllm-ascend 0.23.0",
      "serves it",
      "smallest: 1 card, 2 dies, TP2",
      "measured: 16 published measurements",
      "no measurement: the interval is wide on purpose",
      "vllm serve MODEL --tensor-parallel-size 2",
      "do not name P800: vllm-ascend",
    ])
      expect(stdout).toContain(part);
  });

  test("is Chinese where the terminal or the user says so", async () => {
    for (const { stdout } of [await run([folder], { LC_ALL: "zh_CN.UTF-8" }), await run([folder, "--lang", "zh"])]) {
      expect(stdout).toContain("引擎");
      expect(stdout).toContain("张卡");
      expect(stdout).toContain("64 层全注意力");
      expect(stdout).not.toMatch(/serves it|smallest/);
    }
    expect((await run([folder, "--lang", "en"], { LC_ALL: "zh_CN.UTF-8" })).stdout).toContain("smallest");
  });

  test("is one document with --json, the same twice", async () => {
    const [once, again] = [await run([folder, "--json"]), await run([folder, "--json"])];
    expect(again.stdout).toBe(once.stdout);
    const { schemaVersion, chips } = JSON.parse(once.stdout) as { schemaVersion: number; chips: { chip: string }[] };
    expect(schemaVersion).toBe(1);
    expect(chips.length).toBe(9);
  });

  test("serves another form where one is asked for", async () => {
    const { stdout } = await run([
      folder,
      "-t",
      "Ascend910B4",
      "--precision",
      "w8a8",
      "--engine",
      "vllm-ascend",
      "--batch",
      "4",
      "--length",
      "8192",
    ]);
    expect(stdout).toContain("--quantization ascend");
    expect(stdout).toContain("--max-model-len 8192");
    expect(stdout).not.toContain("SGLang");
  });
});

test.each<[string, readonly string[], string]>([
  ["a chip that is not known", [folder, "-t", "Ascend99"], "unknown-chip"],
  ["an engine that is not known", [folder, "--engine", "vllm"], "bad-option"],
  ["a form that is not known", [folder, "--precision", "w9a9"], "bad-option"],
  ["what only models take", [folder, "--what-if", "batch=8", "--weights"], "--weights, --what-if"],
  ["nodes of a checkpoint", [folder, "--fail-on", "blocker,coverage<95"], "a checkpoint has no nodes"],
  ["samples, a report, a baseline", [folder, "--calib", "x", "--replay", "x", "--baseline", "A100"], "--baseline, --calib, --replay"],
  ["extents of a model", [folder, "--jobs", "2", "--dim", "n=1"], "only models take --dim"],
  ["an engine for a model", ["model.onnx", "--engine", "sglang", "--length", "10"], "only checkpoints take --engine, --length"],
  ["a batch that is none", [folder, "--batch", "0"], "bad-option"],
])("%s is a usage error", async (_, args, code) => {
  const ran = await run(args);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain(code);
});

test("a folder without a configuration holds models, or nothing", async () => {
  const empty = join(work, "empty");
  mkdirSync(empty);
  const ran = await run([empty]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("no-models");
});

test.each([
  ["--what-if", "batch=8"],
  ["--baseline", "A100"],
])("%s is of models, and refused aloud", async (...option) => {
  const { code, stderr } = await run([folder, ...option]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`only models take ${option[0]}`)]);
});

test.each([
  ["blocker", "Ascend910B2,H20", 0, ""],
  ["blocker", "Ascend910B2,R200", 1, "no engine that is known here serves"],
  ["unknown", "Ascend910B2", 0, ""],
  ["unknown", "Ascend910B2,MLU590", 1, "nobody says that an engine serves"],
  ["unknown", "R200", 1, "no figure tells how fast"],
  ["blocker,unknown", "H20", 1, "no code is generated for any chip"],
])("--fail-on %s of %s ends with %d", async (condition, chips, code, says) => {
  const ran = await run([folder, "-t", chips, "--fail-on", condition]);
  expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(says)]);
  expect(ran.stdout).toContain("32.8 billion parameters");
});

test("a spreadsheet has a line for each chip, with what is not known left empty", async () => {
  const file = join(work, "out.csv");
  expect((await run([folder, "-t", "Ascend910C,R200", "--csv", file])).code).toBe(0);
  const text = readFileSync(file, "utf8");
  const [head, ...lines] = text.slice(1).trimEnd().split("\r\n");
  const columns = head.split(",");
  const of = (line: string, name: string): string => line.split(",")[columns.indexOf(name)];
  expect([text.codePointAt(0), lines.length]).toEqual([0xfeff, 2]);
  expect(["kind", "chip", "verdict", "engine", "cards", "devices", "plan"].map((n) => of(lines[0], n))).toEqual([
    ...["checkpoint", "Ascend910C", "accepted", "vllm-ascend", "1", "2", "TP2"],
  ]);
  expect(Number(of(lines[0], "tokens_per_second_high"))).toBeGreaterThan(Number(of(lines[0], "tokens_per_second_low")));
  expect(["verdict", "engine", "cards", "tokens_per_second_low", "nodes_covered"].map((n) => of(lines[1], n))).toEqual([
    "refused",
    "",
    "",
    "",
    "",
  ]);
});

test("all chips are the usual ones", async () => {
  expect((await run([folder, "-t", "all", "--json"])).stdout).toBe((await run([folder, "--json"])).stdout);
});

test("a configuration beside ONNX files alone is theirs", async () => {
  const exported = join(work, "exported");
  mkdirSync(exported);
  writeFileSync(join(exported, "config.json"), JSON.stringify(fieldsOf("Qwen3-32B")));
  writeFileSync(join(exported, "model.onnx"), operator("Relu"));
  expect((await run([exported, "-t", "P800"])).stdout).toContain("assess: 1 model, all ok");
  writeFileSync(join(exported, "model.safetensors.index.json"), "{}");
  expect((await run([exported, "-t", "P800"])).stdout).toContain("Qwen3ForCausalLM");
});
