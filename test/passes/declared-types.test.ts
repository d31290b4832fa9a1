/** What a file declares never goes before what operands say: not in inference, and in no rewrite. */
import { describe, expect, test } from "vitest";
import { runPasses } from "../../passes/pipeline.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { setDims } from "../../src/ir/rewrite/specialise.js";
import { verify } from "../../src/ir/verify.js";
import { spellType } from "../../src/ir/text/spelling.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { seededTensor } from "../../src/ir/text/elements.js";

const typed = (text: string) => inferGraph(parse(text), catalogue);

describe("a declared rank", () => {
  test("that no operand's value could make true is the model's fault", () => {
    const { diagnostics } = typed("y: f32[2,3] = Transpose(x: f32[2,3,4])\n return y");
    expect(diagnostics).toMatchObject([{ code: "type-mismatch", severity: "error", location: { tensor: "y" } }]);
    expect(diagnostics[0].message).toMatch(/declared f32\[2,3\], but f32\[4,3,2\] follows/);
  });

  test("that an operand's value contradicts is a warning, and what follows is kept", () => {
    const { diagnostics, graph } = typed("y: f32[1,18] = Reshape(x: f32[6,3], s: i64[3]{6, 1, 3})\n return y");
    expect(diagnostics).toMatchObject([{ code: "type-mismatch", severity: "warning" }]);
    expect(graph.outputs.map((v) => spellType(v.type))).toEqual(["f32[6,1,3]"]);
  });
});

/** A recurrent layer of open length, which is not unrolled, in front of a computed Reshape that is declared wrongly. */
const recurrent = `
  r = RNN(x: f32[t,1,2], w: f32[1,3,2]!, u: f32[1,3,3]!, hidden_size=3)
  s = Shape(r)
  a = Gather(s, k: i64[1]{0})
  b = Gather(s, m: i64[1]{2})
  n = Concat(a, b, l: i64[1]{-1}, axis=0)
  y: f32[1,18] = Reshape(r, n)
  return y`;

test("an operator that cannot be unrolled has its output's shape all the same", () => {
  const { graph } = runPasses(parse(recurrent), { catalogue, forExport: true });
  expect(graph.outputs.map((v) => spellType(v.type))).toEqual(["f32[t,1,3]"]);
  expect(graph.nodes.map((n) => n.op)).toEqual(["RNN", "Reshape"]);
  const run = (g: typeof graph) => {
    const fixed = setDims(g, new Map([["t", 6]]));
    return [...evaluateGraph(fixed, catalogue, new Map(fixed.inputs.map((v) => [v, seededTensor(v.name, "f32", [6, 1, 2])]))).values()][0];
  };
  expect(run(graph)).toEqual(run(parse(recurrent.replace(": f32[1,18]", ""))));
  expect(run(graph).shape).toEqual([6, 1, 3]);
});

test("extents that are only declared are among the symbols afterwards", () => {
  const { graph } = runPasses(parse("y: f32[3,m,2] = ReduceMean(x: f32[3,2,2], a: i64[1], keepdims=1)"), { catalogue });
  expect([graph.nodes.map((n) => n.op), graph.outputs.map((v) => spellType(v.type))]).toEqual([["read", "ReduceMean"], ["f32[3,m,2]"]]);
  expect(graph.symbols.map((s) => s.name)).toContain("m");
  expect(verify(graph)).toEqual([]);
});

test("no rewrite rests on a shape that is only declared, and what is written still declares it", () => {
  const { graph } = runPasses(
    parse(`u: f32[4,6] = Reshape(x: f32[24], s: i64[2])
      v: f32[6,4] = Reshape(u, q: i64[2])
      y: f32[24] = Reshape(v, t: i64[1])
      return y`),
    { catalogue, forExport: true },
  );
  expect(graph.nodes.map((n) => n.op)).toEqual(["Reshape", "Reshape", "Reshape"]);
  expect(graph.nodes.map((n) => n.inputs[1]?.name)).toEqual(["s", "q", "t"]);
  expect(graph.nodes.map((n) => n.outputs[0] && spellType(n.outputs[0].type))).toEqual(["f32[4,6]", "f32[6,4]", "f32[24]"]);
});
