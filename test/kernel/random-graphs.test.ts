/** Random small graphs of primitives: whatever is grouped and however it is scheduled, the numbers are the primitives' own. */
import fc from "fast-check";
import { describe, test } from "vitest";
import type { DType } from "../../src/base/dtype.js";
import { rankedType, type Value } from "../../src/ir/graph.js";
import { checkPlan, plannedChips, Sketch } from "./plan-helpers.js";

/** One random step: `kind` chooses the primitive, `a` and `b` its operands and attributes. */
interface Step {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
}

const step: fc.Arbitrary<Step> = fc.record({ kind: fc.nat(15), a: fc.nat(1000), b: fc.nat(1000) });
const extent = fc.constantFrom(1, 2, 3, 4, 6, 7, 12, 33);
const plan = fc.record({
  shape: fc.array(extent, { minLength: 1, maxLength: 4 }),
  dtype: fc.constantFrom<DType>("f32", "f32", "f16", "i32"),
  steps: fc.array(step, { minLength: 1, maxLength: 9 }),
  outputs: fc.nat(2),
});

function shapeOf(v: Value): number[] {
  return (rankedType(v)?.shape ?? []) as number[];
}

function isSmall(v: Value): boolean {
  return shapeOf(v).reduce((x, y) => x * y, 1) <= 20000;
}

/** Applies one step to a value that exists already; undefined where it does not fit. */
function grow(s: Sketch, values: readonly Value[], { kind, a, b }: Step): Value | undefined {
  const x = values[a % values.length];
  const dtype = rankedType(x)?.dtype ?? "f32";
  const shape = shapeOf(x);
  const float = dtype === "f32" || dtype === "f16";
  const axis = shape.length > 0 ? b % shape.length : 0;
  switch (kind) {
    case 0:
      return s.apply("abs", [x]);
    case 1:
      return float ? s.apply("tanh", [x]) : s.apply("neg", [x]);
    case 2: {
      const other = values.find((v, i) => i >= b % values.length && rankedType(v)?.dtype === dtype && `${shapeOf(v)}` === `${shape}`);
      return s.apply("sub", [x, other ?? x]);
    }
    case 3:
      return s.apply("select", [s.apply("lt", [x, s.scalar(1, shape, dtype)]), x, s.scalar(2, shape, dtype)]);
    case 4:
      return shape.length > 1
        ? s.apply("transpose", [x], { perm: shape.map((_, d) => (d + 1 + (b % (shape.length - 1))) % shape.length) })
        : undefined;
    case 5:
    case 6:
      return shape.length > 0 ? s.apply("reduce", [x], { fn: ["sum", "max", "min"][b % 3], axes: [axis] }) : undefined;
    case 7: {
      const r = s.apply("reduce", [x], { fn: "max", axes: shape.map((_, d) => d).filter((d) => (b >> d) % 2 === 0) });
      return s.apply("sub", [x, s.apply("expand", [r], { shape })]);
    }
    case 8: {
      if (shape.length === 0) return undefined;
      const flat = [shape.slice(0, axis + 1).reduce((p, q) => p * q, 1), shape.slice(axis + 1).reduce((p, q) => p * q, 1)];
      return s.apply("reshape", [x], { shape: flat });
    }
    case 9:
      return shape.every((e) => e % 2 === 0) && shape.length > 0
        ? s.apply("reshape", [x], { shape: shape.flatMap((e, d) => (d === axis ? [e / 2, 2] : [e])) })
        : s.apply("reshape", [x], { shape: [...shape, 1] });
    case 10: {
      if (shape.length === 0) return undefined;
      const n = shape[axis];
      const backwards = b % 2 === 0;
      const start = shape.map((_, d) => (d === axis ? (backwards ? n - 1 : n >> 1) : 0));
      const sizes = shape.map((e, d) => (d === axis ? Math.max(1, backwards ? Math.ceil(n / 2) : (n + 1) >> 1) : e));
      return s.apply("slice", [x], {
        starts: start,
        sizes: sizes.map((e, d) => (d === axis && !backwards ? Math.min(e, n - (n >> 1)) : e)),
        steps: shape.map((_, d) => (d === axis && backwards ? (n > 1 ? -2 : -1) : 1)),
      });
    }
    case 11:
      return s.apply("concat", [x, x], { axis });
    case 12:
      return s.apply("pad", [x, s.scalar(1, [], dtype)], {
        low: shape.map((_, d) => (b >> d) % 2),
        high: shape.map((_, d) => (b >> (d + 2)) % 3),
      });
    case 13:
      return shape.length > 0 && shape[axis] >= 3
        ? s.apply("window", [x], { axes: [axis], sizes: [2], strides: [1 + (b % 2)], dilations: [1 + (b % 2)] })
        : undefined;
    case 14:
      return shape.length > 0 && shape.length < 5
        ? s.apply("expand", [s.apply("reshape", [x], { shape: [...shape.slice(0, axis), 1, ...shape.slice(axis)] })], {
            shape: [...shape.slice(0, axis), 3, ...shape.slice(axis)],
          })
        : undefined;
    default:
      return dtype === "i32"
        ? s.apply("cast", [x], { to: "f32", round: "trunc", overflow: "wrap" })
        : s.apply("mul", [x, s.scalar(0.5, shape, dtype)]);
  }
}

function build(p: { shape: number[]; dtype: DType; steps: Step[]; outputs: number }): Sketch & { values: Value[] } {
  const s = new Sketch();
  const values = [s.input(p.dtype, p.shape), s.input(p.dtype, p.shape)];
  for (const one of p.steps) {
    const made = grow(s, values, one);
    if (made && isSmall(made) && shapeOf(made).length <= 6) values.push(made);
  }
  return Object.assign(s, { values });
}

describe.each(plannedChips.filter((c) => c.chip !== "MLU370").map((c) => [c.chip, { ...c, cores: 5 }] as const))("%s", (_, caps) => {
  test("random graphs mean what their primitives mean", () => {
    fc.assert(
      fc.property(plan, (p) => {
        const s = build(p);
        checkPlan(s.graph(...s.values.slice(2).slice(-1 - p.outputs)), caps);
      }),
      { numRuns: Number(process.env.PORTOLAN_RUNS ?? 60), seed: Number(process.env.PORTOLAN_SEED ?? 7) },
    );
  });
});
