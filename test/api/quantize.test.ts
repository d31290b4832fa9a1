/** quantize(): what it makes runs in onnxruntime, keeps near the float model, and says what became of each layer. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  exportOnnx,
  importOnnx,
  quantize,
  type Event,
  type Feed,
  type MetricFunction,
  type QuantizedModel,
  type QuantizeOptions,
} from "../../src/api/index.js";
import type { Graph } from "../../src/ir/graph.js";
import { distances } from "../../src/quant/distances.js";
import { givenSamples } from "../../src/quant/calibrate/samples.js";
import { fromNumbers } from "../../src/base/float-formats.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { randomSource } from "../../src/verify/seeded.js";

const modelOf = (text: string): Uint8Array => Buffer.concat([...exportOnnx(inferGraph(parse(text), catalogue).graph, { opset: 13 })]);

/** Each kind of layer once, and an activation that two of them read. */
const model = modelOf(`
  c = Conv(x: f32[n,3,8,8], w1: f32[8,3,3,3]!, b1: f32[8]!, pads=[1, 1, 1, 1])
  r = Relu(c)
  t = ConvTranspose(r, w2: f32[8,4,2,2]!, b2: f32[4]!, strides=[2, 2])
  m = GlobalAveragePool(r)
  f = Flatten(m, axis=1)
  g = Gemm(f, w3: f32[5,8]!, b3: f32[5]!, transB=1)
  p = MatMul(g, w4: f32[5,6]!)
  q = MatMul(p, w5: f32[6,5]!)
  y = MatMul(t, t2: f32[16,7]!)
  return y, q`);

const random = randomSource(11);
const normal = (): number => Math.sqrt(-2 * Math.log(random() || 1e-12)) * Math.cos(2 * Math.PI * random());
const feed = (x = normal): Feed => new Map([["x", fromNumbers("f32", [2, 3, 8, 8], Array.from({ length: 384 }, x))]]);
const feeds: readonly Feed[] = Array.from({ length: 4 }, () => feed());

