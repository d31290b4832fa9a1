/** f16 storage: what becomes f16, what stays f32, and where the two meet. */
import { describe, expect, test } from "vitest";
import { inferGraph } from "../../../src/ir/infer/infer.js";
import { parse } from "../../../src/ir/text/parse.js";
import { rankedType, type Graph, type Node, type Value } from "../../../src/ir/graph.js";
import { verify } from "../../../src/ir/verify.js";
import { catalogue } from "../../../src/ops/catalogue.js";
import { planUnits, type Unit } from "../../../src/kernel/group/group.js";
import { halve, storeHalves, type Halved } from "../../../passes/target/store-halves.js";
import { constantsOutOfRange } from "../../../passes/target/magnitude.js";
import { wideValues } from "../../../passes/target/wide-range.js";
import { decompose } from "../../../src/ir/rewrite/decompose.js";
import { checkPass, passOf } from "../check-pass.js";
import { compileText } from "../../plan/compile-text.js";
import { plannedChips } from "../../kernel/plan-helpers.js";

const typed = (text: string): Graph => inferGraph(parse(text), catalogue).graph;

function halved(graph: Graph, takesHalves: (n: Node) => boolean, precision: "fp32" | "fp16" = "fp16"): Halved {
  const wide = precision === "fp16" ? wideValues(graph) : new Set<Value>();
  const out = halve(graph, { catalogue, precision, wide, takesHalves, halves: new Map() });
  expect(verify(out.graph, catalogue)).toEqual([]);
  return out;
}

const everything = (): boolean => true;
const products = (n: Node): boolean => n.op === "MatMul" || n.op === "Conv";

function storedIn(text: string): Record<string, string | undefined> {
  const { graph } = halved(typed(text), everything);
  return Object.fromEntries(graph.nodes.flatMap((n) => n.outputs.map((v) => [v?.name ?? "", rankedType(v)?.dtype])));
}

/** What lies in memory between the kernels and calls of a model whose products the library takes, by name and type. */
function lying(text: string, precision: "fp32" | "fp16" = "fp16"): string[] {
  const { graph, storedAs } = halved(typed(text), products, precision);
  const plain = decompose(graph, catalogue, products);
  const units: readonly Unit[] = planUnits(plain, {
    caps: plannedChips[0],
    isLibrary: products,
    ranges: () => undefined,
    prefix: "k_",
    storedAs,
  });
  const bound = units.flatMap((u) => (u.kind === "kernels" ? u.kernels.flatMap(({ bind }) => Object.values(bind)) : []));
  return [...new Set(bound)].map((v) => `${v.name}: ${rankedType(v)?.dtype ?? ""}`).sort();
}

test("as the library takes it, values become f16; inputs and outputs keep their types", () => {
  const out = halved(typed("a = Relu(x: f32[4])\n y = Sigmoid(a)"), everything).graph;
  expect(out.inputs.map((v) => rankedType(v)?.dtype)).toEqual(["f32"]);
  expect(out.outputs.map((v) => rankedType(v)?.dtype)).toEqual(["f32"]);
  expect(out.nodes.map((n) => n.op)).toEqual(["Cast", "Relu", "Sigmoid", "Cast"]);
  expect(out.nodes.slice(1, 3).map((n) => rankedType(n.outputs[0])?.dtype)).toEqual(["f16", "f16"]);
});

test("kernels compute in f32 between the library's halves", () => {
  const out = halved(typed("a = MatMul(x: f32[4,4], w: f32[4,4]!)\n b = Relu(a)\n c = Sigmoid(b)\n y = MatMul(c, w)"), products).graph;
  expect(out.nodes.map((n) => `${n.op} ${rankedType(n.outputs[0])?.dtype ?? ""}`)).toEqual([
    "Cast f16",
    "MatMul f16",
    "Cast f32",
    "Relu f32",
    "Sigmoid f32",
    "Cast f16",
    "MatMul f16",
    "Cast f32",
  ]);
});

test("a float32 value that one reader rounds to halves stays float32 for the others", () => {
  const text = "a = LayerNormalization(x: f32[64,64], w: f32[64]!)\n h = Cast(a, to=10)\n s = ReduceSum(a, k: i64[1]{1})\nreturn h, s";
  expect(lying(text, "fp32").filter((t) => t.startsWith("a"))).toEqual(["a: f32"]);
  const alone = "a = LayerNormalization(x: f32[64,64], w: f32[64]!)\n b = MatMul(a, v: f32[64,64]!)\n h = Cast(b, to=10)\nreturn h";
  expect(lying(alone, "fp32").filter((t) => t.startsWith("b"))).not.toContain("b: f16");
});

