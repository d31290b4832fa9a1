/**
 * Bytes that are read by range and never all at once. Only `src/api`, `src/verify` and `src/cli` implement one over
 * files; everything below them sees this interface.
 */
import { invariant } from "./diagnostic.js";

export interface ByteSource {
  /** How the user knows it: a file name without its folder, or `<memory>`. */
  readonly name: string;
  readonly size: number;
  /** A view or copy of `length` bytes from `offset`; the caller must not write to it. */
  read(offset: number, length: number): Uint8Array;
  /** The bytes from `offset` into room of the caller's, all of it; absent where a view costs nothing. */
  readonly readInto?: (offset: number, room: Uint8Array) => void;
}

export function bytesSource(given: Uint8Array, name = "<memory>"): ByteSource {
  // A Buffer's slice is no copy, and readers copy what does not lie on a multiple of its size.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  return {
    name,
    size: bytes.byteLength,
    read(offset, length) {
      invariant(offset >= 0 && length >= 0 && offset + length <= bytes.byteLength, `read ${offset}+${length} of ${bytes.byteLength} bytes`);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** Opens a file that lies beside the model (external data). Returns undefined when there is none. */
export type OpenBeside = (relativePath: string) => ByteSource | undefined;