async function quantized(options: Partial<QuantizeOptions> = {}, of = model): Promise<QuantizedModel> {
  const result = await quantize(of, { calibration: feeds, ...options });
  expect(result.diagnostics.filter((d) => d.severity === "error")).toEqual([]);
  return result.quantized as QuantizedModel;
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-quantize-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("w8a8", () => {
  test("holds every layer in levels, near the float model", async () => {
    const { layers, outputs } = await quantized();
    expect(layers.map((l) => [l.op, l.held])).toEqual([
      ["Conv", "w8a8"],
      ["ConvTranspose", "w8a8"],
      ["Gemm", "w8a8"],
      ["MatMul", "w8a8"],
      ["MatMul", "w8a8"],
      ["MatMul", "w8a8"],
    ]);
    for (const l of layers) expect(l.heldBytes * 4).toBe(l.weightBytes);
    for (const [name, { sqnrDb, cosine }] of outputs) expect([name, sqnrDb > 25, cosine > 0.998]).toEqual([name, true, true]);
  });

  test("an activation that several layers read is quantised once", async () => {
    const { graph } = await quantized();
    const levels = graph.nodes.filter((n) => n.op === "QuantizeLinear");
    expect(new Set(levels.map((n) => n.inputs[0])).size).toBe(levels.length);
  });

  test("what is written is read again, at the model's opset", async () => {
    const path = join(folder, "q.onnx");
    const { graph, written, speech } = await quantized({ output: path });
    expect([written, speech.opset]).toEqual([[path], 13]);
    const again = await importOnnx(readFileSync(path), {});
    expect(again.loaded?.graph.nodes.map((n) => n.op)).toEqual(graph.nodes.map((n) => n.op));
  });

  test("the same samples give the same bytes", async () => {
    const bytes = async (): Promise<Buffer> => Buffer.concat([...exportOnnx((await quantized()).graph)]);
    expect((await bytes()).equals(await bytes())).toBe(true);
  });
});

test("w8a16 holds weights alone and loses less", async () => {
  const [both, alone] = [await quantized(), await quantized({ scheme: "w8a16" })];
  expect(alone.graph.nodes.some((n) => n.op === "QuantizeLinear")).toBe(false);
  for (const [name, { sqnrDb }] of alone.outputs) expect(sqnrDb).toBeGreaterThan(both.outputs.get(name)?.sqnrDb ?? Infinity);
});

test("w4a16 packs the weights of matrix products, an eighth and their scales", async () => {
  const { layers, graph } = await quantized({ scheme: "w4a16", group: 16 });
  const packed = layers.filter((l) => l.held === "w4");
  expect(packed.map((l) => l.op)).toEqual(["Gemm", "MatMul", "MatMul", "MatMul"]);
  expect(graph.nodes.filter((n) => n.op === "com.microsoft::MatMulNBits")).toHaveLength(4);
  for (const l of packed) expect(l.sqnrDb).toBeGreaterThan(12);
  expect(layers.filter((l) => l.held === "float").map((l) => l.why)).toEqual(
    new Array(2).fill("groups are those of plain matrix products"),
  );
});

test("samples choose levels of four bits that lose less on other samples", async () => {
  const correlated = (): Feed => {
    const sources = Float32Array.from({ length: 4 }, normal);
    const mixed = (i: number): number => sources[i % 4] * (1 + (i % 7)) + sources[(i >> 2) % 4] + 0.1 * normal();
    return new Map([
      [
        "x",
        fromNumbers(
          "f32",
          [3, 64],
          Array.from({ length: 192 }, (_, i) => mixed(i % 64)),
        ),
      ],
    ]);
  };
  const wide = modelOf(`a = MatMul(x: f32[3,64], w1: f32[64,48]!)\n b = Gemm(a, w2: f32[32,48]!, transB=1)\n return b`);
  const samples = Array.from({ length: 40 }, correlated);
  const [learnt, nearest] = [
    await quantized({ scheme: "w4a16", group: 32, calibration: samples }, wide),
    await quantized({ scheme: "w4a16", group: 32, calibration: undefined }, wide),
  ];
  const unseen = givenSamples(learnt.graph, Array.from({ length: 40 }, correlated));
  const float = (await importOnnx(wide, {})).loaded?.graph as Graph;
  const lossOf = async ({ graph }: QuantizedModel): Promise<number> => {
    const [figures] = (await distances(float, graph, [[float.outputs[0], graph.outputs[0]]], unseen, {})).values();
    return 10 ** (-figures.sqnrDb / 10);
  };
  expect((await lossOf(learnt)) / (await lossOf(nearest))).toBeLessThan(0.75);
});

test("w8a8-dynamic needs no samples, holds constant weights alone, and is near the float model", async () => {
  const { layers, graph } = await quantized({ scheme: "w8a8-dynamic", calibration: undefined });
  expect(layers.map((l) => [l.op, l.held, l.why])).toEqual([
    ["Conv", "w8a8", undefined],
    ["ConvTranspose", "float", "ONNX has no ConvTranspose of integers"],
    ["Gemm", "w8a8", undefined],
    ["MatMul", "w8a8", undefined],
    ["MatMul", "w8a8", undefined],
    ["MatMul", "w8a8", undefined],
  ]);
  for (const l of layers.filter((held) => held.held === "w8a8")) expect(l.heldBytes * 4).toBe(l.weightBytes);
  expect(graph.nodes.filter((n) => n.op === "MatMulInteger")).toHaveLength(4);
  const { outputs } = await quantized({ scheme: "w8a8-dynamic" });
  for (const [name, { sqnrDb }] of outputs) expect([name, sqnrDb > 35]).toEqual([name, true]);
});

test("a report is written beside the model, and never over it", async () => {
  const [output, report] = [join(folder, "told.onnx"), join(folder, "told.html")];
  const { written } = await quantized({ output, report });
  expect(written).toEqual([report, output]);
  expect(readFileSync(report, "utf8")).toContain("6 of 6");
  const result = await quantize(model, { calibration: feeds, output, report: output });
  expect([result.ok, result.diagnostics.map((d) => d.code)]).toEqual([false, ["bad-option"]]);
});

test("layers that are named stay in float, and say so", async () => {
  const { layers } = await quantized({ skip: ["y", "g*"] });
  expect(layers.filter((l) => l.held === "float").map((l) => [l.node, l.why])).toEqual([
    ["g", "asked for with --skip"],
    ["y", "asked for with --skip"],
  ]);
});

describe("a budget", () => {
  test("leaves as few layers in float as it takes, those that add most noise", async () => {
    const all = await quantized();
    const worst = Math.min(...[...all.outputs.values()].map((f) => f.sqnrDb));
    const wanted = Math.ceil(worst + 3);
    const { layers, outputs, choices } = await quantized({ budget: `sqnr>=${wanted}dB` });
    const float = layers.filter((l) => l.held === "float");
    expect(float.length).toBeGreaterThan(0);
    expect(float.length).toBeLessThan(layers.length);
    expect(float.every((l) => l.why === "kept for the budget")).toBe(true);
    for (const { sqnrDb } of outputs.values()) expect(sqnrDb).toBeGreaterThanOrEqual(wanted);
    const foretold = choices?.map((c) => c.sqnrDb) ?? [];
    expect(foretold).toEqual([...foretold].sort((a, b) => a - b));
  });

  test("that is met by all leaves none out", async () => {
    const { layers } = await quantized({ budget: "cosine>=0.5" });
    expect(layers.filter((l) => l.held === "float")).toEqual([]);
  });

  test("that nothing meets is said, with the best that was found", async () => {
    const result = await quantize(model, { calibration: feeds, budget: "cosine>=1.5" });
    expect([result.ok, result.diagnostics.map((d) => d.code)]).toEqual([false, ["budget-missed"]]);
    expect(result.quantized?.layers.every((l) => l.held === "float")).toBe(true);
  });
});

test("weights alone need no samples, and then nothing is measured", async () => {
  const { layers, outputs, samples } = await quantized({ scheme: "w4a16", calibration: undefined });
  expect([layers.some((l) => l.sqnrDb !== undefined), outputs.size, samples]).toEqual([false, 0, 0]);
});

test("an interrupted calibration goes on to the same bytes", async () => {
  const output = join(folder, "resumed.onnx");
  const stop = new AbortController();
  let runs = 0;
  const onEvent = (e: Event): void => {
    if (e.kind === "progress" && e.label === "calibrate" && ++runs === 2) stop.abort();
  };
  await expect(quantize(model, { calibration: feeds, output, signal: stop.signal, onEvent })).rejects.toMatchObject({ name: "AbortError" });
  expect(readdirSync(folder).filter((f) => f.startsWith("resumed"))).toEqual(["resumed.onnx.calibration"]);
  const resumed = await quantize(model, { calibration: feeds, output });
  expect(resumed.diagnostics.map((d) => d.code)).toEqual(["calibration-resumed"]);
  const whole = await quantize(model, { calibration: feeds, output: join(folder, "whole.onnx") });
  expect(whole.diagnostics).toEqual([]);
  expect(readFileSync(output).equals(readFileSync(join(folder, "whole.onnx")))).toBe(true);
  expect(readdirSync(folder).filter((f) => f.endsWith(".calibration"))).toEqual([]);
});

test("levels that samples chose are gone on with; no file of levels stays where there is nothing to go on from", async () => {
  const [scheme, group] = ["w4a16", 16] as const;
  const output = join(folder, "levels.onnx");
  const left = (): readonly string[] => readdirSync(folder).filter((f) => f.startsWith("levels"));
  const interrupted = async (options: Partial<QuantizeOptions>): Promise<void> => {
    const stop = new AbortController();
    const onEvent = (e: Event): void => {
      if (e.kind === "phase" && e.name === "write") stop.abort();
    };
    const quantizing = quantize(model, { scheme, group, output, signal: stop.signal, onEvent, ...options });
    await expect(quantizing).rejects.toMatchObject({ name: "AbortError" });
  };
  await interrupted({});
  expect(left()).toEqual([]);
  mkdirSync(output);
  expect((await quantize(model, { scheme, group, output })).diagnostics.map((d) => d.code)).toEqual(["output-not-writable"]);
  rmSync(output, { recursive: true });
  expect(left()).toEqual([]);
  await interrupted({ calibration: feeds });
  expect(left()).toEqual(["levels.onnx.calibration", "levels.onnx.calibration.levels"]);
  const resumed = await quantize(model, { scheme, group, output, calibration: feeds });
  expect(resumed.diagnostics.map((d) => d.code)).toEqual(["calibration-resumed"]);
  expect(left()).toEqual(["levels.onnx"]);
  const whole = await quantize(model, { scheme, group, output: join(folder, "whole4.onnx"), calibration: feeds });
  expect(readFileSync(output).equals(readFileSync(join(folder, "whole4.onnx")))).toBe(true);
  // What the result holds is still read, though the file is gone.
  const [again] = [...(whole.quantized?.graph.constants ?? [])].filter(([v]) => v.name.endsWith("_quantized"));
  expect(again[1].load().data.length).toBeGreaterThan(0);
});

test("what was seen of other samples, or in a damaged file, is not gone on with", async () => {
  const output = join(folder, "other.onnx");
  const stop = new AbortController();
  const onEvent = (e: Event): void => {
    if (e.kind === "progress" && e.label === "calibrate") stop.abort();
  };
  await expect(quantize(model, { calibration: feeds, output, signal: stop.signal, onEvent })).rejects.toMatchObject({ name: "AbortError" });
  const other = await quantize(model, { calibration: feeds.slice(1), output });
  expect(other.diagnostics).toEqual([]);
  writeFileSync(`${output}.calibration`, "{");
  expect((await quantize(model, { calibration: feeds, output })).diagnostics).toEqual([]);
});

describe("a budget by a metric", () => {
  /** Nearness of the first output to the float model's; 0 for the float model. */
  const nearness = ({ y }: Parameters<MetricFunction>[0], { float }: Parameters<MetricFunction>[2]): number =>
    -Math.hypot(...Array.from(y.data as Float32Array, (v, i) => v - Number(float["y"].data[i])));

  test("is met by as few layers in float as are found, and its scores are told", async () => {
    const asked: number[] = [];
    const metric: MetricFunction = (outputs, index, sample) => {
      asked.push(index);
      expect([Object.keys(outputs).sort(), [...(sample.inputs["x"]?.shape ?? [])]]).toEqual([
        ["q", "y"],
        [2, 3, 8, 8],
      ]);
      return 1 + nearness(outputs, sample);
    };
    const { layers, scores } = await quantized({ budget: "drop<=5%", metric });
    const float = layers.filter((l) => l.held === "float").length;
    expect([float > 0, float < layers.length, scores?.float]).toEqual([true, true, 1]);
    expect(scores?.quantised).toBeGreaterThanOrEqual(0.95);
    expect(asked.slice(0, 4)).toEqual([0, 1, 2, 3]);
    const all = await quantized({ budget: "drop<=10000%", metric });
    expect(all.layers.filter((l) => l.held === "float")).toEqual([]);
  });

  test("that nothing meets is missed, with both scores", async () => {
    const metric: MetricFunction = (outputs, _, { float }) => (outputs === float ? 1 : 0);
    const result = await quantize(model, { calibration: feeds, budget: "drop<=1%", metric });
    expect(result.diagnostics.map((d) => `${d.code}: ${d.message}`)).toEqual([
      "budget-missed: drop<=1% is not reached with every layer in float: the metric is 0, and 1 in float",
    ]);
  });

  test("a command is given both models' outputs", async () => {
    const script = join(folder, "score.py.mjs");
    writeFileSync(
      script,
      `
      import { readdirSync, readFileSync } from "node:fs";
      const [outputs, float] = process.argv.slice(2);
      const all = readdirSync(outputs).flatMap((s) => readdirSync(outputs + "/" + s).map((n) => s + "/" + n));
      console.log(all.join(" "));
      console.log(all.every((n) => readFileSync(outputs + "/" + n).equals(readFileSync(float + "/" + n))) ? 1 : 0.5);`,
    );
    const { scores, layers } = await quantized({ budget: "drop<=50%", metric: `"${process.execPath}" "${script}"` });
    expect([scores, layers.every((l) => l.held !== "float")]).toEqual([{ float: 1, quantised: 0.5 }, true]);
  });

  const written = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  test.each<[string, () => string | MetricFunction, string]>([
    [
      "a function that throws",
      () => () => {
        throw new Error("no labels");
      },
      "the metric threw on sample 0: no labels",
    ],
    ["one that gives NaN", () => (_, index) => (index === 2 ? NaN : 1), "the metric gave NaN on sample 2, and no number that compares"],
    ["one that gives a text", () => (() => "1") as unknown as MetricFunction, "the metric gave 1 on sample 0, and no number that compares"],
    ["a module without a default", () => written("none.mjs", "export const score = 1;"), "has no function as its default export"],
    ["a module that is broken", () => written("broken.mjs", "export default ("), "cannot be loaded"],
    ["a module that is not there", () => join(folder, "nowhere.mjs"), "cannot be loaded"],
    ["a command that is missing", () => "no-such-program-here --x", "ended with code 127"],
    ["a command that fails", () => "echo 1; echo it broke >&2; exit 3; :", "ended with code 3: it broke"],
    ["a command that prints no number", () => "echo nothing; :", 'printed is no number: "nothing"'],
  ])("%s is bad-metric", async (_, metric, said) => {
    const { diagnostics, quantized: none } = await quantize(model, { calibration: feeds, budget: "drop<=1%", metric: metric() });
    expect([none, diagnostics.map((d) => [d.code, d.message.includes(said)])]).toEqual([undefined, [["bad-metric", true]]]);
  });

  test.each<[Partial<QuantizeOptions>, string]>([
    [{ budget: "drop<=1%" }, "bad-option"],
    [{ metric: () => 1 }, "bad-option"],
    [{ metric: () => 1, budget: "sqnr>=20dB" }, "bad-option"],
    [{ metric: () => 1, budget: "drop<=0.5" }, "bad-budget"],
    [{ metric: () => 1, budget: "drop<=1%", calibration: undefined, scheme: "w4a16" }, "bad-calibration"],
  ])("%o is refused", async (options, code) => {
    expect((await quantize(model, { calibration: feeds, ...options })).diagnostics.map((d) => d.code)).toEqual([code]);
  });
});

describe("bad input", () => {
  const codes = async (options: Partial<QuantizeOptions>, of = model): Promise<string[]> =>
    (await quantize(of, { calibration: feeds, ...options })).diagnostics.map((d) => d.code);
  test.each<[string, Partial<QuantizeOptions>, string]>([
    ["no samples", { calibration: [] }, "bad-calibration"],
    ["a budget without any", { calibration: undefined, scheme: "w4a16", budget: "sqnr>=10dB" }, "bad-calibration"],
    ["activations without any", { calibration: undefined, scheme: "w8a8" }, "bad-calibration"],
    ["a wrong name", { calibration: [new Map([["z", fromNumbers("f32", [1], [0])]])] }, "bad-calibration"],
    ["a folder that is not there", { calibration: "nowhere" }, "bad-calibration"],
    ["a layer that is not there", { skip: ["nobody"] }, "unknown-layer"],
    ["made-up samples", { calibration: { seed: 1, count: 1 } }, "calibration-made-up"],
    ["values that are not finite", { calibration: [feed(() => NaN)] }, "calibration-not-finite"],
    ["an output that cannot be written", { output: "/proc/nowhere/q.onnx" }, "output-not-writable"],
    ["a budget of nothing", { budget: "small" }, "bad-budget"],
    ["a misspelt scheme", { scheme: "int8" as "w8a8" }, "bad-option"],
  ])("%s", async (_, options, code) => {
    expect(await codes(options)).toContain(code);
  });

  test("a model that is quantised already", async () => {
    const once = await quantized();
    const bytes = Buffer.concat([...exportOnnx(once.graph, once.speech)]);
    expect(await codes({}, bytes)).toEqual(["already-quantised"]);
  });

  test.each<[Partial<QuantizeOptions>, string]>([
    [{ group: 32 }, 'option "group" changes nothing in the scheme w8a8: Leave it out, or choose w4a16.'],
    [{ group: 32, scheme: "w8a16" }, 'option "group" changes nothing in the scheme w8a16: Leave it out, or choose w4a16.'],
    [{ ranges: "mse", scheme: "w4a16" }, 'option "ranges" changes nothing in the scheme w4a16: Leave it out, or choose w8a8.'],
    [{ ranges: "minmax", scheme: "w8a16" }, 'option "ranges" changes nothing in the scheme w8a16: Leave it out, or choose w8a8.'],
    [
      { ranges: "minmax", scheme: "w8a8-dynamic" },
      'option "ranges" changes nothing in the scheme w8a8-dynamic: Leave it out, or choose w8a8.',
    ],
  ])("what the scheme has no use for: %o", async (options, said) => {
    const { diagnostics } = await quantize(model, { calibration: feeds, ...options });
    expect(diagnostics.map((d) => `${d.message}: ${d.fix ?? ""}`)).toEqual([said]);
  });

  test("a model without products", async () => {
    expect(await codes({}, modelOf("y = Relu(x: f32[n,3,8,8])"))).toContain("nothing-to-quantise");
  });

  test("nothing but zeros leaves the layer in float, with the reason", async () => {
    const { layers } = await quantized({ calibration: [feed(() => 0)] }, modelOf("y = Conv(x: f32[n,3,8,8], w: f32[8,3,3,3]!)"));
    expect(layers.map((l) => [l.held, l.why])).toEqual([["float", 'nothing but zeros was seen in "x"']]);
  });
});
