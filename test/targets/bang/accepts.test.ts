/** What CNNL documents as not taken is not asked of it: it becomes kernels, or other types around the call. */
import { expect, test } from "vitest";
import type { DType } from "../../../src/base/dtype.js";
import { tensorValue } from "../../../src/ir/build.js";
import type { Attr, Node } from "../../../src/ir/graph.js";
import { chips } from "../../../targets/bang/caps.js";
import { rows } from "../../../targets/bang/lower.js";

const ints = (...value: readonly number[]): Attr => ({ kind: "ints", value: value.map(BigInt) });
const int = (value: number): Attr => ({ kind: "int", value: BigInt(value) });

function rowOf(op: string) {
  const row = rows.find((r) => r.op === op);
  if (!row) throw new Error(`no row for ${op}`);
  return row;
}

function accepted(op: string, shapes: readonly (readonly number[])[], out: readonly number[], attrs: Node["attrs"], dtype: DType = "f32") {
  const inputs = shapes.map((s, i) => tensorValue(`x${i}`, dtype, s));
  const node: Node = { op, inputs, outputs: [tensorValue("y", dtype, out)], attrs, origin: [op] };
  return rowOf(op).accepts?.(node, chips.MLU590, () => undefined) ?? true;
}

const x = [1, 4, 9, 9];

test("pooling takes no dilation", () => {
  const window = { kernel_shape: ints(2, 2), strides: ints(1, 1) };
  expect(accepted("MaxPool", [x], [1, 4, 8, 8], window)).toBe(true);
  expect(accepted("MaxPool", [x], [1, 4, 7, 7], { ...window, dilations: ints(2, 2) })).toMatch(/without dilation/);
});

test("averages of halves are kernels, since the library sums them in half", () => {
  expect(rowOf("AveragePool").types).toEqual(["f32"]);
  expect(rowOf("GlobalAveragePool").types).toEqual(["f32"]);
});

test("a transposed convolution of halves is one of floats", () => {
  const row = rowOf("ConvTranspose");
  const inputs = [tensorValue("x", "f16", x), tensorValue("w", "f16", [4, 4, 3, 3])];
  const node: Node = { op: "ConvTranspose", inputs, outputs: [tensorValue("y", "f16", [1, 4, 11, 11])], attrs: {}, origin: ["t"] };
  expect(row.types).toContain("f16");
  expect(row.operandTypes?.(node, chips.MLU590)).toEqual(["f32", "f32"]);
});

test("a depthwise transposed convolution has the library's limits", () => {
  const depthwise = (kernel: number, strides: number, dilations: number) =>
    accepted("ConvTranspose", [x, [4, 1, kernel, kernel]], [1, 4, 99, 99], {
      group: int(4),
      strides: ints(strides, strides),
      dilations: ints(dilations, dilations),
    });
  expect(depthwise(3, 2, 1)).toBe(true);
  expect(depthwise(3, 1, 2)).toMatch(/dilates/);
  expect(depthwise(45, 1, 1)).toMatch(/2025 taps/);
  expect(depthwise(45, 3, 1)).toBe(true);
  // One channel in one group is depthwise too.
  const single = accepted(
    "ConvTranspose",
    [
      [1, 1, 8, 8],
      [1, 1, 2, 2],
    ],
    [1, 1, 10, 10],
    { dilations: ints(1, 2) },
  );
  expect(single).toMatch(/dilates/);
});

test("no row resizes or divides: the names that would do it are deprecated or undocumented", () => {
  expect(rows.map((r) => r.op).filter((op) => op === "Resize" || op === "Div")).toEqual([]);
});
