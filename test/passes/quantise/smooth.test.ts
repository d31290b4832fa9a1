/** Factors moved from an activation into weights: the same numbers, held better. */
import { describe, expect, test } from "vitest";
import { alikeFactors, bestFactors } from "../../../passes/quantise/factors.js";
import type { QuantiseContext } from "../../../passes/quantise/scheme.js";
import { smooth } from "../../../passes/quantise/smooth.js";
import type { ChannelFigures } from "../../../src/quant/observe/channels.js";
import { makeNode } from "../../../src/ir/build.js";
import { checkPass } from "../check-pass.js";
import { quantising } from "./quantising.js";

/** One channel in eight is 50 times the others. */
const uneven = (count: number): ChannelFigures => {
  const size = Float64Array.from({ length: count }, (_, c) => (c % 8 === 3 ? 50 : 1));
  return { lo: size.map((s) => -s), hi: size, mean: size.map(() => 0), power: size.map((s) => (s * s) / 9) };
};

const smoothing = (told: Partial<QuantiseContext> = {}) => quantising(smooth, { channelsOf: () => uneven(16), ...told });

const norm = "n = LayerNormalization(x: f32[3,16], g: f32[16]!, o: f32[16]!, axis=1)";

const plain = "n = LayerNormalization(x, g, o, axis=1)";

