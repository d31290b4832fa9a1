/**
 * Writes protobuf messages whose sizes are known before their bytes are: a message is a list of pieces, and a weight is a
 * piece that is produced in chunks only when the file is written.
 */
import { encodeText } from "./text.js";
import { wireTypes } from "./wire.js";

interface Stream {
  readonly size: number;
  /** Exactly `size` bytes; called once. */
  chunks(): Iterable<Uint8Array>;
}

type Piece = Uint8Array | Stream;

/** Small pieces are joined up to this many bytes when they are streamed. */
const chunkBytes = 1 << 16;

export class MessageWriter {
  readonly #pieces: Piece[] = [];
  #size = 0;

  /** Bytes of the message so far, without its own tag and length. */
  get size(): number {
    return this.#size;
  }

  /** An int32, int64, enum or bool field; negative values take ten bytes, as protobuf asks. */
  int(field: number, value: number | bigint): void {
    this.#push(varint(field * 8 + wireTypes.varint), varint(value));
  }

  float(field: number, value: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#push(varint(field * 8 + wireTypes.fixed32), bytes);
  }

  text(field: number, value: string): void {
    this.bytes(field, encodeText(value));
  }

  /** A text that is left out when empty, which readers take for the same. */
  textIfAny(field: number, value: string | undefined): void {
    if (value) this.text(field, value);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#push(varint(field * 8 + wireTypes.bytes), varint(value.length), value);
  }

  stream(field: number, size: number, chunks: () => Iterable<Uint8Array>): void {
    this.#push(varint(field * 8 + wireTypes.bytes), varint(size), { size, chunks });
  }

  /** A repeated int64 as one packed field. */
  ints(field: number, values: readonly (number | bigint)[]): void {
    if (values.length === 0) return;
    this.message(field, (packed) => values.forEach((v) => packed.#push(varint(v))));
  }

  /** A repeated float as one packed field. */
  floats(field: number, values: readonly number[]): void {
    if (values.length > 0) this.bytes(field, new Uint8Array(Float32Array.from(values).buffer));
  }

  message(field: number, fill: (inner: MessageWriter) => void): void {
    const inner = new MessageWriter();
    fill(inner);
    this.#push(varint(field * 8 + wireTypes.bytes), varint(inner.#size), ...inner.#pieces);
  }

  /** Takes over a field that was written before, tag and all. */
  encoded(fields: Uint8Array): void {
    this.#push(fields);
  }

  *chunks(): Generator<Uint8Array> {
    let small: Uint8Array[] = [];
    let bytes = 0;
    for (const piece of this.#pieces) {
      if (piece instanceof Uint8Array && piece.length < chunkBytes) {
        small.push(piece);
        bytes += piece.length;
        if (bytes < chunkBytes) continue;
      }
      if (bytes > 0) yield joined(small, bytes);
      [small, bytes] = [[], 0];
      if (!(piece instanceof Uint8Array)) yield* piece.chunks();
      else if (piece.length >= chunkBytes) yield piece;
    }
    if (bytes > 0) yield joined(small, bytes);
  }

  /** All bytes at once; for small messages. */
  whole(): Uint8Array {
    return joined([...this.chunks()], this.#size);
  }

  #push(...pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      this.#pieces.push(piece);
      this.#size += piece instanceof Uint8Array ? piece.length : piece.size;
    }
  }
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const small: readonly Uint8Array[] = Array.from({ length: 128 }, (_, i) => Uint8Array.of(i));

function varint(value: number | bigint): Uint8Array {
  if (value >= 0 && value < 128) return small[Number(value)];
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  out.push(Number(rest));
  return Uint8Array.from(out);
}