test("a half that an operator gives out and goes on computing with is not rounded for the operator itself", () => {
  const text = `y, s = LinearAttention(q: f16[1,2,4], k: f16[1,2,4], v: f16[1,2,4], p: f16[1,1,4,4], update_rule="linear")
 return y, s`;
  const states = lying(text, "fp32").filter((v) => v.startsWith("s"));
  expect(states).toContain("s': f32");
  expect(states.filter((v) => v.includes("stored"))).toEqual([]);
});

describe("float32 products on a chip that multiplies halves only", () => {
  const on = (text: string, chip: string) => compileText(text, { target: `cann:${chip}` });
  const text = "a = MatMul(x: f32[6,12], w: f32[12,16]!)\n b = MatMul(a, v: f32[16,8]!)\n y = Relu(b)";

  test("are said to be rounded", async () => {
    const said = (await on(text, "Ascend310P3")).diagnostics.map((d) => `${d.severity} ${d.code}: ${d.message}`);
    expect(said).toEqual([
      "warning half-products: 2 matrix products are computed from float16 operands: Ascend310P3 multiplies no float32",
    ]);
    expect((await on(text, "Ascend910B2")).diagnostics).toEqual([]);
  });
});

describe("in memory", () => {
  const between = (type: string): string =>
    `a = Sigmoid(x: ${type}[64,64])\n r = ReduceMax(a, k: i64[1]{1})\n c = ReduceMax(a, l: i64[1]{0})\n y = Add(r, c)`;

  test("what kernels leave each other are halves", () => {
    expect(lying(between("f32")).filter((t) => t.endsWith("f16"))).not.toEqual([]);
    expect(lying(between("f32"), "fp32").filter((t) => t.endsWith("f16"))).toEqual([]);
  });

  test("what f16 cannot hold stays f32, and its way back is seen", () => {
    const text = `
      a = Mul(x: f32[64,64], tiny: f32[]{1e-9})
      s = Transpose(a)
      r = ReduceMax(s, k: i64[1]{1})
      b = Mul(r, back: f32[]{1e9})
      y = Softmax(b)`;
    expect(lying(text).filter((t) => t.endsWith("f16"))).toEqual([]);
    const wide = [...wideValues(typed(text))].map((v) => v.name);
    expect(wide).toContain("a");
    expect(wide).not.toContain("b");
  });

  test("halves of a float16 model lie as halves, its kernels compute in f32", () => {
    expect(lying(between("f16"), "fp32").filter((t) => t.endsWith("f32"))).toEqual([]);
    const { graph } = halved(typed("m = ReduceMean(x: f16[1,65536])\n y = Add(m, m)"), products, "fp32");
    expect(graph.nodes.map((n) => `${n.op} ${rankedType(n.outputs[0])?.dtype ?? ""}`)).toEqual([
      "Cast f32",
      "ReduceMean f32",
      "Add f32",
      "Cast f16",
    ]);
  });
});

test("scales of a Resize are no data", () => {
  const out = halved(typed("r = Relu(x: f32[1,1,2,2])\n y = Resize(r, _, s: f32[4]{1, 1, 2, 2})"), everything).graph;
  expect([...out.constants.keys()].map((v) => rankedType(v)?.dtype)).toEqual(["f32"]);
});

test("constants that f16 cannot hold are named with their values, those of one value together", () => {
  const text =
    "a = Mul(x: f32[4], m: f32[]{-1e12})\n b = Add(a, e: f32[]{1e-12})\n c = Add(b, e2: f32[]{1e-12})\n y = Add(c, one: f32[]{1})";
  expect(constantsOutOfRange(typed(text)).map((d) => `${d.severity} ${d.code} ${d.message}`)).toEqual([
    'warning half-range "m": float16 has no -999999996000',
    'warning half-range "e", "e2": float16 has no 9.99999996e-13, it would be 0',
  ]);
});

