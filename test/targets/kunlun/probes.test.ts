/** Kernels by hand on the twin: right numbers when whole, a named violation when broken. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildProgram, root, run } from "./twin.js";

const folder = join(root, "test/targets/kunlun/probes");
const names = ["add_row", "softmax", "transpose", "transpose_half", "where_positive", "sum", "layernorm"] as const;
const text = Object.fromEntries(names.map((n) => [n, readFileSync(join(folder, `${n}.xpu`), "utf8")]));
const main = { "probes.cpp": readFileSync(join(folder, "probes.cpp"), "utf8") };

describe("probe kernels", () => {
  let program = "";
  beforeAll(() => {
    program = buildProgram(text, main);
  }, 240_000);

  const allowed: readonly (readonly [string, number])[] = [
    ["add_row", 0],
    ["softmax", 1e-8],
    ["transpose_f32", 0],
    ["transpose_f16", 0],
    ["where_positive", 0],
    ["sum", 2e-2],
    ["layernorm", 4e-3],
  ];
  test.each(allowed)("%s", (name, most) => {
    const done = run(program, [name]);
    expect(done.stderr).toBe("");
    expect(Number(done.stdout)).toBeLessThanOrEqual(most);
  });
});
