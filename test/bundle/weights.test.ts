/** Weights: by reference where the bytes are unchanged, else in a safetensors file without holes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { tensor, type Tensor } from "../../src/base/tensor.js";
import type { ConstData } from "../../src/ir/graph.js";
import { planWeights } from "../../src/emit/weights.js";
import type { Program, ProgramBuffer } from "../../src/program/program.js";

function constant(shape: readonly number[]): ConstData {
  const load = (): Tensor =>
    tensor(
      "f32",
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1),
    );
  return { dtype: "f32", shape, load };
}

function buffer(id: number, name: string, shape: readonly number[]): ProgramBuffer {
  return { id, name, dtype: "f32", stored: "f32", shape, home: "weight" };
}

const programOf = (buffers: readonly ProgramBuffer[]): Program => ({
  schemaVersion: 2,
  name: "p",
  prefix: "p",
  target: "bang",
  chip: "MLU370",
  sdk: "",
  precision: "fp32",
  allowHf32: false,
  symbols: [],
  guards: [],
  buffers,
  inputs: [],
  outputs: [],
  weights: [],
  kernels: [],
  steps: [],
});

interface Entry {
  readonly data_offsets: readonly [number, number];
}

test("every byte of the file belongs to exactly one entry, whatever the names", () => {
  const names = fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__pad_1", "w", '"\n')), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(names, fc.array(fc.nat(40), { minLength: 6, maxLength: 6 }), (list, sizes) => {
      const constants = new Map(list.map((_, id) => [id, constant([sizes[id]])]));
      const buffers = list.map((name, id) => buffer(id, name, [sizes[id]]));
      const { weights, files } = planWeights({ constants, program: programOf(buffers) }, { copyWeights: true });
      if (files.length === 0) return;
      const bytes = Buffer.concat([...files[0].bytes()]);
      const head = Number(bytes.readBigUInt64LE(0));
      const header = JSON.parse(bytes.subarray(8, 8 + head).toString("utf8")) as Record<string, Entry>;
      const spans = Object.values(header)
        .map((e) => e.data_offsets)
        .sort((a, b) => a[0] - b[0]);
      expect(spans[0][0]).toBe(0);
      spans.forEach(([begin], i) => i > 0 && expect(begin).toBe(spans[i - 1][1]));
      expect(8 + head + spans[spans.length - 1][1]).toBe(bytes.length);
      for (const { buffer: id, from } of weights) {
        expect(from.offset % 64).toBe(0);
        expect(bytes.readFloatLE(from.offset)).toBe(1);
        expect(from.length).toBe(4 * sizes[id]);
      }
    }),
    { numRuns: 100 },
  );
});

test("bytes that lie unchanged in the model's file are not copied", () => {
  const source = { name: "m.onnx", size: 100, read: () => new Uint8Array(0) };
  const data: ConstData = { ...constant([2]), at: { source, offset: 24, length: 8 } };
  const { weights, files } = planWeights(
    { constants: new Map([[0, data]]), program: programOf([buffer(0, "w", [2])]) },
    { copyWeights: false },
  );
  expect(files).toEqual([]);
  expect(weights).toEqual([{ buffer: 0, from: { file: "m.onnx", offset: 24, length: 8 }, pack: "as-is" }]);
});
