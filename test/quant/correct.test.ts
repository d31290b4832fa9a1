/** Layers corrected one after the other: nearer to the float model, each from what those before it left; interrupted and gone on with. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Correction, QuantiseContext } from "../../passes/quantise/scheme.js";
import { exportOnnx } from "../../src/api/index.js";
import { fromNumbers } from "../../src/base/float-formats.js";
import type { Event } from "../../src/driver/events.js";
import { loadModel } from "../../src/driver/load.js";
import type { Value } from "../../src/ir/graph.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { Memory } from "../../src/quant/calibrate/memory.js";
import { partsOf } from "../../src/quant/calibrate/parts.js";
import { givenSamples, type Samples } from "../../src/quant/calibrate/samples.js";
import { correctionsOf } from "../../src/quant/correct.js";
import { distances } from "../../src/quant/distances.js";
import { heldGraph } from "../../src/quant/held.js";
import { planOf } from "../../src/quant/plan.js";
import { Scratch } from "../../src/host/scratch.js";
import { inMemory } from "../../src/quant/shelf.js";
import type { QuantiseOptions } from "../../src/quant/scheme.js";
import { randomSource } from "../../src/verify/seeded.js";

/** A residual and two readers of one value, a layer without a bias, one that no bias goes into, and something behind the last. */
const text = `
  a = Conv(x: f32[1,4,6,6], w1: f32[8,4,3,3]!, b1: f32[8]!, pads=[1, 1, 1, 1])
  r = Relu(a)
  d = Conv(r, w2: f32[8,1,3,3]!, pads=[1, 1, 1, 1], group=8)
  e = Conv(r, w3: f32[8,8,1,1]!, b3: f32[8]!)
  s = Add(d, e)
  m = Mul(s, r)
  g = GlobalAveragePool(m)
  f = Flatten(g, axis=1)
  p = MatMul(f, w4: f32[8,5]!)
  y = Relu(p)
  return y`;
const model = Buffer.concat([...exportOnnx(inferGraph(parse(text), catalogue).graph)]);
const random = randomSource(5);
const feedsOf = (count: number): ReadonlyMap<string, ReturnType<typeof fromNumbers>>[] =>
  Array.from({ length: count }, () => new Map([["x", fromNumbers("f32", [1, 4, 6, 6], Array.from({ length: 144 }, () => random() ** 3 - 0.2))]])); // prettier-ignore
const [feeds, unseen] = [feedsOf(24), feedsOf(24)];

const options: QuantiseOptions = { scheme: "w8a8", ranges: "mse", group: 128, skip: [], shelf: inMemory, scratch: () => new Scratch() };

interface Given {
  readonly loaded: Awaited<ReturnType<typeof loadModel>>;
  readonly samples: Samples;
  readonly context: QuantiseContext;
}

/** Grids so coarse that there is something to correct. */
async function given(): Promise<Given> {
  const loaded = await loadModel(model, {});
  const samples = givenSamples(loaded.graph, feeds);
  const { heldAs } = await planOf(loaded.graph, samples, options);
  const nothing = { isSkipped: () => false, channelsOf: () => undefined, correctionOf: () => undefined, packed: () => undefined };
  const coarse: QuantiseContext["heldAs"] = (v) => {
    const held = heldAs(v);
    return held && { ...held, scale: held.scale * 12, zero: Math.round((held.zero + 128) / 12) - 128 };
  };
  return { loaded, samples, context: { ...nothing, catalogue, activations: true, weights: { bits: 8 }, heldAs: coarse } };
}

const told = (found: ReadonlyMap<string, Correction>): unknown =>
  [...found].map(([name, c]) => [name, [...c.gains], c.shifts && [...c.shifts]]);

