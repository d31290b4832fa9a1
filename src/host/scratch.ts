/** Bytes that come and go and that memory should not hold: a file without a name, whose room is taken again once it is given back. */
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { makeFolder, readAll, writeAll, writing } from "./files.js";

/** Where something lies, until it is given back. */
export interface Lying {
  readonly offset: number;
  readonly length: number;
}

export class Scratch {
  readonly #beside: string | undefined;
  #fd: number | undefined;
  #end = 0;
  /** Offsets of room that was given back, by its length. */
  readonly #free = new Map<number, number[]>();

  /** The file is on the disk of `beside`, or where the system keeps what is temporary. */
  constructor(beside?: string) {
    this.#beside = beside;
  }

  /** Throws `output-not-writable`. */
  put(bytes: Uint8Array): Lying {
    const { length } = bytes;
    const offset = this.#free.get(length)?.pop() ?? this.#end;
    writing(this.#place(), () => writeAll(this.#opened(), bytes, offset));
    this.#end = Math.max(this.#end, offset + length);
    return { offset, length };
  }

  get({ offset, length }: Lying): Uint8Array {
    const out = new Uint8Array(length);
    readAll(this.#opened(), this.#place(), offset, out);
    return out;
  }

  giveBack({ offset, length }: Lying): void {
    const free = this.#free.get(length);
    if (free) free.push(offset);
    else this.#free.set(length, [offset]);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #place(): string {
    return this.#beside ?? tmpdir();
  }

  #opened(): number {
    if (this.#fd !== undefined) return this.#fd;
    const parent = this.#beside === undefined ? tmpdir() : dirname(resolve(this.#beside));
    makeFolder(parent);
    const folder = mkdtempSync(join(parent, ".portolan-"));
    try {
      this.#fd = openSync(join(folder, "scratch"), "w+");
    } finally {
      // The open file outlives its name: whatever ends the process, nothing stays.
      rmSync(folder, { recursive: true, force: true });
    }
    return this.#fd;
  }
}
