/**
 * Every expansion against double precision over a grid of bit patterns, on every chip's set of native functions. A
 * native function counts as correctly rounded here: the table shows what the expansions add. Subnormal results are
 * compared by value, since chips may flush them.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { roundHalfEven } from "../../src/base/float-formats.js";
import type { Caps } from "../../src/kernel/caps.js";
import { evaluateExprs } from "../../src/kernel/interpret/evaluate-expr.js";
import { expand } from "../../src/kernel/expansions/expand.js";
import { operandsOf } from "../../src/kernel/expansions/build.js";
import { f32Bits, f32FromBits, laneFn } from "../../src/kernel/lane.js";
import type { Expr, LaneFn, LaneType } from "../../src/kernel/tile.js";
import { chips } from "./chips.js";
import { round16 } from "./round16.js";

type Tiled = Exclude<LaneType, "mask">;
const tile = (name: string, type: Tiled = "f32"): Expr => ({ op: "tile", type, tile: name, as: "full" });
const apply = (fn: LaneFn, ...args: Expr[]): Expr => ({
  op: "fn",
  type: fn === "isnan" || fn === "isinf" ? "mask" : args[0].type,
  fn,
  args,
});

function run(expr: Expr, caps: Caps, inputs: Readonly<Record<string, readonly number[]>>): readonly number[] {
  const [native] = expand([expr], caps);
  checkNative(native, caps);
  return evaluate(native, inputs);
}

function evaluate(expr: Expr, inputs: Readonly<Record<string, readonly number[]>>): readonly number[] {
  const lanes = Object.values(inputs)[0].length;
  return [...evaluateExprs([expr], { lanes, leaf: (e, i) => (e.op === "tile" ? inputs[e.tile][i] : NaN), round16 })[0].view];
}

function checkNative(root: Expr, caps: Caps): void {
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    const args = operandsOf(e);
    args.forEach(visit);
    const type = e.op === "select" ? args[1].type : args[0]?.type;
    if (e.op === "cast") expect(Object.keys(caps.casts)).toContain(`${type}->${e.type}`);
    const fn = e.op === "select" ? "select" : e.op === "cmp" || e.op === "fn" ? e.fn : undefined;
    if (fn && fn !== "bitcast") expect(caps.native[fn] ?? [], `${fn} of ${type} on ${caps.chip}`).toContain(type);
  };
  visit(root);
}

/** Distance in units of the last place of the reference's binade; infinities and NaN must match. */
function ulps(got: number, want: number): number {
  const rounded = Math.fround(want);
  if (Number.isNaN(rounded) || Number.isNaN(got)) return Number.isNaN(rounded) && Number.isNaN(got) ? 0 : Infinity;
  if (got === rounded) return 0;
  const unit = 2 ** (Math.max(-126, Math.floor(Math.log2(Math.min(Math.abs(want), 3.4e38)))) - 23);
  if (!Number.isFinite(rounded) || !Number.isFinite(got))
    return Math.abs(Math.min(Math.abs(want), 2 ** 128) - Math.min(Math.abs(got), 2 ** 128)) / unit;
  if (Math.abs(want) < 2 ** -126 && Math.abs(got) <= 2 ** -126) return 0;
  return Math.abs(got - want) / unit;
}

/** Normal numbers of all binades with assorted mantissas, both signs, the edges, and a dense band around one. */
const grid: readonly number[] = (() => {
  const out = [0, -0, Infinity, -Infinity, NaN, 1, -1, 0.5, 2, 3.4028234663852886e38, 1.1754943508222875e-38];
  for (let exponent = 1; exponent < 255; exponent++)
    for (const mantissa of [0, 0x3504f3, 0x7fffff, (exponent * 7919 * 977) & 0x7fffff])
      for (const sign of [0, -0x80000000]) out.push(f32FromBits(sign | (exponent << 23) | mantissa));
  for (let k = -500; k <= 500; k++) out.push(Math.fround(k / 131), Math.fround(k / 5.7), Math.fround(1 + k / 65536));
  return out;
})();

interface Case {
  readonly fn: LaneFn;
  readonly limit: number;
  readonly domain?: (x: number) => boolean;
}

