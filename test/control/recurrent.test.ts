/** Recurrent layers over an open number of steps: three twins against onnxruntime. */
import { expect, test } from "vitest";
import { compile } from "../../src/api/compile.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { f32, onTwin, wave, type Control } from "./harness.js";

const weights = (name: string, shape: readonly number[], seed: number): string => {
  const count = shape.reduce((n, d) => n * d, 1);
  const values = Array.from({ length: count }, (_, i) => (Math.sin(i * 1.7 + seed) / 2).toFixed(4));
  return `const ${name}: f32[${shape.join()}] = {${values.join(", ")}}`;
};

const runs = [
  [1, 1],
  [2, 3],
  [7, 2],
].map(([steps, batch]) => ({ x: f32([steps, batch, 3], wave), h: f32([2, batch, 4], wave), c: f32([2, batch, 4], (i) => Math.cos(i)) }));

const one = (s: (typeof runs)[number]) => ({ x: s.x, h: f32([1, s.x.shape[1], 4], wave), c: f32([1, s.x.shape[1], 4], Math.cos) });

const cases: readonly Control[] = [
  {
    name: "an LSTM with all it may have",
    text: `graph m(x: f32[T,B,3], h: f32[1,B,4], c: f32[1,B,4]) -> (y, z, u) {
      ${weights("w", [1, 16, 3], 1)}
      ${weights("r", [1, 16, 4], 2)}
      ${weights("b", [1, 32], 3)}
      ${weights("p", [1, 12], 4)}
      y: f32[T,1,B,4], z: f32[1,B,4], u: f32[1,B,4] = LSTM(x, w, r, b, _, h, c, p, hidden_size=4)
    }`,
    runs: runs.map(one),
    has: ["loop", "bind"],
  },
  {
    name: "from the end, nothing given to begin with",
    text: `graph m(x: f32[T,B,3]) -> (y, z) {
      ${weights("w", [1, 12, 3], 1)}
      ${weights("r", [1, 12, 4], 2)}
      y: f32[T,1,B,4], z: f32[1,B,4] = GRU(x, w, r, hidden_size=4, direction="reverse", linear_before_reset=1)
    }`,
    runs: runs.map(({ x }) => ({ x })),
    has: ["loop", "bind"],
  },
  {
    name: "both ways, activations of its own",
    text: `graph m(x: f32[T,B,3], h: f32[2,B,4], c: f32[2,B,4]) -> (y, z, u) {
      ${weights("w", [2, 16, 3], 1)}
      ${weights("r", [2, 16, 4], 2)}
      ${weights("b", [2, 32], 3)}
      ${weights("w1", [2, 4, 8], 4)}
      ${weights("r1", [2, 4, 4], 5)}
      const flat: i64[3] = {0, 0, 8}
      a: f32[T,2,B,4], z: f32[2,B,4], u: f32[2,B,4] = LSTM(x, w, r, b, _, h, c, hidden_size=4, direction="bidirectional", activations=["Sigmoid", "Tanh", "Tanh", "Sigmoid", "Relu", "Tanh"])
      t: f32[T,B,2,4] = Transpose(a, perm=[0, 2, 1, 3])
      s: f32[T,B,8] = Reshape(t, flat)
      v: f32[T,2,B,4] = RNN(s, w1, r1, hidden_size=4, direction="bidirectional")
      y: f32[T,2,B,4] = Sin(v)
    }`,
    runs,
    has: ["loop", "bind"],
  },
];

test("what inference left open is no news once it is compiled", async () => {
  const model = new Uint8Array(Buffer.concat([...exportOnnx(inferGraph(parse(cases[1].text), catalogue).graph)]));
  expect(await compile(model, { target: "bang" })).toMatchObject({ ok: true, diagnostics: [] });
});

test.each(["cann", "bang", "kunlun"])("on the twin of %s", { timeout: 300_000 }, async (name) => {
  expect(await onTwin(name, cases)).toEqual([]);
});
