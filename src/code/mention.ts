/** What a text speaks of, taken out of its tokens: the names, commands, packages and strings that rules look at. */
import type { Language } from "./language.js";
import type { Kind, Tape } from "./token.js";

export type Sort =
  /** A name with its dots or colons, imports followed; `.cuda` for a member of what is no name. */
  | "name"
  | "import"
  /** A keyword of a call; `role` is the call and the first token of the value: `DataLoader=True`. */
  | "keyword"
  /** A string of a program; `role` says what it is given to. */
  | "string"
  | "include"
  /** `<<<` of a kernel's launch. */
  | "launch"
  /** Text of an asm statement. */
  | "asm"
  /** A command of a shell or of CMake; its arguments are `argument`, their `role` the command. */
  | "command"
  | "argument"
  /** A variable of the environment that is set, read or passed. */
  | "variable"
  | "image"
  /** A package that is asked for; `role` is its version. */
  | "package"
  /** An address that packages come from. */
  | "index"
  /** A value of YAML or JSON; `role` is the path of keys to it. */
  | "entry";

export interface Mention {
  readonly sort: Sort;
  readonly text: string;
  /** Offset in the file. */
  readonly at: number;
  readonly role?: string;
  readonly called?: boolean;
  /** A name of Python whose beginning the file does not import. */
  readonly loose?: boolean;
  /** A question whether there is a card, or one side of a choice that has another side without one. */
  readonly guard?: boolean;
  /** In a stage of a container's build that is not shipped. */
  readonly unshipped?: boolean;
  /** The offset of the mention that this one is a part of; it counts only where that one did not. */
  readonly within?: number;
  /** Of a text in another language than its file's, as a script may hold one. */
  readonly language?: Language;
}

/** The tokens that count, and ways to ask for those around. */
export class Cursor {
  readonly tape: Tape;
  readonly #index: readonly number[];

  constructor(tape: Tape) {
    this.tape = tape;
    this.#index = tape.significant();
  }

  get length(): number {
    return this.#index.length;
  }

  /** Empty beyond both ends. */
  text(i: number): string {
    return i < 0 || i >= this.#index.length ? "" : this.tape.at(this.#index[i]);
  }

  kind(i: number): Kind | undefined {
    return i < 0 || i >= this.#index.length ? undefined : this.tape.kinds[this.#index[i]];
  }

  start(i: number): number {
    return this.tape.start(this.#index[i]);
  }

  end(i: number): number {
    return this.tape.ends[this.#index[i]];
  }

  /** Whether a line ends between a token and the one before it. */
  breaksBefore(i: number): boolean {
    if (i <= 0) return true;
    const from = this.end(i - 1);
    const to = this.start(i);
    return from < to && /(?<!\\)\r?\n/.test(this.tape.text.slice(from, to));
  }

  /** Whether it stands right behind the one before. */
  touches(i: number): boolean {
    return i > 0 && this.end(i - 1) === this.start(i);
  }
}
