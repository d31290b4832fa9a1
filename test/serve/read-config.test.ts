/** Configurations as architectures: parameters as published, and bytes of a token as tables have them. */
import { describe, expect, test } from "vitest";
import { parametersOf, type Architecture } from "../../src/estimate/architecture.js";
import { bytesOfToken, cacheOf, statesOf } from "../../src/estimate/cache.js";
import { measuredModels } from "../../src/estimate/measured/models.js";
import { readModelConfig } from "../../src/serve/read-config.js";
import { configNames, fieldsOf, publishedParameters, type ConfigName } from "./configs.js";

const read = (name: ConfigName): ReturnType<typeof readModelConfig> => readModelConfig({ path: "config.json", fields: fieldsOf(name) });
const architectureOf = (name: ConfigName): Architecture => read(name).architecture;

test.each(configNames.filter((n) => publishedParameters(n) !== undefined))("%s has the parameters that are told of it", (name) => {
  const p = parametersOf(architectureOf(name));
  const told = publishedParameters(name) ?? 0;
  const own = p.total - p.drafting;
  // Figures that are told in billions are rounded.
  if (told % 1e6 === 0) expect(Math.abs(own / told - 1)).toBeLessThan(0.004);
  else expect(own).toBe(told);
});

describe("bytes of a token", () => {
  test.each<[ConfigName, number]>([
    ["Qwen2.5-7B", 57344],
    ["Qwen3-8B", 147456],
    ["Qwen3-32B", 262144],
    ["Qwen3-30B-A3B", 98304],
    ["Qwen3-235B-A22B", 192512],
    ["Llama-3-8B", 131072],
    ["Llama-3-70B", 327680],
    ["Qwen2.5-72B", 327680],
    ["GLM-4.5-Air", 188416],
    ["DeepSeek-V3", 70272],
    ["Kimi-K2", 70272],
  ])("%s keeps %d at two bytes an element", (name, bytes) => {
    expect(bytesOfToken(architectureOf(name), cacheOf(2))).toBe(bytes);
  });

  test("an index is kept beside the latent vectors of DeepSeek-V3.2", () => {
    const a = architectureOf("DeepSeek-V3.2");
    expect(bytesOfToken(a, cacheOf(2)) - 70272).toBe(15616);
    expect(bytesOfToken(a, { ...cacheOf(2), index: 1 }) - 70272).toBe(7808);
    expect(bytesOfToken(architectureOf("DeepSeek-V3"), cacheOf(1))).toBe(35136);
  });

  test("the part of a latent vector with positions is a ninth of the rest", () => {
    expect(70272 / (61 * 512 * 2)).toBeCloseTo(1.125, 10);
  });
});

test("layers with a state keep no tokens", () => {
  const a = architectureOf("Qwen3-Next-80B-A3B");
  expect(bytesOfToken(a, cacheOf(2))).toBe(2 * 12 * 2 * 256 * 2);
  // 32 heads of 128 x 128 in f32, and three tokens of 8192 channels in halves, for 36 layers.
  expect(statesOf(a)).toBe(36 * (4 * 32 * 128 * 128 + 2 * 3 * 8192));
});

test.each([
  ["Qwen3-8B", "Qwen3-8B"],
  ["Qwen3-32B", "Qwen3-32B"],
  ["Qwen3-30B-A3B", "Qwen3-30B-A3B"],
  ["Qwen3-235B-A22B", "Qwen3-235B-A22B"],
  ["Qwen3-Next-80B-A3B", "Qwen3-Next-80B-A3B"],
  ["GLM-4.5-Air", "GLM-4.5-Air"],
  ["GLM-5", "GLM-5.2"],
  ["DeepSeek-V3", "DeepSeek-V3"],
  ["DeepSeek-V3.2", "DeepSeek-V3.2"],
  ["DeepSeek-V4-Flash", "DeepSeek-V4-Flash"],
  ["DeepSeek-V4-Pro", "DeepSeek-V4-Pro"],
] as const)("what was measured of %s is what its configuration says", (name, measured) => {
  const [a, b] = [architectureOf(name), measuredModels[measured]];
  const own = (x: Architecture): number => parametersOf(x).total - parametersOf(x).drafting;
  expect(own(b)).toBe(own(a));
  expect(parametersOf(b).active).toBe(parametersOf(a).active);
  expect(bytesOfToken(b, cacheOf(2))).toBe(bytesOfToken(a, cacheOf(2)));
});

test("a field that sizes need and that is no number is told", () => {
  expect(() => readModelConfig({ path: "config.json", fields: { hidden_size: "many" } })).toThrow(/hidden_size/);
  expect(() => readModelConfig({ path: "config.json", fields: { ...fieldsOf("Qwen3-8B"), vocab_size: -1 } })).toThrow(/vocab_size/);
});

describe("what a configuration leaves to its family", () => {
  const fieldsOfDecoder = { hidden_size: 64, intermediate_size: 128, num_attention_heads: 4, num_hidden_layers: 12, vocab_size: 100 };
  const readFields = (fields: object) => readModelConfig({ path: "config.json", fields: { ...fieldsOfDecoder, ...fields } });
  const kinds = (fields: object) => readFields(fields).architecture.layers.map(({ count, mixer }) => `${count} ${mixer.kind}`);

  test.each([
    [{ model_type: "gemma2", sliding_window: 16 }, ["6 sliding", "6 full"]],
    [{ model_type: "gemma3_text", sliding_window: 16 }, ["10 sliding", "2 full"]],
    [{ model_type: "gemma3_text", sliding_window: 16, sliding_window_pattern: 4 }, ["9 sliding", "3 full"]],
    [{ model_type: "mistral", sliding_window: 16 }, ["12 sliding"]],
    [{ model_type: "gemma2" }, ["12 full"]],
  ])("layers of %j are %j", (fields, wanted) => {
    expect(kinds(fields)).toEqual(wanted);
  });

  test("GPT-2 is four times as wide between as it is, without a gate", () => {
    const fields = { model_type: "gpt2", n_embd: 768, n_layer: 12, n_head: 12, vocab_size: 50257, n_positions: 1024, n_inner: null };
    const { total } = parametersOf(readModelConfig({ path: "config.json", fields }).architecture);
    expect(Math.abs(total / 123.65e6 - 1)).toBeLessThan(0.01);
  });

  test.each<[object, RegExp]>([
    [{ model_type: "llama", num_hidden_layers: 1e9 }, /at most 10000/],
    [{ model_type: "llama", intermediate_size: undefined }, /intermediate_size/],
    [{ model_type: "llama", layer_types: ["full_attention"] }, /12 entries/],
    [{ model_type: "bert" }, /checkpoint-no-decoder/],
    [{ model_type: "somebody", is_encoder_decoder: true }, /checkpoint-no-decoder/],
  ])("%j is refused", (fields, why) => {
    expect(() => readFields(fields)).toThrow(why);
  });
});
