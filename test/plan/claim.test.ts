/** What a library is asked, and how its answer is put into the graph. */
import { describe, expect, test } from "vitest";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { intsAttr, rankedType, type Graph } from "../../src/ir/graph.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { claim } from "../../src/claim/claim.js";
import { withCalls } from "../../passes/target/legalise.js";
import { narrowIntegers } from "../../passes/target/narrow-integers.js";
import { resolve } from "../../src/claim/resolve.js";
import { bang as target } from "../../targets/bang/target.js";

const typed = (text: string): Graph => inferGraph(parse(text), catalogue).graph;
const chip = target.chips[target.defaultChip];

function resolved(text: string): ReturnType<typeof resolve> {
  const graph = typed(text);
  return resolve(graph.nodes[graph.nodes.length - 1], catalogue, graph);
}

describe("resolve", () => {
  test.each([
    ["SAME_UPPER", [0, 0, 1, 1]],
    ["SAME_LOWER", [1, 1, 0, 0]],
    ["VALID", [0, 0, 0, 0]],
  ])("auto_pad %s", (auto, pads) => {
    const node = resolved(`y = Conv(x: f32[1,3,8,8], w: f32[4,3,2,2]!, auto_pad="${auto}")`);
    expect(typeof node === "string" ? node : intsAttr(node, "pads")).toEqual(pads);
  });

  test("auto_pad of extents known at run time is declined with a reason", () =>
    expect(resolved('y = MaxPool(x: f32[1,3,H,8], kernel_shape=[2, 2], auto_pad="SAME_UPPER")')).toMatch(/auto_pad/));

  test("a negative axis counts from the front; a missing perm reverses", () => {
    const softmax = resolved("y = Softmax(x: f32[2,3,4], axis=-2)");
    expect(typeof softmax !== "string" && softmax.attrs["axis"]).toEqual({ kind: "int", value: 1n });
    const transpose = resolved("y = Transpose(x: f32[2,3,4])");
    expect(typeof transpose !== "string" && intsAttr(transpose, "perm")).toEqual([2, 1, 0]);
  });
});

describe("claim", () => {
  const graph = typed("c = Conv(x: f32[1,3,8,8], w: f32[4,3,3,3]!)\n p = MaxPool(c, kernel_shape=[2, 2])\n y = Relu(p)");
  const claimed = (prefer?: "library" | "kernels"): string[] =>
    [...claim(graph, { target, chip, catalogue, prefer }).byNode.keys()].map((n) => n.op);

  test("image operators go to the library, arithmetic does not", () => expect(claimed()).toEqual(["Conv", "MaxPool"]));
  test("with kernels preferred only matrix work does", () => expect(claimed("kernels")).toEqual(["Conv"]));

  test("a layout puts transposes around the call and is noted on it", () => {
    const out = withCalls(graph, claim(graph, { target, chip, catalogue }), { target, chip, catalogue, precision: "fp32" });
    const pool = out.nodes.find((n) => n.call?.row === "MaxPool");
    expect(pool?.call?.inputs).toEqual([[0, 2, 3, 1]]);
    expect(pool && rankedType(pool.inputs[0])?.shape).toEqual([1, 6, 6, 4]);
    expect(out.nodes.filter((n) => n.op === "transpose").length).toBeGreaterThanOrEqual(4);
  });
});

describe("narrow", () => {
  const types = (text: string): Record<string, string | undefined> => {
    const out = narrowIntegers.run(typed(text), { catalogue });
    return Object.fromEntries([...out.inputs, ...out.nodes.flatMap((n) => n.outputs)].map((v) => [v?.name ?? "", rankedType(v)?.dtype]));
  };

  test("an index is stored as int32, and so is what computes it", () =>
    expect(types("j = add(i: i64[3], k: i64[3]{1, 1, 1})\n y = gather(x: f32[9,2], j, axis=0)")).toMatchObject({ i: "i32", j: "i32" }));

  test("a value of unknown range that is data keeps its 64 bits", () =>
    expect(types("y = mul(i: i64[3], k: i64[3]{2, 2, 2})")).toMatchObject({ i: "i64", y: "i64" }));
});