describe("stays f32", () => {
  const wide = (text: string): string[] => [...wideValues(typed(text))].map((v) => v.name).sort();

  test("a power spectrum up to its logarithm, and the transform before it", () => {
    const text = `
      re = MatMul(x: f32[4,8], w: f32[8,8]!)
      p = Mul(re, re)
      m = MatMul(p, mel: f32[8,3]!)
      c = Clip(m, lo: f32[]{1e-10})
      l = Log(c)
      y = Relu(l)`;
    expect(wide(text)).toEqual(["c", "m", "p", "re", "x"]);
    expect(storedIn(text)).toMatchObject({ p: "f32", m: "f32", c: "f32", l: "f32", y: "f32" });
  });

  test("a variance up to its square root, not what it divides", () => {
    const text =
      "h = Relu(x: f32[2,8])\n s = Pow(h, two: f32[]{2})\n v = ReduceMean(s, k: i64[1]{1})\n e = Add(v, eps: f32[]{1e-6})\n d = Sqrt(e)\n y = Div(h, d)";
    expect(wide(text)).toEqual(["e", "s", "v"]);
  });

  test("not a square that nothing brings back", () => expect(wide("h = Relu(x: f32[4])\n s = Mul(h, h)\n y = Sigmoid(s)")).toEqual([]));
});

test("masks and what they are added to stay f32 up to the softmax, factors up to their inverse", () => {
  const wide = (text: string): string[] => [...wideValues(typed(text))].map((v) => v.name).sort();
  expect(
    wide("n = Sub(one: f32[]{1}, m: f32[2,4])\n k = Mul(n, c: f32[]{-1e12})\n a = Add(x: f32[2,4], k)\n s = Softmax(a)\n y = Mul(s, s)"),
  ).toEqual(["a", "c", "k"]);
  expect(wide("a = Clip(x: f32[4], lo: f32[]{0}, hi: f32[]{3e38})\n y = Mul(a, h: f32[]{0.5})")).toEqual(["hi"]);
  expect(wide("a = ReduceSum(x: f32[1,70000])\n y = Div(a, n: f32[]{70000})")).toEqual(["a", "n"]);
});

test("a constant that both kinds of node read is there in both types", () => {
  const out = halved(typed("h = MatMul(x: f32[4,4], k: f32[4,4]!)\n y = Mul(h, k)"), products).graph;
  expect([...out.constants.values()].map((c) => c.dtype).sort()).toEqual(["f16", "f32"]);
});

describe("as a pass", () => {
  const fp16 = { precision: "fp16", error: 4e-3 } as const;
  const pass = passOf(storeHalves);

  test("halves for what the library takes, f32 for all else", () =>
    void checkPass(
      pass,
      "a = MatMul(x: f32[4,4], w: f32[4,4]!)\n y = Sigmoid(a)",
      "x' = Cast(x, to=10)\n a' = MatMul(x', w')\n a = Cast(a', to=1)\n y = Sigmoid(a)",
      fp16,
    ));

  test("the model's own halves are computed on in f32", () =>
    void checkPass(
      pass,
      "a = Sigmoid(x: f16[4,4])\n y = Exp(a)",
      "x' = Cast(x, to=1)\n a' = Sigmoid(x')\n y' = Exp(a')\n y = Cast(y', to=10)",
      { error: 4e-3 },
    ));

  test("in a body, which keeps the types of what it is given and gives", () => {
    const model = (x: string, w: string, c: string, before: string, lines: string): string =>
      `p = Exp(${x})\n q = Exp(${w})\n${before} y = If(${c}, then_branch=graph a() -> (t) {\n${lines}\n}, else_branch=graph b() -> (e) {\n e: f32[4,4] = Neg(p)\n})`;
    checkPass(
      pass,
      model("x: f32[4,4]", "w: f32[4,4]", "c: bool[]", "", "t: f32[4,4] = MatMul(p, q)"),
      model(
        "x",
        "w",
        "c",
        "",
        "p'': f16[4,4] = Cast(p, to=10)\nq'': f16[4,4] = Cast(q, to=10)\nt': f16[4,4] = MatMul(p'', q'') from (\"t\")\nt: f32[4,4] = Cast(t', to=1)",
      ),
      { ...fp16, error: 1e-2 },
    );
  });

  test("what a body computes itself leaves it as it is typed", () => {
    const branch = (name: string, lines: string, y: string): string => `graph ${name}() -> (${y}) {\n${lines}\n}`;
    const text = (x: string, c: string): string =>
      `z = Neg(${x})\n y = If(${c}, then_branch=${branch("a", "t: f32[4] = Exp(z)", "t")}, else_branch=${branch("b", "e: f32[4] = Neg(z)", "e")})`;
    checkPass(pass, text("x: f32[4]", "c: bool[]"), text("x", "c"), fp16);
  });

  test("declines: a model in f32 that is stored so", () => void checkPass(pass, "a = MatMul(x: f32[4,4], w: f32[4,4]!)\n y = Sigmoid(a)"));
});
