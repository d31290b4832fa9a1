/** Published "it runs on so many cards" as tests: each fits by our account, and the next smaller number does not where somebody says so. */
import { describe, expect, test } from "vitest";
import { resolveChip } from "../../src/chips/resolve.js";
import { figuresOf } from "../../src/estimate/figures.js";
import { fitOf, memoryOn, usableOf, type Fit, type Resident } from "../../src/serve/memory.js";
import { namedForms, plain, cacheBytesOf, weightBytesOf, type Form } from "../../src/serve/form.js";
import { planWith, plansFor, tpDivides, type Machine } from "../../src/serve/plans.js";
import { readModelConfig } from "../../src/serve/read-config.js";
import { engineOf } from "../../src/serve/verdict.js";
import { weightsFromConfig } from "../../src/serve/weights.js";
import type { EngineKey } from "../../src/serve/engines.js";
import { fieldsOf, type ConfigName } from "./configs.js";

interface Job {
  readonly model: ReturnType<typeof readModelConfig>;
  readonly resident: Resident;
  readonly machine: Machine;
  readonly load: { readonly batch: number; readonly length: number };
}

function jobOf(name: ConfigName, form: Form, chip: string, length: number, batch: number, key: EngineKey): Job {
  const model = readModelConfig({ path: "config.json", fields: fieldsOf(name) });
  const { memory = 0, devicesPerCard } = figuresOf(resolveChip(chip).row);
  const weights = weightsFromConfig(model.architecture, weightBytesOf(form));
  const resident = { architecture: model.architecture, weights, cache: cacheBytesOf(form), engine: engineOf(key) };
  const devicesPerNode = chip.startsWith("Ascend310") ? 8 : 8 * devicesPerCard;
  return { model, resident, machine: { memory, devicesPerCard, devicesPerNode }, load: { batch, length } };
}

function fitWith(devices: number, ...job: Parameters<typeof jobOf>): Fit {
  return planWith(jobOf(...job), devices)?.fit ?? "too-large";
}

const { w8a8, w4a8, wint4, wint8 } = namedForms;
const a2 = "Ascend910B2";
const a3 = "Ascend910C";
const mxfp4: Form = { ...plain, container: "mxfp4", expertBits: 4, group: 32 };

