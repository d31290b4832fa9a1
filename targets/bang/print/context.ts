/** What the parts of the printer share: the kernel's page, its names, and where each tile is at the moment. */
import { invariant } from "../../../src/base/diagnostic.js";
import type { Cond } from "../../../src/base/cond.js";
import { boundsOf } from "../../../src/base/dim-bounds.js";
import { isConst, roundUp, type Dim } from "../../../src/base/dim.js";
import { cIdentifier, identifierPicker } from "../../../src/base/text-writer.js";
import type { BufferType, Kernel, LaneType } from "../../../src/kernel/tile.js";
import { doubledTiles } from "../../../src/kernel/walk.js";
import type { Chip } from "../../../src/claim/target.js";
import { isPolynomial, isWord, Page, type DimCall } from "../../kit/page.js";
import { call, speller, type Speller } from "../../kit/uses.js";
import { intrinsics, type IntrinsicName, type RuntimeCall } from "../intrinsics.js";
import { usesWorkspace, type HelperName } from "./helpers.js";
import { scalarTypes } from "./spell.js";
import { units, type Sync, type Unit } from "./units.js";

/** A tile's declared array, and the pointer to one half of it where it is held twice. */
interface Names {
  readonly array: string;
  readonly half: string;
}

export class PrintContext extends Page<IntrinsicName | RuntimeCall, Chip, Unit> {
  override readonly units = units;
  override readonly index = { type: "int32_t", next: (index: string) => `${index}++` };
  readonly bang: Speller<IntrinsicName>;
  readonly helpers = new Set<HelperName>();
  /** Tiles held twice, for a pipeline. */
  readonly doubled: ReadonlySet<string>;
  readonly #pick: (stem: string) => string;
  readonly #names: ReadonlyMap<string, Names>;

  constructor(kernel: Kernel, chip: Chip) {
    super(kernel, chip);
    this.bang = speller<IntrinsicName>(intrinsics, this.uses);
    this.doubled = doubledTiles(kernel.body);
    const taken = [...kernel.buffers, ...kernel.ints].map((x) => x.name);
    this.#pick = identifierPicker([...taken, ...kernel.tiles.map((t) => t.name), "taskId", "taskDim", "helper_nram", "step", "r", "c"]);
    this.#names = new Map(kernel.tiles.map((t) => [t.name, this.#namesOf(t.name)]));
  }

  override fresh(stem: string): string {
    return this.#pick(stem);
  }

  #namesOf(tile: string): Names {
    const stem = `${tile}_nram`;
    const array = this.fresh(stem);
    return { array, half: cIdentifier(`${tile}_tile`) + array.slice(cIdentifier(stem).length) };
  }

  #named(tile: string): Names {
    const names = this.#names.get(tile);
    invariant(names, `${this.kernel.name} has no tile ${tile}`);
    return names;
  }

  /** The declared array of a tile. */
  array(tile: string): string {
    return this.#named(tile).array;
  }

  /** How statements reach a tile: a pointer chosen per step for a doubled tile, else the array itself. */
  at(tile: string): string {
    const { array, half } = this.#named(tile);
    return this.doubled.has(tile) ? half : array;
  }

  need(helper: HelperName): void {
    this.helpers.add(helper);
  }

  get needsHelperNram(): boolean {
    return [...this.helpers].some((h) => usesWorkspace(h));
  }

  call(...args: Parameters<Speller<IntrinsicName>>): void {
    this.out.line(`${this.bang(...args)};`);
  }

  /** Lanes of one instruction: as many as fill whole runs of what the chip counts in, for halves and floats alike. */
  whole(lanes: Dim): Dim {
    const { wholeBytes } = this.caps.local;
    return wholeBytes === undefined ? lanes : roundUp(lanes, wholeBytes / 2);
  }

  lanes(lanes: Dim): string {
    return this.dim(this.whole(lanes));
  }

  /** How the chip selects lanes: by the bits of int32, or where those are not computed by a masked move. */
  get forms(): { readonly select: HelperName; readonly selectKept: HelperName } {
    const words = this.caps.native.select?.includes("i32") === true;
    return words ? { select: "select_lanes", selectKept: "select_kept" } : { select: "move_chosen", selectKept: "move_over" };
  }

  /** A move inside NRAM of any number of bytes from and to anywhere. */
  move(dst: string, src: string, bytes: string): void {
    if (this.caps.local.wholeBytes === undefined) this.call("__bang_move", dst, src, bytes);
    else this.call("__memcpy", dst, src, bytes, "NRAM2NRAM");
  }

  /** A call of a helper, which is printed above the kernel. */
  help(helper: HelperName, ...args: readonly (string | number)[]): void {
    this.need(helper);
    this.out.line(`${call(helper, args)};`);
  }

  /** Division and modulo of what is never negative are C's own. */
  override dimCall({ op, a, b, texts, within }: DimCall): string {
    if (op !== "min" && op !== "max" && !dividesNegative(within)) return `(${this.atom(a)} ${op === "mod" ? "%" : "/"} ${this.atom(b)})`;
    const helper = `int_${op}` as const;
    this.need(helper);
    return call(helper, texts);
  }

  override bracketed(part: Cond): boolean {
    return "all" in part && part.all.length > 1;
  }

  /** An integer that anything binds to as it stands: more than a word in parentheses, which one call has already. */
  atom(d: Dim): string {
    const text = this.dim(d);
    return isTight(d) ? text : `(${text})`;
  }

  /** A wait for everything. */
  sync(): void {
    this.out.mark({ kind: "order", sync: "__sync" });
    this.call("__sync");
  }

  override syncs(names: readonly string[]): readonly string[] {
    return names.map((sync) => `${this.bang(sync as Sync)};`);
  }

  /** The scalar unit's read of one element. */
  load(space: "nram" | "gdram", type: BufferType | LaneType, address: string): string {
    if (scalarTypes.has(type)) return this.bang(space === "nram" ? "__load_nram" : "__load_gdram", address);
    if (type !== "i64") return `*(${address})`;
    const helper = space === "nram" ? "load_int64_nram" : "load_int64_gdram";
    this.need(helper);
    return `${helper}(${address})`;
  }

  /** The scalar unit's write of one element. */
  store(space: "nram" | "gdram", type: BufferType | LaneType, address: string, value: string): void {
    if (scalarTypes.has(type)) return this.call(space === "nram" ? "__store_nram" : "__store_gdram", address, value);
    if (type !== "i64") {
      this.out.line(`*(${address}) = ${value};`);
      return;
    }
    const helper = space === "nram" ? "store_int64_nram" : "store_int64_gdram";
    this.need(helper);
    this.out.line(`${helper}(${address}, ${value});`);
  }
}

/** Whether a quotient or a remainder of what may be negative stands in a sum of products. */
function dividesNegative(d: Dim): boolean {
  const divides = (op: string) => op === "floordiv" || op === "mod";
  return !isConst(d) && d.terms.some((t) => t.atoms.some(({ atom: x }) => x.op !== "sym" && divides(x.op) && boundsOf(x.a).lo < 0));
}

/** Whether an integer is spelled as a word, or as one call or quotient of words. */
function isTight(d: Dim): boolean {
  if (isWord(d) || isConst(d)) return isWord(d);
  const [{ factor, atoms }] = d.terms;
  if (d.terms.length > 1 || factor !== 1 || atoms.length !== 1 || atoms[0].atom.op === "sym") return false;
  const { op, a, b } = atoms[0].atom;
  const isSimple = op === "min" || op === "max" || dividesNegative(d) ? isPolynomial : isWord;
  return isSimple(a) && isSimple(b);
}