test("outputs on samples that were not seen are nearer to the float model", async () => {
  const { loaded, samples, context } = await given();
  const { corrections: found, unkept } = await correctionsOf(loaded.graph, context, samples, options);
  expect(unkept).toBeUndefined();
  expect([...found].map(([name, c]) => [name, c.gains.length, c.shifts?.length])).toEqual([["a", 8, 8], ["d", 8, 8], ["e", 8, 8], ["p", 5, undefined]]); // prettier-ignore
  const lossOf = async (correctionOf: QuantiseContext["correctionOf"]): Promise<number> => {
    const after = heldGraph(loaded.graph, { ...context, correctionOf }, "w8a8");
    const [figures] = (await distances(loaded.graph, after, [[loaded.graph.outputs[0], after.outputs[0]]], givenSamples(loaded.graph, unseen), {})).values(); // prettier-ignore
    return 10 ** (-figures.sqnrDb / 10);
  };
  expect((await lossOf((n) => found.get(n.outputs[0]?.name ?? ""))) / (await lossOf(() => undefined))).toBeLessThan(0.8);
});

test("interrupted, it goes on to the same corrections", async () => {
  const folder = mkdtempSync(join(tmpdir(), "portolan-correct-"));
  try {
    const { loaded, samples, context } = await given();
    const want = told((await correctionsOf(loaded.graph, context, samples, options)).corrections);
    const stop = new AbortController();
    const onEvent = (e: Event): void => {
      if (e.kind === "progress" && e.label === "correct" && e.done === 2) stop.abort();
    };
    const path = join(folder, "kept");
    const running = { ...options, memory: new Memory(path, loaded), signal: stop.signal, onEvent };
    await expect(correctionsOf(loaded.graph, context, samples, running)).rejects.toMatchObject({ name: "AbortError" });
    const memory = new Memory(path, loaded);
    expect(memory.read("correct", "another key")).toBeUndefined();
    expect(told((await correctionsOf(loaded.graph, context, samples, { ...options, memory })).corrections)).toEqual(want);
    expect(memory.resumed.get("correct")).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("sections hold each node once, and keep what is read later", () => {
  const graph = inferGraph(parse(text), catalogue).graph;
  const parts = partsOf(graph, graph.nodes.filter((n) => n.op === "Conv" || n.op === "MatMul")); // prettier-ignore
  const sections = parts.flatMap((p) => [p.before, p.product]);
  const names = (of: (s: (typeof sections)[number]) => Iterable<{ readonly name: string }>): string[] =>
    sections.map((s) => [...of(s)].map((v) => v.name).join(" "));
  expect(names((s) => s.graph.nodes.map((n) => n.outputs[0] as Value))).toEqual(["", "a", "r", "d", "", "e", "s m g f", "p"]);
  expect(names((s) => s.graph.inputs)).toEqual(["", "x", "a", "r", "", "r", "d e r", "f"]);
  expect(names((s) => s.graph.outputs)).toEqual(["", "a", "r", "d", "", "e", "f", "p"]);
  expect(names((s) => s.live)).toEqual(["x", "a", "r", "r d", "r d", "r d e", "f", ""]);
  expect(names((s) => s.graph.constants.keys())).toEqual(["", "w1 b1", "", "w2", "", "w3 b3", "", "w4"]);
});

test("behind a value that no array holds layers are left as they are, and it is named", async () => {
  const own = `
    a = Conv(x: f32[1,4,6,6], w1: f32[4,4,1,1]!)
    k = Relu(a)
    b = Conv(a, w2: f32[4,4,1,1]!)
    s = Add(b, k)
    y = Conv(b, w3: f32[4,4,1,1]!)
    return y, s`;
  const { graph } = inferGraph(parse(own), catalogue);
  const other: Value = { name: "k", type: { kind: "unknown" } };
  const swap = (v: Value | undefined): Value | undefined => (v?.name === "k" ? other : v);
  const nodes = graph.nodes.map((n) => ({ ...n, inputs: n.inputs.map(swap), outputs: n.outputs.map(swap) }));
  const { context } = await given();
  const weightsAlone: QuantiseContext = { ...context, activations: false };
  const fitted = await correctionsOf({ ...graph, nodes }, weightsAlone, givenSamples(graph, feeds), { ...options, scheme: "w8a16" });
  expect([[...fitted.corrections.keys()], fitted.unkept?.name]).toEqual([["a"], "k"]);
});
