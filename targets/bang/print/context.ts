/** What the parts of the printer share: the writer, the kernel, its names, and where each tile is at the moment. */
import { invariant } from "../../../src/base/diagnostic.js";
import type { Cond } from "../../../src/base/cond.js";
import type { Dim } from "../../../src/base/dim.js";
import { KnownInts } from "../../../src/kernel/lower/known-ints.js";
import { identifierPicker, type TextWriter } from "../../../src/base/text-writer.js";
import type { BufferType, Kernel, KernelBuffer, LaneType, Tile } from "../../../src/kernel/tile.js";
import type { Chip } from "../../../src/claim/target.js";
import type { Bang } from "../intrinsics.js";
import { after, mustWait, nothingPending, type Pending, type Touch } from "./hazards.js";
import { usesHelperNram, type HelperName } from "./helpers.js";
import { scalarTypes, spellCond, spellInt } from "./spell.js";

export class PrintContext {
  readonly w: TextWriter;
  readonly kernel: Kernel;
  readonly chip: Chip;
  readonly bang: Bang;
  readonly helpers = new Set<HelperName>();
  /** Tiles held twice, for a pipeline. */
  readonly doubled: ReadonlySet<string>;
  readonly name: (stem: string) => string;
  /** What follows of the kernel's integers. */
  readonly known: KnownInts;
  /** What the units may still be at where the text has come to. */
  pending: Pending = nothingPending;
  readonly #tiles: ReadonlyMap<string, Tile>;
  readonly #arrays: ReadonlyMap<string, string>;
  readonly #buffers: ReadonlyMap<string, KernelBuffer>;

  constructor(w: TextWriter, kernel: Kernel, chip: Chip, bang: Bang, doubled: ReadonlySet<string>) {
    this.w = w;
    this.kernel = kernel;
    this.chip = chip;
    this.bang = bang;
    this.doubled = doubled;
    this.known = new KnownInts(kernel);
    this.#tiles = new Map(kernel.tiles.map((t) => [t.name, t]));
    this.#buffers = new Map(kernel.buffers.map((b) => [b.name, b]));
    const taken = [...kernel.buffers, ...kernel.ints].map((x) => x.name);
    this.name = identifierPicker([...taken, ...kernel.tiles.map((t) => t.name), "taskId", "taskDim", "helper_nram", "step", "r", "c"]);
    this.#arrays = new Map(kernel.tiles.map((t) => [t.name, this.name(`${t.name}_nram`)]));
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

  /** The declared array of a tile. */
  array(tile: string): string {
    const a = this.#arrays.get(tile);
    invariant(a, `${this.kernel.name} has no tile ${tile}`);
    return a;
  }

  /** How statements reach a tile: a pointer chosen per step for a doubled tile, else the array itself. */
  at(tile: string): string {
    return this.doubled.has(tile) ? `${this.array(tile).replace(/_nram(_\d+)?$/, "_tile$1")}` : this.array(tile);
  }

  need(helper: HelperName): void {
    this.helpers.add(helper);
  }

  get needsHelperNram(): boolean {
    return [...this.helpers].some((h) => usesHelperNram.has(h));
  }

  int(d: Dim): string {
    return spellInt(d, (h) => this.need(h));
  }

  cond(c: Cond): string {
    return spellCond(c, (h) => this.need(h));
  }

  call(...args: Parameters<Bang>): void {
    this.w.line(`${this.bang(...args)};`);
  }

  /** Waits, where what comes next touches what is still pending. */
  before(touch: Touch): void {
    if (mustWait(touch, this.pending)) this.call("__sync_compute");
    this.pending = after(touch, this.pending);
  }

  /** Whether asynchronous copies may not begin beside what is pending: they wait for nobody. */
  inTheWay(tiles: Iterable<string>): boolean {
    const { vectorRead, vectorWritten, scalarWritten } = this.pending;
    return [...tiles].some((t) => vectorRead.has(t) || vectorWritten.has(t) || scalarWritten.has(t));
  }

  /** A wait for everything. */
  sync(): void {
    this.call("__sync");
    this.pending = nothingPending;
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
      this.w.line(`*(${address}) = ${value};`);
      return;
    }
    const helper = space === "nram" ? "store_int64_nram" : "store_int64_gdram";
    this.need(helper);
    this.w.line(`${helper}(${address}, ${value});`);
  }
}
