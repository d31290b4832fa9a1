/** The protobuf reader and writer against each other, against hostile bytes, and on files far larger than memory. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource, type ByteSource } from "../../src/base/byte-source.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { readModel } from "../../src/onnx/bytes/model.js";
import { decodeText, encodeText } from "../../src/onnx/bytes/text.js";
import { openMessage } from "../../src/onnx/bytes/wire.js";
import { MessageWriter } from "../../src/onnx/bytes/write.js";
import { noOptions, refusal } from "./build-model.js";

test("any bytes are a text, and come back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(encodeText(decodeText(bytes))).toEqual(new Uint8Array(bytes));
    }),
    { seed: 1 },
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(decodeText(encodeText(text))).toBe(text);
    }),
    { seed: 2 },
  );
});

test("every signed 64-bit integer is written and read back", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), fc.array(fc.float()), (ints, floats) => {
      const out = new MessageWriter();
      for (const i of ints) out.int(1, i);
      out.ints(2, ints);
      out.floats(3, floats);
      const read: { single: bigint[]; packed: bigint[]; floats: number[] } = { single: [], packed: [], floats: [] };
      for (const m = openMessage(bytesSource(out.whole())); m.next();) {
        if (m.field === 1) read.single.push(m.bigint());
        else if (m.field === 2) m.eachInt((v) => read.packed.push(v));
        else m.eachFloat((v) => read.floats.push(v));
      }
      expect(read).toEqual({ single: ints, packed: ints, floats });
    }),
    { seed: 3 },
  );
});

test("random bytes are a message or a diagnostic", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(refusal(() => readModel(bytesSource(bytes))).length).toBeLessThan(2);
    }),
    { seed: 4, numRuns: 500 },
  );
});

/** A model with one weight of `gib` GiB that exists nowhere: its bytes are made when read. */
function vastModel(gib: number): ByteSource & { bytesRead: number } {
  const size = gib * 2 ** 30;
  const before = new MessageWriter();
  const message = (field: number, fill: (m: MessageWriter) => void) => {
    const m = new MessageWriter();
    m.message(field, fill);
    return m.whole();
  };
  before.encoded(message(1, (n) => (n.text(1, "x"), n.text(1, "w"), n.text(2, "y"), n.text(4, "Add"))));
  before.encoded(message(11, (v) => v.text(1, "x")));
  before.encoded(message(12, (v) => v.text(1, "y")));
  const weight = new MessageWriter();
  weight.ints(1, [size / 4]);
  weight.int(2, 1);
  weight.text(8, "w");
  weight.stream(9, size, function* () {});
  const model = new MessageWriter();
  model.int(1, 8);
  model.message(8, (entry) => (entry.text(1, ""), entry.int(2, 17)));
  model.stream(7, before.size + 1 + lengthBytes(weight.size) + weight.size, function* () {
    yield before.whole();
    yield Uint8Array.of(5 * 8 + 2, ...varint(weight.size));
    yield* weight.chunks();
  });
  const head = Buffer.concat([...model.chunks()]);
  const source = {
    name: "vast.onnx",
    size: head.length + size,
    bytesRead: 0,
    read(offset: number, length: number) {
      source.bytesRead += length;
      const out = new Uint8Array(length);
      if (offset < head.length) out.set(head.subarray(offset, offset + length));
      return out;
    },
  };
  return source;
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

function lengthBytes(value: number): number {
  return varint(value).length;
}

describe("a file far beyond memory", () => {
  test.each([1, 3, 12])("of %i GiB costs a few reads", (gib) => {
    const source = vastModel(gib);
    const start = performance.now();
    const { graph } = importOnnx(source, { ...noOptions });
    expect(performance.now() - start).toBeLessThan(3000);
    expect(source.bytesRead).toBeLessThan(1 << 20);
    expect([...graph.constants.values()][0].at?.length).toBe(gib * 2 ** 30);
  });
});

test("nesting beyond a hundred levels is refused, not followed", () => {
  let bytes: Uint8Array = new Uint8Array(0);
  for (let n = 0; n < 399; n++) {
    const out = new MessageWriter();
    out.bytes([6, 5, 1][n % 3], bytes);
    bytes = out.whole();
  }
  const out = new MessageWriter();
  out.bytes(7, bytes);
  expect(refusal(() => readModel(bytesSource(out.whole())))).toEqual(["model-too-deep"]);
});
