import type { Cond } from "../../../src/base/cond.js";
import { isConst, mul, type Dim } from "../../../src/base/dim.js";
import { spellDim } from "../../../src/base/dim-text.js";
import { fail } from "../../../src/base/diagnostic.js";
import { cFloat, cIdentifier, cInt } from "../../../src/base/text-writer.js";
import type { Caps } from "../../../src/kernel/caps.js";
import { KnownInts } from "../../../src/kernel/lower/known-ints.js";
import type { BufferType, Kernel, LaneType, Tile } from "../../../src/kernel/tile.js";
import type { AscendChip } from "../caps.js";
import { elementBytes } from "../../../src/kernel/room.js";
import { conditionText } from "../../kit/spelling.js";
import { intrinsics, type Intrinsic } from "../intrinsics.js";
import { speller, type Speller, type Uses } from "../record.js";
import { helperOn, type Helper, type HelperName } from "./helpers.js";
const cTypes: Readonly<Record<BufferType, string>> = {
  f32: "float",
  f16: "half",
  bf16: "bfloat16_t",
  i64: "int64_t",
  i32: "int32_t",
  u32: "uint32_t",
  i16: "int16_t",
  u16: "uint16_t",
  i8: "int8_t",
  u8: "uint8_t",
  bool: "uint8_t",
};

/** The C++ element type of a storage or lane type. */
export function cType(type: LaneType | BufferType): string {
  return type === "mask" ? "uint8_t" : cTypes[type];
}

export function bytesOf(type: LaneType | BufferType): number {
  return type === "mask" ? 1 : elementBytes[type];
}

/** Buffers are whole vector instructions long, so that a rounded-up lane count stays inside. */
export function bufferBytes(elements: number, type: LaneType): number {
  return Math.ceil((elements * bytesOf(type)) / 256) * 256;
}

export class Page {
  readonly kernel: Kernel;
  readonly known: KnownInts;
  readonly chip: AscendChip;
  readonly caps: Caps;
  readonly uses: Uses;
  readonly api: Speller<Intrinsic>;
  readonly #helpers = new Set<HelperName>();
  readonly #tiles: ReadonlyMap<string, Tile>;
  readonly #buffers: ReadonlyMap<string, BufferType>;
  #counter = 0;
  /** The kernel's helpers need the spare workspace. */
  spare = false;

  constructor(kernel: Kernel, chip: AscendChip, uses: Uses) {
    this.kernel = kernel;
    this.known = new KnownInts(kernel);
    this.chip = chip;
    this.caps = chip.caps;
    this.uses = uses;
    this.api = speller<Intrinsic>(intrinsics, uses);
    this.#tiles = new Map(kernel.tiles.map((t) => [t.name, t]));
    this.#buffers = new Map(kernel.buffers.map((b) => [b.name, b.type]));
  }

  helper(name: HelperName, ...args: readonly string[]): string {
    this.need(name);
    return `${name}(${args.join(", ")})`;
  }

  need(name: HelperName): void {
    if (this.#helpers.has(name)) return;
    const { needs, uses } = helperOn(name, this.chip);
    needs.forEach((n) => this.need(n));
    this.#helpers.add(name);
    this.uses.add(...uses);
  }

  /** Helpers used so far, callees before callers. */
  helpersUsed(): readonly Helper[] {
    return [...this.#helpers].map((name) => helperOn(name, this.chip));
  }

  /** A copy inside the unified buffer; `count` makes whole granules of 32 bytes. */
  copyInside(to: string, from: string, count: string): string {
    return this.chip.copiesInside ? this.api("DataCopy", to, from, count) : this.helper("CopyWords", to, from, count);
  }

  /** A name no other loop or variable of this kernel has. */
  fresh(stem: string): string {
    return `${stem}_${this.#counter++}`;
  }

  freshId(): number {
    return this.#counter++;
  }

  tile(name: string): Tile {
    return this.#tiles.get(name) ?? fail("internal-kernel", `kernel ${this.kernel.name} has no tile ${name}`);
  }

  bufferType(name: string): BufferType {
    return this.#buffers.get(name) ?? fail("internal-kernel", `kernel ${this.kernel.name} has no buffer ${name}`);
  }

  tileName(name: string): string {
    return `${cIdentifier(name)}Tile`;
  }

  globalName(buffer: string): string {
    return `${cIdentifier(buffer)}Gm`;
  }

  /** The same memory as words of 32 bits. */
  wordsName(buffer: string): string {
    return `${cIdentifier(buffer)}Words`;
  }

  /** An integer expression of type int64_t or int32_t. */
  dim(d: Dim): string {
    return spellDim(d, {
      name: (symbol) => cIdentifier(symbol),
      call: (op, a, b) => this.helper(({ floordiv: "FloorDiv", mod: "FloorMod", min: "Least", max: "Most" } as const)[op], a, b),
    });
  }

  cond(c: Cond): string {
    return conditionText(
      c,
      (d) => this.dim(d),
      () => true,
    );
  }

  /** `tensor` from an element on; plain when the offset is 0. */
  at(tensor: string, offset: Dim): string {
    return offset === 0 ? tensor : `${tensor}[${this.dim(offset)}]`;
  }

  /** a * b as C++, with parentheses where a sum meets the product. */
  times(a: Dim, b: string): string {
    if (a === 1) return b;
    if (a === 0) return "0";
    const text = this.dim(a);
    return isConst(a) || /^[A-Za-z0-9_]+$/.test(text) ? `${b} * ${text}` : `${b} * (${text})`;
  }

  lanes(rows: Dim, pitch: Dim): Dim {
    return mul(rows, pitch);
  }

  literal(type: LaneType, value: number | bigint): string {
    if (type === "f32") return cFloat(Number(value));
    if (type === "f16") return `static_cast<half>(${cFloat(Number(value))})`;
    if (type === "i64") return cInt(value, 64);
    if (type === "mask") return value ? "true" : "false";
    if (type === "u32") return `${BigInt.asUintN(32, BigInt(value))}U`;
    return `static_cast<${cType(type)}>(${cInt(typeof value === "number" ? Math.trunc(value) : value)})`;
  }
}
