/**
 * Walks protobuf wire format over a ByteSource. Payloads are handed out as file ranges, so a model of many gigabytes
 * costs one buffered window and no copy of its weights. Every length is checked against its enclosing message before
 * it is believed.
 */
import { saturatedExtent } from "../../base/element.js";
import type { ByteSource } from "../../base/byte-source.js";
import { fail } from "../../base/diagnostic.js";
import { decodeText } from "./text.js";

/** Bytes fetched at once when a field outside the window is touched; payloads that are skipped are never fetched. */
const windowBytes = 1 << 16;
/** As deep as the protobuf libraries go by default; an If inside an If costs three levels. */
export const maxDepth = 100;

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** The one buffered stretch of the source that is in memory. */
class Window {
  readonly source: ByteSource;
  bytes: Uint8Array = new Uint8Array(0);
  base = 0;
  #view: DataView | undefined;

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** Position of `at` in `bytes`, with `length` bytes behind it. The caller has checked the range against the source. */
  need(at: number, length: number): number {
    if (at < this.base || at + length > this.base + this.bytes.length) {
      this.bytes = this.source.read(at, Math.min(Math.max(windowBytes, length), this.source.size - at));
      this.base = at;
      this.#view = undefined;
    }
    return at - this.base;
  }

  view(): DataView {
    return (this.#view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength));
  }
}

/**
 * A cursor over the fields of one message. After `next()` answered true, `field` and `wire` tell the field, and exactly
 * one of the value readers fits. Unread payloads are skipped by the next `next()`.
 */
export class Message {
  readonly start: number;
  readonly end: number;
  field = 0;
  wire = 0;
  /** Of the payload of a length-delimited field. */
  payload = 0;
  length = 0;
  readonly #window: Window;
  readonly #depth: number;
  #at: number;
  // A varint as 28 + 28 + 8 bits: exact without bigint for every number that has an exact double.
  #low = 0;
  #mid = 0;
  #high = 0;

  constructor(window: Window, start: number, end: number, depth: number) {
    this.#window = window;
    this.start = start;
    this.end = end;
    this.#depth = depth;
    this.#at = start;
  }

