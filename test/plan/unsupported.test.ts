/** What a model that cannot be compiled is told: everything that stands in the way at once, and advice that helps. */
import { expect, test } from "vitest";
import { compile } from "../../src/api/compile.js";
import type { Diagnostic } from "../../src/base/diagnostic.js";
import { exitCodeOf } from "../../src/cli/exit.js";
import { graphAttr, info, modelBytes, node, type ModelSpec } from "../onnx/build-model.js";

async function refused(spec: ModelSpec, more: { freeze?: ReadonlyMap<string, number> } = {}): Promise<readonly Diagnostic[]> {
  const freeze = new Map(
    [...(more.freeze ?? [])].map(([k, v]) => [k, { dtype: "i64" as const, shape: [], data: BigInt64Array.of(BigInt(v)) }]),
  );
  const result = await compile(modelBytes(spec), { target: "bang", freeze });
  return result.ok ? [] : result.diagnostics;
}

test("every operator that nobody carries out is named, each kind once", async () => {
  const nodes = [
    node("Det", ["x"], ["a"]),
    node("Frobnicate", ["x"], ["b"], [], { domain: "com.example", name: "first" }),
    node("Frobnicate", ["b"], ["c"], [], { domain: "com.example", name: "second" }),
    node("RandomNormalLike", ["x"], ["d"]),
    node("Relux", ["x"], ["e"]),
  ];
  const output = ["a", "b", "c", "d", "e"].map((n) => info(n));
  const more = { opsetImport: [17, 1].map((version, i) => ({ domain: i === 0 ? "" : "com.example", version })) };
  const found = await refused({ graph: { input: [info("x", [3, 3])], output, node: nodes }, more });
  expect(found.map((d) => d.code)).toEqual(["unsupported-op", "unsupported-op", "unsupported-op", "unsupported-op"]);
  const [det, frobnicate, random, typo] = found.map((d) => d.message);
  expect(det).not.toContain("did you mean");
  expect(frobnicate).toContain('"first", "second"');
  expect(random).toContain("random numbers");
  expect(typo).toContain('did you mean "Relu"');
  expect(found.every((d) => d.fix !== undefined && exitCodeOf(d.code) === 4)).toBe(true);
});

test.each([
  ["QAttention", "transformer optimiser"],
  ["QEmbedLayerNormalization", "transformer optimiser"],
  ["DynamicQuantizeLSTM", "op_types_to_quantize"],
  ["MatMulBnb4", "w4a16"],
])("%s of onnxruntime is refused with what does instead", async (op, way) => {
  const more = { opsetImport: [17, 1].map((version, i) => ({ domain: i === 0 ? "" : "com.microsoft", version })) };
  const nodes = [node(op, ["x"], ["y"], [], { domain: "com.microsoft" })];
  const found = await refused({ graph: { input: [info("x", [3, 3])], output: [info("y")], node: nodes }, more });
  expect(found.map((d) => d.code)).toEqual(["unsupported-op"]);
  expect(found[0].fix).toContain(way);
});

/** `If(rate == 1) then x @ a else x @ b`, of which one branch alone fits x. */
const branches = (): ModelSpec => {
  const product = (w: string) => ({ name: w, node: [node("MatMul", ["x", w], [`by_${w}`])], output: [info(`by_${w}`)] });
  const weight = (name: string, rows: number) => ({ name, dims: [rows, 2], dataType: 1, floatData: new Array<number>(rows * 2).fill(1) });
  return {
    graph: {
      input: [info("x", [1, 5]), info("rate", [], 7)],
      output: [info("y")],
      initializer: [weight("a", 5), weight("b", 3), { name: "one", dims: [], dataType: 7, int64Data: [1] }],
      node: [
        node("Equal", ["rate", "one"], ["is"]),
        node("If", ["is"], ["y"], [graphAttr("then_branch", product("a")), graphAttr("else_branch", product("b"))]),
      ],
    },
  };
};

test("an If of which one branch does not fit asks for its condition, by the names of the inputs behind it", async () => {
  const [fault, ...rest] = await refused(branches());
  expect(rest).toEqual([]);
  expect([fault.code, fault.fix]).toEqual(["unsupported-op", "Fix what it is computed from with --freeze rate=VALUE."]);
  expect(await refused(branches(), { freeze: new Map([["rate", 1]]) })).toEqual([]);
  expect((await refused(branches(), { freeze: new Map([["rate", 0]]) }))[0].code).toBe("extent-mismatch");
});

test("a filter of open extents is refused where only kernels would carry it out", async () => {
  const dims = ["n", 1, "s"];
  const graph = {
    input: [info("x", [1, 1, 64]), info("w", dims)],
    output: [info("y")],
    node: [node("Conv", ["x", "w"], ["y"], [], { name: "filter" })],
  };
  const result = await compile(modelBytes({ graph }), { target: "kunlun", prefer: "kernels" });
  const [found] = result.ok ? [] : result.diagnostics;
  expect(found).toMatchObject({ code: "dynamic-extent", location: { node: "filter" } });
  expect(exitCodeOf(found.code)).toBe(4);
  expect(found.message).toContain("[n, 1, s]");
});

test("a declared rank that nothing confirms does not stand for a Resize's own", async () => {
  const nodes = [node("Resize", ["x", "", "", "sizes"], ["y"])];
  const graph = { input: [info("x", [1, 1, 4, 4]), info("sizes", [4], 7)], output: [info("y", [1, 8, 8])], node: nodes };
  const found = await refused({ graph });
  expect(found.map((d) => d.code)).toEqual(["data-dependent-shape"]);
  expect(found[0].fix).toMatch(/--freeze sizes=VALUE/);
});
