/** The page of an Ascend C kernel: names, helpers, and how integers and literals look. */
import { isConst, type Dim } from "../../../src/base/dim.js";
import { cFloat, cIdentifier, cInt } from "../../../src/base/text-writer.js";
import { elementBytes } from "../../../src/kernel/room.js";
import type { BufferType, Kernel, LaneType } from "../../../src/kernel/tile.js";
import { isWord, Page as KernelPage, type DimCall } from "../../kit/page.js";
import { call, speller, type Speller } from "../../kit/uses.js";
import type { AscendChip } from "../caps.js";
import { intrinsics, type Intrinsic } from "../intrinsics.js";
import { standardTypes } from "../../kit/spell.js";
import type { Access } from "../../kit/sheet.js";
import { barrierOfAll, helperOn, type HelperName, type PrintedHelper } from "./helpers.js";
import { isEvent, pipes, type Pipe } from "./pipes.js";

/** The C++ element type of a storage or lane type. */
export function cType(type: LaneType | BufferType): string {
  return type === "mask" ? "uint8_t" : standardTypes[type];
}

export function bytesOf(type: LaneType | BufferType): number {
  return type === "mask" ? 1 : elementBytes[type];
}

/** Buffers are whole vector instructions long, so that a rounded-up lane count stays inside. */
export function bufferBytes(elements: number, type: LaneType): number {
  return Math.ceil((elements * bytesOf(type)) / 256) * 256;
}

/** A tile's name in C++, which nothing is said to read. */
export const tileVariable = (tile: string): string => `${cIdentifier(tile)}Tile`;

const dimHelpers = { floordiv: "FloorDiv", mod: "FloorMod", min: "Least", max: "Most" } as const;

export class Page extends KernelPage<Intrinsic, AscendChip, Pipe> {
  override readonly units = pipes;
  override readonly index = { type: "int64_t", next: (index: string) => `++${index}` };
  readonly api: Speller<Intrinsic>;
  readonly #helpers = new Set<HelperName>();
  #counter = 0;
  /** The kernel's helpers need the spare workspace. */
  spare = false;

  constructor(kernel: Kernel, chip: AscendChip) {
    super(kernel, chip);
    this.api = speller<Intrinsic>(intrinsics, this.uses);
  }

  helper(name: HelperName, ...args: readonly string[]): string {
    this.need(name);
    return call(name, args);
  }

  /** A call of a helper that is told a type, or an event. */
  helperOf(name: HelperName, of: string, ...args: readonly string[]): string {
    this.need(name);
    return call(`${name}<${of}>`, args);
  }

  need(name: HelperName): void {
    if (this.#helpers.has(name)) return;
    const { needs, uses } = helperOn(name, this.chip);
    needs.forEach((n) => this.need(n));
    this.#helpers.add(name);
    this.uses.add(...uses);
  }

  /** Helpers used so far, callees before callers. */
  helpersUsed(): readonly PrintedHelper[] {
    return [...this.#helpers].map((name) => helperOn(name, this.chip));
  }

  /** A copy inside the unified buffer; `count` makes whole granules of 32 bytes. */
  copyInside(to: string, from: string, count: string): string {
    return this.chip.copiesInside ? this.api("DataCopy", to, from, count) : this.helper("CopyWords", to, from, count);
  }

  /** A name no other loop or variable of this kernel has. */
  override fresh(stem: string): string {
    return `${stem}_${this.#counter++}`;
  }

  override freshId(): number {
    return this.#counter++;
  }

  /** Lines of what a pipe carries out. */
  op(unit: Pipe, touches: readonly Access[], ...lines: readonly string[]): void {
    this.touch(unit, touches);
    this.out.lines(lines);
  }

  /** One vector instruction, or a helper made of them that starts and ends on the vector unit. */
  vector(touches: readonly Access[], ...lines: readonly string[]): void {
    this.op("V", touches, ...lines);
  }

  /** Lines in which a pipe waits for all that another has been given. */
  order(from: Pipe, to: Pipe, ...lines: readonly string[]): void {
    this.out.mark({ kind: "order", sync: `${from}_${to}` }).lines(lines);
  }

  /** What has been given to the vector unit is done: a helper waits inside. */
  settled(): void {
    this.order("V", "V");
  }

  /** Without ids of events, one barrier of all pipes is each of the waits. */
  override syncs(names: readonly string[]): readonly string[] {
    if (this.chip.eventIds || !names.some(isEvent)) return names.map((sync) => this.#sync(sync));
    this.uses.add("PipeBarrier");
    return [`${barrierOfAll};`];
  }

  #sync(sync: string): string {
    if (isEvent(sync)) return `${this.helperOf("Sync", `HardEvent::${sync}`)};`;
    this.uses.add("PipeBarrier");
    return `PipeBarrier<PIPE_${sync}>();`;
  }

  tileName(name: string): string {
    return this.say(tileVariable(name));
  }

  globalName(buffer: string): string {
    return this.say(`${cIdentifier(buffer)}Gm`);
  }

  /** The same memory as words of 32 bits. */
  wordsName(buffer: string): string {
    return this.say(`${cIdentifier(buffer)}Words`);
  }

  slotName(slot: number): string {
    return this.say(`scratch${slot}`);
  }

  override dimCall({ op, texts }: DimCall): string {
    return this.helper(dimHelpers[op], ...texts);
  }

  override bracketed(): boolean {
    return true;
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
    return isConst(a) || isWord(a) ? `${b} * ${text}` : `${b} * (${text})`;
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
