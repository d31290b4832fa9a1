/** Engine, checkpoint and chip: served, served after conversion, refused or unknown, with the reason. */
import { describe, expect, test } from "vitest";
import { inLanguage } from "../../src/words/words.js";
import { engines, type Answer, type EngineKey } from "../../src/serve/engines.js";
import { namedForms, plain, type Form } from "../../src/serve/form.js";
import { engineOf, verdictOf, verdictsOn } from "../../src/serve/verdict.js";
import { chipRows } from "../../src/chips/chips.js";
import { goesBy } from "../../src/chips/facts.js";
import { resolveChip } from "../../src/chips/resolve.js";

const row = (name: string): (typeof chipRows)[number] => resolveChip(name).row;

const gptq: Form = { ...namedForms.w4a16, container: "gptq", symmetric: true, actOrder: false };
const awq: Form = { ...namedForms.w4a16, container: "awq", symmetric: false };
const ct8: Form = { ...namedForms.w8a8, container: "compressed-tensors" };
const { w8a8, w4a8, w8a16, w4a16, fp8, wint4 } = namedForms;
const gguf: Form = { ...plain, container: "gguf", bits: 4.5, expertBits: 4.5 };

type Case = readonly [EngineKey, string, Form, string, boolean, Answer, string?];

const cases: readonly Case[] = [
  ["vllm-ascend", "Ascend910B2", plain, "qwen3", false, "accepted"],
  ["vllm-ascend", "Ascend910B2", w8a8, "qwen3", false, "accepted"],
  ["vllm-ascend", "Ascend910B2", gptq, "qwen3", false, "converted", "convert.int4-to-w8a8"],
  ["vllm-ascend", "Ascend910B2", awq, "qwen3", false, "converted", "convert.int4-to-w8a8"],
  ["vllm-ascend", "Ascend910B2", w4a16, "qwen3", false, "converted", "convert.w4a16-of-dense"],
  ["vllm-ascend", "Ascend910B2", w4a16, "qwen3_moe", true, "accepted"],
  ["vllm-ascend", "Ascend910B2", fp8, "deepseek_v3", true, "converted", "convert.fp8-to-w8a8"],
  ["vllm-ascend", "Ascend950PR", fp8, "deepseek_v3", true, "accepted"],
  ["vllm-ascend", "Ascend310P3", ct8, "qwen3", false, "converted", "convert.no-compressed-tensors-on-310p"],
  ["vllm-ascend", "Ascend310P3", plain, "qwen3", false, "accepted", "engine.halves-on-310p"],
  ["vllm-ascend", "Ascend910B2", gguf, "qwen3", false, "converted"],
  ["vllm-ascend", "Ascend910B2", plain, "mamba9", false, "unknown", "engine.family-unnamed"],
  ["vllm-ascend", "P800", plain, "qwen3", false, "refused", "engine.other-chip"],
  ["sglang", "Ascend910C", gptq, "qwen3", false, "accepted"],
  ["sglang", "Ascend910C", { ...gptq, symmetric: false }, "qwen3", false, "refused", "engine.sglang-gptq-zero-points"],
  ["sglang", "Ascend910C", { ...gptq, actOrder: true }, "qwen3", false, "refused", "engine.sglang-act-order"],
  ["sglang", "Ascend910C", awq, "qwen3", false, "accepted", "engine.sglang-awq-dense"],
  ["sglang", "Ascend310P3", plain, "qwen3", false, "refused"],
  ["sglang", "Ascend950PR", plain, "qwen3", false, "unknown", "engine.chip-claimed"],
  ["mindie", "Ascend910B2", w4a8, "deepseek_v3", true, "accepted"],
  ["mindie", "Ascend910B2", w4a8, "qwen3_moe", true, "refused", "engine.mindie-w4a8"],
  ["mindie", "Ascend910C", w8a16, "qwen2", false, "refused", "engine.mindie-w8a16"],
  ["mindie", "Ascend950PR", plain, "qwen3", false, "unknown"],
  ["vllm-mlu", "MLU590", plain, "deepseek_v32", true, "accepted"],
  ["vllm-mlu", "MLU590", plain, "qwen3", false, "unknown", "engine.family-unnamed"],
  ["vllm-mlu", "MLU370-X8", plain, "qwen3", false, "unknown", "engine.chip-claimed"],
  ["vllm-mlu", "MLU590", awq, "deepseek_v32", true, "accepted", "engine.mlu-widened"],
  ["vllm-kunlun", "P800", ct8, "deepseek_v32", true, "accepted"],
  ["vllm-kunlun", "P800", fp8, "deepseek_v32", true, "converted", "convert.kunlun-int8"],
  ["vllm-kunlun", "P800", gptq, "qwen3_moe", true, "unknown", "engine.kunlun-gptq-mixture"],
  ["vllm-kunlun", "R200", plain, "qwen3", false, "refused"],
  ["fastdeploy", "P800", plain, "ernie4_5_moe", true, "accepted"],
  ["fastdeploy", "P800", wint4, "ernie4_5_moe", true, "accepted"],
  ["fastdeploy", "P800", plain, "qwen3", false, "refused", "engine.fastdeploy-ernie-alone"],
  ["fastdeploy", "P800", gptq, "ernie4_5_moe", true, "refused", "engine.fastdeploy-forms"],
];

