/** Sources over bytes in memory: what a reader may do with what it gets. */
import { expect, test } from "vitest";
import { bytesSource } from "../../src/base/byte-source.js";
import { transposed } from "../../src/ir/constant-bytes.js";
import type { ConstData } from "../../src/ir/graph.js";

test("bytes of a Buffer are copied by slice, wherever they lie", () => {
  const source = bytesSource(Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]).subarray(1));
  const copy = source.read(2, 4).slice();
  expect([...copy, copy.byteOffset]).toEqual([4, 5, 6, 7, 0]);
});

test("a weight at any offset of a Buffer turns", () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  for (let offset = 0; offset < 5; offset++) {
    const file = Buffer.concat([Buffer.alloc(offset), Buffer.from(values.buffer)]);
    const at = { source: bytesSource(file), offset, length: 24 };
    const data: ConstData = { dtype: "f32", shape: [2, 3], load: () => ({ dtype: "f32", shape: [2, 3], data: values }), at };
    const bytes = Buffer.concat([...(transposed(data, [1, 0]).chunks?.() ?? [])]);
    expect([...new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 24))]).toEqual([1, 4, 2, 5, 3, 6]);
  }
});
