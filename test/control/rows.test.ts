/** Loops that collect a row a round, and Scans: three twins against onnxruntime. */
import { expect, test } from "vitest";
import { compile } from "../../src/api/compile.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { catalogue } from "../../src/ops/catalogue.js";
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
  {
    name: "what is collected is the carried value as it came, an outer value, a constant, one value twice, i64, bool, a scalar",
    text: `graph m(x: f32[3,2], n: i64[]) -> (y, z) {
      const first: i64[1] = {0}
      const w: f32[2] = {1.0, 2.0}
      const m1: i64[1] = {1}
      o: f32[2] = ReduceSum(x, first, keepdims=0)
      count: i64[1] = Shape(x, start=0, end=1)
      three: i64[] = Squeeze(count, first)
      c0: f32[2], a: f32[3,2], b: f32[3,2], c: f32[3,2], d: f32[3,2], e: f32[3,2], f: i64[3], g: bool[3,2], h: f32[3] = Loop(three, _, o, body=graph r(i: i64[], k: bool[], s: f32[2]) -> (k, t, s1, o1, w1, t, t, i1, q, u) {
        s1: f32[2] = Identity(s)
        o1: f32[2] = Identity(o)
        w1: f32[2] = Identity(w)
        i1: i64[] = Identity(i)
        t: f32[2] = Sin(s)
        q: bool[2] = Greater(t, w)
        u: f32[] = ReduceMax(t, keepdims=0)
      })
      ab: f32[3,2] = Add(a, b)
      cd: f32[3,2] = Add(c, d)
      abcd: f32[3,2] = Add(ab, cd)
      y: f32[3,2] = Add(abcd, e)
      ff: f32[3] = Cast(f, to=1)
      gg: f32[3,2] = Cast(g, to=1)
      gs: f32[3] = ReduceSum(gg, m1, keepdims=0)
      p: f32[3] = Add(ff, gs)
      z: f32[3] = Add(p, h)
    }`,
    runs: [{ x: f32([3, 2], wave), n: i64(3) }],
    has: ["loop"],
  },
  {
    name: "rows in a Loop in a Loop, in a branch, and rows that are given out and read",
    text: `graph m(x: f32[N,4], k: f32[]) -> (y, z) {
      const zero: f32[] = {0.0}
      const one: i64[1] = {1}
      const two: i64[] = {2}
      const first: i64[1] = {0}
      up: bool[] = Greater(k, zero)
      r: f32[N,4], y: f32[2,N,4] = Loop(two, _, x, body=graph a(i: i64[], c: bool[], h: f32[N,4]) -> (c, h2, h2) {
        s: f32[4] = ReduceSum(h, first, keepdims=0)
        count: i64[1] = Shape(h, start=0, end=1)
        n: i64[] = Squeeze(count, first)
        u: f32[4], h2: f32[N,4] = Loop(n, _, s, body=graph b(j: i64[], d: bool[], v: f32[4]) -> (d, w, q) {
          e: f32[4] = Gather(h, j, axis=0)
          w: f32[4] = Sin(v)
          q: f32[4] = Add(w, e)
        })
      })
      z: f32[2,4] = If(up, then_branch=graph t() -> (p) {
        a1: f32[4] = ReduceSum(r, first, keepdims=0)
        b1: f32[4], p: f32[2,4] = Loop(two, _, a1, body=graph g(l: i64[], f: bool[], o: f32[4]) -> (f, o2, o2) {
          o2: f32[4] = Cos(o)
        })
      }, else_branch=graph e() -> (p2) {
        a2: f32[2,N,4] = Sin(y)
        p2: f32[2,4] = ReduceSum(a2, one, keepdims=0)
      })
    }`,
    runs: [1, -1].map((k) => ({ x: f32([3, 4], wave), k: f32([], () => k) })),
    has: ["loop", "branch"],
  },
  {
    name: "positions that a Scan collects, that a Loop carries and that a branch gives, as indices",
    text: `graph m(x: f32[5,4], z: f32[N,3], k: f32[]) -> (y, u, v) {
      const zero: f32[] = {0.0}
      const two: i64[] = {2}
      const one: i64[] = {1}
      const p: i64[2] = {1, 2}
      r: i64[N] = Scan(z, num_scan_inputs=1, body=graph b(e: f32[3]) -> (a) {
        a: i64[] = ArgMax(e, axis=0, keepdims=0)
      })
      y: f32[5,N] = Gather(x, r, axis=1)
      c: i64[2] = Loop(two, _, p, body=graph l(i: i64[], g: bool[], h: i64[2]) -> (g, n) {
        n: i64[2] = Add(h, one)
      })
      u: f32[2,4] = Gather(x, c, axis=0)
      up: bool[] = Greater(k, zero)
      q: i64[2] = If(up, then_branch=graph t() -> (s) {
        s: i64[2] = Add(p, one)
      }, else_branch=graph f() -> (w) {
        w: i64[2] = Sub(p, one)
      })
      v: f32[2,4] = Gather(x, q, axis=0)
    }`,
    runs: [1, -1].map((k) => ({ x: f32([5, 4], wave), z: f32([4, 3], (i) => Math.sin(i * i)), k: f32([], () => k) })),
    has: ["loop", "branch"],
  },
];

test.each(["cann", "bang", "kunlun"])("on the twin of %s", { timeout: 300_000 }, async (name) => {
  expect(await onTwin(name, cases)).toEqual([]);
});

const said = async (text: string): Promise<string> => {
  const { graph } = inferGraph(parse(text), catalogue);
  const { diagnostics } = await compile(new Uint8Array(Buffer.concat([...exportOnnx(graph)])), { target: "kunlun" });
  return diagnostics.map((d) => `${d.severity} ${d.code}: ${d.message}`).join("\n");
};

test("rows whose extents a round decides are refused", async () => {
  const grown = await said(`graph m(x: f32[3], n: i64[]) -> (y) {
    a: f32[*], r: f32[*] = Loop(n, _, x, body=graph b(i: i64[], c: bool[], h: f32[*]) -> (c, t, u) {
      t: f32[*] = Concat(h, x, axis=0)
      u: f32[*] = Identity(h)
    })
    y: f32[] = ReduceSum(r, keepdims=0)
  }`);
  expect(grown).toContain('rows of "r" may change their type or their extents from round to round');
});

test("what a Scan walks is as long in all its inputs", async () => {
  const scan = (rows: string, more: string): Promise<string> =>
    said(`graph m(s: f32[3], x: f32[${rows},3], z: f32[${more},3]) -> (y) {
      y: f32[3] = Scan(s, x, z, num_scan_inputs=2, body=graph b(h: f32[3], a: f32[3], e: f32[3]) -> (t) {
        u: f32[3] = Add(h, a)
        t: f32[3] = Sub(u, e)
      })
    }`);
  expect(await scan("4", "5")).toContain('error operator-rule: Scan "y": its first scanned input has 4 places, and number 2 has 5');
  expect(await scan("N", "M")).toContain("extents-assumed-equal");
});
