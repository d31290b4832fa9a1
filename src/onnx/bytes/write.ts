/**
 * Writes protobuf messages whose sizes are known before their bytes are: a message is a list of pieces, and a weight is a
 * piece that is produced in chunks only when the file is written.
 */
import { concatBytes, encodeText } from "./text.js";
import { wireTypes } from "./wire.js";

interface Stream {
  readonly size: number;
  /** Exactly `size` bytes; called once. */
  chunks(): Iterable<Uint8Array>;
}

type Piece = Uint8Array | Stream;

/** Bytes up to this many are copied together; longer ones stay pieces of their own. */
const chunkBytes = 1 << 16;

export class MessageWriter {
  readonly #pieces: Piece[] = [];
  /** The small fields since the last piece. */
  #tail = new Uint8Array(64);
  #used = 0;
  #size = 0;

  /** Bytes of the message so far, without its own tag and length. */
  get size(): number {
    return this.#size;
  }

  /** An int32, int64, enum or bool field; negative values take ten bytes, as protobuf asks. */
  int(field: number, value: number | bigint): void {
    this.#varint(field * 8 + wireTypes.varint);
    this.#varint(value);
  }

  float(field: number, value: number): void {
    this.#varint(field * 8 + wireTypes.fixed32);
    this.#append(new Uint8Array(Float32Array.of(value).buffer));
  }

  text(field: number, value: string): void {
    this.bytes(field, encodeText(value));
  }

  /** A text that is left out when empty, which readers take for the same. */
  textIfAny(field: number, value: string | undefined): void {
    if (value) this.text(field, value);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#open(field, value.length);
    this.#append(value);
  }

  stream(field: number, size: number, chunks: () => Iterable<Uint8Array>): void {
    this.#open(field, size);
    this.#piece({ size, chunks });
  }

  /** A repeated int64 as one packed field. */
  ints(field: number, values: readonly (number | bigint)[]): void {
    if (values.length === 0) return;
    this.message(field, (packed) => values.forEach((v) => packed.#varint(v)));
  }

  /** A repeated float as one packed field. */
  floats(field: number, values: readonly number[]): void {
    if (values.length > 0) this.bytes(field, new Uint8Array(Float32Array.from(values).buffer));
  }

  message(field: number, fill: (inner: MessageWriter) => void): void {
    const inner = new MessageWriter();
    fill(inner);
    this.#open(field, inner.#size);
    for (const piece of inner.#pieces) this.#piece(piece);
    this.#append(inner.#tail.subarray(0, inner.#used));
  }

  /** Takes over a field that was written before, tag and all. */
  encoded(fields: Uint8Array): void {
    this.#append(fields);
  }

  *chunks(): Generator<Uint8Array> {
    for (const piece of this.#pieces) {
      if (piece instanceof Uint8Array) yield piece;
      else yield* piece.chunks();
    }
    if (this.#used > 0) yield this.#tail.subarray(0, this.#used);
  }

  /** All bytes at once; for small messages. */
  whole(): Uint8Array {
    return concatBytes([...this.chunks()]);
  }

  #open(field: number, length: number): void {
    this.#varint(field * 8 + wireTypes.bytes);
    this.#varint(length);
  }

  #varint(value: number | bigint): void {
    this.#reserve(10);
    const before = this.#used;
    // Numbers of 31 bits, which almost all are, need no bigint.
    let low = typeof value === "number" && value >= 0 && value < 2 ** 31 ? value : 0;
    let rest = low === value ? 0n : BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) this.#tail[this.#used++] = Number(rest & 127n) | 128;
    for (low += Number(rest); low > 127; low >>>= 7) this.#tail[this.#used++] = (low & 127) | 128;
    this.#tail[this.#used++] = low;
    this.#size += this.#used - before;
  }

  #append(bytes: Uint8Array): void {
    if (bytes.length >= chunkBytes) return this.#piece(bytes);
    this.#reserve(bytes.length);
    this.#tail.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#size += bytes.length;
  }

  #piece(piece: Piece): void {
    if (this.#used > 0) this.#pieces.push(this.#tail.slice(0, this.#used));
    this.#used = 0;
    this.#pieces.push(piece);
    this.#size += piece instanceof Uint8Array ? piece.length : piece.size;
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#tail.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#tail.length, this.#used + bytes));
    grown.set(this.#tail.subarray(0, this.#used));
    this.#tail = grown;
  }
}
