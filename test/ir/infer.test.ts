/** Inference: types follow from records, shape arithmetic from extents, contradictions are told. */
import { describe, expect, test } from "vitest";
import { tensor } from "../../src/base/tensor.js";
import { constData } from "../../src/ir/build.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { decompose } from "../../src/ir/rewrite/decompose.js";
import { parse } from "../../src/ir/text/parse.js";
import { print, sketch } from "../../src/ir/text/print.js";
import { spellType } from "../../src/ir/text/spelling.js";
import { littleCatalogue } from "./helpers.js";

const typed = (text: string) => inferGraph(parse(text), littleCatalogue);
const outputs = (text: string) => typed(text).graph.outputs.map((v) => spellType(v.type));

describe("inferGraph", () => {
  test("broadcasts symbolic extents", () => expect(outputs("y = Add(x: f32[N,1,4], w: f32[3,1]!)")).toEqual(["f32[N,3,4]"]));

  test("follows shape arithmetic into a later operand", () =>
    expect(outputs("s = Shape(x: f32[N,2])\n t = Mul(s, k: i64[1]{2})\n y = Reshape(z: f32[M], t)")).toEqual(["f32[2*N,4]"]));

  test("assumes unknown extents equal and says so in a guard", () => {
    const { graph, diagnostics } = typed("y = Add(a: f32[N,4], b: f32[M,4])");
    expect(diagnostics).toEqual([]);
    expect(graph.guards.map((g) => g.when)).toMatchObject([{ op: "eq" }]);
  });

  test("leaves a typed graph its nodes, guards and facts", () => {
    const once = typed("s = Shape(x: f32[N,2])\n t = Mul(s, k: i64[1]{2})\n y = Reshape(z: f32[M], t)");
    const twice = inferGraph(once.graph, littleCatalogue);
    twice.graph.nodes.forEach((n, i) => expect(n).toBe(once.graph.nodes[i]));
    expect(twice.graph.guards).toEqual(once.graph.guards);
    const [t] = twice.graph.nodes[1].outputs;
    expect(t && twice.facts.get(t)?.elements).toEqual(t && once.facts.get(t)?.elements);
  });

  test("does not take what a constant was for what it is", () => {
    const { graph } = typed("y = Reshape(z: f32[12], t: i64[2]{3, 4})");
    const constants = new Map([...graph.constants].map(([v]) => [v, constData(tensor("i64", [2], BigInt64Array.of(6n, 2n)))]));
    expect(inferGraph({ ...graph, constants }, littleCatalogue).graph.outputs.map((v) => spellType(v.type))).toEqual(["f32[6,2]"]);
  });

  test("names the node of extents that cannot be equal", () => {
    const { diagnostics } = typed("y = Add(a: f32[3], b: f32[4])");
    expect(diagnostics).toMatchObject([{ code: "extent-mismatch", severity: "error", location: { node: "y" } }]);
  });

  test("a stale declared extent is a warning, a wrong element type an error", () => {
    const { diagnostics, graph } = typed("y: f32[7] = Neg(x: f32[3])\n z: i64[3] = Neg(y)");
    expect(diagnostics.map((d) => [d.code, d.severity])).toEqual([
      ["type-mismatch", "warning"],
      ["type-mismatch", "error"],
    ]);
    expect(spellType(graph.outputs[0].type)).toBe("f32[3]");
  });

  test("keeps declared types where an operator has no record or a rank is unknown", () =>
    expect(outputs("a: f32[2,3] = Mystery(x: f32[*])\n y = Neg(a)\n z: f32[5] = Neg(x)")).toEqual(["f32[2,3]", "f32[5]"]));

  test("If covers both branches, Loop carries what holds still", () => {
    expect(
      outputs(
        `
      y = If(c: bool[], then_branch=graph t() -> (p) { p = Add(x: f32[4], x) }, else_branch=graph e() -> (q) { q = Neg(z: f32[5]) })`
          .replaceAll(/(x|z): f32\[\d\]/g, "$1")
          .replace("c: bool[]", "c: bool[], x: f32[4], z: f32[5]"),
      ),
    ).toEqual(["f32[y.0]"]);
    const loop = (grown: string) => `
      y, s = Loop(n: i64[]{3}, _, x: f32[2], body=graph b(i: i64[], c: bool[], v: ?) -> (c2, u, u2) {
        c2 = Identity(c)
        u = ${grown}
        u2 = Neg(u)
      })`;
    expect(outputs(loop("Neg(v)"))).toEqual(["f32[2]", "f32[3,2]"]);
  });
});

describe("decompose", () => {
  const graph = typed("a = Add(x: f32[N,4], b: f32[4]!)\n y = Relu(a)\n z = Mystery(a)").graph;

  test("gives primitives with symbolic extents, keeps outputs' names and origins", () => {
    const out = decompose(graph, littleCatalogue, () => false);
    expect(sketch(out)).toMatchInlineSnapshot(`
      "a' = expand(x, shape=dims[N, 4])
      a'' = reshape(b, shape=dims[1, 4])
      a'3 = expand(a'', shape=dims[N, 4])
      a = add(a', a'3)
      y'' = reshape(y', shape=dims[1, 1])
      y'3 = expand(y'', shape=dims[N, 4])
      y = max(a, y'3)
      z = Mystery(a)"
    `);
    expect(out.nodes.every((n) => n.origin.length === 1 && ["a", "y", "z"].includes(n.origin[0]))).toBe(true);
    expect(print(out)).toContain("y: f32[N,4] = max(");
  });

  test("keeps what a library claims", () =>
    expect(decompose(graph, littleCatalogue, (n) => n.op === "Add").nodes.map((n) => n.op)).toEqual([
      "Add",
      "reshape",
      "expand",
      "max",
      "Mystery",
    ]));

  test("takes If apart inside", () => {
    const out = decompose(
      typed(
        "y: f32[4] = If(c: bool[], x: f32[4], then_branch=graph t() -> (p) { p = Relu(x) }, else_branch=graph e() -> (q) { q = Neg(x) })",
      ).graph,
      littleCatalogue,
      () => false,
    );
    expect(sketch(out)).toMatchInlineSnapshot(`
      "y = if(c, x, then=graph t() -> (p) {
        const p': f32[] = {0.0}
        p'': f32[1] = reshape(p', shape=dims[1]) from ("p")
        p'3: f32[4] = expand(p'', shape=dims[4]) from ("p")
        p: f32[4] = max(x, p'3)
      }, else=graph e() -> (q) {
        q: f32[4] = neg(x)
      })"
    `);
  });
});

test("an If without a condition is the model's fault", () => {
  const text = "x = Relu(z: f32[2])\n y = If(_, then_branch=graph t() -> (p) { p = Neg(x) }, else_branch=graph e() -> (q) { q = Abs(x) })";
  const { diagnostics } = inferGraph(parse(text), littleCatalogue);
  expect(diagnostics).toMatchObject([{ code: "missing-input", severity: "error", location: { node: "y" } }]);
});
