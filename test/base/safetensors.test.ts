/** Headers of safetensors files as anybody may have made them: read exactly, or refused, whatever they say. */
import { expect, test } from "vitest";
import { bytesSource } from "../../src/base/byte-source.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { loadStored, readSafetensors, storedDType, type StoredTensor } from "../../src/base/safetensors-read.js";
import { entryRoom, headRoom, openSafetensors } from "../../src/base/safetensors.js";
import type { Tensor } from "../../src/base/tensor.js";
import { safetensors } from "../checkpoint/folders.js";
import { randoms } from "../quant/formats/exact.js";

const some: Readonly<Record<string, Tensor>> = {
  a: { dtype: "i32", shape: [2, 3], data: Int32Array.of(1, -2, 3, 4, 5, 6) },
  empty: { dtype: "f32", shape: [0, 7], data: new Float32Array(0) },
  'b.c\n"é': { dtype: "f16", shape: [5], data: Uint16Array.of(1, 2, 3, 4, 5) },
  ["__proto__"]: { dtype: "i64", shape: [], data: BigInt64Array.of(-5n) },
  bytes: { dtype: "u8", shape: [3], data: Uint8Array.of(7, 8, 9) },
};

/** A file with this header, and so many bytes behind it. */
function fileOf(header: unknown, bytes = 16): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const out = new Uint8Array(8 + json.length + bytes);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(json, 8);
  return out;
}

/** Its tensors, or the code that it is refused with; anything else is a defect of ours. */
function read(file: Uint8Array): StoredTensor[] | string {
  try {
    return readSafetensors(bytesSource(file, "x.safetensors"));
  } catch (e) {
    if (e instanceof DiagnosticError) return e.diagnostics[0].code;
    throw e;
  }
}

test("what is written is read: names, types, shapes and values", () => {
  const found = readSafetensors(bytesSource(safetensors(some)));
  expect(Object.fromEntries(found.map((t) => [t.name, loadStored(t, storedDType(t)!)]))).toEqual(some);
});

test("a header that is written last goes into the room that was kept for it", () => {
  const entries = Object.entries(some).map(([name, t]) => ({
    name,
    type: t.dtype.toUpperCase(),
    shape: t.shape,
    length: t.data.length * 8,
  }));
  const room = headRoom(entries.reduce((n, e) => n + entryRoom(e.name, e.shape), 0));
  const open = openSafetensors();
  for (const e of entries) open.place(e);
  expect(open.head(room).length).toBe(room);
  expect(room % 64).toBe(0);
  expect(() => open.head(64)).toThrow("internal");
});

const entry = (more: object = {}): object => ({ dtype: "U8", shape: [16], data_offsets: [0, 16], ...more });

test.each<[string, unknown, string]>([
  ["no JSON", "{", "safetensors-malformed"],
  ["a list", "[1]", "safetensors-malformed"],
  ["null", "null", "safetensors-malformed"],
  ["a byte order mark", "\ufeff{}", "safetensors-malformed"],
  ["deep nesting", `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`, "safetensors-malformed"],
  ["deep nesting in the metadata", `{"__metadata__":${"[".repeat(20)}${"]".repeat(20)}}`, "safetensors-malformed"],
  [
    "a name twice",
    '{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[8],"data_offsets":[8,16]}}',
    "safetensors-malformed",
  ],
  ["a tensor that is a number", { a: 1 }, "safetensors-malformed"],
  ["a tensor that is null", { a: null }, "safetensors-malformed"],
  ["an unknown type", { a: entry({ dtype: "Q4" }) }, "safetensors-malformed"],
  ["a type of every object", { a: entry({ dtype: "constructor" }) }, "safetensors-malformed"],
  ["a negative extent", { a: entry({ shape: [-16] }) }, "safetensors-malformed"],
  ["a broken extent", { a: entry({ shape: [1.5] }) }, "safetensors-malformed"],
  ["an extent in text", { a: entry({ shape: ["16"] }) }, "safetensors-malformed"],
  ["extents whose product leaves 2^53", { a: entry({ shape: [2 ** 40, 2 ** 40, 2 ** 40] }) }, "safetensors-malformed"],
  ["extents whose product is 0 after one too large", { a: entry({ shape: [2 ** 53 - 1, 2 ** 53 - 1, 0] }) }, "safetensors-malformed"],
  ["offsets backwards", { a: entry({ data_offsets: [16, 0] }) }, "safetensors-malformed"],
  ["one offset", { a: entry({ data_offsets: [0] }) }, "safetensors-malformed"],
  ["offsets past the end", { a: entry({ shape: [17], data_offsets: [0, 17] }) }, "safetensors-truncated"],
  ["offsets past all numbers", { a: entry({ data_offsets: [0, 1e300] }) }, "safetensors-malformed"],
  ["a hole", { a: entry({ shape: [8], data_offsets: [8, 16] }) }, "safetensors-malformed"],
  ["bytes behind the last", { a: entry({ shape: [8], data_offsets: [0, 8] }) }, "safetensors-malformed"],
  ["an overlap", { a: entry(), b: entry({ shape: [8], data_offsets: [8, 16] }) }, "safetensors-malformed"],
  ["half a byte", { a: entry({ dtype: "F4", shape: [3], data_offsets: [0, 2] }) }, "safetensors-malformed"],
])("refused: %s", (_, header, code) => {
  expect(read(fileOf(header))).toBe(code);
});

test("refused: files that are cut, are no such files, or are only pointers", () => {
  const whole = safetensors(some);
  expect(read(new Uint8Array(0))).toBe("safetensors-truncated");
  for (const length of [7, 8, 100, whole.length - 1]) expect(read(whole.slice(0, length))).toBe("safetensors-truncated");
  expect(read(Uint8Array.from({ length: 400 }, () => 255))).toBe("safetensors-malformed");
  expect(read(new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"))).toBe(
    "model-git-lfs-pointer",
  );
});

test("no change of bytes is anything but read or refused", () => {
  const whole = safetensors(some);
  const next = randoms(5);
  const headEnd = Number(new DataView(whole.buffer).getBigUint64(0, true)) + 8;
  let refused = 0;
  for (let i = 0; i < 3000; i++) {
    const bytes = whole.slice();
    for (let n = 0; n < 1 + next() * 3; n++) bytes[Math.floor(next() * headEnd)] = next() < 0.5 ? 48 + next() * 10 : next() * 256;
    const result = read(bytes);
    if (typeof result === "string") refused++;
    else for (const t of result) expect(t.offset + t.length).toBeLessThanOrEqual(bytes.length);
  }
  expect(refused).toBeGreaterThan(1000);
});
