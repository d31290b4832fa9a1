/** A transposed weight is written in pieces: the same bytes as the transpose held whole. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/base/byte-source.js";
import { tensorBytes } from "../../src/base/safetensors.js";
import { tensor } from "../../src/base/tensor.js";
import { streamOf, transposed } from "../../src/ir/constant-bytes.js";
import type { ConstData } from "../../src/ir/graph.js";
import { contentHash } from "../../src/ir/hash.js";

/** A weight in a file, from an odd offset: nothing says that it lies on a multiple of its element. */
function stored(shape: readonly number[]): ConstData {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 0.5);
  const bytes = new Uint8Array(data.byteLength + 3);
  bytes.set(new Uint8Array(data.buffer), 3);
  const at = { source: bytesSource(bytes), offset: 3, length: data.byteLength };
  return { dtype: "f32", shape, at, load: () => tensor("f32", shape, data) };
}

function joined(data: ConstData): Uint8Array | undefined {
  const pieces = streamOf(data);
  return pieces && new Uint8Array(Buffer.concat([...pieces]));
}

describe("transposed", () => {
  test("streams what turns matrices, as load gives it", () => {
    const extents = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(extents, fc.nat(23), (shape, seed) => {
        const axes = shape.map((_, i) => i);
        const perm = shape.map((_, i) => axes.splice((seed >> i) % axes.length, 1)[0] ?? i);
        const data = transposed(stored(shape), perm);
        const pieces = joined(data);
        if (pieces) expect(Buffer.compare(pieces, tensorBytes(data.load()))).toBe(0);
        expect(contentHash(data)).toBe(contentHash({ ...data, chunks: undefined, at: undefined }));
      }),
    );
  });

  test.each([
    [
      [1, 0],
      [5, 7],
    ],
    [
      [0, 2, 1],
      [3, 4, 5],
    ],
    [
      [1, 2, 0],
      [3, 4, 5],
    ],
    [
      [2, 0, 1],
      [3, 4, 5],
    ],
  ])("perm %j of %j is a stream", (perm, shape) => expect(joined(transposed(stored(shape), perm))).toBeDefined());

  test("a matrix larger than a block comes in several pieces", () => {
    const data = transposed(stored([3 << 20, 9]), [1, 0]);
    const pieces = [...(streamOf(data) ?? [])];
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.compare(Buffer.concat(pieces), tensorBytes(data.load()))).toBe(0);
  });

  test("there and back is the weight itself", () => {
    const weight = stored([3, 4, 5]);
    expect(transposed(transposed(weight, [2, 0, 1]), [1, 2, 0])).toBe(weight);
  });
});
