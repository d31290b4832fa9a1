/** Transposed convolutions as plain ones: the same numbers for every geometry, in kernels too, and on every target. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateDim, symbol, type Dim } from "../../../src/base/dim.js";
import { toNumbers } from "../../../src/base/float-formats.js";
import { evaluateGraph } from "../../../src/ir/evaluate/evaluate.js";
import { rankedType, type Graph } from "../../../src/ir/graph.js";
import { asPlain, expandTransposed } from "../../../passes/target/expand-transposed.js";
import { checkPlan, plannedChips, randomTensor, Sketch } from "../../kernel/plan-helpers.js";
import { bang } from "../../../targets/bang/target.js";
import { checkPass } from "../check-pass.js";
import { compileText } from "../../plan/compile-text.js";

interface Axis {
  readonly extent: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly low: number;
  readonly high: number;
  readonly extra: number;
}

/** The operator alone; an open geometry has its last extent as a symbol. */
function transposed(axes: readonly Axis[], group = 1, open = false): Graph {
  const s = new Sketch();
  const extents = axes.map((a, i): Dim => (open && i === axes.length - 1 ? symbol("n") : a.extent));
  const x = s.input("f32", [2, 2 * group, ...extents]);
  const w = s.input("f32", [2 * group, 3, ...axes.map((a) => a.kernel)]);
  const y = s.apply("convtranspose", [x, w], {
    strides: axes.map((a) => a.stride),
    pads: [...axes.map((a) => a.low), ...axes.map((a) => a.high)],
    dilations: axes.map((a) => a.dilation),
    outputpadding: axes.map((a) => a.extra),
    group,
    acc: "f32",
  });
  return s.graph(y);
}

const inputsOf = (graph: Graph, n: number) =>
  new Map(
    graph.inputs.map((v, i) => [
      v,
      randomTensor(
        "f32",
        (rankedType(v)?.shape ?? []).map((d) => evaluateDim(d, { n })),
        i + 1,
      ),
    ]),
  );

function checkExpanded(graph: Graph, n: number): void {
  const plain = asPlain(graph, new Map(), new Set());
  expect(plain.nodes.map((node) => node.op)).toContain("conv");
  expect(plain.nodes.map((node) => node.op)).not.toContain("convtranspose");
  const given = inputsOf(graph, n);
  const [want] = evaluateGraph(graph, new Map(), given).values();
  const [got] = evaluateGraph(plain, new Map(), given).values();
  expect(got.shape).toEqual(want.shape);
  const numbers = toNumbers(want);
  toNumbers(got).forEach((x, i) => expect(Math.abs(x - numbers[i])).toBeLessThan(1e-4));
}

const axis: fc.Arbitrary<Axis> = fc
  .record({
    extent: fc.integer({ min: 1, max: 5 }),
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 4 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    low: fc.integer({ min: 0, max: 8 }),
    high: fc.integer({ min: 0, max: 8 }),
    extra: fc.integer({ min: 0, max: 3 }),
  })
  .filter((a) => a.stride * (a.extent - 1) + a.extra + (a.kernel - 1) * a.dilation + 1 - a.low - a.high > 0);

test("every stride, dilation, padding and group gives the same numbers in one to three dimensions", () => {
  fc.assert(
    fc.property(fc.array(axis, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 2 }), fc.boolean(), (axes, group, open) =>
      checkExpanded(transposed(axes, group, open), axes[axes.length - 1].extent),
    ),
    { numRuns: 300 },
  );
});

const usual: Axis = { extent: 5, kernel: 3, stride: 2, dilation: 1, low: 1, high: 1, extra: 1 };

test("what a library makes stays as it is", () => {
  const graph = transposed([usual]);
  expect(asPlain(graph, new Map(), new Set(graph.outputs))).toBe(graph);
});

describe.each(plannedChips.map((c) => [c.chip, c] as const))("kernels of %s", (_, caps) => {
  test.each([
    ["one dimension", [usual]],
    ["two with another dilation", [usual, { ...usual, stride: 1, dilation: 2, extra: 0 }]],
    ["three", [usual, { ...usual, kernel: 2, stride: 3, low: 0, high: 0, extra: 0 }, { ...usual, extent: 3, high: 0 }]],
  ] as const)("%s", (_name, axes) => {
    checkPlan(asPlain(transposed(axes, 2), new Map(), new Set()), caps);
    checkPlan(asPlain(transposed(axes, 1, true), new Map(), new Set()), caps, { n: 4 });
  });
});

test.each(["cann", "bang", "kunlun"])(
  "three dimensions compile for %s, a filter known beforehand without work of its own",
  async (target) => {
    const text = "y = ConvTranspose(x: f32[1,2,4,4,4], w: f32[2,3,2,2,2]!, strides=[2, 2, 2], pads=[0, 0, 0, 1, 1, 1])";
    const { plan } = await compileText(text, { target });
    const shapes = [...plan.constants.values()].map((c) => c.shape);
    expect(shapes).toContainEqual([24, 2, 1, 1, 1]);
  },
);

const alone = { target: { ...bang, rows: [] } };

describe("as a pass", () => {
  const plain =
    'y = convtranspose(x: f32[1,2,5], w: f32[2,3,2], strides=[1], pads=[0, 0], dilations=[1], outputpadding=[0], group=1, acc="f32")';

  test("with stride 1 the filter is turned round", () =>
    void checkPass(
      expandTransposed,
      plain,
      `y'' = pad(w, y', low=dims[0, 0, 0], high=dims[0, 0, 0])
       y'3 = reshape(y'', shape=dims[1, 2, 3, 2, 1])
       y'4 = slice(y'3, starts=dims[0, 0, 0, 1, 0], sizes=dims[1, 2, 3, 2, 1], steps=[1, 1, 1, -1, 1])
       y'5 = transpose(y'4, perm=[0, 2, 4, 1, 3])
       y'6 = reshape(y'5, shape=dims[3, 2, 2])
       y'7 = conv(x, y'6, strides=[1], dilations=[1], group=1, acc="f32", pads=[1, 1])
       y'8 = reshape(y'7, shape=dims[1, 3, 1, 6])
       y'9 = transpose(y'8, perm=[0, 1, 3, 2])
       y'10 = reshape(y'9, shape=dims[1, 3, 6])
       y = slice(y'10, starts=dims[0, 0, 0], sizes=dims[1, 3, 6], steps=[1, 1, 1])`,
      alone,
    ));

  test("declines: a row takes it, and an open filter", () => {
    checkPass(expandTransposed, plain);
    checkPass(expandTransposed, plain.replace("w: f32[2,3,2]", "w: f32[2,3,K]"), undefined, alone);
  });
});
