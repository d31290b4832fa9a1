/**
 * Scalar functions against values of 50 digits (references.txt, written by bench/references.py), and at zeros, infinities
 * and NaN: the reference semantics, the lanes of the interpreters, and every expansion on every chip's native functions.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Caps } from "../../src/kernel/caps.js";
import { evaluateExprs } from "../../src/kernel/interpret/evaluate-expr.js";
import { expand } from "../../src/kernel/expansions/expand.js";
import { laneFn } from "../../src/kernel/lane.js";
import type { Expr, LaneFn } from "../../src/kernel/tile.js";
import { binaryNumber, unaryNumber } from "../../src/ops/evaluate/scalar.js";
import type { BinaryFn, UnaryFn } from "../../src/ops/primitive.js";
import { chips } from "./chips.js";
import { round16 } from "./round16.js";

interface Reference {
  readonly fn: LaneFn & (UnaryFn | BinaryFn);
  /** One array an operand. */
  readonly operands: readonly Float32Array[];
  readonly values: Float64Array;
}

/** Little-endian, as typed arrays are on every machine that runs this. */
function numbers<T>(base64: string, Type: new (buffer: ArrayBuffer) => T): T {
  return new Type(Uint8Array.from(Buffer.from(base64, "base64")).buffer);
}

const references: readonly Reference[] = readFileSync(join(import.meta.dirname, "references.txt"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [fn, operands, values] = line.split(" ");
    const want = numbers(values, Float64Array);
    const all = numbers(operands, Float32Array);
    const count = all.length / want.length;
    return {
      fn: fn as Reference["fn"],
      operands: Array.from({ length: count }, (_, k) => all.subarray(k * want.length, (k + 1) * want.length)),
      values: want,
    };
  });

/** Units of the last place in f32 that every chip keeps to. Most of erf's is its rational form's. */
const limits: Readonly<Partial<Record<LaneFn, number>>> = {
  sqrt: 1,
  rsqrt: 1.6,
  reciprocal: 1.2,
  exp: 1.6,
  expm1: 2,
  log: 1.6,
  log1p: 3.2,
  sin: 2.5,
  cos: 2.5,
  tan: 4.5,
  asin: 2.5,
  acos: 1.6,
  atan: 2.5,
  sinh: 2.5,
  cosh: 2.5,
  tanh: 1.7,
  asinh: 3.5,
  acosh: 3.5,
  atanh: 3.5,
  erf: 5.5,
  pow: 1.2,
  div: 2,
  fmod: 0,
};

function onChip(fn: LaneFn, operands: readonly ArrayLike<number>[], caps: Caps): ArrayLike<number> {
  const args = operands.map((_, k): Expr => ({ op: "tile", type: "f32", tile: `x${k}`, as: "full" }));
  const [native] = expand([{ op: "fn", type: "f32", fn, args }], caps);
  const leaf = (e: Expr, i: number) => (e.op === "tile" ? operands[Number(e.tile.slice(1))][i] : NaN);
  return evaluateExprs([native], { lanes: operands[0].length, leaf, round16 })[0].view;
}

const smallest = 2 ** -126;

function ulps(got: number, want: number): number {
  if (Number.isNaN(got)) return Infinity;
  // The chips may flush what is below the normal numbers.
  if (Math.abs(want) < smallest) return Math.abs(got) <= smallest ? 0 : Infinity;
  return Math.abs(got - want) / 2 ** (Math.floor(Math.log2(Math.abs(want))) - 23);
}

function worst(r: Reference, got: ArrayLike<number>): { readonly error: number; readonly at: string } {
  let [error, at] = [0, ""];
  r.values.forEach((want, i) => {
    const own = ulps(got[i], want);
    if (own > error) [error, at] = [own, `${r.operands.map((o) => o[i]).join(", ")}: ${got[i]}, not ${want}`];
  });
  return { error, at };
}

const plain = (r: Reference): number[] =>
  Array.from(r.values, (_, i) => {
    const [a, b] = r.operands.map((o) => o[i]);
    return r.fn in unaryNumber ? unaryNumber[r.fn as UnaryFn](a) : binaryNumber[r.fn as BinaryFn](a, b);
  });

describe("values of 50 digits", () => {
  test.each(references.map((r) => [r.fn, r] as const))("%s in the reference semantics", (_, r) => {
    expect(worst(r, plain(r))).toEqual({ error: expect.closeTo(0, 5) as number, at: expect.any(String) as string });
    expect(
      worst(
        r,
        Array.from(
          r.values,
          (_, i) =>
            laneFn(
              r.fn,
              "f32",
              r.operands.map((o) => o[i]),
            ) ?? NaN,
        ),
      ).error,
    ).toBeLessThanOrEqual(0.5001);
  });

  test.each(references.map((r) => [r.fn, r] as const))("%s on every chip", (fn, r) => {
    for (const caps of chips) {
      const { error, at } = worst(r, onChip(fn, r.operands, caps));
      expect(error, `${caps.chip}: ${at}`).toBeLessThanOrEqual(limits[fn] ?? 0);
    }
  });
});

