/** A source text cut into tokens that follow each other without a gap, so that every character belongs to exactly one. */

/** `open`, `part` and `close` are the pieces of a string that code stands in, as in f"cuda:{rank}" or "$HOME/x". */
export const Kind = { space: 0, comment: 1, string: 2, open: 3, part: 4, close: 5, word: 6, number: 7, mark: 8 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

export class Tape {
  readonly text: string;
  readonly kinds: Kind[] = [];
  /** Where each token ends, exclusive; it begins where the one before it ended. */
  readonly ends: number[] = [];

  constructor(text: string) {
    this.text = text;
  }

  get length(): number {
    return this.kinds.length;
  }

  get end(): number {
    return this.ends.length === 0 ? 0 : this.ends[this.ends.length - 1];
  }

  /** Adds the token that reaches to `end`; an empty one is none, and space that follows space is the same token. */
  put(kind: Kind, end: number): void {
    if (end <= this.end) return;
    if (kind === Kind.space && this.kinds[this.kinds.length - 1] === Kind.space) this.ends[this.ends.length - 1] = end;
    else {
      this.kinds.push(kind);
      this.ends.push(end);
    }
  }

  start(i: number): number {
    return i === 0 ? 0 : this.ends[i - 1];
  }

  at(i: number): string {
    return this.text.slice(this.start(i), this.ends[i]);
  }

  /** The tokens that count: neither space nor comment, by index. */
  significant(): number[] {
    const out: number[] = [];
    for (let i = 0; i < this.kinds.length; i++) if (this.kinds[i] > Kind.comment) out.push(i);
    return out;
  }
}

/** The whole text, cut by steps that each add at least one character. */
export function cut(text: string, step: (tape: Tape) => void): Tape {
  const tape = new Tape(text);
  while (tape.end < text.length) step(tape);
  return tape;
}

/** What a language's lexer is: the whole text, cut. */
export type Lexer = (text: string) => Tape;

/** 1-based lines and columns of offsets that are asked for in any order. */
export class Lines {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
    if (text.endsWith("\n")) this.#starts.pop();
  }

  get count(): number {
    return this.#starts.length;
  }

  place(offset: number): { readonly line: number; readonly column: number } {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#starts[low] + 1 };
  }

  /** The text of a 1-based line, without its end. */
  line(text: string, n: number): string {
    const end = n < this.#starts.length ? this.#starts[n] - 1 : text.length;
    return text.slice(this.#starts[n - 1], end);
  }
}

/** Where a string that a quote ends, ends: behind the quote, before a line's end unless lines may be in it, or with the text. */
export function stringEnd(text: string, from: number, quote: string, rules: { readonly escape: string; readonly lines: boolean }): number {
  for (let at = from; at < text.length; at++) {
    const c = text[at];
    if (c === rules.escape) at++;
    else if (c === quote[0] && text.startsWith(quote, at)) return at + quote.length;
    else if (c === "\n" && !rules.lines) return at;
  }
  return text.length;
}

/** Behind what a sticky expression matches here; `from` where it matches nothing. */
export function behind(text: string, from: number, sticky: RegExp): number {
  sticky.lastIndex = from;
  return sticky.test(text) ? sticky.lastIndex : from;
}
