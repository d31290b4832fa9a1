/** Two extents of inputs that nobody said are equal: numpy's broadcast, decided when the sizes are known. */
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/base/tensor.js";
import { decompose } from "../../src/ir/rewrite/decompose.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import { rankedType } from "../../src/ir/graph.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { condText } from "../../src/ir/text/print.js";
import { setDims } from "../../src/ir/rewrite/specialise.js";
import { spellType } from "../../src/ir/text/spelling.js";
import { seededTensor } from "../../src/ir/text/elements.js";
import { catalogue } from "../../src/ops/catalogue.js";

const typed = (text: string) => inferGraph(parse(text), catalogue).graph;
const types = (text: string) => typed(text).outputs.map((v) => spellType(v.type));

/** The graph at the sizes given, and its primitives that were made with all of them open. */
function both(text: string, sizes: Readonly<Record<string, number>>): readonly [Tensor, Tensor] {
  const dims = (names: readonly string[]) => new Map(Object.entries(sizes).filter(([name]) => names.includes(name)));
  const run = (g: ReturnType<typeof typed>): Tensor => {
    const fixed = setDims(g, dims(g.symbols.map((s) => s.name)));
    const feed = fixed.inputs.map((v) => {
      const { dtype, shape } = rankedType(v) as { dtype: "f32"; shape: number[] };
      return [v, seededTensor(v.name, dtype, shape)] as const;
    });
    return [...evaluateGraph(fixed, catalogue, new Map(feed)).values()][0];
  };
  return [run(parse(text)), run(decompose(typed(text), catalogue, () => false))];
}

const chain = "t = Mul(a: f32[n,k], b: f32[m,k])\n u = Add(t, c: f32[q,1])\n y = Sub(u, b)";

describe("one decomposition for all sizes", () => {
  test.each([
    [
      "Add",
      "y = Add(a: f32[3,n], b: f32[3,m])",
      [
        { n: 1, m: 5 },
        { n: 5, m: 1 },
        { n: 4, m: 4 },
        { n: 1, m: 1 },
        { n: 0, m: 0 },
      ],
    ],
    [
      "a chain of three",
      chain,
      [
        { n: 1, m: 5, k: 3, q: 1 },
        { n: 5, m: 1, k: 3, q: 5 },
        { n: 1, m: 1, k: 3, q: 4 },
        { n: 2, m: 2, k: 1, q: 1 },
      ],
    ],
    [
      "Where",
      "y = Where(c: bool[n,1,w], a: f32[n,2,h], b: f32[m,1,w])",
      [
        { n: 3, m: 1, h: 4, w: 1 },
        { n: 1, m: 3, h: 1, w: 4 },
      ],
    ],
    [
      "Expand",
      "s = Shape(b: f32[m,2,w])\n y = Expand(a: f32[n,1,h], s)",
      [
        { n: 1, m: 3, h: 1, w: 4 },
        { n: 3, m: 1, h: 4, w: 1 },
      ],
    ],
    [
      "Max of three",
      "y = Max(a: f32[n], b: f32[m], c: f32[q])",
      [
        { n: 1, m: 1, q: 4 },
        { n: 4, m: 1, q: 1 },
        { n: 4, m: 4, q: 4 },
      ],
    ],
    [
      "the last beside all",
      "l = Slice(x: f32[2,h], s: i64[1]{-1}, e: i64[1]{9223372036854775807}, d: i64[1]{1})\n y = Div(x, l)",
      [{ h: 1 }, { h: 5 }, { h: 0 }],
    ],
  ] as const)("%s", (_, text, cases) => {
    for (const sizes of cases) {
      const [wanted, got] = both(text, sizes);
      expect(got, JSON.stringify(sizes)).toEqual(wanted);
    }
  });
});

test("what may be 1 is in the type and in a guard, which refuses the rest", () => {
  expect(types("y = Add(a: f32[3,n], b: f32[3,m])")).toEqual(["f32[3,max(m, n)]"]);
  expect(typed("y = Add(a: f32[3,n], b: f32[3,m])").guards.map((g) => condText(g.when))).toEqual([
    "any((n == m), all((n == 1), (1 <= m)), all((m == 1), (1 <= n)))",
  ]);
});

test("an extent that met another one before meets it again without a word", () => {
  expect(types("t = Add(a: f32[n], b: f32[m])\n y = Mul(t, b)")).toEqual(["f32[max(m, n)]"]);
  expect(typed("t = Add(a: f32[n], b: f32[m])\n y = Mul(t, b)").guards).toHaveLength(1);
});

test.each([
  ["batches of a matrix product", "y = MatMul(a: f32[n,2,3], b: f32[m,3,4])"],
  ["what is computed from sizes", "t = Concat(p: f32[P,2], q: f32[S,2], axis=0)\n y = Add(t, m: f32[T,2])"],
])("%s are taken to be equal", (_, text) => expect(typed(text).guards.map((g) => condText(g.when))[0]).toMatch(/^\(.* == .*\)$/));