const within = (most: number) => (x: number) => !(Math.abs(x) > most) || Math.abs(x) === Infinity;

const unary: readonly Case[] = [
  { fn: "exp", limit: 2 },
  { fn: "exp2", limit: 2 },
  { fn: "expm1", limit: 3 },
  { fn: "log1p", limit: 4 },
  { fn: "log", limit: 2 },
  { fn: "log2", limit: 3 },
  { fn: "reciprocal", limit: 3, domain: (x) => x === 0 || Math.abs(x) < 2 ** 125 || !Number.isFinite(x) },
  { fn: "sqrt", limit: 1.5 },
  { fn: "rsqrt", limit: 3 },
  { fn: "tanh", limit: 4 },
  { fn: "erf", limit: 5 },
  { fn: "sin", limit: 4, domain: within(3000) },
  { fn: "cos", limit: 4, domain: within(3000) },
  { fn: "tan", limit: 6, domain: within(3000) },
  { fn: "asin", limit: 4 },
  { fn: "acos", limit: 4 },
  { fn: "atan", limit: 4 },
  { fn: "sinh", limit: 6 },
  { fn: "cosh", limit: 6 },
  { fn: "asinh", limit: 6 },
  { fn: "acosh", limit: 6 },
  { fn: "atanh", limit: 6 },
  ...(["floor", "ceil", "round", "trunc", "abs", "neg", "sign"] as const).map((fn) => ({ fn, limit: 0 })),
];

/** The worst lane, and where. */
function worst(got: readonly number[], want: readonly number[], at: (i: number) => string): { readonly ulp: number; readonly at: string } {
  let ulp = 0;
  let where = "";
  got.forEach((g, i) => {
    const u = ulps(g, want[i]);
    if (u > ulp || Number.isNaN(u)) [ulp, where] = [u, `${at(i)}: ${g}, not ${want[i]}`];
  });
  return { ulp, at: where };
}

/** The function in double precision, not yet rounded: small angles near multiples of pi must not be judged by f32 rounding alone. */
const exact: Partial<Record<LaneFn, (x: number) => number>> = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
};

test("unary functions stay within their ulps on every chip", () => {
  const table: Record<string, Record<string, string>> = {};
  const failures: string[] = [];
  for (const { fn, limit, domain = () => true } of unary) {
    const x = grid.filter(domain);
    const want = x.map((v) => exact[fn]?.(v) ?? laneFn(fn, "f32", [v]) ?? NaN);
    for (const caps of chips) {
      const result = worst(run(apply(fn, tile("x")), caps, { x }), want, (i) => `${x[i]}`);
      (table[fn] ??= {})[caps.chip] = result.ulp.toFixed(2);
      if (!(result.ulp <= limit)) failures.push(`${fn} on ${caps.chip}: ${result.ulp} ulp at ${result.at}`);
    }
  }
  console.table(table);
  expect(failures).toEqual([]);
});

test("odd functions and rounding keep the sign of zero on every chip", () => {
  const odd = ["sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf", "expm1", "log1p", "sqrt", "neg"] as const;
  for (const caps of chips)
    for (const fn of [...odd, "floor", "ceil", "round", "trunc"] as const) {
      const got = run(apply(fn, tile("x")), caps, { x: [-0, 0] });
      expect(
        got.map((v) => Object.is(v, -0)),
        `${fn} on ${caps.chip}`,
      ).toEqual(fn === "neg" ? [false, true] : [true, false]);
    }
});

const binary: readonly { readonly fn: LaneFn; readonly limit: number; readonly domain?: (a: number, b: number) => boolean }[] = [
  { fn: "div", limit: 3, domain: (_a, b) => b === 0 || Math.abs(b) < 2 ** 125 || !Number.isFinite(b) },
  { fn: "pow", limit: 4 },
  { fn: "min", limit: 0 },
  { fn: "max", limit: 0 },
  { fn: "fmod", limit: 0, domain: (a, b) => !(Math.abs(a / b) > 1e6) && Math.abs(a) < 1e30 && Math.abs(b) > 1e-20 && Math.abs(b) < 1e30 },
];

