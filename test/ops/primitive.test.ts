import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { symbol } from "../../src/base/dim.js";
import { fromNumbers, toNumbers } from "../../src/base/float-formats.js";
import { elementCount, rowMajor, type Tensor } from "../../src/base/tensor.js";
import { evaluatePrimitive } from "../../src/ops/evaluate/primitive.js";
import { erf } from "../../src/ops/evaluate/erf.js";
import { inferPrimitive } from "../../src/ops/infer-primitive.js";
import type { PrimitiveAttrs } from "../../src/ops/op.js";
import type { PrimitiveName } from "../../src/ops/primitive.js";

type Index = readonly number[];

const counting = (shape: readonly number[]): Tensor =>
  fromNumbers(
    "f32",
    shape,
    Array.from({ length: elementCount(shape) }, (_, i) => ((i * 7) % 23) - 11),
  );

function at(t: Tensor, index: Index): number {
  return (t.data as Float32Array)[rowMajor(t.shape).reduce((sum, s, i) => sum + s * index[i], 0)];
}

/** Every index of a shape in row-major order. */
function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>((acc, d) => acc.flatMap((p) => Array.from({ length: d }, (_, i) => [...p, i])), [[]]);
}

/** Runs a primitive and compares shape and elements with a definition by index. */
function check(
  op: PrimitiveName,
  inputs: readonly Tensor[],
  attrs: PrimitiveAttrs,
  shape: readonly number[],
  value: (i: Index) => number,
): void {
  const [got] = evaluatePrimitive(op, inputs, attrs);
  expect(got.shape).toEqual(shape);
  expect(inferPrimitive(op, inputs, attrs)[0].shape).toEqual(shape);
  indices(shape).forEach((i, flat) => expect(toNumbers(got)[flat], `${op} at ${i}`).toBeCloseTo(value(i), 4));
}

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const runs = { numRuns: 60 };

describe("movement", () => {
  test("transpose", () => {
    fc.assert(
      fc.property(
        shapes.chain((s) =>
          fc.tuple(
            fc.constant(s),
            fc.shuffledSubarray(
              s.map((_, i) => i),
              { minLength: s.length },
            ),
          ),
        ),
        ([s, perm]) => {
          const x = counting(s);
          check(
            "transpose",
            [x],
            { perm },
            perm.map((p) => s[p]),
            (i) => {
              const source = new Array<number>(s.length);
              perm.forEach((p, k) => (source[p] = i[k]));
              return at(x, source);
            },
          );
        },
      ),
      runs,
    );
  });

  test("slice with any steps", () => {
    const cut = (d: number) =>
      fc.tuple(fc.integer({ min: 0, max: d - 1 }), fc.constantFrom(-2, -1, 1, 2)).map(([start, step]) => ({
        start,
        step,
        size: step > 0 ? Math.ceil((d - start) / step) : Math.ceil((start + 1) / -step),
      }));
    fc.assert(
      fc.property(
        shapes.chain((s) => fc.tuple(fc.constant(s), fc.tuple(...s.map(cut)))),
        ([s, cuts]) => {
          const x = counting(s);
          const attrs = { starts: cuts.map((c) => c.start), sizes: cuts.map((c) => c.size), steps: cuts.map((c) => c.step) };
          check("slice", [x], attrs, attrs.sizes, (i) =>
            at(
              x,
              i.map((v, k) => cuts[k].start + v * cuts[k].step),
            ),
          );
        },
      ),
      runs,
    );
  });

  test("pad, expand and concat", () => {
    fc.assert(
      fc.property(shapes, fc.nat(2), fc.nat(2), (s, low, high) => {
        const x = counting(s);
        const value = fromNumbers("f32", [], [99]);
        const padded = s.map((d) => low + d + high);
        const inside = (i: Index) => i.every((v, k) => v >= low && v < low + s[k]);
        check("pad", [x, value], { low: s.map(() => low), high: s.map(() => high) }, padded, (i) =>
          inside(i)
            ? at(
                x,
                i.map((v) => v - low),
              )
            : 99,
        );
        const wide = s.map((d) => (d === 1 ? 3 : d));
        check("expand", [x], { shape: wide }, wide, (i) =>
          at(
            x,
            i.map((v, k) => (s[k] === 1 ? 0 : v)),
          ),
        );
        const joined = s.map((d, k) => (k === 0 ? 2 * d : d));
        check("concat", [x, x], { axis: 0 }, joined, (i) => at(x, [i[0] % s[0], ...i.slice(1)]));
      }),
      runs,
    );
  });

  test("sliding windows", () => {
    const x = counting([2, 7, 6]);
    const attrs = { axes: [1, 2], sizes: [3, 2], strides: [2, 1], dilations: [1, 2] };
    check("window", [x], attrs, [2, 3, 4, 3, 2], ([n, a, b, k, l]) => at(x, [n, a * 2 + k, b + l * 2]));
  });

  test("gathers and scatters", () => {
    const x = counting([3, 4, 2]);
    const pick = fromNumbers("i64", [2, 2], [3, 0, 1, 3]);
    check("gather", [x, pick], { axis: 1 }, [3, 2, 2, 2], ([a, i, j, b]) => at(x, [a, toNumbers(pick)[i * 2 + j], b]));
    const tuples = fromNumbers("i64", [2, 2], [2, 1, 0, 3]);
    check("gathernd", [x, tuples], { batchdims: 0 }, [2, 2], ([i, b]) =>
      at(x, [toNumbers(tuples)[i * 2], toNumbers(tuples)[i * 2 + 1], b]),
    );
    const each = fromNumbers("i64", [3, 1, 2], [0, 1, 2, 3, 1, 1]);
    check("gatherelements", [x, each], { axis: 1 }, [3, 1, 2], ([a, , b]) => at(x, [a, toNumbers(each)[a * 2 + b], b]));
    const updates = fromNumbers("f32", [3, 1, 2], [1, 2, 3, 4, 5, 6]);
    const added = (i: Index) => at(x, i) + (toNumbers(each)[i[0] * 2 + i[2]] === i[1] ? 1 + i[0] * 2 + i[2] : 0);
    check("scatterelements", [x, each, updates], { axis: 1, reduction: "add" }, [3, 4, 2], added);
  });
});

