/** Characters into words for `parse.ts`; every error names line and column. */
import { readDim } from "../../base/dim-text.js";
import type { Dim } from "../../base/dim.js";
import { fail } from "../../base/diagnostic.js";

export class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    this.#space();
    return this.#at >= this.#text.length;
  }

  /** The match of a sticky pattern here, consumed; undefined when it does not match. */
  match(pattern: RegExp): string | undefined {
    this.#space();
    return this.#match(pattern);
  }

  /** As `match`, without consuming. */
  looksAt(pattern: RegExp): boolean {
    this.#space();
    const at = this.#at;
    const found = this.#match(pattern) !== undefined;
    this.#at = at;
    return found;
  }

  accept(literal: string): boolean {
    this.#space();
    if (!this.#text.startsWith(literal, this.#at)) return false;
    this.#at += literal.length;
    return true;
  }

  expect(literal: string): void {
    if (!this.accept(literal)) this.error(`expected '${literal}'`);
  }

  /** A quoted string, unescaped. */
  quoted(): string | undefined {
    const raw = this.match(/"(?:[^"\\]|\\.)*"/y);
    if (raw === undefined) return undefined;
    try {
      return JSON.parse(raw) as string;
    } catch {
      return this.error(`${raw} is no string`);
    }
  }

  /** Items up to `close`, separated by commas. */
  list<T>(close: string, item: () => T): T[] {
    const out: T[] = [];
    if (this.accept(close)) return out;
    do out.push(item());
    while (this.accept(","));
    this.expect(close);
    return out;
  }

  /** Raw text up to `close` or a comma outside parentheses and quotes; neither is consumed. */
  raw(close: string): string {
    const start = this.#at;
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      const c = this.#text[this.#at];
      if (c === '"') this.#match(/"(?:[^"\\]|\\.)*"/y) !== undefined && this.#at--;
      else if (depth === 0 && (c === "," || c === close)) break;
      else if (c === "(") depth++;
      else if (c === ")") depth--;
    }
    return this.#text.slice(start, this.#at).trim();
  }

  /** A size, as far as it goes. */
  dim(): Dim {
    this.#space();
    try {
      const { dim, end } = readDim(this.#text, this.#at);
      this.#at = end;
      return dim;
    } catch (error) {
      return this.error((error as Error).message);
    }
  }

  error(what: string): never {
    const before = this.#text.slice(0, this.#at).split("\n");
    const [line, column] = [before.length, before[before.length - 1].length + 1];
    const near = this.#text.slice(this.#at, this.#at + 20).split("\n")[0];
    return fail("text-syntax", `line ${line}, column ${column}: ${what}${near ? `, found "${near}"` : " at the end"}`, {
      location: { line, column },
    });
  }

  /** White space, and from # to the end of a line what is for people. */
  #space(): void {
    this.#match(/(?:\s|#.*)*/y);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