test("binary functions stay within their ulps on every chip", () => {
  const some = grid.filter((_, i) => i % 67 === 0 || i < 11).concat([-3, 2.5, -0.5, 3, 7, -8, Math.fround(0.1)]);
  const pairs = some.flatMap((a) => some.map((b) => [a, b] as const));
  const table: Record<string, Record<string, string>> = {};
  const failures: string[] = [];
  for (const { fn, limit, domain = () => true } of binary) {
    const kept = pairs.filter(([a, b]) => domain(a, b));
    const [x, y] = [kept.map(([a]) => a), kept.map(([, b]) => b)];
    const want = kept.map(([a, b]) => (fn === "div" ? a / b : (laneFn(fn, "f32", [a, b]) ?? NaN)));
    for (const caps of chips) {
      const result = worst(run(apply(fn, tile("x"), tile("y")), caps, { x, y }), want, (i) => `${x[i]}, ${y[i]}`);
      (table[fn] ??= {})[caps.chip] = result.ulp.toFixed(2);
      if (!(result.ulp <= limit)) failures.push(`${fn} on ${caps.chip}: ${result.ulp} ulp at ${result.at}`);
    }
  }
  console.table(table);
  expect(failures).toEqual([]);
});

/** Seeded numbers of either sign between 2^-20 and 2^20. */
function someFloats(count: number, seed: number): number[] {
  let state = seed;
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return Array.from({ length: count }, () => Math.fround((next() < 0.5 ? -1 : 1) * (1 + next()) * 2 ** Math.floor(40 * next() - 20)));
}

test("a quotient that is rounded to a whole number is the one that a division rounds, ties among them", () => {
  const b = someFloats(4000, 7);
  // Dividends a step around whole and half multiples: there the last place decides.
  const near = b.map((v, i) => Math.fround(((i % 511) - 255.5 + (i % 2) / 2) * v));
  const x = [...near, ...someFloats(4000, 11), Infinity, -Infinity, 0, -0];
  const y = [...b, ...someFloats(4000, 13), 0.1, 0.1, 3, 3].map(Math.fround);
  const quotients = x.map((a, i) => Math.fround(a / y[i]));
  for (const caps of chips) {
    const zero = apply("max", apply("min", apply("div", tile("x"), tile("y")), { op: "const", type: "f32", value: 255 }), {
      op: "const",
      type: "f32",
      value: 0,
    });
    const clamp = (v: number): number => Math.max(0, Math.min(255, v));
    expect(
      worst(
        run(apply("round", apply("div", tile("x"), tile("y"))), caps, { x, y }),
        quotients.map(roundHalfEven),
        (i) => `${x[i]} / ${y[i]}`,
      ).at,
      caps.chip,
    ).toBe("");
    expect(
      worst(
        run(apply("round", zero), caps, { x, y }),
        quotients.map((q) => roundHalfEven(clamp(q))),
        (i) => `${x[i]} / ${y[i]}`,
      ).at,
      caps.chip,
    ).toBe("");
  }
});

test.each([0.1, 255, 3, -7.3, 1e-3])("a quotient by %s is the division's own, infinities and zeros among them", (c) => {
  const divisor = Math.fround(c);
  const x = [
    ...someFloats(4000, 5),
    ...Array.from({ length: 512 }, (_, i) => Math.fround((i - 256 + 0.5) * divisor)),
    0,
    -0,
    Infinity,
    -Infinity,
    NaN,
  ];
  const quotient = apply("div", tile("x"), { op: "const", type: "f32", value: divisor });
  for (const caps of chips.filter((one) => !one.native.reciprocal))
    run(quotient, caps, { x }).forEach((got, i) => expect(got, `${x[i]} on ${caps.chip}`).toBe(Math.fround(x[i] / divisor)));
});

