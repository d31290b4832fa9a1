/** A checkpoint against chips as a whole: in order, sure of what is sure, and the same for the same question. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { assessCheckpoint } from "../../src/api/assess-checkpoint.js";
import { chipRows } from "../../src/chips/chips.js";
import { resolveChip } from "../../src/chips/resolve.js";
import type { ChipRow } from "../../src/chips/row.js";
import { assessFound, type ChipAssessment, type CheckpointAssessment } from "../../src/serve/assess.js";
import type { AssessOptions } from "../../src/serve/case.js";
import { findCheckpoint, type FoundCheckpoint } from "../../src/serve/folder.js";
import { memoryOn, type Split } from "../../src/serve/memory.js";
import type { EngineKey } from "../../src/serve/engines.js";
import type { Launch } from "../../src/serve/launch/launch.js";
import { cacheBytesOf, namedForms, plain, type Form } from "../../src/serve/form.js";
import { engineOf } from "../../src/serve/verdict.js";
import { configNames, fieldsOf, type ConfigName } from "./configs.js";

const work = mkdtempSync(join(tmpdir(), "portolan-assess-"));
afterAll(() => rmSync(work, { recursive: true }));

function folderOf(name: ConfigName): string {
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(fieldsOf(name)));
  return folder;
}

const found = new Map<ConfigName, FoundCheckpoint>(configNames.map((n) => [n, findCheckpoint(folderOf(n))]));
const foundOf = (name: ConfigName): FoundCheckpoint => found.get(name) as FoundCheckpoint;
const options: AssessOptions = { batch: 16, length: 4096, wantedTokenTime: 0.05 };
const rows = (...names: readonly string[]): ChipRow[] => names.map((n) => resolveChip(n).row);
const assess = (name: ConfigName, chips: readonly string[], more: Partial<AssessOptions> = {}): CheckpointAssessment =>
  assessFound(foundOf(name), rows(...chips), { ...options, ...more });

interface BackendConfig {
  readonly npuDeviceIds: number[][];
  readonly multiNodesInferEnabled: boolean;
  readonly ModelDeployConfig: { readonly ModelConfig: { readonly worldSize: number; readonly tp: number; readonly dp: number }[] };
}

describe("several machines", () => {
  const launched = (name: ConfigName, chip: string, engine: EngineKey, more: Partial<AssessOptions> = {}): Launch => {
    const { launch, plans } = assess(name, [chip], { engine, ...more }).chips[0];
    expect((plans.advised ?? plans.smallest)?.nodes).toBeGreaterThan(1);
    return launch as Launch;
  };

  test("replicas of vllm-ascend know how many are theirs and where the first machine is", () => {
    const { command, others, environment, source } = launched("DeepSeek-V3", "Ascend910B2", "vllm-ascend", { form: namedForms.w8a8 });
    const [, dp, local] = /--data-parallel-size (\d+) .*--data-parallel-size-local (\d+)/.exec(command) ?? [];
    expect(Number(dp)).toBe(2 * Number(local));
    expect(others?.command).toBe(`${command} --headless --data-parallel-start-rank $((RANK * ${local}))`);
    expect(command).not.toContain("--headless");
    expect(environment).toContain("HCCL_IF_IP=OWN_IP");
    expect(source).toContain("docs/source/tutorials/models/DeepSeek-V3.1.md");
  });

  test("stages of vllm-ascend are workers of Ray, and one machine serves", () => {
    const { command, others } = launched("Llama-3.1-405B", "Ascend910B2", "vllm-ascend");
    expect(command).toMatch(/^ray start --head && vllm serve .*--pipeline-parallel-size \d+ .*--distributed-executor-backend ray$/);
    expect(others?.command).toBe("ray start --address=FIRST_IP:6379 --node-ip-address=OWN_IP");
  });

  test("ranks of SGLang differ in their number alone", () => {
    const { command, others } = launched("DeepSeek-V3", "Ascend910B2", "sglang", { form: namedForms.w8a8 });
    expect(command).toMatch(/--dist-init-addr FIRST_IP:5000 --nnodes \d+ --node-rank 0$/);
    expect(others?.command).toBe(command.replace(/0$/, "RANK"));
  });

  test("what pages do not tell of several machines is said, and one machine has nothing of others", () => {
    const kunlun = launched("DeepSeek-V3.2", "P800", "vllm-kunlun", { form: plain });
    expect([kunlun.others, kunlun.notes.map((n) => n.key)]).toEqual([undefined, ["launch.kunlun-files", "launch.machines-untold"]]);
    const mlu = launched("DeepSeek-V3.2", "MLU590", "vllm-mlu", { form: plain });
    expect([mlu.others, mlu.notes.map((n) => n.key)]).toEqual([undefined, ["launch.mlu-ray"]]);
    const mindie = launched("DeepSeek-V3", "Ascend910C", "mindie", { form: plain });
    expect(mindie.notes.map((n) => n.key)).toContain("launch.mindie-machines");
    for (const engine of ["vllm-ascend", "sglang", "mindie"] as const) {
      const { launch } = assess("Qwen3-8B", ["Ascend910B2"], { engine }).chips[0];
      expect(launch?.others).toBeUndefined();
      expect(JSON.stringify(launch)).not.toMatch(/FIRST_IP|RANK/);
    }
  });
});

describe("plans", () => {
  test("cards and dies of 910C and 300I Duo are both told", () => {
    const [c] = assess("DeepSeek-V3", ["Ascend910C"]).chips;
    expect([c.plans.smallest?.cards, c.plans.smallest?.split.devices]).toEqual([8, 16]);
    const [duo] = assess("Qwen3-32B", ["Ascend310P3"]).chips;
    expect([duo.plans.smallest?.cards, duo.plans.smallest?.split.devices]).toEqual([1, 2]);
  });

  test("latent attention is copied and its requests are dealt out; experts are spread over all", () => {
    const [c] = assess("DeepSeek-V3", ["Ascend910C"], { batch: 256, length: 8192 }).chips;
    const split = c.plans.advised?.split as Split;
    expect(split.ep).toBe(split.devices);
    expect(split.dp).toBeGreaterThan(1);
  });

  test("a model that no machine holds is shared in stages", () => {
    const [c] = assess("Llama-3.1-405B", ["Ascend910B2"], { engine: "vllm-ascend" }).chips;
    expect(c.plans.smallest?.split).toMatchObject({ devices: 16, tp: 8, pp: 2 });
    expect(c.launch?.command).toContain("--pipeline-parallel-size");
  });

  test("an engine without stages shares its layers over machines, and starts with the devices of each", () => {
    const [c] = assess("Llama-3.1-405B", ["Ascend910B2"], { engine: "mindie" }).chips;
    expect(c.plans.smallest).toMatchObject({ nodes: 2, split: { devices: 16, tp: 16, pp: 1 } });
    const [config, ranks] = (c.launch?.files ?? []).map((f) => JSON.parse(f.text) as unknown);
    const { npuDeviceIds, multiNodesInferEnabled, ModelDeployConfig } = (config as { BackendConfig: BackendConfig }).BackendConfig;
    expect(multiNodesInferEnabled).toBe(true);
    expect(npuDeviceIds).toEqual([[0, 1, 2, 3, 4, 5, 6, 7]]);
    const [{ worldSize, tp, dp }] = ModelDeployConfig.ModelConfig;
    expect([worldSize, dp]).toEqual([tp, 1]);
    expect(c.launch?.notes.map((n) => n.key)).toContain("launch.machines");
    const { server_list: servers } = ranks as { server_list: { device: { rank_id: string }[] }[] };
    expect(servers.flatMap((s) => s.device.map((d) => Number(d.rank_id)))).toEqual(Array.from({ length: worldSize }, (_, i) => i));
    expect(c.launch?.others?.environment).toContain("RANK_TABLE_FILE=PATH/ranktable.json");
    expect(c.launch?.environment.join(" ")).not.toContain("{");
  });

  test("experts are spread over devices that divide them, or not at all, and why is said", () => {
    const odd = (fields: object): ChipAssessment => {
      const folder = join(work, "odd");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "config.json"), JSON.stringify({ ...fieldsOf("Qwen3-235B-A22B"), ...fields }));
      return assessFound(findCheckpoint(folder), rows("Ascend910B2"), { ...options, engine: "vllm-ascend" }).chips[0];
    };
    expect(odd({ num_experts: 120 }).plans.advised?.split).toMatchObject({ tp: 8, ep: 8 });
    const whole = odd({ num_experts: 126 });
    expect(whole.plans.advised?.split).toMatchObject({ tp: 8, ep: 1 });
    expect(whole.notes).toContainEqual({ key: "serve.experts-cut", with: { experts: 126, tp: 8 } });
    expect(whole.launch?.command).not.toContain("--enable-expert-parallel");
    expect(whole.plans.advised?.memory.weights.lo).toBeLessThan((1.2 * (whole.weightBytes ?? 0)) / 8);
    // Neither experts nor their widths divide among eight.
    expect(odd({ num_experts: 126, moe_intermediate_size: 1540 }).plans.advised?.split.tp).not.toBe(8);
  });

  test("whatever the model and the chip, experts divide evenly", () => {
    for (const name of configNames) {
      const { experts } = foundOf(name).model;
      for (const { plans } of assess(name, ["Ascend910B2", "Ascend910C", "P800", "MLU590", "Ascend310P3"]).chips)
        for (const plan of [plans.smallest, plans.advised])
          if (plan) expect(experts === undefined ? plan.split.ep : experts % plan.split.ep, name).toBe(experts === undefined ? 1 : 0);
    }
  });

  test("a refused chip has no plan, and says why", () => {
    const [c] = assess("Qwen3-8B", ["R200"]).chips;
    expect(c.plans).toEqual({});
    expect(c.notes.map((n) => n.key)).toEqual(["serve.no-engine"]);
    expect(c.verdicts.every((v) => v.answer === "refused")).toBe(true);
  });

  test("the next smaller number of devices does not do", () => {
    for (const name of configNames)
      for (const c of assess(name, ["Ascend910B2", "Ascend910C", "P800", "MLU590"]).chips)
        if (c.plans.belowSmallest) expect(c.plans.belowSmallest.fit).toBe("too-large");
  });
});

test("what a checkpoint becomes is what lies in memory", () => {
  const [b2, p950] = assess("DeepSeek-V3", ["Ascend910B2", "Ascend950PR"]).chips;
  expect(b2.conversion?.key).toBe("convert.fp8-to-w8a8");
  expect(p950.conversion).toBeUndefined();
  const [sglang] = assess("Qwen3-8B", ["Ascend910B2"], { engine: "sglang" }).chips;
  expect(sglang.weightBytes).toBe(2 * 8190735360);
});

describe("a cache in int8", () => {
  const { w8a8, w8a8c8 } = namedForms;
  const cacheOn = (name: ConfigName, chip: string, engine: EngineKey, form: Form): number | undefined =>
    assess(name, [chip], { engine, form, batch: 1, length: 4096 }).chips[0].plans.advised?.memory.cache;

  test("has a scale for each vector where the engine keeps one, and half of the bytes where constants do", () => {
    // 61 layers of latent vectors of 512 + 64, a float each; drafting layers keep them too.
    expect(cacheOn("DeepSeek-V3", "MLU590", "vllm-mlu", w8a8c8)).toBe(4096 * 62 * (576 + 4));
    const ascend = [w8a8, w8a8c8].map((f) => cacheOn("Qwen3-8B", "Ascend910B2", "vllm-ascend", f) ?? 0);
    expect(ascend[1]).toBe(ascend[0] / 2);
    // Of eight heads of 128 elements, keys and values.
    expect(cacheOn("Qwen3-8B", "MLU590", "vllm-mlu", w8a8c8)).toBe(4096 * 36 * 2 * 8 * (128 + 4));
  });

  test("is asked of the engine that serves it, refused where it is not served, and unknown scales are told", () => {
    const of = (chip: string, engine: EngineKey): ChipAssessment => assess("Qwen3-8B", [chip], { engine, form: w8a8c8 }).chips[0];
    expect(of("MLU590", "vllm-mlu").launch?.command).toContain("--kv-cache-dtype int8");
    expect(of("Ascend910C", "mindie").verdicts[0].reason.key).toBe("engine.mindie-c8");
    expect(of("Ascend910B2", "mindie").notes.map((n) => n.key)).toEqual(["serve.cache-scales-unknown"]);
    expect(of("MLU590", "vllm-mlu").notes.map((n) => n.key)).not.toContain("serve.cache-scales-unknown");
  });
});

describe("speed", () => {
  const told = assess("Qwen3-32B", ["Ascend910B2", "Ascend910B4", "P800"]);

  test("what rests on measurements says so, and what does not is wide", () => {
    expect(told.chips.map((c) => c.basis.key)).toEqual(["basis.measured", "basis.relatives", "basis.none"]);
    for (const p of told.chips[2].speed) expect(p.tokenTime.hi / p.tokenTime.lo).toBeGreaterThanOrEqual(4);
  });

  test("three measurements are named, the most telling first, and what hangs on them", () => {
    const { asks } = assess("Qwen3-32B", ["P800", "Ascend910B2"], { wantedTokenTime: told.chips[2].speed[2].tokenTime.at }).chips[0];
    expect(asks.length).toBe(3);
    expect(asks.map((a) => a.gain)).toEqual([...asks.map((a) => a.gain)].sort((a, b) => b - a));
    expect(asks[0].flips.length).toBeGreaterThan(0);
  });
});

test("a price of the user's gives a cost, no price gives none", () => {
  const [row] = rows("Ascend910B2");
  const price = { value: 95000, confidence: "yours" as const, source: "lab", date: "2026-11-20", label: "lab", currency: "CNY" };
  const [c] = assessFound(foundOf("Qwen3-32B"), [{ ...row, figures: { ...row.figures, price: [price] } }], options).chips;
  expect(c.cost?.currency).toBe("CNY");
  const { hi, lo } = c.speed[c.speed.length - 1].rate;
  const perSecond = (95000 * (c.plans.advised?.cards ?? 0)) / (1.5 * 365.25 * 86400);
  expect(c.cost?.interval.lo).toBeCloseTo((perSecond / hi) * 1e6, 6);
  expect(c.cost?.interval.hi).toBeCloseTo((perSecond / lo) * 1e6, 6);
  expect(assess("Qwen3-32B", ["Ascend910B2"]).chips[0].cost).toBeUndefined();
});

const splits = fc.record({
  name: fc.constantFrom(...configNames),
  batch: fc.integer({ min: 1, max: 512 }),
  length: fc.integer({ min: 1, max: 100_000 }),
  tp: fc.constantFrom(1, 2, 4, 8),
  spread: fc.constantFrom(1, 2, 4),
});

test("memory grows with requests and their length, and shrinks with devices", () => {
  fc.assert(
    fc.property(splits, ({ name, batch, length, tp, spread }) => {
      const { model, form, weights } = foundOf(name);
      const resident = { architecture: model.architecture, weights, cache: cacheBytesOf(form), engine: engineOf("vllm-ascend") };
      const on = (b: number, l: number, t: number, s: number): { lo: number; hi: number } =>
        memoryOn(resident, { devices: t * s, tp: t, dp: s, pp: 1, ep: t * s }, { batch: b * s, length: l }).total;
      const base = on(batch, length, tp, spread);
      expect(base.lo).toBeLessThanOrEqual(base.hi);
      expect(on(batch + 1, length, tp, spread).hi).toBeGreaterThanOrEqual(base.hi);
      expect(on(batch, length + 256, tp, spread).lo).toBeGreaterThanOrEqual(base.lo);
      // Buffers of one more group of devices aside.
      const weightsOn = (t: number, s: number): number =>
        memoryOn(resident, { devices: t * s, tp: t, dp: s, pp: 1, ep: t * s }, { batch: s, length: 1 }).weights.lo;
      expect(weightsOn(2 * tp, spread)).toBeLessThanOrEqual(weightsOn(tp, spread));
      expect(weightsOn(tp, 2 * spread)).toBeLessThanOrEqual(weightsOn(tp, spread));
    }),
  );
});

test("every configuration on every chip gives an answer, the same twice", () => {
  for (const name of configNames) {
    const once = assessFound(foundOf(name), chipRows, options);
    expect(JSON.stringify(assessFound(foundOf(name), chipRows, options))).toBe(JSON.stringify(once));
    for (const c of once.chips) {
      expect(c.verdicts.length).toBe(9);
      for (const p of c.speed) expect(p.tokenTime.lo).toBeLessThanOrEqual(p.tokenTime.hi);
      if (c.speed.length === 0) expect(c.notes.length).toBeGreaterThan(0);
    }
  }
});

describe("the api", () => {
  test("takes chips as users name them, and says what a name was taken to mean", async () => {
    const { assessment, diagnostics } = await assessCheckpoint(folderOf("Qwen3-8B"), { chips: ["910B"] });
    expect(assessment.chips.map((c) => c.chip)).toEqual(["Ascend910B2"]);
    expect(diagnostics.map((d) => d.code)).toEqual(["chip-alias"]);
  });

  test("nine chips of three makers unless told otherwise, and no more tokens than the model takes", async () => {
    const { assessment, diagnostics } = await assessCheckpoint(folderOf("Qwen3-8B"), { length: 1e6 });
    expect(assessment.chips.length).toBe(9);
    expect(assessment.options.length).toBe(40960);
    expect(diagnostics).toEqual([]);
  });

  test("a form and an engine that are not known are told, with the nearest", async () => {
    await expect(assessCheckpoint(folderOf("Qwen3-8B"), { precision: "w8a9" })).rejects.toThrow(/bad-option/);
    await expect(assessCheckpoint(folderOf("Qwen3-8B"), { engine: "vllm-ascent" })).rejects.toThrow(/vllm-ascend/);
    await expect(assessCheckpoint(folderOf("Qwen3-8B"), { chips: ["Ascend99"] })).rejects.toThrow(/unknown-chip/);
  });
});
