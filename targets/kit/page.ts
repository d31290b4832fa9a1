/**
 * What a printer keeps of the kernel in hand: its tiles and buffers, what is known of its integers, the sheet that the body is
 * written on, the vendor symbols in use. How integers, conditions and names look is the target's.
 */
import type { Cond } from "../../src/base/cond.js";
import { isConst, type Dim } from "../../src/base/dim.js";
import { spellDim } from "../../src/base/dim-text.js";
import { invariant } from "../../src/base/diagnostic.js";
import type { Chip } from "../../src/claim/target.js";
import { KnownInts } from "../../src/kernel/lower/known-ints.js";
import type { Caps } from "../../src/kernel/caps.js";
import type { Kernel, KernelBuffer, Stmt, Tile } from "../../src/kernel/tile.js";
import { findSyncs, type Ordering } from "./hazards.js";
import { Sheet, type Access } from "./sheet.js";
import type { Of } from "./statements.js";
import { Uses } from "./uses.js";

const signs = { eq: "==", ne: "!=", lt: "<", le: "<=" } as const;

/** A function of two integers inside a sum of products, with the texts of its operands. */
export interface DimCall {
  readonly op: "floordiv" | "mod" | "min" | "max";
  readonly a: Dim;
  readonly b: Dim;
  readonly texts: readonly [a: string, b: string];
  readonly within: Dim;
}

/** Whether an integer is spelled as one word: a name, or a number without a sign. */
export function isWord(d: Dim): boolean {
  if (isConst(d)) return d >= 0;
  const [{ factor, atoms }] = d.terms;
  return d.terms.length === 1 && factor === 1 && atoms.length === 1 && atoms[0].atom.op === "sym";
}

/** Whether an integer is spelled without calls and parentheses. */
export function isPolynomial(d: Dim): boolean {
  return isConst(d) || d.terms.every((t) => t.atoms.every(({ atom }) => atom.op === "sym"));
}

/** Whether a plus or a minus stands anywhere in an integer's text. */
export function hasSign(d: Dim): boolean {
  if (isConst(d)) return d < 0;
  const inside = ({ atoms }: (typeof d.terms)[number]) => atoms.some(({ atom: x }) => x.op !== "sym" && (hasSign(x.a) || hasSign(x.b)));
  return d.terms.length > 1 || d.terms.some((t) => t.factor < 0 || inside(t));
}

export abstract class Page<Symbol extends string, OfTarget extends Chip = Chip, Unit extends string = string> {
  readonly kernel: Kernel;
  readonly chip: OfTarget;
  readonly caps: Caps;
  /** The body's lines. */
  readonly out = new Sheet();
  /** Vendor symbols that the text says. */
  readonly uses = new Uses<Symbol>();
  /** What follows of the kernel's integers. */
  readonly known: KnownInts;
  #loops = 0;
  readonly #tiles: ReadonlyMap<string, Tile>;
  readonly #buffers: ReadonlyMap<string, KernelBuffer>;

  constructor(kernel: Kernel, chip: OfTarget) {
    this.kernel = kernel;
    this.chip = chip;
    this.caps = chip.caps;
    this.known = new KnownInts(kernel);
    this.#tiles = new Map(kernel.tiles.map((t) => [t.name, t]));
    this.#buffers = new Map(kernel.buffers.map((b) => [b.name, b]));
  }

  abstract dimCall(call: DimCall): string;
  /** The type of loops' indexes, and how one goes on. */
  abstract readonly index: { readonly type: string; readonly next: (index: string) => string };
  /** Whether a part of a conjunction or of a choice stands in parentheses. */
  abstract bracketed(part: Cond): boolean;

  /** How the chip's units are kept in order, and the lines of syncs by their names. */
  abstract readonly units: Ordering;
  abstract syncs(names: readonly string[]): readonly string[];
  /** A name that nothing else in this kernel has. */
  abstract fresh(stem: string): string;

  /** A number for a loop over rows. */
  freshId(): number {
    return this.#loops++;
  }

  /** A name, noted as said by what is printed next. */
  say(name: string): string {
    return this.out.say(name);
  }

  get tiles(): ReadonlyMap<string, Tile> {
    return this.#tiles;
  }

  tile(name: string): Tile {
    const t = this.#tiles.get(name);
    invariant(t, `${this.kernel.name} has no tile ${name}`);
    return t;
  }

  buffer(name: string): KernelBuffer {
    const b = this.#buffers.get(name);
    invariant(b, `${this.kernel.name} has no buffer ${name}`);
    return b;
  }

  /** An integer as an expression. */
  dim(d: Dim): string {
    return spellDim(d, {
      name: (symbol) => this.say(symbol),
      call: (op, x, y, { a, b }) => this.dimCall({ op, a, b, texts: [x, y], within: d }),
    });
  }

  /** An integer inside a product or behind a pointer: sums in parentheses. */
  factor(d: Dim): string {
    const text = this.dim(d);
    const alone = isConst(d) ? d >= 0 : d.terms.length === 1 && d.terms[0].factor >= 0;
    return alone ? text : `(${text})`;
  }

  /** A condition on sizes. */
  cond(c: Cond): string {
    if (!("all" in c)) return `${this.dim(c.a)} ${signs[c.op]} ${this.dim(c.b)}`;
    if (c.all.length === 0) return c.op === "and" ? "true" : "false";
    const parts = c.all.map((x) => (this.bracketed(x) ? `(${this.cond(x)})` : this.cond(x)));
    return parts.join(c.op === "and" ? " && " : " || ");
  }

  /** What a unit touches in the lines that come next. */
  touch(unit: Unit, touches: readonly Access[]): void {
    this.out.mark({ kind: "operation", unit, touches });
  }

  /** The body, with waits where they are wanted. */
  body(): ReturnType<Sheet["read"]> {
    return this.out.read((entries) => findSyncs(entries, this.units, (names) => this.syncs(names)));
  }

  /** Names an integer, where something reads the name. */
  let(name: string, value: Dim): void {
    this.out.declare(name, () => `const ${this.index.type} ${name} = ${this.dim(value)};`);
  }

  /** One of two bodies. */
  when({ cond, then, otherwise }: Of<"when">, print: (body: readonly Stmt[]) => void): void {
    this.out.branch(
      `if (${this.cond(cond)})`,
      () => print(then),
      () => print(otherwise),
    );
  }

  /** The head of a loop over [from, to). */
  loopHead(index: string, to: string, from = "0"): string {
    return `for (${this.index.type} ${index} = ${from}; ${index} < ${to}; ${this.index.next(index)})`;
  }
}
