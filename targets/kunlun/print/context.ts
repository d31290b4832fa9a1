/** What the parts of the printer share: the kernel's page, and through which variable each tile is reached at the moment. */
import type { Cond } from "../../../src/base/cond.js";
import { isConst, mod, type Dim } from "../../../src/base/dim.js";
import { identifierPicker } from "../../../src/base/text-writer.js";
import type { Chip } from "../../../src/claim/target.js";
import type { Kernel } from "../../../src/kernel/tile.js";
import { namesIn } from "../../../src/kernel/walk.js";
import type { Ordering } from "../../kit/hazards.js";
import { Page, type DimCall } from "../../kit/page.js";
import { reads, writes, type Access } from "../../kit/sheet.js";
import { call, speller, type Speller } from "../../kit/uses.js";
import { helpers, intrinsics, type Helper, type Intrinsic } from "../intrinsics.js";

/** Names the body uses besides its own, and calls that a variable of the same name would hide. */
const reserved = "core cores work stream clusters min max abs floor ceil rint trunc sqrt exp log pow splat choose".split(" ");

const dimCalls = { floordiv: "floordiv", mod: "floormod", min: "min", max: "max" } as const;

/** What stands for all copies that are under way. */
const inFlight = "copies in flight";

type Unit = "copy" | "flight" | "core";

/** Copies run beside a core and each other, until one fence for all of them. */
const units: Ordering = {
  wants: (_, { unit }) => (unit === "flight" ? undefined : "mfence"),
  reaches: () => ["copy", "flight", "core"] satisfies Unit[],
  lasts: (unit, { write }) => unit !== "core" && write,
  hoists: false,
};

export class XpuPage extends Page<Intrinsic, Chip, Unit> {
  override readonly units = units;
  override readonly index = { type: "int", next: (index: string) => `${index}++` };
  readonly call: Speller<Intrinsic>;
  readonly #pick: (stem: string) => string;
  /** The variable a tile is reached through: inside a pipeline, its half of the double buffer. */
  #at: ReadonlyMap<string, string>;

  constructor(kernel: Kernel, chip: Chip) {
    super(kernel, chip);
    this.call = speller<Intrinsic>(intrinsics, this.uses);
    this.#pick = identifierPicker([...reserved, ...namesIn(kernel)]);
    this.#at = new Map(kernel.tiles.map((t) => [t.name, this.fresh(`${t.name}_t`)]));
  }

  override fresh(stem: string): string {
    return this.#pick(stem);
  }

  variable(tile: string): string {
    return this.#at.get(tile) ?? tile;
  }

  /** Prints what reaches some of the tiles through other variables. */
  through(variables: ReadonlyMap<string, string>, body: () => void): void {
    const outside = this.#at;
    this.#at = new Map([...outside, ...variables]);
    body();
    this.#at = outside;
  }

  /** A function of portolan_xpu.h, with a template argument where it takes one. */
  help(name: Helper, args: readonly string[], template = ""): string {
    this.uses.add(...helpers[name]);
    return call(`${name}${template}`, args);
  }

  /** The first of `count` work items of a core, or of the one behind it. */
  blockBegin(count: Dim, of: "this core" | "the next"): string {
    const core = this.say("core");
    return this.help("block_begin", [this.dim(count), this.say("cores"), of === "this core" ? core : `${core} + 1`]);
  }

  /** A core gives a copy: what it fills or empties is written, for no other may take it meanwhile. */
  copies(touches: readonly Access[]): void {
    this.touch("copy", touches);
    this.touch("flight", writes(inFlight));
  }

  /** A core goes on, which it does behind all copies. */
  core(): void {
    this.touch("core", reads(inFlight));
  }

  /** Copies that lie in other halves of their tiles than what stands beside them, up to the pipeline's own fence. */
  apart(): void {
    this.out.mark({ kind: "order", sync: "mfence" });
  }

  /** Waits for copies, or for what else touches local memory. */
  fence(what: "mfence" | "mfence_lm"): void {
    if (what === "mfence") this.apart();
    this.out.line(`${this.call(what)};`);
  }

  override syncs(): readonly string[] {
    return [`${this.call("mfence")};`];
  }

  override dimCall({ op, texts }: DimCall): string {
    return call(dimCalls[op], texts);
  }

  override bracketed(part: Cond): boolean {
    return "all" in part;
  }
}

/** Whether d is a multiple of n whatever its symbols are. */
export function isMultiple(d: Dim, n: number): boolean {
  return isConst(d) ? d % n === 0 : mod(d, n) === 0;
}
