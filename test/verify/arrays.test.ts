/** Arrays of numbers that NumPy does not know, as files hold them and as the model says. */
import { expect, test } from "vitest";
import type { Tensor } from "../../src/base/tensor.js";
import { asDeclared } from "../../src/verify/arrays.js";
import { readNpz } from "../../src/verify/npz-read.js";
import { writeNpz } from "../../src/verify/npz.js";

const bytes = (...data: readonly number[]): Tensor => ({ dtype: "u8", shape: [data.length], data: Uint8Array.from(data) });

test("one byte an element, as ml_dtypes saves them", () => {
  const given = new Map<string, Tensor>([
    ["levels", { dtype: "i4", shape: [4], data: Int8Array.of(-8, -1, 0, 7) }],
    ["real", { dtype: "f8e4m3fn", shape: [2], data: Uint8Array.of(0x7e, 0xff) }],
    ["plain", bytes(1, 255)],
  ]);
  const file = writeNpz(given);
  expect(Buffer.from(file).toString("latin1").split("'descr': '|V1'")).toHaveLength(3);
  const read = readNpz(file);
  expect(read.get("levels")).toEqual(bytes(0xf8, 0xff, 0, 7));
  expect(asDeclared(read, (name) => given.get(name)?.dtype)).toEqual(given);
});

test("a pattern may have a sign or none, and no other bits", () => {
  const as = (t: Tensor, dtype: "i4" | "u2") => asDeclared(new Map([["x", t]]), () => dtype).get("x")?.data;
  expect(as(bytes(8, 15, 0xff), "i4")).toEqual(Int8Array.of(-8, -1, -1));
  expect(as(bytes(3), "u2")).toEqual(Uint8Array.of(3));
  expect(() => as(bytes(0x17), "i4")).toThrow('array "x" is i4, and element 0 is the byte 23');
  expect(() => as(bytes(0, 4), "u2")).toThrow("element 1 is the byte 4");
});
