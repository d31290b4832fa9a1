import { describe, expect, test } from "vitest";
import { symbol, type Dim } from "../../src/base/dim.js";
import { evaluateExtents } from "../../src/ops/extents.js";
import type { PrimitiveAttrs } from "../../src/ops/op.js";
import type { PrimitiveName } from "../../src/ops/primitive.js";

const [N, H] = [symbol("N"), symbol("H")];
const list = (...elements: Dim[]) => ({ shape: [elements.length], elements, float: false });
const unknown = { shape: [2], elements: undefined, float: false };

function run(op: PrimitiveName, inputs: Parameters<typeof evaluateExtents>[1], attrs: PrimitiveAttrs = {}): string | undefined {
  return evaluateExtents(op, inputs, attrs)[0]?.join();
}

describe("extents through primitives", () => {
  test("arithmetic", () => {
    expect(run("mul", [list(N, 2), list(3, H)])).toBe("3*N,2*H");
    expect(run("truncdiv", [list(N, 7), list(2, 2)])).toBe("floordiv(N, 2),3");
    expect(run("truncdiv", [list(-7), list(2)])).toBeUndefined();
    expect(run("floor", [{ ...list(N), float: true }])).toBe("N");
    expect(
      run("div", [
        { ...list(N), float: true },
        { ...list(2), float: true },
      ]),
    ).toBeUndefined();
  });

  test("movement", () => {
    const x = { shape: [2, 2], elements: [N, 1, 2, H], float: false };
    expect(run("transpose", [x], { perm: [1, 0] })).toBe("N,2,1,H");
    expect(run("slice", [list(N, 3, H, 4)], { starts: [3], sizes: [2], steps: [-2] })).toBe("4,3");
    expect(run("gather", [list(N, 3, H), list(2, 0)], { axis: 0 })).toBe("H,N");
    expect(run("gather", [list(N, 3), list(5)], { axis: 0 })).toBeUndefined();
    expect(run("concat", [list(N), list(3, H)], { axis: 0 })).toBe("N,3,H");
    expect(run("expand", [list(N)], { shape: [3] })).toBe("N,N,N");
    expect(run("reduce", [x], { fn: "prod", axes: [1] })).toBe("N,2*H");
  });

  test("decisions only where they follow", () => {
    expect(run("lt", [list(N), list(0)])).toBe("0");
    expect(run("lt", [list(N), list(5)])).toBeUndefined();
    expect(run("select", [list(1, 0), list(N, N), list(H, H)])).toBe("N,H");
    expect(run("select", [unknown, list(N, N), list(H, H)])).toBeUndefined();
    expect(run("add", [unknown, list(1, 2)])).toBeUndefined();
  });

  test("data is not carried", () => {
    expect(run("iota", [], { shape: [100], axis: 0, dtype: "i64" })).toBeUndefined();
    expect(run("cast", [list(N, 0)], { to: "bool", round: "trunc", overflow: "wrap" })).toBeUndefined();
    expect(run("dims", [], { value: [N, 4] })).toBe("N,4");
  });
});
