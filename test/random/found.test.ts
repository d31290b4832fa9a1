/** What random programs found wrong, made small: each on the tiles of every chip, against what its operator means. */
import { beforeAll, expect, test } from "vitest";
import { check, machineName } from "./check.js";
import { machines } from "./machines.js";
import type { Machine } from "./tiles.js";
import { textProgram } from "./text-program.js";
import type { Filling } from "./values.js";

let chips: readonly Machine[] = [];
beforeAll(async () => {
  chips = await machines();
});

test.each<[text: string, filling: Filling, sizes?: Record<string, number>]>([
  ["y = Sign(x: u32[5,7])", "wide"],
  ["v = LayerNormalization(x: f16[5,23,2], w: f16[2], axis=2, epsilon=0.001)\nm = ReduceMean(v, k: i64[2]{1, 2})\ny = Sub(v, m)", "plain"],
  ["v = LayerNormalization(x: f32[8,255], w: f32[255], axis=1)\nh = Cast(v, to=10)\ns = ReduceSum(v, k: i64[1]{0})\nreturn h, s", "plain"],
  [
    `t = Transpose(x: f16[5,n,m], perm=[0, 2, 1])
     u = Concat(t, z: f16[2,m,n], axis=0)
     v = Transpose(u, perm=[0, 2, 1])
     k = ReduceMean(v, a: i64[1]{2})
     d = Sub(v, k)
     q = Mul(d, d)
     r = ReduceMean(q, b: i64[1]{2})
     s = Sqrt(r)
     y = Div(d, s)`,
    "plain",
    { n: 7, m: 9 },
  ],
  ['y = Einsum(x: f32[0], z: f32[0], equation="i,i->")', "plain"],
  ["t = Reshape(x: f32[n,11], s: i64[2]{0, -1})\ny = Relu(t)", "plain", { n: 0 }],
  ["y = CumSum(x: f32[3,0,2], a: i64[]{1}, exclusive=1)", "plain"],
  ['y = ScatterND(x: u32[4,1], i: i64[3,1]{2, 2, 2}, v: u32[3,1], reduction="mul")', "wide"],
  ["y = Abs(x: u32[5,7])", "wide"],
  ["y = ArgMin(x: i64[5,37], axis=0)", "wide"],
  ["y = ArgMax(x: i64[5,37], axis=1)", "wide"],
  ["y, z = TopK(x: i64[5,37], k: i64[1]{3}, axis=1)", "wide"],
  ["p = ArgMin(x: f32[5,4], axis=0)\ne = Slice(p, s: i64[1]{1}, t: i64[1]{1}, a: i64[1]{0})\ny = ReduceMin(e, b: i64[1]{0})", "plain"],
  ["y = MatMul(x: i32[3,9], w: i32[9,4])", "wide"],
  ["y = MatMul(x: i64[2,3,9], w: i64[2,9,4])", "wide"],
  ["y = CumSum(x: f32[3,1,40], a: i64[]{1}, exclusive=1)", "plain"],
  ["y = CumSum(x: i64[1], a: i64[]{0}, exclusive=1)", "plain"],
  ["y = CumSum(x: f16[n,1], a: i64[]{1}, exclusive=1, reverse=1)", "plain", { n: 9 }],
  ["a, p = TopK(x: f32[2,43,3], k: i64[1]{43}, axis=1)\ny, q = TopK(p, j: i64[1]{2}, axis=1)\nreturn y", "plain"],
  [
    "a, p = TopK(x: i64[1,43], k: i64[1]{5}, axis=1)\nf = Reshape(p, s: i64[1]{5})\ny = Gather(w: f32[43,3], f, axis=0)\nreturn a, y",
    "wide",
  ],
  ["t = Transpose(x: f32[n,m,1,k,m])\ny = MatMul(t, w: f32[2,n,5])", "plain", { n: 64, m: 4, k: 5 }],
])("%s", async (text, filling, sizes = {}) => {
  const one = textProgram(text, filling, sizes);
  for (const chip of chips)
    for (const seed of [1, 3]) {
      const { findings, refused } = await check({ ...one, seed }, chip, { reference: false, tiles: true });
      expect(findings, machineName(chip)).toEqual([]);
      expect(refused, machineName(chip)).toBeUndefined();
    }
});
