/**
 * A map on its way to straight vector instructions: values in an unlimited number of virtual scratch vectors, which
 * `colour` then packs into few slots. Virtual numbers stand where `slot` will.
 */
import { invariant } from "../../base/diagnostic.js";
import type { LaneType } from "../tile.js";
import type { Lanes, MemoryInstr, Operand, VectorOperand } from "./memory-form.js";
import { laneBytes } from "./prepare.js";

export interface DraftInstr {
  readonly over: Lanes;
  readonly each: "tile" | "row";
  readonly instr: MemoryInstr;
}

export interface Virtual {
  readonly shape: Lanes;
  /** "wide" lanes are eight bytes. */
  readonly form: "lanes" | "bits" | "wide";
}

export function operandsRead(instr: MemoryInstr): readonly Operand[] {
  switch (instr.op) {
    case "apply":
      return instr.args;
    case "cast":
    case "copy":
      return [instr.src];
    case "fill":
      return [instr.value];
    case "iota":
      return [];
    default:
      throw instr satisfies never;
  }
}

/** The vector an operand reads, also when it reads one element of it. */
export function vectorOf(operand: Operand): VectorOperand | undefined {
  if (operand.kind === "tile" || operand.kind === "scratch") return operand;
  return operand.kind === "read" ? operand.from : undefined;
}

/** The instruction with its vectors replaced. */
export function mapVectors(instr: MemoryInstr, by: (v: VectorOperand) => VectorOperand): MemoryInstr {
  const one = <O extends Operand>(o: O): O => {
    if (o.kind === "read") return { ...o, from: by(o.from) };
    return o.kind === "tile" || o.kind === "scratch" ? (by(o as VectorOperand) as O) : o;
  };
  const dst = by(instr.dst);
  switch (instr.op) {
    case "apply":
      return { ...instr, dst, args: instr.args.map(one) };
    case "cast":
    case "copy":
      return { ...instr, dst, src: by(instr.src) };
    case "fill":
      return { ...instr, dst, value: one(instr.value) };
    case "iota":
      return { ...instr, dst };
    default:
      throw instr satisfies never;
  }
}

/** Vendors document these as unsafe, or say nothing, when the result lies over an operand. */
const neverInPlace: ReadonlySet<string> = new Set(["div", "reciprocal"]);

/** Whether the result may lie exactly over an operand of the same shape. */
export function inPlace(instr: MemoryInstr): boolean {
  if (instr.op === "cast") return laneBytes(instr.dst.type) === laneBytes(instr.src.type);
  return instr.op !== "apply" || !neverInPlace.has(instr.fn);
}

function readsTile(instr: MemoryInstr, tile: string): boolean {
  return operandsRead(instr).some((o) => {
    const v = vectorOf(o);
    return v?.kind === "tile" && v.tile === tile;
  });
}

/** Whether every read of the tile is lane by lane, so that the result may lie over it. */
function readsLaneByLane(instr: MemoryInstr, tile: string): boolean {
  return operandsRead(instr).every((o) => {
    const v = vectorOf(o);
    return v?.kind !== "tile" || v.tile !== tile || (o.kind === "tile" && o.as === instr.dst.as && inPlace(instr));
  });
}

const isScratch = (v: VectorOperand, id: number) => v.kind === "scratch" && v.slot === id;

/**
 * Final copies from scratch to an output tile disappear where the value can be computed in the tile: nobody reads the
 * tile's old contents afterwards and nothing else writes it.
 */