describe("runs on", () => {
  test.each<[ConfigName, string, Form, string, number, number]>([
    ["DeepSeek-V3", "W8A8 on two nodes of A2", w8a8, a2, 16, 16384],
    ["DeepSeek-V3", "W8A8 on eight cards of A3", w8a8, a3, 16, 16384],
    ["DeepSeek-V3.2", "W8A8 on one node of A3", w8a8, a3, 16, 16384],
    ["DeepSeek-V3.2", "W8A8 on two nodes of A2", w8a8, a2, 16, 16384],
    ["DeepSeek-V4-Flash", "W8A8 on one node of A2", w8a8, a2, 8, 16384],
    ["DeepSeek-V4-Flash", "W8A8 on one node of A3", w8a8, a3, 16, 16384],
    ["DeepSeek-V4-Flash", "W4A8 on eight 910B4 of 32 GB", w4a8, "Ascend910B4", 8, 32768],
    ["DeepSeek-V4-Pro", "W4A8 on two nodes of A3", w4a8, a3, 32, 16384],
    ["DeepSeek-V4-Pro", "W4A8 on four nodes of A2", w4a8, a2, 32, 16384],
    ["Kimi-K2", "W4A8 on one node of A3", w4a8, a3, 16, 16384],
    ["Kimi-K2", "W4A8 on two nodes of A2", w4a8, a2, 16, 16384],
    ["GLM-5", "W4A8 on one node of A2", w4a8, a2, 8, 16384],
    ["GLM-5", "W8A8 on one node of A3", w8a8, a3, 16, 16384],
    ["GLM-5", "bf16 on two nodes of A3", plain, a3, 32, 16384],
    ["Qwen3-235B-A22B", "bf16 on one node of A2", plain, a2, 8, 4096],
    ["Qwen3-235B-A22B", "W8A8 on one node of A2", w8a8, a2, 8, 32768],
    ["Qwen3-235B-A22B", "W8A8 on four 300I Duo", w8a8, "Ascend310P3", 8, 4096],
    ["Qwen3-Next-80B-A3B", "bf16 on eight cards", plain, a2, 8, 32768],
    ["Qwen3-30B-A3B", "bf16 on two cards of A2", plain, a2, 2, 32768],
    ["Qwen3-30B-A3B", "bf16 on one card of A3", plain, a3, 2, 32768],
    ["Qwen3-32B", "bf16 on four cards of A2", plain, a2, 4, 32768],
    ["Qwen3-32B", "bf16 on four 910B4 of 32 GB", plain, "Ascend910B4", 4, 40960],
    ["Qwen3-14B", "bf16 on two cards of A2", plain, a2, 2, 32768],
    ["Qwen3-8B", "bf16 on one card of A2", plain, a2, 1, 32768],
    ["Qwen3-14B", "fp16 on one 300I Duo", plain, "Ascend310P3", 2, 4096],
    ["Qwen3-8B", "fp16 on one 300I Duo", plain, "Ascend310P3", 2, 4096],
    ["Qwen3-8B", "W8A8 on one 310P", w8a8, "Ascend310P3", 1, 16384],
    ["Qwen3-14B", "W8A8 on one 310P", w8a8, "Ascend310P3", 1, 16384],
    ["Qwen3-32B", "W8A8 on four 310P", w8a8, "Ascend310P3", 4, 16384],
    ["Qwen3.6-27B", "W8A8 on two of 64 GB", w8a8, a2, 2, 32768],
    ["Qwen3.6-27B", "W8A8 on four of 32 GB", w8a8, "Ascend910B4", 4, 24576],
    ["gpt-oss-120b", "bf16 on one node of A2", plain, a2, 8, 32768],
    ["gpt-oss-120b", "bf16 on one node of A3", plain, a3, 16, 32768],
    ["Llama-3.1-405B", "bf16 on sixteen cards of A2", plain, a2, 16, 8192],
    ["Llama-3.1-405B", "bf16 on eight cards of A3", plain, a3, 16, 8192],
    ["ERNIE-4.5-300B-A47B", "WINT4 of 32K on four P800", wint4, "P800", 4, 32768],
    ["ERNIE-4.5-300B-A47B", "WINT8 of 32K on eight P800", wint8, "P800", 8, 32768],
    ["ERNIE-4.5-300B-A47B", "WINT4 of 128K on eight P800", wint4, "P800", 8, 131072],
    ["ERNIE-4.5-21B-A3B", "bf16 of 128K on one P800", plain, "P800", 1, 131072],
    ["ERNIE-4.5-300B-A47B", "W8A8 on sixteen cards of A2", w8a8, a2, 16, 8192],
  ])("%s: %s", (name, _, form, chip, devices, length) => {
    expect(fitWith(devices, name, form, chip, length, 1, "vllm-ascend")).not.toBe("too-large");
  });
});

describe("does not run on", () => {
  test.each<[ConfigName, string, Form, string, number]>([
    ["DeepSeek-V3", "W8A8 on one node of A2", w8a8, a2, 8],
    ["DeepSeek-V3", "W8A8 on four cards of A3", w8a8, a3, 8],
    ["GLM-5", "W8A8 on one node of A2", w8a8, a2, 8],
    ["GLM-5", "bf16 on one node of A3", plain, a3, 16],
    ["GLM-5", "W4A8 on four cards of A2", w4a8, a2, 4],
    ["DeepSeek-V4-Flash", "W4A8 on four 910B4 of 32 GB", w4a8, "Ascend910B4", 4],
    ["DeepSeek-V4-Flash", "W8A8 on four cards of A2", w8a8, a2, 4],
    ["Kimi-K2", "W4A8 on one node of A2", w4a8, a2, 8],
    ["Qwen3-235B-A22B", "bf16 on four cards of A2", plain, a2, 4],
    ["Llama-3.1-405B", "bf16 on one node of A2", plain, a2, 8],
    ["Qwen3-32B", "bf16 on two 910B4 of 32 GB", plain, "Ascend910B4", 2],
    ["Qwen3.6-27B", "W8A8 on one of 32 GB", w8a8, "Ascend910B4", 1],
    ["ERNIE-4.5-300B-A47B", "WINT8 on two P800", wint8, "P800", 2],
  ])("%s: %s", (name, _, form, chip, devices) => {
    expect(fitWith(devices, name, form, chip, 4096, 1, "vllm-ascend")).toBe("too-large");
  });
});

test("what MindIE recommends is no smaller than what we do", () => {
  for (const [name, cards] of [
    ["Qwen3-14B", 2],
    ["Qwen3-8B", 1],
    ["Qwen3-32B", 4],
    ["Llama-3.1-405B", 16],
    ["Qwen3-235B-A22B", 16],
  ] as const)
    expect(plansFor(jobOf(name, plain, a2, 2560, 1, "mindie")).smallest?.cards).toBeLessThanOrEqual(cards);
});

