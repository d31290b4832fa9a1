import { describe, expect, test } from "vitest";
import type { Cond } from "../../src/base/cond.js";
import { evaluateDim, mul, sub, symbol, type Dim } from "../../src/base/dim.js";
import type { DType } from "../../src/base/dtype.js";
import { Fraction, type Element } from "../../src/base/element.js";
import { evaluateExtents } from "../../src/ops/extents.js";
import type { PrimitiveAttrs } from "../../src/ops/op.js";
import type { PrimitiveName } from "../../src/ops/primitive.js";

const [N, H] = [symbol("N"), symbol("H")];
const typed = (dtype: DType, ...elements: Element[]) => ({ shape: [elements.length], elements, dtype });
const list = (...elements: Element[]) => typed("i64", ...elements);
const unknown = { shape: [2], elements: undefined, dtype: "i64" as const };

function run(op: PrimitiveName, inputs: Parameters<typeof evaluateExtents>[1], attrs: PrimitiveAttrs = {}): string | undefined {
  return evaluateExtents(op, inputs, attrs)[0]?.join();
}

/** The same where sizes may be assumed to keep limits, with the limits. */
function assuming(op: PrimitiveName, inputs: Parameters<typeof evaluateExtents>[1], attrs: PrimitiveAttrs = {}): string | undefined {
  const limits: string[] = [];
  const assume = (c: Cond) => limits.push("a" in c ? `${String(c.a)} ${c.op} ${String(c.b)}` : "") > 0;
  const out = evaluateExtents(op, inputs, attrs, assume)[0]?.join();
  return out && [out, ...limits].join(" if ");
}

