/** Products by a packed weight that no row takes: the weight is one of floats, made when compiling. */
import { describe, expect, test } from "vitest";
import { unpackWeights } from "../../../passes/target/unpack-weights.js";
import { inferGraph } from "../../../src/ir/infer/infer.js";
import { parse } from "../../../src/ir/text/parse.js";
import { sketch } from "../../../src/ir/text/print.js";
import { catalogue } from "../../../src/ops/catalogue.js";
import { bang } from "../../../targets/bang/target.js";
import { checkPass, expectSameNumbers } from "../check-pass.js";

const on = { target: bang, chip: bang.chips["MLU370"], precision: "fp32" } as const;
const product = (operands: string, attrs: string): string => `y = com.microsoft::MatMulNBits(${operands}, ${attrs})`;

describe("unpack-weights", () => {
  test("the weight is a constant that is turned", () =>
    void checkPass(
      unpackWeights,
      product("x: f32[2,3,40], w: u8[8,2,16]!, s: f32[8,2]!", "K=40, N=8, bits=4, block_size=32"),
      `y' = transpose(w', perm=[1, 0])\n y = MatMul(x, y')`,
      on,
    ));

  test.each([
    ["zero points", "x: f32[3,40], w: u8[8,2,16]!, s: f32[8,2]!, z: u8[8,1]!", "K=40, N=8, bits=4, block_size=32"],
    ["eight bits and a bias", "x: f32[3,40], w: u8[8,3,16]!, s: f32[24]!, z: u8[8,3]!, _, c: f32[8]!", "K=40, N=8, bits=8, block_size=16"],
    ["two bits", "x: f32[3,64], w: u8[8,2,8]!, s: f32[8,2]!", "K=64, N=8, bits=2, block_size=32"],
    ["halves", "x: f16[3,64], w: u8[8,2,16]!, s: f16[8,2]!", "K=64, N=8, bits=4, block_size=32"],
  ])("%s", (_, operands, attrs) => {
    const { graph, facts } = inferGraph(parse(product(operands, attrs)), catalogue);
    const out = unpackWeights.run(graph, { ...on, catalogue, facts });
    expect(sketch(out)).not.toContain("MatMulNBits");
    expectSameNumbers(graph, out, 1e-6);
  });

  test.each([
    ["levels that the caller gives", "x: f32[3,64], w: u8[8,2,16], s: f32[8,2]!"],
    ["scales that the caller gives", "x: f32[3,64], w: u8[8,2,16]!, s: f32[8,2]"],
    ["zero points in floats", "x: f32[3,64], w: u8[8,2,16]!, s: f32[8,2]!, z: f32[8,2]!"],
  ])("not for %s", (_, operands) => {
    const { graph, facts } = inferGraph(parse(product(operands, "K=64, N=8, bits=4, block_size=32")), catalogue);
    expect(unpackWeights.run(graph, { ...on, catalogue, facts })).toBe(graph);
  });
});