test("weights of DeepSeek-V4-Flash in W4A8 are about 151 GB", () => {
  const { resident } = jobOf("DeepSeek-V4-Flash", w4a8, "Ascend910B4", 4096, 1, "vllm-ascend");
  const { drafting, ...own } = resident.weights;
  expect(drafting).toBeGreaterThan(0);
  expect(Object.values(own).reduce((n, b) => n + b, 0) / 151e9).toBeCloseTo(1, 1);
});

test("layers with a state are counted in halves: no less than the 33 GB of Qwen3.6-27B in W8A8, and a tenth more at most", () => {
  const { resident } = jobOf("Qwen3.6-27B", w8a8, a2, 4096, 1, "vllm-ascend");
  const { divided, replicated, ends } = resident.weights;
  // The tower for pictures is not counted: about half a GB.
  const size = divided + replicated + ends + 0.9e9;
  expect(size).toBeGreaterThan(33e9);
  expect(size).toBeLessThan(1.1 * 33e9);
});

test("MXFP4 of experts alone is what gpt-oss is published in", () => {
  const model = readModelConfig({ path: "config.json", fields: fieldsOf("gpt-oss-120b") });
  const w = weightsFromConfig(model.architecture, weightBytesOf(mxfp4));
  // 65.2 GB of files.
  expect((w.divided + w.replicated + w.experts + w.ends) / 65.2e9).toBeCloseTo(1, 1);
});

describe("memory", () => {
  const job = jobOf("Qwen3-32B", plain, a2, 4096, 8, "vllm-ascend");
  const on = (tp: number, batch: number, length: number): number =>
    memoryOn(job.resident, { devices: tp, tp, dp: 1, pp: 1, ep: 1 }, { batch, length }).total.hi;

  test("caches come in whole blocks", () => {
    expect(on(2, 1, 1)).toBe(on(2, 1, 128));
    expect(on(2, 1, 129)).toBeGreaterThan(on(2, 1, 128));
  });

  test("heads of keys are copied where devices are more", () => {
    const cache = (tp: number): number => memoryOn(job.resident, { devices: tp, tp, dp: 1, pp: 1, ep: 1 }, { batch: 1, length: 128 }).cache;
    expect(cache(16)).toBe(cache(8));
    expect(cache(4)).toBe(2 * cache(8));
  });

  test("latent vectors are kept whole by each device", () => {
    const latent = jobOf("DeepSeek-V3", w8a8, a2, 4096, 1, "vllm-ascend");
    const cache = (tp: number): number =>
      memoryOn(latent.resident, { devices: 16, tp, dp: 16 / tp, pp: 1, ep: 16 }, { batch: 1, length: 4096 }).cache;
    expect(cache(16)).toBe(cache(1));
    // Of one more layer, which guesses.
    expect(cache(1)).toBe((70272 / 61) * 62 * 4096);
  });

  test("a mask of 131072 tokens is 32 GiB, one of 16384 half a GiB", () => {
    const masked = (maskTokens: number): number =>
      memoryOn({ ...job.resident, maskTokens }, { devices: 1, tp: 1, dp: 1, pp: 1, ep: 1 }, { batch: 1, length: 128 }).mask.hi;
    expect(masked(131072)).toBe(32 * 2 ** 30);
    expect(masked(16384)).toBe(512 * 2 ** 20);
  });

  test("an engine fills its share of what software is given", () => {
    const usable = usableOf(64 * 2 ** 30, engineOf("vllm-ascend"));
    expect(usable.lo / 2 ** 30).toBeCloseTo(0.9 * 60.32, 6);
    expect(fitOf({ lo: 1, hi: 2 }, { lo: 2, hi: 3 })).toBe("fits");
    expect(fitOf({ lo: 1, hi: 4 }, { lo: 2, hi: 3 })).toBe("tight");
    expect(fitOf({ lo: 4, hi: 5 }, { lo: 2, hi: 3 })).toBe("too-large");
  });
});

test("tensor parallelism divides heads, and heads of keys or copies of them", () => {
  const model = readModelConfig({ path: "config.json", fields: fieldsOf("Qwen2.5-7B") });
  expect([1, 2, 4, 8].map((tp) => tpDivides(model, tp))).toEqual([true, true, true, false]);
});
