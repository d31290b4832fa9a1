/** Levels of eight bits from samples: of what sums over what, and never a greater error than the nearest on what was seen. */
import { Scratch } from "../../src/host/scratch.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Correction, QuantiseContext } from "../../passes/quantise/scheme.js";
import { operandsOf } from "../../passes/quantise/operands.js";
import { fromNumbers } from "../../src/base/float-formats.js";
import { elementCount, type Tensor } from "../../src/base/tensor.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import { rankedType, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { Course } from "../../src/quant/calibrate/parts.js";
import { givenSamples } from "../../src/quant/calibrate/samples.js";
import { chosenLevels } from "../../src/quant/choose.js";
import { heldGraph } from "../../src/quant/held.js";
import { randomSource } from "../../src/verify/seeded.js";

const products = [
  ["a convolution", "y = Conv(x: f32[2,3,6,5], w: f32[4,3,3,2]!, b: f32[4]!, pads=[1, 0, 2, 1], strides=[2, 1])"],
  ["one of places alone", "y = Conv(x: f32[1,12,4,4], w: f32[6,12,1,1]!)"],
  ["one that leaves places out", "y = Conv(x: f32[1,12,4,4], w: f32[6,12,1,1]!, strides=[2, 2])"],
  ["one in groups", "y = Conv(x: f32[1,6,5,5], w: f32[4,3,3,3]!, group=2, dilations=[2, 2])"],
  ["one channel by channel", "y = Conv(x: f32[1,5,6,6], w: f32[5,1,3,3]!, group=5, pads=[1, 1, 1, 1])"],
  ["one along one axis", "y = Conv(x: f32[1,4,9], w: f32[3,4,3]!, pads=[1, 1])"],
  ["a product", "y = MatMul(x: f32[3,2,8], w: f32[8,5]!)"],
  ["a Gemm", "y = Gemm(x: f32[4,8], w: f32[5,8]!, c: f32[5]!, transB=1)"],
] as const;

const nothing: Omit<QuantiseContext, "correctionOf"> = {
  ...{ catalogue, isSkipped: () => false, channelsOf: () => undefined, packed: () => undefined, heldAs: () => undefined },
  ...{ activations: false, weights: { bits: 8 } },
};

interface Given {
  readonly graph: Graph;
  readonly node: Node;
  readonly weight: ConstData;
  readonly axis: number;
  readonly feeds: readonly ReadonlyMap<string, Tensor>[];
}

/** Neighbours go together, so that there is something to make up for; weights that a coarse grid holds badly. */
function given(text: string, seed: number): Given {
  const { graph } = inferGraph(parse(text), catalogue);
  const [node] = graph.nodes;
  const { weight: place } = operandsOf(node, (v) => v && graph.constants.get(v)) ?? {};
  const random = randomSource(seed);
  const shape = rankedType(graph.inputs[0])?.shape as number[];
  const feed = (): Tensor => {
    const base = random() * 3;
    return fromNumbers("f32", shape, Array.from({ length: elementCount(shape) }, (_, i) => base + (i % 3) + 0.2 * random())); // prettier-ignore
  };
  const feeds = Array.from({ length: 6 }, () => new Map([["x", feed()]]));
  return { graph, node, weight: graph.constants.get(node.inputs[1] as Value) as ConstData, axis: place?.axis ?? 0, feeds };
}

const as = (graph: Graph, correction?: Correction): Graph => heldGraph(graph, { ...nothing, correctionOf: () => correction }, "w8a16");

function resultsOf(graph: Graph, { feeds }: Given): number[] {
  return feeds.flatMap((feed) => {
    const values = evaluateGraph(graph, catalogue, new Map([[graph.inputs[0], feed.get("x") as Tensor]]));
    return Array.from(values.get(graph.outputs[0])?.data as Float32Array);
  });
}

test.each(products)("of %s no result is further from the float model's on the samples", async (_, text) => {
  const one = given(text, 3);
  const course = new Course(givenSamples(one.graph, one.feeds), new Scratch());
  const levels = (await chosenLevels(one, as(one.graph), course, {})) as Int8Array;
  expect([levels.length, Math.max(...levels) <= 127, Math.min(...levels) >= -127]).toEqual([elementCount(one.weight.shape), true, true]);
  const want = resultsOf(one.graph, one);
  const lossOf = (correction?: Correction): number =>
    resultsOf(as(one.graph, correction), one).reduce((sum, y, i) => sum + (y - want[i]) ** 2, 0);
  const gains = new Float64Array(one.weight.shape[one.axis]).fill(1);
  expect(lossOf({ levels, gains })).toBeLessThan(0.9 * lossOf());
});

test("nor of any samples, but for what keeps channels apart that samples hardly do", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(999), fc.constantFrom(...products), async (seed, [, text]) => {
      const one = given(text, seed);
      const levels = await chosenLevels(one, as(one.graph), new Course(givenSamples(one.graph, one.feeds), new Scratch()), {});
      const want = resultsOf(one.graph, one);
      const lossOf = (correction?: Correction): number =>
        resultsOf(as(one.graph, correction), one).reduce((sum, y, i) => sum + (y - want[i]) ** 2, 0);
      const gains = new Float64Array(one.weight.shape[one.axis]).fill(1);
      expect(lossOf({ levels, gains })).toBeLessThanOrEqual(1.1 * lossOf());
    }),
    { numRuns: 16 },
  );
});

test("what sums over no patches, and what was seen as nothing but zeros, keeps the nearest", async () => {
  const transposed = given("y = ConvTranspose(x: f32[1,4,3,3], w: f32[4,3,2,2]!)", 1);
  expect(await chosenLevels(transposed, as(transposed.graph), new Course(givenSamples(transposed.graph, transposed.feeds), new Scratch()), {})).toBeUndefined(); // prettier-ignore
  const one = given(products[6][1], 1);
  const zeros = [new Map([["x", fromNumbers("f32", [3, 2, 8], new Float32Array(48))]])];
  const levels = await chosenLevels(one, as(one.graph), new Course(givenSamples(one.graph, zeros), new Scratch()), {});
  const nearest = [...as(one.graph).constants].find(([v]) => v.name.endsWith("_quantized"))?.[1].load().data as Int8Array;
  expect([...(levels as Int8Array)]).toEqual([...nearest]);
});