export function coalesceCopies(draft: readonly DraftInstr[]): DraftInstr[] {
  let out = [...draft];
  for (const entry of draft) {
    const { instr } = entry;
    if (instr.op !== "copy" || entry.each !== "tile" || instr.dst.kind !== "tile" || instr.src.kind !== "scratch") continue;
    const [tile, id] = [instr.dst, instr.src.slot];
    const defined = out.findIndex((d) => isScratch(d.instr.dst, id));
    invariant(defined >= 0, "a scratch vector is read before it is written");
    const later = out.slice(defined + 1);
    const others = out.filter((d) => d !== entry);
    const written = others.some((d) => d.instr.dst.kind === "tile" && d.instr.dst.tile === tile.tile);
    if (written || later.some((d) => readsTile(d.instr, tile.tile)) || !readsLaneByLane(out[defined].instr, tile.tile)) continue;
    if (laneBytes(out[defined].instr.dst.type) !== laneBytes(tile.type)) continue;
    const inTile = (v: VectorOperand): VectorOperand => (isScratch(v, id) ? { ...tile, type: v.type } : v);
    out = others.map((d) => ({ ...d, instr: mapVectors(d.instr, inTile) }));
    return coalesceCopies(out);
  }
  return out;
}

/** A number that fills a slot for the whole kernel. */
export interface KeptConstant {
  readonly slot: number;
  readonly type: LaneType;
  readonly value: number;
}

/** Constants that a kernel keeps at most: each takes as much as a tile. */
const mostKept = 4;

/** The slots of a kernel, by pool (shape and form); grows as maps need them. */
export class SlotTable {
  readonly #slots: { readonly pool: string; readonly form: "lanes" | "bits"; capacity: number }[] = [];
  readonly #kept = new Map<string, KeptConstant>();

