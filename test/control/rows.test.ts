/** Loops that collect a row a round, and Scans: three twins against onnxruntime. */
import { expect, test } from "vitest";
import { f32, i64, onTwin, wave, type Control } from "./harness.js";

const cases: readonly Control[] = [
  {
    name: "as many rows as a size says, one result that nobody reads",
    text: `graph m(x: f32[N,4]) -> (y, z) {
      const first: i64[1] = {0}
      const half: f32[] = {0.5}
      count: i64[1] = Shape(x, start=0, end=1)
      n: i64[] = Squeeze(count, first)
      s: f32[4] = ReduceSum(x, first, keepdims=0)
      z: f32[4], rows: f32[N,4], unread: f32[N], y: f32[N,4] = Loop(n, _, s, body=graph b(i: i64[], c: bool[], h: f32[4]) -> (c, t, t, q, r) {
        e: f32[4] = Gather(x, i, axis=0)
        d: f32[4] = Mul(h, half)
        t: f32[4] = Add(d, e)
        q: f32[] = ReduceSum(t, keepdims=0)
        r: f32[4] = Sin(e)
      })
    }`,
    runs: [1, 2, 9].map((rows) => ({ x: f32([rows, 4], wave) })),
    has: ["loop", "bind"],
  },
  {
    name: "as many rows as data say, or as there were rounds before the end",
    text: `graph m(x: f32[3], n: i64[], stop: f32[]) -> (y, z, u) {
      const first: i64[1] = {0}
      const go: bool[] = {1}
      a: f32[3], all: f32[?,3] = Loop(n, go, x, body=graph b(i: i64[], c: bool[], h: f32[3]) -> (c, t, t) {
        t: f32[3] = Add(h, x)
      })
      b: f32[3], some: f32[?,3] = Loop(n, go, x, body=graph d(j: i64[], g: bool[], k: f32[3]) -> (g2, l, l) {
        l: f32[3] = Mul(k, stop)
        m: f32[] = ReduceMax(l, keepdims=0)
        g2: bool[] = Less(m, stop)
      })
      y: f32[3] = ReduceSum(all, first, keepdims=0)
      z: f32[3] = ReduceSum(some, first, keepdims=0)
      rows: i64[1] = Shape(some, start=0, end=1)
      f: f32[1] = Cast(rows, to=1)
      u: f32[1] = Identity(f)
    }`,
    runs: [0, 1, 6].map((n) => ({ x: f32([3], (i) => (i + 1) / 4), n: i64(n), stop: f32([], () => 1.5) })),
    has: ["read", "loop", "let"],
  },
  {
    name: "a Scan over two tensors, along other axes and from their ends, whose results lie along other axes and begin at the end",
    text: `graph m(x: f32[N,4], w: f32[4,3,N], s: f32[4]) -> (y, z, u) {
      const flat: i64[1] = {1}
      y: f32[4], z: f32[4,N], u: f32[4,3,N] = Scan(s, x, w, num_scan_inputs=2, scan_input_axes=[0, 2], scan_input_directions=[1, 0], scan_output_axes=[1, -1], scan_output_directions=[0, 1], body=graph b(h: f32[4], a: f32[4], v: f32[4,3]) -> (t, p, q) {
        r: f32[4] = ReduceSum(v, flat, keepdims=0)
        k: f32[4] = Add(h, a)
        t: f32[4] = Sub(k, r)
        p: f32[4] = Sin(t)
        q: f32[4,3] = Cos(v)
      })
    }`,
    runs: [1, 5].map((n) => ({ x: f32([n, 4], wave), w: f32([4, 3, n], wave), s: f32([4], wave) })),
    has: ["loop", "bind"],
  },
  {
    name: "a Scan in a Scan, over halves that are read from outside too",
    text: `graph m(x: f32[2,3,4], s: f32[2,4]) -> (y, z) {
      const axes: i64[2] = {0, 1}
      half: f16[2,3,4] = Cast(x, to=10)
      more: f16[4] = ReduceMax(half, axes, keepdims=0)
      y: f32[2,4], z: f32[2,3,4] = Scan(s, half, num_scan_inputs=2, body=graph outer(h: f32[4], a: f16[3,4]) -> (t, p) {
        t: f32[4], p: f32[3,4] = Scan(h, a, num_scan_inputs=1, body=graph inner(g: f32[4], b: f16[4]) -> (v, u) {
          c: f16[4] = Add(b, more)
          d: f32[4] = Cast(c, to=1)
          v: f32[4] = Add(g, d)
          u: f32[4] = Identity(v)
        })
      })
    }`,
    runs: [{ x: f32([2, 3, 4], (i) => i / 8), s: f32([2, 4], (i) => i) }],
    has: ["loop"],
  },
];

test.each(["cann", "bang", "kunlun"])("on the twin of %s", { timeout: 300_000 }, async (name) => {
  expect(await onTwin(name, cases)).toEqual([]);
});