describe("extents through primitives", () => {
  test("arithmetic", () => {
    expect(run("mul", [list(N, 2), list(3, H)])).toBe("3*N,2*H");
    expect(run("truncdiv", [list(N, 7), list(2, 2)])).toBe("floordiv(N, 2),3");
  });

  test("integer division truncates, remainders take their operator's sign", () => {
    const [a, b] = [list(-7, 7, -7, 7), list(2, -2, -2, 2)];
    expect(run("truncdiv", [a, b])).toBe("-3,-3,3,3");
    expect(run("floordiv", [a, b])).toBe("-4,-4,3,3");
    expect(run("mod", [a, b])).toBe("1,-1,-1,1");
    expect(run("fmod", [a, b])).toBe("-1,1,-1,1");
    const open = list(sub(N, 5));
    for (const [op, value] of [
      ["truncdiv", (x: number) => Math.trunc(x / 2)],
      ["floordiv", (x: number) => Math.floor(x / 2)],
      ["fmod", (x: number) => x % 2],
      ["mod", (x: number) => ((x % 2) + 2) % 2],
    ] as const) {
      const [out] = evaluateExtents(op, [open, list(2)], {})[0] ?? [];
      for (let n = 0; n < 12; n++) expect(evaluateDim(out as Dim, { N: n }) + 0, `${op} of ${n - 5}`).toBe(value(n - 5) + 0);
      const [back] = evaluateExtents(op, [open, list(-2)], {})[0] ?? [];
      expect(evaluateDim(back as Dim, { N: 2 }), op).toBe({ truncdiv: 1, floordiv: 1, fmod: -1, mod: -1 }[op]);
    }
    expect(run("truncdiv", [list(N), list(0)])).toBeUndefined();
    expect(run("truncdiv", [list(5), list(0)])).toBeUndefined();
    expect(run("truncdiv", [list(H), list(N)])).toBeUndefined();
    expect(assuming("truncdiv", [list(H), list(N)])).toBe("floordiv(H, N) if 1 le N");
  });

  test("whole numbers beyond 2^53 stay what they are, wrap as their type does, and stand beyond any size", () => {
    const far = 2n ** 53n + 1n;
    expect(run("add", [list(far), list(1)])).toBe(`${far + 1n}`);
    expect(run("add", [list(2n ** 63n - 1n), list(1)])).toBe(`${-(2n ** 63n)}`);
    expect(run("mul", [list(2 ** 40), list(2 ** 20)])).toBe(`${2n ** 60n}`);
    expect(run("add", [typed("i32", 2 ** 31 - 1), typed("i32", 1)])).toBe(`${-(2 ** 31)}`);
    expect(run("cast", [list(2 ** 40 + 3)], { to: "i32", round: "trunc", overflow: "wrap" })).toBe("3");
    expect(run("min", [list(N), list(far)])).toBe("N");
    expect(run("max", [list(-far), list(N)])).toBe("N");
    expect(run("lt", [list(N, far), list(far, N)])).toBe("1,0");
    expect(run("add", [list(N), list(far)])).toBeUndefined();
    expect(run("mul", [list(mul(2 ** 30, N)), list(2 ** 30)])).toBeUndefined();
    expect(run("concat", [list(far), list(N)], { axis: 0 })).toBe(`${far},N`);
  });

  test("sizes through floats are followed where nothing is rounded, with the limit as a condition", () => {
    const f32 = (...e: Element[]) => typed("f32", ...e);
    expect(assuming("floor", [f32(N)])).toBe("N if N le 16777216");
    expect(run("mul", [f32(N, 5), f32(new Fraction(3, 2), new Fraction(3, 2))])).toBe("(3*N)/(2),(15)/(2)");
    expect(assuming("floor", [f32(new Fraction(mul(3, N), 2))])).toBe("floordiv(3*N, 2) if 3*N + 2 le 16777216");
    expect(assuming("ceil", [f32(new Fraction(N, 7))])).toBe("floordiv(N + 6, 7) if N + 7 le 16777216");
    expect(run("div", [f32(N), f32(7)])).toBe("(N)/(7)");
    expect(run("div", [f32(mul(4, N)), f32(2)])).toBe("2*N");
    expect(run("mul", [f32(N), f32(Math.fround(1.1) === 1.1 ? 0 : new Fraction(9227469, 2 ** 23))])).toBeUndefined();
    expect(run("mul", [f32(new Fraction(N, 7)), f32(7)])).toBeUndefined();
    expect(run("floor", [f32(N)])).toBeUndefined();
    expect(run("sqrt", [f32(N)])).toBeUndefined();
    expect(run("sqrt", [f32(16)])).toBe("4");
    expect(run("cast", [f32(new Fraction(-5, 2))], { to: "i64", round: "trunc", overflow: "wrap" })).toBe("-2");
    expect(assuming("cast", [f32(new Fraction(N, 2))], { to: "i64", round: "trunc", overflow: "wrap" })).toBe(
      "floordiv(N, 2) if N + 2 le 16777216",
    );
  });

  test("movement", () => {
    const x = { ...list(N, 1, 2, H), shape: [2, 2] };
    expect(run("transpose", [x], { perm: [1, 0] })).toBe("N,2,1,H");
    expect(run("slice", [list(N, 3, H, 4)], { starts: [3], sizes: [2], steps: [-2] })).toBe("4,3");
    expect(run("gather", [list(N, 3, H), list(2, 0)], { axis: 0 })).toBe("H,N");
    expect(run("gather", [list(N, 3), list(5)], { axis: 0 })).toBeUndefined();
    expect(run("concat", [list(N), list(3, H)], { axis: 0 })).toBe("N,3,H");
    expect(run("expand", [list(N)], { shape: [3] })).toBe("N,N,N");
    expect(run("reduce", [x], { fn: "prod", axes: [1] })).toBe("N,2*H");
    expect(run("scatternd", [list(N, 3, H), { ...list(1), shape: [1, 1] }, list(mul(2, N))], { reduction: "none" })).toBe("N,2*N,H");
    expect(run("scatterelements", [list(N, 3), list(0), list(H)], { axis: 0, reduction: "none" })).toBe("H,3");
    expect(run("gathernd", [x, { ...list(1, 1), shape: [1, 2] }], { batchdims: 0 })).toBe("H");
    expect(run("pad", [list(N), { ...list(7), shape: [] }], { low: [1], high: [2] })).toBe("7,N,7,7");
  });

  test("decisions only where they follow", () => {
    expect(run("lt", [list(N), list(0)])).toBe("0");
    expect(run("lt", [list(N), list(5)])).toBeUndefined();
    expect(run("select", [list(1, 0), list(N, N), list(H, H)])).toBe("N,H");
    expect(run("select", [unknown, list(N, N), list(H, H)])).toBeUndefined();
    expect(run("add", [unknown, list(1, 2)])).toBeUndefined();
  });

  test("data is not carried", () => {
    expect(run("cast", [list(N, 0)], { to: "bool", round: "trunc", overflow: "wrap" })).toBeUndefined();
    expect(run("dims", [], { value: [N, 4] })).toBe("N,4");
  });
});