const named = cases.map(([key, chip, form, family, mixture, answer, why]) => {
  return {
    name: `${key} on ${chip}: ${form.container} of ${form.bits} bits, ${family}`,
    key,
    asked: { form, family, chip: row(chip), mixture },
    answer,
    why,
  };
});

test.each(named)("$name", ({ key, asked, answer, why }) => {
  const verdict = verdictOf(engineOf(key), asked);
  expect([verdict.answer, verdict.reason.key]).toEqual([answer, why ?? verdict.reason.key]);
  expect(verdict.form === undefined).toBe(answer === "refused");
});

describe("all engines", () => {
  test("a form of four bits can be served on Ascend, by the engine that reads it", () => {
    const [first] = verdictsOn({ form: gptq, family: "qwen3", chip: row("Ascend910B2"), mixture: false });
    expect([first.engine, first.answer]).toEqual(["sglang", "accepted"]);
  });

  test("what is widened in each step stays narrow in memory, what is widened when it is loaded does not", () => {
    const kunlun = verdictOf(engineOf("vllm-kunlun"), { form: awq, family: "qwen3_moe", chip: row("P800"), mixture: true });
    expect([kunlun.reason.key, kunlun.form?.bits]).toEqual(["engine.kunlun-w4-mixture", 4]);
    const sglang = verdictOf(engineOf("sglang"), { form: awq, family: "qwen3", chip: row("Ascend910C"), mixture: false });
    expect([sglang.reason.key, sglang.form?.bits]).toEqual(["engine.sglang-awq-dense", 16]);
  });

  test("Qwen on P800 is vLLM-Kunlun's", () => {
    const on = verdictsOn({ form: plain, family: "qwen3", chip: row("P800"), mixture: false });
    expect(on.filter((v) => v.answer === "accepted").map((v) => v.engine)).toEqual(["vllm-kunlun"]);
  });

  test("each has a version, a source and a day, and names chips that are known", () => {
    for (const e of engines) {
      expect(e.source.length).toBeGreaterThan(5);
      expect(e.date).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(
        [...e.chips, ...(e.doubtful ?? []), ...(e.fullMask ?? [])].filter((n) => !chipRows.some((r) => goesBy(r, [n]))),
        e.name,
      ).toEqual([]);
    }
  });

  test("reasons are said in both languages on every chip", () => {
    for (const chip of chipRows)
      for (const form of [plain, w8a8, w4a8, gptq, awq, fp8, gguf, ct8])
        for (const { reason } of verdictsOn({ form, family: "qwen3", chip, mixture: true }))
          expect(inLanguage(reason, "en") + inLanguage(reason, "zh")).not.toContain("undefined");
  });
});