describe("folds", () => {
  test("reduce over any axes", () => {
    fc.assert(
      fc.property(
        shapes.chain((s) =>
          fc.tuple(
            fc.constant(s),
            fc.subarray(
              s.map((_, i) => i),
              { minLength: 1 },
            ),
          ),
        ),
        ([s, axes]) => {
          const x = counting(s);
          const kept = s.map((d, i) => (axes.includes(i) ? 1 : d));
          const line = (i: Index) =>
            indices(s)
              .filter((j) => j.every((v, k) => axes.includes(k) || v === i[k]))
              .map((j) => at(x, j));
          check("reduce", [x], { fn: "sum", axes }, kept, (i) => line(i).reduce((a, b) => a + b, 0));
          check("reduce", [x], { fn: "max", axes }, kept, (i) => Math.max(...line(i)));
        },
      ),
      runs,
    );
  });

  test("NaN wins in maxima, infinities cancel nothing else", () => {
    const x = fromNumbers("f32", [2, 2], [NaN, 1, -Infinity, 2]);
    expect([...toNumbers(evaluatePrimitive("reduce", [x], { fn: "max", axes: [1] })[0])]).toEqual([NaN, 2]);
    expect([...toNumbers(evaluatePrimitive("max", [x, fromNumbers("f32", [2, 2], [0, NaN, 0, 0])], {})[0])]).toEqual([NaN, NaN, 0, 2]);
  });

  test("empty axes give the neutral element", () => {
    const x = fromNumbers("f32", [2, 0], []);
    const value = (fn: string) => [...toNumbers(evaluatePrimitive("reduce", [x], { fn, axes: [1] })[0])];
    expect([value("sum"), value("prod"), value("max"), value("min")]).toEqual([
      [0, 0],
      [1, 1],
      [-Infinity, -Infinity],
      [Infinity, Infinity],
    ]);
  });

  test("sort keeps ties in order", () => {
    const [values, where] = evaluatePrimitive("sort", [fromNumbers("i32", [5], [3, 1, 3, 2, 1])], { axis: 0, descending: 1 });
    expect([...toNumbers(values)]).toEqual([3, 3, 2, 1, 1]);
    expect([...toNumbers(where)]).toEqual([0, 2, 3, 1, 4]);
  });
});

