/**
 * Sizes: whatever is transposed in front of or behind a reduction, windowed, masked or stored in halves, every tile has
 * room for what is copied into it and every copy stays inside its buffer, on the chips as they are, at lengths around
 * every granule and capacity. Nothing is computed here: random-graphs.test.ts does that on small shapes.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { symbol, type Dim } from "../../src/base/dim.js";
import type { DType } from "../../src/base/dtype.js";
import { rankedType, type Graph, type Value } from "../../src/ir/graph.js";
import type { Caps } from "../../src/kernel/caps.js";
import { planUnits } from "../../src/kernel/group/group.js";
import { printKernel } from "../../src/kernel/text/print.js";
import { surveyKernel } from "../../src/kernel/interpret/survey.js";
import { chips as ascend } from "../../targets/cann/caps.js";
import { chips as mlu } from "../../targets/bang/caps.js";
import { chips as kunlun } from "../../targets/kunlun/caps.js";
import { Sketch } from "./plan-helpers.js";

/** One chip of each kind: others differ in their cores alone. */
const kinds = new Map(
  [...Object.values(ascend), ...Object.values(mlu), ...Object.values(kunlun)].map(({ caps }): [string, Caps] => [
    JSON.stringify({ ...caps, chip: "", cores: 0 }),
    caps,
  ]),
);
const chips = [...kinds.values()].map((c): [string, Caps] => [c.chip, c]);

/** Plans a graph and looks at all its kernels at these sizes. */
function survey(graph: Graph, caps: Caps, sizes: Readonly<Record<string, number>> = {}): void {
  const units = planUnits(graph, { caps, isLibrary: () => false, ranges: () => undefined, prefix: "k_" });
  for (const unit of units)
    if (unit.kind === "kernels")
      for (const { kernel } of unit.kernels)
        try {
          surveyKernel(kernel, sizes, caps);
        } catch (e) {
          throw new Error(`${(e as Error).message}\n${printKernel(kernel)}`, { cause: e });
        }
}

/** Two of the chips have no bfloat16. */
const computes = (dtype: DType, caps: Caps): boolean => dtype !== "bf16" || caps.casts["bf16->f32"] !== undefined;

const shapeOf = (v: Value): readonly Dim[] => rankedType(v)?.shape ?? [];

/** Mean and variance over an axis, and the quotient: what every normalisation does. */
function normalise(s: Sketch, x: Value, axis: number): Value {
  const shape = shapeOf(x);
  const sum = (v: Value) => s.apply("reduce", [v], { fn: "sum", axes: [axis] });
  const centred = s.apply("sub", [x, s.apply("expand", [sum(x)], { shape })]);
  const scale = s.apply("rsqrt", [sum(s.apply("mul", [centred, centred]))]);
  return s.apply("mul", [centred, s.apply("expand", [scale], { shape })]);
}

function softmax(s: Sketch, x: Value, axis: number): Value {
  const shape = shapeOf(x);
  const e = s.apply("exp", [s.apply("sub", [x, s.apply("expand", [s.apply("reduce", [x], { fn: "max", axes: [axis] })], { shape })])]);
  return s.apply("div", [e, s.apply("expand", [s.apply("reduce", [e], { fn: "sum", axes: [axis] })], { shape })]);
}

type Reduce = "normalise" | "softmax" | "sum";
interface Case {
  readonly shape: readonly [Dim, Dim, Dim];
  readonly dtype: DType;
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly reduce: Reduce;
  readonly axis: number;
  readonly step: number;
}

/** Slice, transpose, reduce, transpose. */
function turnedReduction({ shape, dtype, before, after, reduce, axis, step }: Case): Graph {
  const s = new Sketch();
  const stretched = shape.map((e, d) => (d === 2 && typeof e === "number" ? e * step : e));
  const given = s.input(dtype, stretched);
  const sliced =
    step === 1
      ? given
      : s.apply("slice", [given], { starts: shape.map(() => 0), sizes: shape, steps: shape.map((_, d) => (d === 2 ? step : 1)) });
  const x = s.apply("transpose", [sliced], { perm: before });
  const y =
    reduce === "sum"
      ? s.apply("reduce", [x], { fn: "sum", axes: [axis] })
      : reduce === "softmax"
        ? softmax(s, x, axis)
        : normalise(s, x, axis);
  return s.graph(s.apply("transpose", [y], { perm: after }));
}

