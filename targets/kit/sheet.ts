/**
 * A kernel's body while it is written: lines, loops and branches, each with the names that it says, because who spells a name
 * tells the sheet so: which integers and buffers a kernel needs is asked of the sheet, never of its text. Marks tell which unit
 * carries out the lines behind them and what they touch, from which `hazards.ts` finds where units wait for each other.
 */
import { TextWriter } from "../../src/base/text-writer.js";

/** A tile, a scratch slot or a buffer that an operation reads or writes. */
export interface Access {
  readonly on: string;
  readonly write: boolean;
  /** The loop over rows whose iterations touch disjoint parts of it. */
  readonly row?: number;
}

export function reads(...on: readonly string[]): readonly Access[] {
  return on.map((name) => ({ on: name, write: false }));
}

export function writes(...on: readonly string[]): readonly Access[] {
  return on.map((name) => ({ on: name, write: true }));
}

/** An operation of a unit, which the lines behind the mark spell; a handover follows what its unit was given by itself. */
export interface Operation {
  readonly kind: "operation";
  readonly unit: string;
  readonly touches: readonly Access[];
  readonly handover?: true;
}

/** The lines behind it wait as a sync of that name does, or have what lies there from a unit that waited for its last users. */
type Mark = Operation | { readonly kind: "order"; readonly sync: string } | Fresh;

export interface Fresh {
  readonly kind: "fresh";
  readonly on: readonly string[];
  readonly by: string;
}

/** What waits ask of a loop. */
interface LoopFacts {
  /** Names a loop over rows in the accesses of its body. */
  readonly id?: number;
  /** It runs at least once. */
  readonly always?: true;
}

export interface Loop extends LoopFacts {
  readonly kind: "loop";
  readonly head: string;
  readonly says: ReadonlySet<string>;
  readonly body: readonly Entry[];
}

interface Branch extends Pick<Loop, "head" | "says"> {
  readonly kind: "branch";
  readonly then: readonly Entry[];
  readonly otherwise: readonly Entry[];
}

interface Line extends Pick<Loop, "says"> {
  readonly kind: "line" | "comment" | "said";
  readonly text: string;
  /** Of a declaration: the name it gives. */
  readonly declares?: string;
}

export type Entry = Line | Mark | Loop | Branch;

/** The lines that stand in front of some entries. */
export type InFront = ReadonlyMap<Entry, readonly string[]>;

export class Sheet {
  #body: Entry[] = [];
  #next = new Set<string>();

  /** A name that the next line says, or the declaration that is being made. */
  say(name: string): string {
    this.#next.add(name);
    return name;
  }

  line(text = ""): this {
    return this.#put({ kind: "line", text, says: this.#said() });
  }

  lines(texts: Iterable<string>): this {
    for (const text of texts) this.line(text);
    return this;
  }

  comment(text: string): this {
    return this.#put({ kind: "comment", text, says: this.#said() });
  }

  mark(mark: Mark): this {
    return this.#put(mark);
  }

  /** Writes a declaration, which is left out when no later line of its block says the name. */
  declare(name: string, textOf: () => string): this {
    const outer = this.#said();
    const text = textOf();
    this.#put({ kind: "line", text, declares: name, says: this.#said() });
    this.#next = outer;
    return this;
  }

  loop(head: string, body: () => void, facts: LoopFacts = {}): this {
    const says = this.#said();
    return this.#put({ kind: "loop", head, says, body: this.#inside(body), ...facts });
  }

  /** The heads of loops inside each other. */
  loops(heads: readonly string[], body: () => void): this {
    if (heads.length === 0) body();
    else this.loop(heads[0], () => this.loops(heads.slice(1), body));
    return this;
  }

  /** What stands in braces once, or where the head's condition holds; and elsewhere. */
  branch(head: string, then: () => void, otherwise?: () => void): this {
    const says = this.#said();
    return this.#put({ kind: "branch", head, says, then: this.#inside(then), otherwise: otherwise ? this.#inside(otherwise) : [] });
  }

  /** The text as it stands inside a function, without what nobody reads, and the names that the rest of it says. */
  read(waits?: (body: readonly Entry[]) => InFront): { readonly text: string; readonly names: ReadonlySet<string> } {
    this.#flush();
    const names = new Set<string>();
    const body = kept(this.#body, names);
    const w = new TextWriter();
    w.indented(() => writeAll(w, body, waits?.(body)));
    return { text: w.text(), names };
  }

  #put(entry: Entry): this {
    this.#body.push(entry);
    return this;
  }

  #said(): Set<string> {
    const names = this.#next;
    this.#next = new Set();
    return names;
  }

  /** Names said without a line behind them count for the block they are said in. */
  #flush(): void {
    if (this.#next.size > 0) this.#put({ kind: "said", text: "", says: this.#said() });
  }

  #inside(write: () => void): readonly Entry[] {
    const [outer, body]: [Entry[], Entry[]] = [this.#body, []];
    this.#body = body;
    write();
    this.#flush();
    this.#body = outer;
    return body;
  }
}

/** A body without declarations of names that nothing behind them says, up to the end of their block; adds the names said. */
function kept(body: readonly Entry[], names: Set<string>): readonly Entry[] {
  const here = new Set<string>();
  const inside = (inner: readonly Entry[]) => kept(inner, here);
  const out: Entry[] = [];
  // From the end, so that what only an unread declaration reads is unread too.
  for (const e of [...body].reverse()) {
    if (e.kind === "line" && e.declares !== undefined && !here.has(e.declares)) continue;
    if ("says" in e) e.says.forEach((name) => here.add(name));
    if (e.kind === "loop") out.push({ ...e, body: inside(e.body) });
    else if (e.kind === "branch") out.push({ ...e, then: inside(e.then), otherwise: inside(e.otherwise) });
    else out.push(e);
  }
  here.forEach((name) => names.add(name));
  return out.reverse();
}

function writeAll(w: TextWriter, body: readonly Entry[], inFront: InFront = new Map()): void {
  for (const e of body) {
    w.lines(inFront.get(e) ?? []);
    if (e.kind === "line") w.line(e.text);
    if (e.kind === "comment") w.comment(e.text);
    if (e.kind === "loop") w.block(e.head, () => writeAll(w, e.body, inFront));
    if (e.kind !== "branch") continue;
    w.block(e.head, () => writeAll(w, e.then, inFront), e.otherwise.length > 0 ? "} else {" : "}");
    if (e.otherwise.length > 0) w.indented(() => writeAll(w, e.otherwise, inFront)).line("}");
  }
}