  /** Steps to the next field, or answers false at the end. Throws `model-truncated` or `model-malformed`. */
  next(): boolean {
    if (this.#at >= this.end) return false;
    const at = this.#at;
    this.#varint();
    this.wire = this.#low & 7;
    this.field = Math.floor(this.unsigned() / 8);
    if (this.field === 0 || this.field > 0x1fffffff) this.#malformed(at, `field number ${this.field} does not exist`);
    switch (this.wire) {
      case wireTypes.varint:
        this.#varint();
        break;
      case wireTypes.fixed64:
        this.#take(8);
        break;
      case wireTypes.fixed32:
        this.#take(4);
        break;
      case wireTypes.bytes:
        this.#varint();
        this.#take(this.unsigned());
        break;
      default:
        this.#malformed(at, `wire type ${this.wire} is not used by ONNX`);
    }
    return true;
  }

  /** The varint as a non-negative number; loses precision beyond 2^53, which every limit check rejects anyway. */
  unsigned(): number {
    return this.#low + this.#mid * 2 ** 28 + this.#high * 2 ** 56;
  }

  /** The varint as a signed 64-bit integer. */
  bigint(): bigint {
    this.#expect(wireTypes.varint);
    if (this.#high === 0 && this.#mid < 2 ** 25) return BigInt(this.#low + this.#mid * 2 ** 28);
    return BigInt.asIntN(64, BigInt(this.#low) | (BigInt(this.#mid) << 28n) | (BigInt(this.#high) << 56n));
  }

  /** The varint as a signed number; beyond 2^53 the nearest one that is exact, which no size, count or code of a model is. */
  int(): number {
    if (this.#high === 0 && this.wire === wireTypes.varint) return this.#low + this.#mid * 2 ** 28;
    return saturatedExtent(this.bigint());
  }

  float(): number {
    this.#expect(wireTypes.fixed32);
    const i = this.#window.need(this.payload, 4);
    return this.#window.view().getFloat32(i, true);
  }

  double(): number {
    this.#expect(wireTypes.fixed64);
    const i = this.#window.need(this.payload, 8);
    return this.#window.view().getFloat64(i, true);
  }

  /** Names and small texts; arbitrary bytes survive (see text.ts). */
  text(): string {
    return decodeText(this.bytes());
  }

  /** A view of the payload, valid until the next read. */
  bytes(): Uint8Array {
    this.#expect(wireTypes.bytes);
    const i = this.#window.need(this.payload, this.length);
    return this.#window.bytes.subarray(i, i + this.length);
  }

  range(): ByteRange {
    this.#expect(wireTypes.bytes);
    return { offset: this.payload, length: this.length };
  }

  message(): Message {
    this.#expect(wireTypes.bytes);
    if (this.#depth >= maxDepth)
      fail("model-too-deep", `${this.#name()} nests messages deeper than ${maxDepth} levels at byte ${this.payload}`, {
        location: { path: this.#window.source.name, byteOffset: this.payload },
        why: "Readers of protobuf stop at 100 levels; a real model stays below 20.",
        fix: "Flatten nested If and Loop bodies, or check that the file is intact.",
      });
    return new Message(this.#window, this.payload, this.payload + this.length, this.#depth + 1);
  }

  /** One repeated integer field, packed or not: calls `each` for every value of this occurrence. */
  eachInt(each: (value: bigint) => void): void {
    if (this.wire === wireTypes.varint) return each(this.bigint());
    const packed = this.message();
    while (packed.#at < packed.end) {
      packed.#varint();
      packed.wire = wireTypes.varint;
      each(packed.bigint());
    }
  }

  eachFloat(each: (value: number) => void): void {
    if (this.wire === wireTypes.fixed32) return each(this.float());
    this.#eachFixed(4, (i) => each(this.#window.view().getFloat32(i, true)));
  }

  eachDouble(each: (value: number) => void): void {
    if (this.wire === wireTypes.fixed64) return each(this.double());
    this.#eachFixed(8, (i) => each(this.#window.view().getFloat64(i, true)));
  }

  #eachFixed(size: number, each: (index: number) => void): void {
    this.#expect(wireTypes.bytes);
    if (this.length % size !== 0) this.#malformed(this.payload, `a packed field of ${this.length} bytes is no multiple of ${size}`);
    for (let at = this.payload; at < this.payload + this.length; at += size) each(this.#window.need(at, size));
  }

  #varint(): void {
    const limit = Math.min(10, this.end - this.#at);
    const { bytes } = this.#window;
    let i = this.#at - this.#window.base;
    const inside = i >= 0 && i + limit <= bytes.length;
    if (!inside) i = this.#window.need(this.#at, limit);
    this.#low = this.#mid = this.#high = 0;
    for (let n = 0; n < limit; n++) {
      const byte = this.#window.bytes[i + n];
      const bits = byte & 127;
      if (n < 4) this.#low |= bits << (7 * n);
      else if (n < 8) this.#mid |= bits << (7 * (n - 4));
      else this.#high |= bits << (7 * (n - 8));
      if (byte < 128) {
        this.#high &= 255;
        this.#at += n + 1;
        return;
      }
    }
    if (limit < 10) this.#short(this.#at, 10);
    this.#malformed(this.#at, "an integer is longer than ten bytes");
  }

  #take(length: number): void {
    if (length > this.end - this.#at) this.#short(this.#at, length);
    this.payload = this.#at;
    this.length = length;
    this.#at += length;
  }

  #expect(wire: number): void {
    if (this.wire !== wire) this.#malformed(this.payload, `field ${this.field} has wire type ${this.wire} where ${wire} belongs`);
  }

  #short(at: number, length: number): never {
    const { size } = this.#window.source;
    if (this.end < size || this.#depth > 0)
      this.#malformed(at, `field ${this.field} of ${length} bytes runs past its message, which ends at ${this.end}`);
    fail(
      "model-truncated",
      `${this.#name()} ends at byte ${size}, in the middle of field ${this.field}, which needs ${length} bytes from byte ${at}`,
      {
        location: { path: this.#name(), byteOffset: size },
        why: "A download or copy that stopped early leaves such a file.",
        fix: "Fetch the model again and compare its size or checksum.",
      },
    );
  }

  #malformed(at: number, what: string): never {
    fail("model-malformed", `${this.#name()} is no well-formed ONNX protobuf at byte ${at}: ${what}`, {
      location: { path: this.#name(), byteOffset: at },
      fix: "Check that the file is an ONNX model and was copied in binary mode.",
    });
  }

  #name(): string {
    return this.#window.source.name;
  }
}

/** The outermost message of a source, or of one range of it. */
export function openMessage(source: ByteSource, range: ByteRange = { offset: 0, length: source.size }): Message {
  return new Message(new Window(source), range.offset, range.offset + range.length, 0);
}