const perms = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** Around granules (8, 16, 32, 64, 128 elements), squares of them, and the lanes scratchpads hold. */
const near = [1, 2, 7, 8, 16, 31, 49, 64, 96, 128, 196, 197, 256, 384, 511, 512, 513, 768, 1000, 1024, 1536, 2048, 3072, 3777, 4096, 6625];
const length = fc.oneof(
  fc.constantFrom(...near),
  fc.tuple(fc.constantFrom(...near), fc.integer({ min: -2, max: 2 })).map(([n, d]) => Math.max(1, n + d)),
);
const settings = { numRuns: Number(process.env.PORTOLAN_RUNS ?? 24), seed: Number(process.env.PORTOLAN_SEED ?? 11) };

describe.each(chips)("%s", (_, caps) => {
  test.each([
    [512, 64],
    [768, 196],
    [64, 49],
    [96, 3136],
    [1024, 197],
    [3, 50176],
    [2048, 1],
  ])("transposed [0,2,1] in front of a normalisation over C of (%d, %d)", (c, n) => {
    for (const dtype of ["f32", "f16"] as const)
      for (const reduce of ["normalise", "softmax"] as const) {
        const perm = perms[1];
        survey(turnedReduction({ shape: [1, c, n], dtype, before: perm, after: perms[0], reduce, axis: 2, step: 1 }), caps);
        survey(turnedReduction({ shape: [1, c, n], dtype, before: perms[0], after: perm, reduce, axis: 2, step: 1 }), caps);
      }
  });

  test("transposes before and behind reductions fit at any length", () => {
    const one = fc.record({
      shape: fc.tuple(fc.constantFrom(1, 2, 3, 8), length, length),
      dtype: fc.constantFrom<DType>("f32", "f16", "bf16", "i32", "u8"),
      before: fc.constantFrom(...perms),
      after: fc.constantFrom(...perms),
      reduce: fc.constantFrom<Reduce>("normalise", "softmax", "sum"),
      axis: fc.nat(2),
      step: fc.constantFrom(1, 1, 2, 3),
    });
    fc.assert(
      fc.property(one, (c) => {
        if (!computes(c.dtype, caps)) return;
        survey(turnedReduction(c.dtype === "i32" || c.dtype === "u8" ? { ...c, reduce: "sum" } : c), caps);
      }),
      settings,
    );
  });

  test("so do they when the lengths are open", () => {
    const shape = [symbol("B"), symbol("C"), symbol("S")] as const;
    const sizes = fc.record({ B: fc.constantFrom(1, 3), C: length, S: length });
    fc.assert(
      fc.property(
        fc.constantFrom(...perms),
        fc.constantFrom<Reduce>("normalise", "softmax", "sum"),
        fc.nat(2),
        fc.constantFrom<DType>("f32", "f16"),
        fc.array(sizes, { minLength: 6, maxLength: 12 }),
        (before, reduce, axis, dtype, all) => {
          const graph = turnedReduction({ shape, dtype, before, after: perms[0], reduce, axis, step: 1 });
          for (const s of all) survey(graph, caps, s);
        },
      ),
      { ...settings, numRuns: Math.ceil(settings.numRuns / 6) },
    );
  });

  test("windows fit, with strides, dilations and any type", () => {
    const one = fc.record({
      channels: fc.constantFrom(1, 3, 8, 33),
      length,
      size: fc.integer({ min: 1, max: 5 }),
      stride: fc.integer({ min: 1, max: 4 }),
      dilation: fc.integer({ min: 1, max: 4 }),
      fn: fc.constantFrom("max", "sum"),
      dtype: fc.constantFrom<DType>("f32", "f16", "i32"),
      turned: fc.boolean(),
    });
    fc.assert(
      fc.property(one, (w) => {
        const s = new Sketch();
        const extent = Math.max(w.length, (w.size - 1) * w.dilation + 1);
        const x = s.input(w.dtype, w.turned ? [2, extent, w.channels] : [2, w.channels, extent]);
        const seen = w.turned ? s.apply("transpose", [x], { perm: [0, 2, 1] }) : x;
        const attrs = { axes: [2], sizes: [w.size], strides: [w.stride], dilations: [w.dilation] };
        survey(s.graph(s.apply("reduce", [s.apply("window", [seen], attrs)], { fn: w.fn, axes: [3] })), caps);
      }),
      settings,
    );
  });

  test("index grids and masks fit: what lives beside the tiles is counted", () => {
    const one = fc.record({
      shape: fc.tuple(fc.constantFrom(1, 3), length, length),
      open: fc.boolean(),
      wide: fc.boolean(),
      perm: fc.constantFrom(...perms),
      dtype: fc.constantFrom<DType>("f32", "f16"),
    });
    fc.assert(
      fc.property(one, ({ shape, open, wide, perm, dtype }) => {
        const s = new Sketch();
        const dims = open ? [symbol("B"), symbol("L"), symbol("T")] : shape;
        const x = s.apply("transpose", [s.input(dtype, dims)], { perm });
        const own = shapeOf(x);
        const type = wide ? "i64" : "i32";
        const [row, col] = [1, 2].map((axis) => s.apply("iota", [], { shape: own, axis, dtype: type }));
        const causal = s.apply("le", [col, row]);
        const keep = s.apply("and", [
          causal,
          s.apply("cast", [s.spread(s.input("u8", [own[2]]), own)], { to: "bool", round: "trunc", overflow: "wrap" }),
        ]);
        const masked = s.apply("select", [keep, x, s.scalar(-65504, own, dtype)]);
        const graph = s.graph(softmax(s, masked, 2), s.apply("add", [row, s.apply("mul", [col, s.scalar(3, own, type)])]));
        survey(graph, caps, open ? { B: shape[0], L: shape[1], T: shape[2] } : {});
      }),
      settings,
    );
  });

  test("plain transposes, concatenations and pads of every storable type fit", () => {
    const one = fc.record({
      shape: fc.tuple(fc.constantFrom(1, 2, 5), length, length),
      dtype: fc.constantFrom<DType>("f32", "f16", "bf16", "i32", "u32", "i64", "i16", "u16", "i8", "u8", "bool"),
      perm: fc.constantFrom(...perms),
      axis: fc.nat(2),
    });
    fc.assert(
      fc.property(one, ({ shape, dtype, perm, axis }) => {
        if (!computes(dtype, caps)) return;
        const s = new Sketch();
        const x = s.input(dtype, shape);
        const t = s.apply("transpose", [x], { perm });
        const joined = s.apply("concat", [t, t], { axis });
        const padded = s.apply("pad", [t, s.scalar(1, [], dtype)], { low: [0, 1, 2], high: [1, 0, 3] });
        survey(s.graph(t, joined, padded), caps);
      }),
      settings,
    );
  });
});

test("a kernel whose tiles are too small for their loads is refused", () => {
  const s = new Sketch();
  const graph = s.graph(s.apply("transpose", [s.input("f32", [40, 50])], { perm: [1, 0] }));
  const [[, caps]] = chips;
  const [unit] = planUnits(graph, { caps, isLibrary: () => false, ranges: () => undefined, prefix: "k_" });
  if (unit.kind !== "kernels") throw new Error("a transpose is a kernel");
  const [{ kernel }] = unit.kernels;
  surveyKernel(kernel, {}, caps);
  const smaller = { ...kernel, tiles: kernel.tiles.map((t) => ({ ...t, capacity: t.capacity / 64 })) };
  expect(() => surveyKernel(smaller, {}, caps)).toThrow(/which holds/);
  const larger = { ...kernel, tiles: kernel.tiles.map((t) => ({ ...t, capacity: t.capacity * 64 })) };
  expect(() => surveyKernel(larger, {}, caps)).toThrow(/scratchpad-overflow/);
});
