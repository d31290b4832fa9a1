/**
 * A kernel's body while it is written. Each line knows the names that it says, because who spells a name tells the sheet so:
 * which integers and buffers a kernel needs is asked of the sheet, never of its text.
 */
import { TextWriter } from "../../src/base/text-writer.js";

/** What is said at a place: a line, or between two of them. */
interface Entry {
  readonly line: number;
  readonly depth: number;
  readonly names: ReadonlySet<string>;
  /** Of a declaration: the name it gives. */
  readonly declares?: string;
}

export class Sheet extends TextWriter {
  readonly #entries: Entry[] = [];
  #next = new Set<string>();

  /** A name that the next line says, or the declaration that is being made. */
  say(name: string): string {
    this.#next.add(name);
    return name;
  }

  override line(text = ""): this {
    return this.#write(text);
  }

  /** Writes a declaration, which is left out when no later line of its block says the name. */
  declare(name: string, textOf: () => string): this {
    const outer = this.#next;
    this.#next = new Set();
    this.#write(textOf(), name);
    this.#next = outer;
    return this;
  }

  /** Names that lines up to here have said, told afterwards. */
  said(names: ReadonlySet<string>): this {
    this.#entries.push({ line: this.nextLine - 1, depth: this.depth, names });
    return this;
  }

  /** The text without what nobody reads, and the names that the rest of it says. */
  read(): { readonly text: string; readonly names: ReadonlySet<string> } {
    const unread = new Set<Entry>();
    // From the end, so that what only an unread declaration reads is unread too.
    for (let i = this.#entries.length - 1; i >= 0; i--) if (this.#isUnread(i, unread)) unread.add(this.#entries[i]);
    const kept = this.#entries.filter((e) => !unread.has(e));
    const text = this.text(new Set([...unread].map((e) => e.line)));
    return { text, names: new Set(kept.flatMap(({ names }) => [...names])) };
  }

  #write(text: string, declares?: string): this {
    const names = this.#next;
    this.#next = new Set();
    this.#entries.push({ line: this.nextLine, depth: this.depth, names, declares });
    return super.line(text);
  }

  /** Whether an entry declares a name that nothing behind it says, up to the end of its block. */
  #isUnread(at: number, unread: ReadonlySet<Entry>): boolean {
    const { declares, depth } = this.#entries[at];
    if (declares === undefined) return false;
    for (const entry of this.#entries.slice(at + 1)) {
      if (unread.has(entry)) continue;
      if (entry.depth < depth) return true;
      if (entry.names.has(declares)) return false;
    }
    return true;
  }
}
