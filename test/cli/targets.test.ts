/** Names of targets and chips as users know them, and what `targets` says about one chip. */
import { expect, test } from "vitest";
import { chooseTarget } from "../../src/driver/targets.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { portolan } from "./portolan.js";

test.each([
  ["cann", "cann:Ascend910B2"],
  ["CANN:ascend310p3", "cann:Ascend310P3"],
  ["ascend", "cann:Ascend910B2"],
  ["cambricon:MLU370", "bang:MLU370"],
  ["bang:mtp_592", "bang:MLU590"],
  ["bang:mtp_372", "bang:MLU370"],
  ["kunlun:xpu3", "kunlun:P800"],
  ["kunlun:xpu2", "kunlun:R200"],
  ["cann:dav-2201", "cann:Ascend910B2"],
  ["cann:dav-2002", "cann:Ascend310P3"],
])("%s is %s", async (given, chosen) => {
  const { target, chip } = await chooseTarget(given);
  expect(`${target.name}:${chip.caps.chip}`).toBe(chosen);
});

test.each([
  ["ascend910b", "unknown-target", 'did you mean "cann:Ascend910B2"?'],
  ["mlu590", "unknown-target", 'did you mean "bang:MLU590"?'],
  ["xpu3", "unknown-target", 'did you mean "kunlun'],
  ["kunlum", "unknown-target", 'did you mean "kunlun"?'],
  ["cuda", "unknown-target", 'there is no target "cuda"'],
  ["", "unknown-target", 'there is no target ""'],
  ["cann:910B2", "unknown-chip", 'did you mean "Ascend910B2"?'],
  ["bang:mtp592", "unknown-chip", 'did you mean "MLU590"?'],
  ["bang:", "unknown-chip", 'no chip ""'],
  ["cann:a:b", "unknown-chip", 'no chip "a:b"'],
])("%s is refused as %s", async (given, code, says) => {
  const error: unknown = await chooseTarget(given).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DiagnosticError);
  const [d] = (error as DiagnosticError).diagnostics;
  expect(d).toMatchObject({ code, message: expect.stringContaining(says) as string });
  expect(d.fix).toMatch(/^(Targets|Chips of)/);
});

interface Row {
  readonly target: string;
  readonly op: string;
  readonly types: string;
}

test("the operators of a chip are listed in the types that it computes", async () => {
  const rows = async (name: string): Promise<Row[]> =>
    (JSON.parse((await portolan(["targets", name, "--ops", "--json"])).stdout) as { rows: Row[] }).rows;
  const [small, large] = [await rows("cann:Ascend310P3"), await rows("cann")];
  const matmul = (list: Row[]): string | undefined => list.find((r) => r.op === "MatMul")?.types;
  expect([matmul(small), matmul(large)]).toEqual(["f16", "f32 f16 bf16"]);
  expect(small.filter((r) => r.types.includes("bf16"))).toEqual([]);
  expect(small[0].target).toBe("cann:Ascend310P3");
});

test("a list of targets is listed, and a chip once", async () => {
  const { stdout } = await portolan(["targets", "bang:MLU370,kunlun,bang:mtp_372"]);
  expect([...stdout.matchAll(/^(\w+:\w+)/gm)].map((m) => m[1])).toEqual(["bang:MLU370", "kunlun:P800", "kunlun:R200", "kunlun:R300"]);
});

test("a chip is listed alone when it is named", async () => {
  const { stdout } = await portolan(["targets", "bang:mtp_372"]);
  expect([stdout.includes("bang:MLU370"), stdout.includes("MLU590")]).toEqual([true, false]);
});