describe("smooth", () => {
  test("a normalisation takes the factors in, for all readers at once", () =>
    checkPass(
      smoothing(),
      `${norm}
       q = MatMul(n, w1: f32[16,8]!)
       k = MatMul(n, w2: f32[16,8]!)
       return q, k`,
      `n = LayerNormalization(x, g', o', axis=1)
       q = MatMul(n, w1')
       k = MatMul(n, w2')`,
    ));

  test("so does one that is spelled out, and a product before a Relu, whose weight is changed twice", () =>
    checkPass(
      smoothing({ channelsOf: (v) => (v.name === "b" || v.name === "r" ? uneven(16) : undefined) }),
      `m = Mul(x: f32[3,16], g: f32[16]!)
       b = Add(m, o: f32[16]!)
       p = MatMul(b, w1: f32[16,16]!)
       a = Add(p, c: f32[16]!)
       r = Relu(a)
       y = Gemm(r, w2: f32[5,16]!, d: f32[5]!, transB=1)`,
      `m = Mul(x, g')
       b = Add(m, o')
       p = MatMul(b, w1')
       a = Add(p, c')
       r = Relu(a)
       y = Gemm(r, w2', d, transB=1)`,
    ));

  test("depthwise filters take factors from a convolution, and from numbers that were one for all channels", () => {
    const depthwise = (x: string): string => `y = Conv(${x}, w: f32[16,1,3,3]!, group=16)`;
    checkPass(
      smoothing({ channelsOf: (v) => (v.name === "c" ? uneven(16) : undefined) }),
      `c = Conv(x: f32[1,4,6,6], v: f32[16,4,1,1]!, b: f32[16]!)\n ${depthwise("c")}`,
      `c = Conv(x, v', b')\n y = Conv(c, w', group=16)`,
    );
    const out = checkPass(
      smoothing({ channelsOf: (v) => (v.name === "b" ? uneven(16) : undefined) }),
      `h = HardSwish(x: f32[1,16,6,6])\n m = Mul(h, g: f32[]!)\n b = Add(m, o: f32[1]!)\n ${depthwise("b")}`,
      `h = HardSwish(x)\n m = Mul(h, g')\n b = Add(m, o')\n y = Conv(b, w', group=16)`,
    );
    expect([...out.constants].filter(([v]) => /^[go]'/.test(v.name)).map(([, c]) => c.shape)).toEqual([[16, 1, 1], [16, 1, 1]]); // prettier-ignore
  });

  test.each<[string, string, string]>([
    [
      "pools reach over what is summed",
      `${norm.replace("[3,16]", "[1,8,16]")}\n m = MaxPool(n, kernel_shape=[3], pads=[1, 1])\n y = MatMul(m, w: f32[16,8]!)`,
      `${plain}\n m = MaxPool(n, kernel_shape=[3], pads=[1, 1])\n m_smoothed' = Mul(m, m_factors')\n y = MatMul(m_smoothed', w')`,
    ],
    [
      "others read the activation",
      `${norm}\n y = MatMul(n, w: f32[16,8]!)\n return y, n`,
      `${plain}\n n_smoothed' = Mul(n, n_factors')\n y = MatMul(n_smoothed', w')\n return y, n`,
    ],
    [
      "another reader is no product",
      `${norm}\n y = MatMul(n, w: f32[16,8]!)\n k = MatMul(n, v: f32[16,4]!)\n z = Sigmoid(n)\n return y, k, z`,
      `${plain}\n n_smoothed' = Mul(n, n_factors')\n y = MatMul(n_smoothed', w')\n k = MatMul(n_smoothed', v')\n z = Sigmoid(n)\n return y, k, z`,
    ],
    ["nothing takes the factors in", `n = Sigmoid(x: f32[3,16])\n y = MatMul(n, w: f32[16,8]!)`, `n = Sigmoid(x)\n n_smoothed' = Mul(n, n_factors')\n y = MatMul(n_smoothed', w')`], // prettier-ignore
    [
      "another reads what lies between",
      `p = MatMul(x: f32[3,8], w1: f32[8,16]!)\n r = Relu(p)\n y = MatMul(r, w: f32[16,8]!)\n return y, p`,
      `p = MatMul(x, w1)\n r = Relu(p)\n r_smoothed' = Mul(r, r_factors')\n y = MatMul(r_smoothed', w')\n return y, p`,
    ],
  ])("the activation itself is divided when %s", (_, before, after) => void checkPass(smoothing(), before, after));

  test.each<[string, string, Partial<QuantiseContext>?]>([
    ["a reader adds it too", `${norm}\n y = Gemm(n, w: f32[16,16]!, n)`],
    [
      "what the channels lie along comes from another operand",
      `p = MatMul(a: f32[16,4], w: f32[4,16]!)\n v = Add(p, c: f32[1,16,1,1]!)\n y = Conv(v, k: f32[16,1,3,3]!, group=16)`,
      { channelsOf: (v) => (v.name === "v" ? uneven(16) : undefined) },
    ],
    ["a filter sums over channels", `c = Conv(x: f32[1,4,6,6], v: f32[16,4,1,1]!)\n y = Conv(c, w: f32[16,2,3,3]!, group=8)`],
    [
      "a depthwise filter and a product read it",
      `${norm.replace("[3,16]", "[1,16,16]")}\n y = MatMul(n, w: f32[16,8]!)\n z = Conv(n, v: f32[16,1,3]!, group=16)\n return y, z`,
    ],
    ["a reader stays in float", `${norm}\n y = MatMul(n, w: f32[16,8]!)`, { isSkipped: () => true }],
    ["the weight is computed", `${norm}\n y = MatMul(n, w: f32[16,8])`],
    ["the activation is an input", `y = MatMul(x: f32[3,16], w: f32[16,8]!)`],
    ["nothing is known of the channels", `${norm}\n y = MatMul(n, w: f32[16,8]!)`, { channelsOf: () => undefined }],
    ["the channels are alike", `${norm}\n y = MatMul(n, w: f32[16,8]!)`, { channelsOf: () => even }],
  ])("declines when %s", (_, text, told) => void checkPass(smoothing(told), text));
});

const ones = new Float64Array(16).fill(1);
const even: ChannelFigures = { lo: ones.map((x) => -x), hi: ones, mean: ones.map(() => 0), power: ones.map((x) => x / 9) };

describe("factors", () => {
  test("make channels reach equally far, however little one does", () => {
    const seen = { ...uneven(16), hi: uneven(16).hi.map((x, c) => (c === 5 ? 0 : x)), lo: uneven(16).lo.map((x, c) => (c === 5 ? 0 : x)) };
    const s = alikeFactors(seen) ?? new Float64Array(16);
    expect(s.reduce((sum, f) => sum + Math.log(f), 0)).toBeCloseTo(0);
    // What was seen to hold nothing may hold something yet.
    expect([Math.round(s[3] / s[0]), s[5]]).toEqual([50, 1]);
    expect(alikeFactors(even)).toBeUndefined();
  });

  const weight = (of: (c: number, o: number) => number) => {
    const data = Float32Array.from({ length: 128 }, (_, i) => of(Math.floor(i / 8), i % 8));
    const load = () => ({ dtype: "f32", shape: [16, 8], data }) as const;
    return { node: makeNode("MatMul", [], []), operand: 1, data: { dtype: "f32", shape: [16, 8], load }, axis: 0, results: 1 } as const;
  };

  test("are larger where the activation is, and their geometric mean is 1", () => {
    const s = bestFactors(uneven(16), [weight((c, o) => Math.sin(1 + c * 8 + o))]);
    expect(s && Math.min(s[3], s[11]) / Math.max(...s.filter((_, c) => c % 8 !== 3))).toBeGreaterThan(3);
    expect(s?.reduce((sum, f) => sum + Math.log(f), 0)).toBeCloseTo(0);
  });

  test("are none where they would cost the weights what they save", () => {
    expect(bestFactors(uneven(16), [weight((c, o) => (c % 8 === 3 ? 1 : 0.001) * Math.sin(1 + c * 8 + o))])).toBeUndefined();
  });

  test("are 1 for channels that hold nothing", () => {
    const silent = {
      ...uneven(16),
      lo: uneven(16).lo.map((x, c) => (c === 5 ? 0 : x)),
      hi: uneven(16).hi.map((x, c) => (c === 5 ? 0 : x)),
    };
    const s = bestFactors(silent, [weight((c, o) => Math.sin(1 + c * 8 + o))]);
    expect(s?.every((f) => Number.isFinite(f) && f > 0)).toBe(true);
  });
});
