/** Rows of dequantised tables: gathered as levels, dequantised after. */
import { describe, expect, test } from "vitest";
import { gatherLevels } from "../../passes/onnx/gather-levels.js";
import { widenLevels } from "../../passes/target/widen-levels.js";
import { checkPass } from "./check-pass.js";

describe("gather-levels", () => {
  test("one scale", () =>
    checkPass(
      gatherLevels,
      "w = DequantizeLinear(t: i8[5,4]!, s: f32[]{0.5}, z: i8[]{3})\n y = Gather(w, i: i64[2,3]{0, 4, -1, 2, 1, 1})",
      "y' = Gather(t, i, axis=0)\n y = DequantizeLinear(y', s, z, axis=2)",
    ));

  test("scales along an axis that is not gathered", () =>
    checkPass(
      gatherLevels,
      "w = DequantizeLinear(t: u8[5,4]!, s: f32[4]{0.5, 0.25, 1.0, 2.0}, axis=-1)\n y = Gather(w, i: i64[2,3]{0, 4, -1, 2, 1, 1})",
      "y' = Gather(t, i, axis=0)\n y = DequantizeLinear(y', s, axis=2)",
    ));

  test("one scale a row, for indices of one axis", () =>
    checkPass(
      gatherLevels,
      "w = DequantizeLinear(t: i8[3,2]!, s: f32[3]{0.5, 0.25, 1.0}, z: i8[3]{1, 2, 3}, axis=0)\n y = Gather(w, i: i64[2]{2, 0})",
      "y' = Gather(s, i, axis=0)\n y'' = Gather(z, i, axis=0)\n y'3 = Gather(t, i, axis=0)\n y = DequantizeLinear(y'3, y', y'', axis=0)",
    ));

  test("one scale a row is a block where the indices have more axes", () =>
    checkPass(
      gatherLevels,
      "w = DequantizeLinear(t: i8[3,2]!, s: f32[3]{0.5, 0.25, 1.0}, axis=0)\n y = Gather(w, i: i64[1,2]{2, 0})",
      "y' = Gather(s, i, axis=0)\n y'' = Unsqueeze(y', axes)\n y'3 = Gather(t, i, axis=0)\n y = DequantizeLinear(y'3, y'', axis=2, block_size=2)",
    ));

  test("blocks along another axis", () =>
    checkPass(
      gatherLevels,
      "w = DequantizeLinear(t: i8[3,4]!, s: f32[3,2]{0.5, 0.25, 1.0, 2.0, 3.0, 4.0}, axis=1, block_size=2)\n y = Gather(w, i: i64[2]{2, 0})",
      "y' = Gather(s, i, axis=0)\n y'' = Gather(t, i, axis=0)\n y = DequantizeLinear(y'', y', axis=1, block_size=2)",
    ));

  test.each([
    ["levels that are computed", "w = DequantizeLinear(t: i8[5,4], s: f32[]{0.5})\n y = Gather(w, i: i64[2]{0, 4}, axis=0)"],
    ["levels of four bits", "w = DequantizeLinear(t: i4[5,4]!, s: f32[]{0.5})\n y = Gather(w, i: i64[2]{0, 4}, axis=0)"],
    [
      "blocks along the gathered axis",
      "w = DequantizeLinear(t: i8[4,2]!, s: f32[2,2]{0.5, 1.0, 2.0, 3.0}, axis=0, block_size=2)\n y = Gather(w, i: i64[2]{0, 3}, axis=0)",
    ],
  ])("not %s", (_, text) => void checkPass(gatherLevels, text));
});

describe("widen-levels", () => {
  test("levels of four bits in eight", () =>
    checkPass(widenLevels, "y = DequantizeLinear(t: i4[3,4]!, s: f32[]{0.5}, z: i4[]{-3})", "y = DequantizeLinear(t', s, z')"));

  test.each([
    ["i4", "", "t_zeros"],
    ["u4", ", z: u4[3,1]{1, 2, 3}", "z'"],
  ])(
    "a table of %s in blocks becomes bytes",
    (type, zero, named) =>
      void checkPass(
        widenLevels,
        `y = com.microsoft::GatherBlockQuantized(t: ${type}[3,16]!, i: i64[2]{2, 0}, s: f32[3,1]{0.5, 1.0, 2.0}${zero}, block_size=16)`,
        `y = com.microsoft::GatherBlockQuantized(t', i, s, ${named}, block_size=16, bits=8)`,
      ),
  );

  test("not levels that are computed, nor those of a byte", () => {
    for (const text of ["y = DequantizeLinear(t: i4[3], s: f32[]{0.5})", "y = DequantizeLinear(t: i8[3]!, s: f32[]{0.5})"])
      checkPass(widenLevels, text);
    expect(widenLevels.name).toBe("widen-levels");
  });
});
