/** Whole numbers at the ends of their types: the reference semantics by BigInt, then every chip's kernels by the reference. */
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/base/tensor.js";
import type { Value } from "../../src/ir/graph.js";
import { evaluatePrimitive } from "../../src/ops/evaluate/primitive.js";
import type { BinaryFn, CompareFn, UnaryFn } from "../../src/ops/primitive.js";
import {
  binaryTruth,
  compareTruth,
  pairsOf,
  shiftsOf,
  shiftTruth,
  signed,
  unaryTruth,
  wholeTensor,
  wholeTypes,
  wrapped,
  type WholeType,
} from "./extremes.js";
import { checkPlan, plannedChips, Sketch } from "./plan-helpers.js";

const keys = <K extends string>(record: Readonly<Partial<Record<K, unknown>>>): K[] => Object.keys(record) as K[];
const list = (t: Tensor): bigint[] => Array.from(t.data as BigInt64Array, BigInt);
const cast = (to: string) => ({ to, round: "trunc", overflow: "wrap" }) as const;
/** u64 has no arithmetic here; the unary functions of unsigned numbers are those that mean something. */
const unaryOf = (t: WholeType): UnaryFn[] => keys(unaryTruth).filter((fn) => signed(t) || fn === "bitnot" || fn === "sign" || fn === "abs");

describe("the reference semantics", () => {
  test.each(wholeTypes)("%s", (t) => {
    const { a, b } = pairsOf(t);
    const [x, y] = [wholeTensor(t, a), wholeTensor(t, b)];
    const value = (fn: BinaryFn | UnaryFn | CompareFn, inputs: Tensor[]) => list(evaluatePrimitive(fn, inputs, {})[0]);
    for (const fn of keys(binaryTruth))
      expect(value(fn, [x, y]), fn).toEqual(a.map((p, i) => wrapped(t, binaryTruth[fn]?.(p, b[i]) ?? 0n)));
    for (const fn of unaryOf(t)) expect(value(fn, [x]), fn).toEqual(a.map((p) => wrapped(t, unaryTruth[fn]?.(p) ?? 0n)));
    for (const fn of keys(compareTruth)) expect(value(fn, [x, y]), fn).toEqual(a.map((p, i) => (compareTruth[fn](p, b[i]) ? 1n : 0n)));
    for (const to of wholeTypes)
      expect(list(evaluatePrimitive("cast", [x], cast(to))[0]), `to ${to}`).toEqual(a.map((p) => wrapped(to, p)));
  });

  test.each(wholeTypes.filter((t) => !signed(t)))("shifts of %s", (t) => {
    const { a, n } = shiftsOf(t);
    for (const fn of keys(shiftTruth))
      expect(list(evaluatePrimitive(fn, [wholeTensor(t, a), wholeTensor(t, n)], {})[0]), fn).toEqual(
        a.map((x, i) => wrapped(t, shiftTruth[fn](x, n[i]))),
      );
  });
});

/** One graph of many outputs over the pairs of a type. */
function check(
  t: WholeType,
  caps: (typeof plannedChips)[number],
  build: (s: Sketch, x: Value, y: Value) => Value[],
  pairs: { a: readonly bigint[]; b: readonly bigint[] },
): void {
  const s = new Sketch();
  const [x, y] = [s.input(t, [pairs.a.length]), s.input(t, [pairs.a.length])];
  const graph = s.graph(...build(s, x, y));
  checkPlan(
    graph,
    caps,
    {},
    new Map([
      [x, wholeTensor(t, pairs.a)],
      [y, wholeTensor(t, pairs.b)],
    ]),
  );
}

describe.each(plannedChips.map((c) => [c.chip, { ...c, cores: 2 }] as const))("%s", (_, caps) => {
  test.each(wholeTypes)("arithmetic of %s", (t) => {
    for (const fn of [...keys(binaryTruth), ...keys(compareTruth)]) check(t, caps, (s, x, y) => [s.apply(fn, [x, y])], pairsOf(t));
    check(t, caps, (s, x) => unaryOf(t).map((fn) => s.apply(fn, [x])), pairsOf(t));
  });

  test.each(wholeTypes)("casts of %s", (t) => {
    for (const to of [...wholeTypes, "f32", "bool"] as const)
      if (to !== t) check(t, caps, (s, x) => [s.apply("cast", [x], cast(to))], pairsOf(t));
  });

  test.each(wholeTypes.filter((t) => !signed(t)))("shifts of %s", (t) => {
    const { a, n } = shiftsOf(t);
    for (const fn of keys(shiftTruth)) check(t, caps, (s, x, y) => [s.apply(fn, [x, y])], { a, b: n });
  });
});