const inf = Infinity;

/** Operands and values as annex F of the C standard has them; the sign of zero counts. */
const specials: readonly (readonly [fn: UnaryFn, x: number, y: number])[] = [
  ...(["exp", "log", "expm1", "log1p", "sqrt", "rsqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"] as const).map(
    (fn) => [fn, NaN, NaN] as const,
  ),
  ...(["asinh", "acosh", "atanh", "erf", "floor", "ceil", "round", "trunc", "neg", "abs", "sign", "reciprocal"] as const).map(
    (fn) => [fn, NaN, NaN] as const,
  ),
  ...(["sin", "cos", "tan"] as const).flatMap((fn) => [[fn, inf, NaN] as const, [fn, -inf, NaN] as const]),
  ...(["asin", "acos"] as const).flatMap((fn) => [[fn, 1.5, NaN] as const, [fn, -inf, NaN] as const]),
  ...(["log", "sqrt", "rsqrt"] as const).flatMap((fn) => [[fn, -1, NaN] as const, [fn, -inf, NaN] as const]),
  ...[
    ["exp", inf, inf],
    ["exp", -inf, 0],
    ["exp", 1000, inf],
    ["exp", -1000, 0],
    ["exp", 0, 1],
    ["exp", -0, 1],
  ].map((s) => s as [UnaryFn, number, number]),
  ...[
    ["expm1", inf, inf],
    ["expm1", -inf, -1],
    ["expm1", 1000, inf],
    ["expm1", -1000, -1],
    ["expm1", 0, 0],
    ["expm1", -0, -0],
  ].map((s) => s as [UnaryFn, number, number]),
  ...[
    ["log", 0, -inf],
    ["log", -0, -inf],
    ["log", inf, inf],
    ["log", 1, 0],
    ["log1p", -1, -inf],
    ["log1p", -2, NaN],
    ["log1p", inf, inf],
    ["log1p", -0, -0],
  ].map((s) => s as [UnaryFn, number, number]),
  ...[
    ["sqrt", inf, inf],
    ["sqrt", 0, 0],
    ["sqrt", -0, -0],
    ["rsqrt", inf, 0],
    ["rsqrt", 0, inf],
    ["reciprocal", inf, 0],
    ["reciprocal", -inf, -0],
    ["reciprocal", 0, inf],
    ["reciprocal", -0, -inf],
  ].map((s) => s as [UnaryFn, number, number]),
  ...[
    ["sin", -0, -0],
    ["tan", -0, -0],
    ["cos", 0, 1],
    ["asin", -0, -0],
    ["asin", 1, Math.PI / 2],
    ["acos", 1, 0],
    ["acos", -1, Math.PI],
    ["atan", inf, Math.PI / 2],
    ["atan", -inf, -Math.PI / 2],
    ["atan", -0, -0],
  ].map((s) => s as [UnaryFn, number, number]),
  ...[
    ["sinh", inf, inf],
    ["sinh", -inf, -inf],
    ["sinh", -0, -0],
    ["cosh", -inf, inf],
    ["cosh", 0, 1],
    ["tanh", inf, 1],
    ["tanh", -inf, -1],
    ["tanh", 100, 1],
    ["tanh", -0, -0],
  ].map((s) => s as [UnaryFn, number, number]),
  ...[
    ["asinh", inf, inf],
    ["asinh", -inf, -inf],
    ["asinh", -0, -0],
    ["acosh", 1, 0],
    ["acosh", inf, inf],
    ["acosh", 0.5, NaN],
    ["acosh", -inf, NaN],
    ["atanh", 1, inf],
    ["atanh", -1, -inf],
    ["atanh", 2, NaN],
    ["atanh", -0, -0],
  ].map((s) => s as [UnaryFn, number, number]),
  ...[
    ["erf", inf, 1],
    ["erf", -inf, -1],
    ["erf", -0, -0],
    ["erf", 10, 1],
  ].map((s) => s as [UnaryFn, number, number]),
  ...(["floor", "ceil", "round", "trunc"] as const).flatMap((fn) => [
    [fn, inf, inf] as const,
    [fn, -inf, -inf] as const,
    [fn, -0, -0] as const,
    [fn, 2 ** 24 + 2, 2 ** 24 + 2] as const,
  ]),
  ...[
    ["ceil", -0.5, -0],
    ["round", -0.25, -0],
    ["trunc", -0.75, -0],
    ["round", 2.5, 2],
    ["round", 3.5, 4],
    ["floor", -0.25, -1],
    ["neg", 0, -0],
    ["neg", -0, 0],
    ["neg", inf, -inf],
    ["abs", -0, 0],
    ["abs", -inf, inf],
    ["sign", -inf, -1],
    ["sign", inf, 1],
  ].map((s) => s as [UnaryFn, number, number]),
];

