/** Branches on data, loops whose length is data, and values that change their extents: three twins against onnxruntime. */
import { expect, test } from "vitest";
import { chooseTarget } from "../../src/driver/targets.js";
import { everyStep } from "../../src/program/flow.js";
import { compiled, f32, i64, i64s, onTwin, wave, type Control } from "./harness.js";

const cases: readonly Control[] = [
  {
    name: "an If on data, whose branches read a value and a weight from outside",
    text: `graph m(x: f32[N,8], k: f32[8]) -> (y) {
      const zero: f32[] = {0.0}
      const w: f32[8] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0}
      s: f32[] = ReduceSum(k, keepdims=0)
      c: bool[] = Greater(s, zero)
      r: f32[N,8] = Relu(x)
      t: f32[N,8], u: f32[N,8] = If(c, then_branch=graph then() -> (a, a2) {
        a: f32[N,8] = Add(r, w)
        a2: f32[N,8] = Identity(r)
      }, else_branch=graph else() -> (b, b2) {
        q: f32[N,8] = Mul(r, r)
        b: f32[N,8] = Softmax(q)
        b2: f32[N,8] = Mul(r, w)
      })
      p: f32[N,8] = Sub(t, x)
      y: f32[N,8] = Add(p, u)
    }`,
    runs: [
      { x: f32([3, 8], wave), k: f32([8], () => 1) },
      { x: f32([5, 8], wave), k: f32([8], () => -1) },
    ],
    has: ["read", "branch"],
  },
  {
    name: "a Loop whose trip count is an input",
    text: `graph m(x: f32[4,8], n: i64[]) -> (y) {
      const go: bool[] = {1}
      y: f32[4,8] = Loop(n, go, x, body=graph b(i: i64[], c: bool[], h: f32[4,8]) -> (c2, z) {
        c2: bool[] = Identity(c)
        t: f32[4,8] = Sin(h)
        z: f32[4,8] = Add(t, x)
      })
    }`,
    runs: [0, 1, 7].map((n) => ({ x: f32([4, 8], wave), n: i64(n) })),
    has: ["read", "loop", "bind"],
  },
  {
    name: "a Loop that goes on as long as data say, with two carried values that change places and the round as data",
    text: `graph m(x: f32[2,9], stop: f32[]) -> (y, z) {
      const most: i64[] = {20}
      const go: bool[] = {1}
      const two: f32[] = {2.0}
      y: f32[2,9], z: f32[2,9] = Loop(most, go, x, x, body=graph b(i: i64[], c: bool[], a: f32[2,9], b: f32[2,9]) -> (c2, a2, b2) {
        f: f32[] = Cast(i, to=1)
        d: f32[2,9] = Add(b, f)
        a2: f32[2,9] = Identity(d)
        b2: f32[2,9] = Mul(a, two)
        m: f32[] = ReduceMax(b2, keepdims=0)
        c2: bool[] = Less(m, stop)
      })
    }`,
    runs: [1, 40, 1e9].map((stop) => ({ x: f32([2, 9], (i) => i / 8), stop: f32([], () => stop) })),
    has: ["read", "loop", "bind", "write"],
  },
  {
    name: "a carried value that grows by a row a round",
    text: `graph m(x: f32[1,5], n: i64[]) -> (y) {
      const go: bool[] = {1}
      const axes: i64[1] = {0}
      g: f32[?,5] = Loop(n, go, x, body=graph b(i: i64[], c: bool[], h: f32[?,5]) -> (c2, z) {
        c2: bool[] = Identity(c)
        last: f32[1,5] = ReduceMax(h, axes, keepdims=1)
        next: f32[1,5] = Add(last, x)
        z: f32[?,5] = Concat(h, next, axis=0)
      })
      y: f32[5] = ReduceSum(g, axes, keepdims=0)
    }`,
    runs: [0, 1, 30].map((n) => ({ x: f32([1, 5], (i) => i + 1), n: i64(n) })),
    has: ["read", "loop", "bind", "let"],
  },
  {
    name: "an If inside a Loop, and a Loop inside an If",
    text: `graph m(x: f32[6], n: i64[], k: f32[]) -> (y) {
      const go: bool[] = {1}
      const zero: f32[] = {0.0}
      up: bool[] = Greater(k, zero)
      y: f32[6] = If(up, then_branch=graph then() -> (t) {
        t: f32[6] = Loop(n, go, x, body=graph b(i: i64[], c: bool[], h: f32[6]) -> (c2, z) {
          c2: bool[] = Identity(c)
          s: f32[] = ReduceSum(h, keepdims=0)
          q: bool[] = Greater(s, k)
          z: f32[6] = If(q, then_branch=graph less() -> (p) {
            p: f32[6] = Sub(h, x)
          }, else_branch=graph more() -> (r) {
            r: f32[6] = Add(h, x)
          })
        })
      }, else_branch=graph else() -> (e) {
        e: f32[6] = Neg(x)
      })
    }`,
    runs: [
      { x: f32([6], (i) => i / 4), n: i64(5), k: f32([], () => 8) },
      { x: f32([6], (i) => i / 4), n: i64(5), k: f32([], () => -8) },
    ],
    has: ["read", "loop", "branch"],
  },
  {
    name: "branches that return an input, a constant, one value twice and an outer value reshaped",
    text: `graph m(x: f32[4,6], k: f32[]) -> (y, z, u) {
      const zero: f32[] = {0.0}
      const w: f32[4,6] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 24.0}
      const flat: i64[2] = {6, 4}
      const back: i64[2] = {4, 6}
      r: f32[4,6] = Sin(x)
      c: bool[] = Greater(k, zero)
      a: f32[4,6], b: f32[4,6], d: f32[6,4] = If(c, then_branch=graph then() -> (x2, w2, q) {
        x2: f32[4,6] = Identity(x)
        w2: f32[4,6] = Identity(w)
        q: f32[6,4] = Reshape(r, flat)
      }, else_branch=graph else() -> (t, t2, e) {
        t: f32[4,6] = Exp(r)
        t2: f32[4,6] = Identity(t)
        n: f32[4,6] = Neg(r)
        e: f32[6,4] = Reshape(n, flat)
      })
      f: f32[4,6] = Reshape(d, back)
      y: f32[4,6] = Add(a, r)
      z: f32[4,6] = Mul(b, f)
      u: f32[6,4] = Cos(d)
    }`,
    runs: [1, -1].map((k) => ({ x: f32([4, 6], wave), k: f32([], () => k) })),
    has: ["branch"],
  },
  {
    name: "carried values that swap, pass through and are views, and values that live past two loops",
    text: `graph m(x: f32[N,6], n: i64[]) -> (y, z) {
      const go: bool[] = {1}
      const one: i64[2] = {0, 6}
      before: f32[N,6] = Sin(x)
      after: f32[N,6] = Cos(x)
      a: f32[N,6], b: f32[N,6], p: f32[N,6] = Loop(n, go, x, before, after, body=graph r(i: i64[], c: bool[], s: f32[N,6], t: f32[N,6], u: f32[N,6]) -> (c2, t2, s2, u2) {
        c2: bool[] = Identity(c)
        v: f32[N,6] = Reshape(t, one)
        t2: f32[N,6] = Identity(v)
        h: f32[N,6] = Mul(before, after)
        s2: f32[N,6] = Add(s, h)
        u2: f32[N,6] = Identity(u)
      })
      d: f32[N,6] = Loop(n, go, a, body=graph r2(i2: i64[], g: bool[], l: f32[N,6]) -> (g2, l2) {
        g2: bool[] = Identity(g)
        m: f32[N,6] = Sub(l, b)
        o: f32[N,6] = Add(m, before)
        l2: f32[N,6] = Mul(o, p)
      })
      e: f32[N,6] = Add(d, before)
      y: f32[N,6] = Add(e, after)
      z: f32[N,6] = Sub(a, b)
    }`,
    runs: [
      [0, 3],
      [1, 3],
      [5, 2],
    ].map(([n, rows]) => ({ x: f32([rows, 6], wave), n: i64(n) })),
    has: ["loop", "bind"],
  },
  {
    name: "a product and a convolution in a body, loops without trip count or without condition",
    text: `graph m(x: f32[3,8], v: f32[1,2,6,6], most: f32[]) -> (y, z) {
      const w: f32[8,8] = {${Array.from({ length: 64 }, (_, i) => (Math.sin(i * 7) / 4).toFixed(4)).join(", ")}}
      const k: f32[2,2,3,3] = {${Array.from({ length: 36 }, (_, i) => (Math.cos(i * 5) / 8).toFixed(4)).join(", ")}}
      const four: i64[] = {4}
      const go: bool[] = {1}
      const add: f32[] = {1.0}
      const start: f32[] = {0.0}
      y: f32[3,8], count: f32[] = Loop(_, go, x, start, body=graph r(i: i64[], c: bool[], h: f32[3,8], t: f32[]) -> (c2, h2, t2) {
        p: f32[3,8] = MatMul(h, w)
        h2: f32[3,8] = Tanh(p)
        t2: f32[] = Add(t, add)
        c2: bool[] = Less(t2, most)
      })
      q: f32[1,2,6,6] = Loop(four, _, v, body=graph s(j: i64[], d: bool[], g: f32[1,2,6,6]) -> (d2, g2) {
        d2: bool[] = Identity(d)
        o: f32[1,2,6,6] = Conv(g, k, pads=[1, 1, 1, 1])
        g2: f32[1,2,6,6] = Relu(o)
      })
      z: f32[1,2,6,6] = Mul(q, count)
    }`,
    runs: [1, 6].map((most) => ({ x: f32([3, 8], wave), v: f32([1, 2, 6, 6], wave), most: f32([], () => most) })),
    has: ["loop", "bind"],
  },
  {
    name: "a carried value whose size is another in the first round alone, and one that shrinks",
    text: `graph m(x: f32[7], n: i64[]) -> (y, z) {
      const go: bool[] = {1}
      const ax: i64[1] = {0}
      const from: i64[1] = {0}
      const to: i64[1] = {-1}
      g: f32[*], s: f32[*] = Loop(n, go, x, x, body=graph b(i: i64[], c: bool[], h: f32[*], k: f32[*]) -> (c2, w, l) {
        c2: bool[] = Identity(c)
        m: f32[1] = ReduceMax(h, ax, keepdims=1)
        x0: f32[1] = ReduceMin(h, ax, keepdims=1)
        w: f32[9] = Concat(m, m, m, m, m, m, m, m, x0, axis=0)
        l: f32[*] = Slice(k, from, to, ax)
      })
      y: f32[] = ReduceSum(g, keepdims=0)
      z: f32[] = ReduceSum(s, keepdims=0)
    }`,
    runs: [0, 1, 2, 5].map((n) => ({ x: f32([7], wave), n: i64(n) })),
    has: ["loop", "bind"],
  },
  {
    name: "positions from outside and the round's own number as indices in a body",
    text: `graph m(x: f32[5,4], n: i64[], k: i64[2]) -> (y, z) {
      const go: bool[] = {1}
      h: f32[2,4] = Gather(x, k, axis=0)
      y: f32[2,4] = Loop(n, go, h, body=graph b(i: i64[], c: bool[], a: f32[2,4]) -> (c2, d) {
        c2: bool[] = Identity(c)
        g: f32[2,4] = Gather(x, k, axis=0)
        e: f32[4] = Gather(x, i, axis=0)
        f: f32[2,4] = Add(a, g)
        d: f32[2,4] = Sub(f, e)
      })
      z: i64[2] = Add(k, k)
    }`,
    runs: [{ x: f32([5, 4], wave), n: i64(4), k: i64s(4, 1) }],
    has: ["loop", "write"],
  },
  {
    name: "nothing that changes hands: one carried value, of another size in the first round alone",
    text: `graph m(x: f32[4], n: i64[]) -> (y) {
      const go: bool[] = {1}
      const ax: i64[1] = {0}
      g: f32[*] = Loop(n, go, x, body=graph b(i: i64[], c: bool[], h: f32[*]) -> (c2, z) {
        c2: bool[] = Identity(c)
        m: f32[1] = ReduceMax(h, ax, keepdims=1)
        z: f32[2] = Concat(m, m, axis=0)
      })
      y: f32[] = ReduceSum(g, keepdims=0)
    }`,
    runs: [0, 1, 3].map((n) => ({ x: f32([4], wave), n: i64(n) })),
    has: ["loop", "let"],
  },
];

test("a loop whose rounds ask nothing waits for nothing", async () => {
  const chosen = await chooseTarget("bang");
  const [, counted, asking] = await Promise.all(cases.slice(0, 3).map(async (one) => (await compiled(one, chosen, 9))[0].emitted.program));
  const inRounds = (program: typeof counted): string[] =>
    program.steps.flatMap((s) => (s.op === "loop" ? [...everyStep(s.body)].map((inner) => inner.op as string) : []));
  expect(inRounds(counted)).toEqual(["compute", "bind", "let"]);
  expect(inRounds(asking).filter((op) => op === "read" || op === "write")).toEqual(["write", "read"]);
});

test.each(["cann", "bang", "kunlun"])("on the twin of %s", { timeout: 300_000 }, async (name) => {
  expect(await onTwin(name, cases)).toEqual([]);
});