describe("contractions", () => {
  test("of integers wrap as integers do: no product passes through a double", () => {
    const [a, b] = [3037000500n, -4611686018427387905n];
    const product = (dtype: "i64" | "i32", x: Tensor, y: Tensor): Tensor =>
      evaluatePrimitive("contract", [x, y], { transa: 0, transb: 0, acc: dtype })[0];
    const wide = (shape: readonly number[], data: readonly bigint[]): Tensor => ({ dtype: "i64", shape, data: BigInt64Array.from(data) });
    const sum = BigInt.asIntN(64, a * b + 9007199254740993n * 3n);
    expect([...(product("i64", wide([1, 2], [a, 9007199254740993n]), wide([2, 1], [b, 3n])).data as BigInt64Array)]).toEqual([sum]);
    const low = fromNumbers("i32", [1, 2], [-2147483648, 2147483647]);
    const high = fromNumbers("i32", [2, 1], [2147483647, 2147483647]);
    expect([...(product("i32", low, high).data as Int32Array)]).toEqual([
      (Math.imul(-2147483648, 2147483647) + Math.imul(2147483647, 2147483647)) | 0,
    ]);
  });

  test("matrix products of any size, transposed or not", () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(size, size, size, fc.nat(1), fc.nat(1), (m, k, n, transa, transb) => {
        const a = counting(transa ? [2, k, m] : [2, m, k]);
        const b = counting(transb ? [n, k] : [k, n]);
        check("contract", [a, b], { transa, transb, acc: "f32" }, [2, m, n], ([g, i, j]) => {
          let sum = 0;
          for (let p = 0; p < k; p++) sum += at(a, transa ? [g, p, i] : [g, i, p]) * at(b, transb ? [j, p] : [p, j]);
          return sum;
        });
      }),
      runs,
    );
  });

  const conv = { strides: [2, 1], pads: [1, 0, 2, 1], dilations: [1, 2], group: 2 };

  test("convolution by its definition", () => {
    const [x, w] = [counting([2, 4, 5, 6]), counting([6, 2, 3, 2])];
    check("conv", [x, w], { ...conv, acc: "f32" }, [2, 6, 3, 5], ([n, m, oy, ox]) => {
      let sum = 0;
      for (const [c, ky, kx] of indices([2, 3, 2])) {
        const [y, z] = [oy * 2 + ky - 1, ox + kx * 2];
        if (y >= 0 && y < 5 && z >= 0 && z < 6) sum += at(x, [n, Math.floor(m / 3) * 2 + c, y, z]) * at(w, [m, c, ky, kx]);
      }
      return sum;
    });
  });

  test("its transpose is the adjoint", () => {
    const [x, w, y] = [counting([2, 4, 5, 6]), counting([6, 2, 3, 2]), counting([2, 6, 3, 5])];
    const [forward] = evaluatePrimitive("conv", [x, w], { ...conv, acc: "f64" });
    const [back] = evaluatePrimitive("convtranspose", [y, w], { ...conv, outputpadding: [1, 0], acc: "f64" });
    const dot = (a: Tensor, b: Tensor) => toNumbers(a).reduce((sum, v, i) => sum + v * toNumbers(b)[i], 0);
    // The filter's first axis is M both times; outputs of the transpose cover x but for rows no window reaches.
    expect(back.shape[1]).toBe(4);
    expect(dot(forward, y)).toBeCloseTo(
      dot(x, evaluatePrimitive("slice", [back], { starts: [0, 0, 0, 0], sizes: [2, 4, 5, 6], steps: [1, 1, 1, 1] })[0]),
      3,
    );
  });

  test("zero points are taken off before multiplying", () => {
    const a = fromNumbers("u8", [1, 2], [10, 20]);
    const b = fromNumbers("i8", [2, 1], [-3, 4]);
    const zeros = [fromNumbers("u8", [], [5]), fromNumbers("i8", [], [1])];
    expect([...toNumbers(evaluatePrimitive("contract", [a, b, ...zeros], { transa: 0, transb: 0, acc: "i32" })[0])]).toEqual([
      5 * -4 + 15 * 3,
    ]);
  });
});