const pairs: readonly (readonly [fn: BinaryFn, x: number, y: number, z: number])[] = [
  ...[
    [NaN, 0, 1],
    [1, NaN, 1],
    [-1, inf, 1],
    [-1, -inf, 1],
    [0.5, inf, 0],
    [0.5, -inf, inf],
    [2, inf, inf],
    [2, -inf, 0],
    [NaN, 2, NaN],
    [2, NaN, NaN],
  ].map(([x, y, z]) => ["pow", x, y, z] as const),
  ...[
    [0, -1, inf],
    [-0, -1, -inf],
    [0, -2, inf],
    [-0, -2, inf],
    [0, 3, 0],
    [-0, 3, -0],
    [-0, 2, 0],
    [-0, 2.5, 0],
    [0, 0, 1],
    [-0, -0.5, inf],
  ].map(([x, y, z]) => ["pow", x, y, z] as const),
  ...[
    [-inf, 3, -inf],
    [-inf, 2, inf],
    [-inf, -3, -0],
    [-inf, -2, 0],
    [inf, 2, inf],
    [inf, -0.5, 0],
    [-2, 0.5, NaN],
    [-8, 1 / 3, NaN],
    [-2, 3, -8],
    [-inf, 0.5, inf],
    [2, 200, inf],
    [2, -200, 0],
    [-2, 201, -inf],
  ].map(([x, y, z]) => ["pow", x, y, z] as const),
  ...[
    [1, 0, inf],
    [-1, 0, -inf],
    [1, -0, -inf],
    [0, 0, NaN],
    [inf, inf, NaN],
    [1, inf, 0],
    [-1, inf, -0],
    [inf, 2, inf],
    [0, -5, -0],
    [NaN, 1, NaN],
  ].map(([x, y, z]) => ["div", x, y, z] as const),
  ...[
    [5.5, 2, 1.5],
    [-5.5, 2, -1.5],
    [5.5, -2, 1.5],
    [-6, 3, -0],
    [6, 3, 0],
    [2, inf, 2],
    [-0, 2, -0],
    [NaN, 2, NaN],
    [2, NaN, NaN],
  ].map(([x, y, z]) => ["fmod", x, y, z] as const),
  ...(["min", "max"] as const).flatMap(
    (fn) =>
      [
        [fn, NaN, 1, NaN],
        [fn, 1, NaN, NaN],
        [fn, inf, -inf, fn === "min" ? -inf : inf],
        [fn, -3, 2, fn === "min" ? -3 : 2],
      ] as const,
  ),
  ...[
    ["add", -0, 0, 0],
    ["add", -0, -0, -0],
    ["sub", -0, 0, -0],
    ["sub", 0, 0, 0],
    ["add", inf, -inf, NaN],
    ["mul", inf, 0, NaN],
    ["mul", -0, 3, -0],
    ["mul", 3e38, 3e38, inf],
  ].map((s) => s as [BinaryFn, number, number, number]),
];

describe("zeros, infinities and NaN", () => {
  const told = (fn: string, operands: readonly number[], where: string) =>
    `${fn}(${operands.map((x) => (Object.is(x, -0) ? "-0" : x)).join(", ")}) ${where}`;
  const cases = [
    ...specials.map(([fn, x, y]) => ({ fn, operands: [x], want: Math.fround(y) })),
    ...pairs.map(([fn, x, y, z]) => ({ fn, operands: [x, y].map(Math.fround), want: Math.fround(z) })),
  ];

  test("in the reference semantics", () => {
    for (const { fn, operands, want } of cases) expect(laneFn(fn, "f32", operands), told(fn, operands, "of lanes")).toBe(want);
    for (const { fn, operands, want } of cases) {
      const [a, b] = operands;
      expect(
        Math.fround(operands.length === 1 ? unaryNumber[fn as UnaryFn](a) : binaryNumber[fn as BinaryFn](a, b)),
        told(fn, operands, "of tensors"),
      ).toBe(want);
    }
  });

  test.each(chips.map((caps) => [caps.chip, caps] as const))("on %s", (_, caps) => {
    for (const { fn, operands, want } of cases) {
      const [got] = Array.from(
        onChip(
          fn,
          operands.map((x) => [x]),
          caps,
        ),
      );
      const close = Number.isFinite(want) && want !== 0 && Math.abs(got - want) <= Math.abs(want) * 2 ** -22;
      if (!close) expect(got, told(fn, operands, caps.chip)).toBe(want);
    }
  });
});
