/** The sweep: what it replaces, what it keeps, how it names, and that its cost is linear. */
import { describe, expect, test } from "vitest";
import { knowing } from "../../src/ir/rewrite/context.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { print, sketch } from "../../src/ir/text/print.js";
import { rewrite, rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import { sweepDead } from "../../src/ir/rewrite/sweep-dead.js";
import { verify } from "../../src/ir/verify.js";
import { littleCatalogue } from "./helpers.js";

const context = knowing(littleCatalogue);
const dropIdentity = (text: string) => {
  const out = rewrite(parse(text), "Identity", context, (node) => node.x);
  expect(verify(out)).toEqual([]);
  return sketch(out);
};

describe("replacing by an existing value", () => {
  test("readers move over, also those in bodies", () =>
    expect(
      dropIdentity(
        "a = Relu(x: f32[2])\n b = Identity(a)\n y = If(c: bool[], then_branch=graph t() -> (p) { p = Neg(b) }, else_branch=graph e() -> (q) { q = Neg(x) })",
      ),
    ).toContain("= Neg(a)"));

  test("an output keeps its name: its new producer takes it", () =>
    expect(dropIdentity("a = Relu(x: f32[2])\n y = Identity(a)\n z = Neg(a)\n return y, z")).toBe("y = Relu(x)\nz = Neg(y)"));

  test("an Identity stays between an input and an output, and between two outputs", () => {
    expect(dropIdentity("y = Identity(x: f32[2])")).toBe("y = Identity(x)");
    expect(dropIdentity("a = Relu(x: f32[2])\n y = Identity(a)\n return a, y")).toBe("a = Relu(x)\ny = Identity(a)");
    expect(dropIdentity("a = Relu(x: f32[2])\n y = Identity(a)\n z = Identity(a)\n return y, z")).toBe("y = Relu(x)\nz = Identity(y)");
  });

  test("a node with more outputs than the pattern answers stays while they are read", () => {
    const dropped = (text: string): string => {
      const out = rewriteAny(parse(text), context, (view) => (view.node.op === "Identity" ? view.inputs[0] : undefined));
      expect(verify(out)).toEqual([]);
      return sketch(out);
    };
    expect(dropped("a, b = Identity(x: f32[2])\n y = Relu(a)\n z = Neg(b)\n return y, z")).toContain("a, b = Identity(x)");
    expect(dropped("a, b = Identity(x: f32[2])\n y = Relu(a)\n return y")).toBe("y = Relu(x)");
  });

  test("chains fold in one sweep", () =>
    expect(dropIdentity("a = Identity(x: f32[2])\n b = Identity(a)\n c = Identity(b)\n y = Relu(c)")).toBe("y = Relu(x)"));

  test("an untouched graph is the same object", () => {
    const graph = parse("y = Relu(x: f32[2])");
    expect(rewrite(graph, "Identity", context, (node) => node.x)).toBe(graph);
  });
});

describe("replacing by made nodes", () => {
  const doubled = (text: string) =>
    rewrite(inferGraph(parse(text), littleCatalogue).graph, "Mul", context, (mul, make) => {
      const relu = mul.a.producer("Relu");
      return relu && relu.y.uses === 1 ? make.Add({ a: make.Add({ a: relu.x, b: mul.b }), b: mul.b }) : undefined;
    });

  test("the result keeps name and identity, what lies between is called after it, origins merge", () => {
    const out = doubled('r = Relu(x: f32[N,2]) from ("/relu")\n y = Mul(r, w: f32[2]!) from ("/mul")');
    expect(print(out).split("\n").slice(3, 5)).toEqual([
      `  y': f32[N,2] = Add(x, w) from ("/relu", "/mul")`,
      `  y: f32[N,2] = Add(y', w) from ("/relu", "/mul")`,
    ]);
  });

  test("declines leave nothing behind", () => {
    const out = doubled("r = Relu(x: f32[N,2])\n y = Mul(r, w: f32[2]!)\n z = Neg(r)");
    expect(sketch(out)).toBe("r = Relu(x)\ny = Mul(r, w)\nz = Neg(r)");
  });

  test("a name that is taken gets another prime", () => {
    const out = doubled("y' = Neg(x: f32[2])\n r = Relu(x)\n y = Mul(r, w: f32[2]!)\n return y, y'");
    expect(out.nodes.map((n) => n.outputs[0]?.name)).toEqual(["y'", "y''", "y"]);
  });
});

test("what nobody needs goes, in bodies too; optional outputs nobody reads are not asked for", () => {
  const out = sweepDead(parse("a = Relu(x: f32[2])\n y, m = Dropout(x)\n b, d = Split(w: f32[4]!)\n z = Neg(b)\n return y, z"));
  expect(sketch(out)).toBe("y = Dropout(x)\nb, d = Split(w)\nz = Neg(b)");
});

test("a long chain costs linear time", () => {
  const chain = (n: number) =>
    `${Array.from({ length: n }, (_, i) => `v${i + 1} = ${i % 2 ? "Identity" : "Neg"}(v${i})`).join("\n")}`.replace("(v0)", "(v0: f32[2])");
  const time = (n: number) => {
    const graph = parse(chain(n));
    const start = performance.now();
    rewriteAny(graph, context, ({ node, inputs }) => (node.op === "Identity" ? inputs[0] : undefined));
    return performance.now() - start;
  };
  // The quickest of a few: the machine may be busy with other tests.
  const quickest = (n: number) => Math.min(...[1, 2, 3].map(() => time(n)));
  expect(quickest(20000)).toBeLessThan(40 * Math.max(quickest(2000), 5));
});