describe("numbers", () => {
  test("products of 32-bit integers wrap wherever they are taken, as those of bigints do", () => {
    for (const dtype of ["u32", "i32"] as const) {
      const values = [4294967295, 1142781207, 2654435769, 3, 65537];
      const x: Tensor = { dtype, shape: [5], data: dtype === "u32" ? Uint32Array.from(values) : Int32Array.from(values, (v) => v | 0) };
      const wrapped = (b: bigint): number => Number(dtype === "u32" ? BigInt.asUintN(32, b) : BigInt.asIntN(32, b));
      const all = wrapped(values.reduce((a, v) => a * BigInt(v), 1n));
      expect(evaluatePrimitive("reduce", [x], { fn: "prod", axes: [0] })[0].data[0]).toBe(all);
      const one: Tensor = { dtype, shape: [1], data: x.data.slice(0, 1) as Uint32Array };
      const rest: Tensor = { dtype, shape: [4], data: x.data.slice(1) as Uint32Array };
      const at = (shape: number[]): Tensor => ({ dtype: "i64", shape, data: new BigInt64Array(4) });
      expect(evaluatePrimitive("scatternd", [one, at([4, 1]), rest], { reduction: "mul" })[0].data[0]).toBe(all);
      expect(evaluatePrimitive("scatterelements", [one, at([4]), rest], { axis: 0, reduction: "mul" })[0].data[0]).toBe(all);
    }
  });

  test("integers wrap, and divide as named", () => {
    const [a, b] = [fromNumbers("i32", [3], [-7, 2 ** 31 - 1, -(2 ** 31)]), fromNumbers("i32", [3], [2, 3, -1])];
    const run = (fn: PrimitiveName) => [...toNumbers(evaluatePrimitive(fn, [a, b], {})[0])];
    expect(run("truncdiv")).toEqual([-3, 715827882, -(2 ** 31)]);
    expect(run("floordiv").slice(0, 2)).toEqual([-4, 715827882]);
    expect(run("mod").slice(0, 2)).toEqual([1, 1]);
    expect(run("fmod").slice(0, 2)).toEqual([-1, 1]);
    expect(run("mul")[1]).toBe(2147483645);
  });

  test("64-bit integers stay exact", () => {
    const big = { dtype: "i64", shape: [1], data: BigInt64Array.of(2n ** 62n + 1n) } as const;
    expect((evaluatePrimitive("sub", [big, { ...big, data: BigInt64Array.of(1n) }], {})[0].data as BigInt64Array)[0]).toBe(2n ** 62n);
    expect((evaluatePrimitive("cast", [big], { to: "u64", round: "trunc", overflow: "wrap" })[0].data as BigUint64Array)[0]).toBe(
      2n ** 62n + 1n,
    );
    expect(toNumbers(evaluatePrimitive("cast", [big], { to: "i8", round: "trunc", overflow: "saturate" })[0])[0]).toBe(127);
  });

  test("halves are rounded once, at the result", () => {
    const x = fromNumbers("f16", [3], [1, 2 ** -11, 2 ** -11]);
    expect([...toNumbers(evaluatePrimitive("reduce", [x], { fn: "sum", axes: [0] })[0])]).toEqual([1 + 2 ** -10]);
  });

  test("erf", () => {
    // Abramowitz and Stegun, table 7.1, and DLMF 7.23.
    const known: [number, number][] = [
      [0.1, 0.1124629160182849],
      [0.5, 0.5204998778130465],
      [1, 0.8427007929497149],
      [2, 0.9953222650189527],
      [4.5, 0.9999999998033839],
      [7, 1],
    ];
    for (const [x, y] of known) for (const s of [1, -1]) expect(erf(s * x)).toBeCloseTo(s * y, 14);
  });
});

describe("types", () => {
  const f32 = (...shape: Parameters<typeof symbol>[0][] | number[]) => ({
    dtype: "f32" as const,
    shape: shape.map((d) => (typeof d === "string" ? symbol(d) : d)),
  });

  test("symbolic extents flow through", () => {
    const attrs = { strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1, acc: "f32" };
    const x = { dtype: "f32" as const, shape: [symbol("N"), 3, symbol("H"), 224] };
    expect(inferPrimitive("conv", [x, f32(8, 3, 3, 3)], attrs)[0].shape.join()).toBe("N,8,floordiv(H - 1, 2) + 1,112");
    expect(inferPrimitive("concat", [x, x], { axis: 2 })[0].shape.join()).toBe("N,3,2*H,224");
  });

  test.each<[PrimitiveName, ReturnType<typeof f32>[], PrimitiveAttrs, RegExp]>([
    ["add", [f32(2, 3), f32(3, 2)], {}, /one shape/],
    ["reshape", [f32(2, 3)], { shape: [5] }, /different element count/],
    ["contract", [f32(2, 3), f32(4, 2)], { transa: 0, transb: 0, acc: "f32" }, /inner extents 3 and 4/],
    ["concat", [f32(2, 3), f32(2, 4)], { axis: 0 }, /agree on every axis/],
    ["slice", [f32(4)], { starts: [2], sizes: [3], steps: [1] }, /out of bounds/],
    ["bitand", [f32(4), f32(4)], {}, /integer operands/],
  ])("%s says why operands do not fit", (op, inputs, attrs, message) => {
    expect(() => inferPrimitive(op, inputs, attrs)).toThrow(message);
  });
});