  get constants(): readonly KeptConstant[] {
    return [...this.#kept.values()];
  }

  /** The slot that holds a constant from the kernel's begin to its end; undefined when enough are kept already. */
  keep(virtual: Virtual, lanes: number, type: LaneType, value: number): number | undefined {
    const key = `${type === "mask" ? "f32" : type} ${Object.is(value, -0) ? "-0" : value}`;
    if (!this.#kept.has(key) && this.#kept.size === mostKept) return undefined;
    const slot = this.take(virtual, lanes, new Set(), undefined, key);
    this.#kept.set(key, { slot, type, value });
    return slot;
  }

  get slots(): readonly { readonly form: "lanes" | "bits"; readonly capacity: number }[] {
    return this.#slots.map(({ form, capacity }) => ({ form, capacity }));
  }

  /** Slots by shape, packed masks apart. */
  counts(): { readonly full: number; readonly masks: number; readonly row: number; readonly col: number } {
    const count = (pool: string) => this.#slots.filter((s) => s.pool === pool || s.pool.startsWith(`${pool} = `)).length;
    const both = (shape: Lanes) => count(`${shape} lanes`) + 2 * count(`${shape} wide`);
    return { full: both("full"), masks: count("full bits"), row: both("row") + count("row bits"), col: both("col") + count("col bits") };
  }

  /** The first slot of the pool that is not taken, made large enough. */
  take(virtual: Virtual, lanes: number, taken: ReadonlySet<number>, prefer?: number, constant?: string): number {
    const pool = `${virtual.shape} ${virtual.form}${constant === undefined ? "" : ` = ${constant}`}`;
    const capacity = virtual.form === "wide" ? 2 * lanes : lanes;
    const form = virtual.form === "bits" ? "bits" : "lanes";
    const free = (i: number) => this.#slots[i].pool === pool && !taken.has(i);
    let at = prefer !== undefined && free(prefer) ? prefer : this.#slots.findIndex((_, i) => free(i));
    if (at < 0) at = this.#slots.push({ pool, form, capacity }) - 1;
    this.#slots[at].capacity = Math.max(this.#slots[at].capacity, capacity);
    return at;
  }
}

function lastUses(draft: readonly DraftInstr[]): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  draft.forEach(({ instr }, i) => {
    for (const o of [instr.dst, ...operandsRead(instr)]) {
      const v = vectorOf(o);
      if (v?.kind === "scratch") last.set(v.slot, i);
    }
  });
  return last;
}

const widths: Readonly<Record<Lanes, number>> = { scalar: 0, row: 1, col: 1, full: 2 };

/** Narrow values never depend on whole ones: computed first, they do not break up loops over rows. */
export function narrowFirst(draft: readonly DraftInstr[]): DraftInstr[] {
  return draft
    .map((d, i) => ({ d, i }))
    .sort((a, b) => widths[a.d.over] - widths[b.d.over] || a.i - b.i)
    .map(({ d }) => d);
}

/** Virtual vectors that are a constant and nothing else, whole tiles of it. */
export function constantsOf(
  draft: readonly DraftInstr[],
  virtuals: readonly Virtual[],
): ReadonlyMap<number, { type: LaneType; value: number }> {
  const found = new Map<number, { type: LaneType; value: number }>();
  const written = new Map<number, number>();
  for (const { over, each, instr } of draft) {
    const { dst } = instr;
    if (dst.kind !== "scratch") continue;
    written.set(dst.slot, (written.get(dst.slot) ?? 0) + 1);
    const whole = over === "full" && each === "tile" && virtuals[dst.slot].form === "lanes";
    if (whole && instr.op === "fill" && instr.value.kind === "const")
      found.set(dst.slot, { type: instr.value.type, value: Number(instr.value.value) });
  }
  for (const [id, times] of written) if (times > 1) found.delete(id);
  return found;
}

interface ColourOptions {
  /** Virtual vectors that live to the end. */
  readonly keep?: ReadonlySet<number>;
  /** Constants get slots that the table keeps for the whole kernel, and are not filled here. */
  readonly keepConstants?: boolean;
}

/** Virtual vectors become slots, each free again after its last reader. */
export function colour(
  draft: readonly DraftInstr[],
  virtuals: readonly Virtual[],
  table: SlotTable,
  capacity: (shape: Lanes) => number,
  { keep = new Set(), keepConstants = false }: ColourOptions = {},
): { readonly draft: DraftInstr[]; readonly slotOf: ReadonlyMap<number, number> } {
  const last = lastUses(draft);
  const slotOf = new Map<number, number>();
  const kept = new Set<number>();
  for (const [id, { type, value }] of keepConstants ? constantsOf(draft, virtuals) : []) {
    const slot = keep.has(id) ? undefined : table.keep(virtuals[id], capacity("full"), type, value);
    if (slot === undefined) continue;
    slotOf.set(id, slot);
    kept.add(id);
  }
  const taken = new Set<number>();
  const out = draft.flatMap(({ instr, ...rest }, i) => {
    if (instr.dst.kind === "scratch" && kept.has(instr.dst.slot)) return [];
    const dying = operandsRead(instr)
      .map(vectorOf)
      .flatMap((v) => (v?.kind === "scratch" && last.get(v.slot) === i && !keep.has(v.slot) && !kept.has(v.slot) ? [v.slot] : []))
      .map((id) => slotOf.get(id) ?? -1);
    if (inPlace(instr)) dying.forEach((s) => taken.delete(s));
    if (instr.dst.kind === "scratch" && !slotOf.has(instr.dst.slot)) {
      const virtual = virtuals[instr.dst.slot];
      slotOf.set(instr.dst.slot, table.take(virtual, capacity(virtual.shape), taken, dying[0]));
    }
    dying.forEach((s) => taken.delete(s));
    if (instr.dst.kind === "scratch") taken.add(slotOf.get(instr.dst.slot) ?? -1);
    const placed = (v: VectorOperand): VectorOperand => (v.kind === "scratch" ? { ...v, slot: slotOf.get(v.slot) ?? -1 } : v);
    return [{ ...rest, instr: mapVectors(instr, placed) }];
  });
  return { draft: out, slotOf };
}

/** The same vector, its bits read as another type. */
export function retyped(v: VectorOperand, type: LaneType): VectorOperand {
  return v.type === type ? v : { ...v, type };
}
