/** A file for what a long computation makes and memory should not hold until it is written elsewhere. */
import { openSync, rmSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { invariant } from "../base/diagnostic.js";
import type { ByteSource } from "../base/byte-source.js";
import { closedWhenForgotten, makeFolder, readAll, writeAll, writing } from "./files.js";

export class Spool {
  readonly #path: string;
  #fd: number | undefined;
  #end = 0;
  readonly #source: ByteSource;

  constructor(path: string) {
    this.#path = path;
    const size = (): number => this.#end;
    const readInto = (offset: number, room: Uint8Array): void => {
      invariant(this.#fd !== undefined && offset + room.length <= size(), `read ${offset}+${room.length} of "${path}" (${size()} bytes)`);
      readAll(this.#fd, path, offset, room);
    };
    const read = (offset: number, length: number): Uint8Array => {
      const out = new Uint8Array(length);
      readInto(offset, out);
      return out;
    };
    this.#source = {
      name: basename(path),
      get size() {
        return size();
      },
      read,
      readInto,
    };
  }

  /** Throws `output-not-writable`. */
  put(bytes: Uint8Array): { readonly source: ByteSource; readonly offset: number; readonly length: number } {
    const offset = this.#end;
    writing(this.#path, () => writeAll(this.#opened("w+"), bytes, offset));
    this.#end += bytes.length;
    return { source: this.#source, offset, length: bytes.length };
  }

  /** What an earlier run left, whose bytes are kept from then on; undefined where there is none. */
  resumed(): ByteSource | undefined {
    const info = writing(this.#path, () => statSync(this.#path, { throwIfNoEntry: false }));
    if (!info?.isFile()) return undefined;
    writing(this.#path, () => this.#opened("r+"));
    this.#end = info.size;
    return this.#source;
  }

  /** What was put is still read from by whoever holds a place; its room is given back when nobody does. */
  remove(): void {
    rmSync(this.#path, { force: true });
  }

  #opened(flags: "w+" | "r+"): number {
    if (this.#fd !== undefined) return this.#fd;
    makeFolder(dirname(resolve(this.#path)));
    this.#fd = openSync(this.#path, flags);
    closedWhenForgotten(this.#source, this.#fd);
    return this.#fd;
  }
}
