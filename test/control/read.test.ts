/** Integers that data decide and that size what follows: read back, on three twins against onnxruntime. */
import { expect, test } from "vitest";
import { f32, i64, i64s, onTwin, wave, type Control } from "./harness.js";

const cases: readonly Control[] = [
  {
    name: "as many rows as the longest length says, an input beside",
    text: `graph m(x: f32[N,6], lengths: i64[3]) -> (y, z) {
      const axis: i64[1] = {0}
      const from: i64[1] = {0}
      const zero: i64[] = {0}
      const one: i64[] = {1}
      most: i64[1] = ReduceMax(lengths, axis, keepdims=1)
      cut: f32[*] = Slice(x, from, most, axis)
      y: f32[6] = ReduceSum(cut, axis, keepdims=0)
      count: i64[] = Squeeze(most)
      r: i64[*] = Range(zero, count, one)
      f: f32[*] = Cast(r, to=1)
      q: f32[*] = Sin(f)
      z: f32[] = ReduceSum(q, keepdims=0)
    }`,
    runs: [
      { x: f32([5, 6], wave), lengths: i64s(1, 3, 2) },
      { x: f32([4, 6], wave), lengths: i64s(9, 0, 1) },
      { x: f32([2, 6], wave), lengths: i64s(0, 0, 0) },
    ],
    has: ["read", "compute"],
  },
  {
    name: "an extent of data beside one of a size, and a product of both",
    text: `graph m(x: f32[N,1], k: f32[4]) -> (y, z) {
      const axis: i64[1] = {0}
      const first: i64[1] = {0}
      const two: i64[1] = {2}
      const half: f32[] = {0.5}
      const flat: i64[1] = {-1}
      const down: i64[1] = {1}
      s: f32[1] = ReduceSum(k, axis, keepdims=1)
      c: i64[1] = Cast(s, to=7)
      dims: i64[2] = Shape(x)
      rows: i64[1] = Gather(dims, first)
      shape: i64[2] = Concat(rows, c, axis=0)
      wide: f32[*] = Expand(x, shape)
      t: f32[*] = Exp(wide)
      y: f32[N] = ReduceSum(t, down, keepdims=0)
      twice: i64[1] = Mul(c, two)
      ends: i64[2] = Concat(twice, rows, axis=0)
      empty: f32[*] = ConstantOfShape(ends)
      o: f32[*] = Add(empty, half)
      z: f32[] = ReduceSum(o, keepdims=0)
    }`,
    runs: [
      { x: f32([5, 1], wave), k: f32([4], () => 1.75) },
      { x: f32([1, 1], wave), k: f32([4], () => 0.25) },
    ],
    has: ["read", "compute"],
  },
  {
    name: "what one read sizes decides the next",
    text: `graph m(x: f32[8,4], n: i64[]) -> (y) {
      const axis: i64[1] = {0}
      const from: i64[1] = {0}
      const one: i64[1] = {1}
      const all: i64[2] = {0, 1}
      e: i64[1] = Unsqueeze(n, axis)
      a: f32[*] = Slice(x, from, e, axis)
      b: f32[] = ReduceMax(a, all, keepdims=0)
      c: i64[] = Cast(b, to=7)
      d: i64[1] = Unsqueeze(c, axis)
      g: f32[*] = Slice(x, from, d, one)
      h: f32[*] = Mul(g, g)
      y: f32[8] = ReduceSum(h, one, keepdims=0)
    }`,
    runs: [1, 3, 8].map((n) => ({ x: f32([8, 4], (i) => i / 7 + 1), n: i64(n) })),
    has: ["read", "compute"],
  },
  {
    name: "read anew in every round of a Loop, and in one branch of an If",
    text: `graph m(x: f32[9], n: i64[], k: f32[]) -> (y) {
      const go: bool[] = {1}
      const axis: i64[1] = {0}
      const from: i64[1] = {0}
      const zero: f32[] = {0.0}
      s: f32[] = Loop(n, go, zero, body=graph b(i: i64[], c: bool[], t: f32[]) -> (c2, t2) {
        c2: bool[] = Identity(c)
        u: f32[] = Abs(t)
        v: f32[] = Floor(u)
        w: i64[] = Cast(v, to=7)
        p: i64[] = Add(w, i)
        e: i64[1] = Unsqueeze(p, axis)
        cut: f32[*] = Slice(x, from, e, axis)
        q: f32[] = ReduceSum(cut, axis, keepdims=0)
        t2: f32[] = Sub(q, t)
      })
      up: bool[] = Greater(k, zero)
      y: f32[] = If(up, then_branch=graph then() -> (a) {
        f: f32[] = Abs(s)
        g: i64[] = Cast(f, to=7)
        h: i64[1] = Unsqueeze(g, axis)
        l: f32[*] = Slice(x, from, h, axis)
        o: f32[*] = Neg(l)
        a: f32[] = ReduceSum(o, axis, keepdims=0)
      }, else_branch=graph else() -> (r) {
        r: f32[] = Neg(s)
      })
    }`,
    runs: [
      { x: f32([9], (i) => i / 3 - 1), n: i64(6), k: f32([], () => 1) },
      { x: f32([9], (i) => i / 3 - 1), n: i64(2), k: f32([], () => -1) },
    ],
    has: ["read", "loop", "branch"],
  },
  {
    name: "sums over what may be empty, along rows and columns",
    text: `graph m(x: f32[3,9], n: i64[1]) -> (y, z, u) {
      const across: i64[1] = {1}
      const down: i64[1] = {0}
      const from: i64[1] = {0}
      const flat: i64[1] = {-1}
      wide: f32[*] = Slice(x, from, n, across)
      s: f32[*] = Softmax(wide)
      y: f32[3] = ReduceSumSquare(s, across, keepdims=0)
      q: f32[3] = ReduceL2(wide, across, keepdims=0)
      z: f32[3] = Add(q, y)
      f: f32[27] = Reshape(x, flat)
      some: f32[*] = Slice(f, from, n, down)
      t: f32[] = ReduceSum(some, down, keepdims=0)
      u: f32[3] = Add(z, t)
    }`,
    runs: [0, 1, 12].map((n) => ({ x: f32([3, 9], wave), n: i64s(n) })),
    has: ["read", "compute"],
  },
];

test.each(["cann", "bang", "kunlun"])("on the twin of %s", { timeout: 300_000 }, async (name) => {
  expect(await onTwin(name, cases)).toEqual([]);
});