const int = fc.oneof(fc.integer(), fc.integer({ min: -40, max: 40 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 2 ** 30, -1, 0, 1));

test("integer functions are exact on every chip", () => {
  const fns = ["truncdiv", "floordiv", "mod", "fmod", "add", "mul", "min", "max", "bitand", "bitor", "bitxor"] as const;
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          int,
          int.filter((b) => b !== 0),
        ),
        { minLength: 20, maxLength: 20 },
      ),
      fc.constantFrom(...fns),
      fc.constantFrom(...chips),
      (pairs, fn, caps) => {
        const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
        const expr = apply(fn, tile("x", "i32"), tile("y", "i32"));
        expect(run(expr, caps, { x, y })).toEqual(evaluate(expr, { x, y }));
      },
    ),
  );
  const more = ["abs", "neg", "sign", "bitnot"] as const;
  fc.assert(
    fc.property(int, fc.constantFrom(...more), fc.constantFrom(...chips), (a, fn, caps) => {
      const expr = apply(fn, tile("x", "i32"));
      expect(run(expr, caps, { x: [a] })[0] + 0).toBe(evaluate(expr, { x: [a] })[0] + 0);
    }),
  );
});

test("comparisons, shifts and powers of integers are exact on every chip", () => {
  const amount: Expr = { op: "const", type: "i32", value: 5 };
  const [x, y, n] = [tile("x", "i32"), tile("y", "i32"), tile("n", "i32")];
  const compares = (["eq", "ne", "lt", "le", "gt", "ge"] as const).map((fn): Expr => ({ op: "cmp", type: "mask", fn, args: [x, y] }));
  const exprs = [...compares, ...[amount, n].flatMap((by) => [apply("shl", x, by), apply("shr", x, by)]), apply("pow", x, n)];
  const rows = fc.array(fc.tuple(int, int, fc.integer({ min: 0, max: 31 })), { minLength: 40, maxLength: 40 });
  fc.assert(
    fc.property(rows, fc.constantFrom(...chips), fc.constantFrom(...exprs), (lanes, caps, expr) => {
      const inputs = { x: lanes.map((l) => l[0]), y: lanes.map((l, i) => (i % 4 === 0 ? l[0] : l[1])), n: lanes.map((l) => l[2]) };
      expect(run(expr, caps, inputs)).toEqual(evaluate(expr, inputs));
    }),
    { numRuns: 150 },
  );
});

test("conversions keep their rounding and overflow on every chip", () => {
  const values = [
    0, -0, 0.5, 1.5, 2.5, -0.5, -1.5, 126.5, 127.5, 128, 255.4, 255.5, 256, -128.5, -129, 32767.5, 70000, -70000, 16777217, 2147483520,
    -2147483648,
  ];
  const big = [3e9, -3e9, 1e20, Infinity, -Infinity];
  for (const caps of chips)
    for (const to of ["i32", "u8", "i8"] as const)
      for (const round of ["trunc", "rint"] as const)
        for (const overflow of ["wrap", "saturate"] as const) {
          const x = overflow === "saturate" ? [...values, ...big] : values;
          const expr: Expr = { op: "cast", type: to, round, overflow, args: [tile("x")] };
          expect(run(expr, caps, { x: x.map(Math.fround) }), `${caps.chip} ${to} ${round} ${overflow}`).toEqual(
            evaluate(expr, { x: x.map(Math.fround) }).map((v) => v + 0),
          );
        }
});

test("choosing never mixes an infinity of the other side", () => {
  const expr: Expr = {
    op: "select",
    type: "f32",
    args: [{ op: "cmp", type: "mask", fn: "gt", args: [tile("x"), { op: "const", type: "f32", value: 0 }] }, tile("x"), tile("y")],
  };
  const inputs = { x: [1, -1, Infinity, -Infinity, NaN], y: [Infinity, 5, NaN, 2, 3] };
  for (const caps of chips) expect(run(expr, caps, inputs)).toEqual([1, 5, Infinity, 2, 3]);
});

test("equal parts come out as one object", () => {
  const twice: Expr = apply("add", apply("exp", tile("x")), apply("exp", tile("x")));
  for (const caps of chips) {
    const [out] = expand([twice], caps);
    const [a, b] = operandsOf(out);
    expect(a).toBe(b);
  }
  expect(f32Bits(1)).toBe(0x3f800000);
});
