/**
 * Maps and reductions for machines that compute scratchpad to scratchpad: expand, linearise, compute results in their
 * output tiles where that is safe, pack the rest into slots that all maps of the kernel share.
 */
import { fail, invariant } from "../../base/diagnostic.js";
import type { Caps } from "../caps.js";
import type { Kernel, Stmt, Tile } from "../tile.js";
import { everyStmt } from "../walk.js";
import { borrowOutputs } from "./borrow.js";
import { coalesceCopies, colour, narrowFirst, operandsRead, SlotTable, vectorOf, type DraftInstr, type KeptConstant } from "./draft.js";
import { Lineariser } from "./linearise.js";
import type { Lanes, MemoryBlock, MemoryMap, MemoryReduce, ScratchSlot } from "./memory-form.js";
import {
  hasMapPitch,
  laneBytes,
  leaves,
  mapFrame,
  prepare,
  reduceFrame,
  stripped,
  tileNamed,
  tilesOf,
  type Frame,
  type MapStmt,
  type ReduceStmt,
} from "./prepare.js";

export interface MemoryKernel {
  /** Scratch to declare, by slot number. */
  readonly slots: readonly ScratchSlot[];
  /** Slots to fill before the body, with one number each, which no map writes: see Caps.keepsConstants. */
  readonly constants: readonly KeptConstant[];
  /** By the statement object of the kernel's body; those of the vector unit only. */
  readonly maps: ReadonlyMap<MapStmt, MemoryMap>;
  readonly reduces: ReadonlyMap<ReduceStmt, MemoryReduce>;
}

/** Lanes a vector reduction accumulates in; other types are reduced lane by lane, without scratch. */
const reducible: ReadonlySet<string> = new Set(["f32", "i32"]);

/** The scratch a kernel's vector statements take. */
export function memorySlots(kernel: Kernel, caps: Caps): readonly ScratchSlot[] {
  return lowerMemory(kernel, caps).slots;
}

export function lowerMemory(kernel: Kernel, caps: Caps): MemoryKernel {
  const tiles = tilesOf(kernel);
  const table = new SlotTable();
  const maps = new Map<MapStmt, MemoryMap>();
  const reduces = new Map<ReduceStmt, MemoryReduce>();
  for (const stmt of computeStmts(kernel.body, caps))
    if (stmt.op === "map") maps.set(stmt, lowerMap(stmt, mapFrame(stmt, tiles, caps), table));
    else reduces.set(stmt, lowerReduce(stmt, reduceFrame(stmt, tiles, caps), table));
  return { slots: table.slots, constants: table.constants, maps, reduces };
}

/** The maps and reductions of the vector unit, in order. */
export function computeStmts(body: readonly Stmt[], caps: Caps): (MapStmt | ReduceStmt)[] {
  return everyStmt(body).filter(
    (s): s is MapStmt | ReduceStmt => (s.op === "map" && s.mode === "vector") || (s.op === "reduce" && isReduced(s, caps)),
  );
}

/** Whether the vector unit reduces; the scalar unit does what it does not. */
function isReduced({ fn, along, value }: ReduceStmt, { reductions }: Caps): boolean {
  if (!reducible.has(value.type)) return false;
  return reductions === undefined || (value.type === "f32" && reductions.some(([f, a]) => f === fn && a === along));
}

function lowerMap(stmt: MapStmt, frame: Frame, table: SlotTable): MemoryMap {
  const p = prepare(
    stmt.out.map((o) => o.value),
    frame,
  );
  const line = new Lineariser(p);
  const written = new Set(stmt.out.map((o) => o.tile));
  p.values.forEach((value, i) => {
    const tile = tileNamed(frame, stmt.out[i].tile);
    invariant(value.type === tile.type, `a value of type ${value.type} is written to tile "${tile.name}" of type ${tile.type}`);
    const root = stripped(value);
    if (root.op === "tile" && written.has(root.tile) && root.tile !== tile.name) line.protect(root);
  });
  const computed = p.values.map((value, i) => ({ value, tile: stmt.out[i].tile }));
  for (const { value } of computed) if (p.shape(value) === "full") line.vector(value, "full");
  for (const { value, tile } of computed) if (!isSelf(value, tile)) line.store(value, tile);
  const keepConstants = frame.caps.keepsConstants === true;
  const hosts = stmt.out.map((o) => tileNamed(frame, o.tile)).filter((t) => laneBytes(t.type) === 4 && hasMapPitch(frame, t));
  const draft = borrowOutputs(
    coalesceCopies(narrowFirst(line.draft)),
    line.virtuals,
    hosts.map((t) => t.name),
    keepConstants,
  );
  const placed = colour(
    draft,
    line.virtuals,
    table,
    capacities(
      stmt.out.map((o) => tileNamed(frame, o.tile)),
      p.values,
      frame,
    ),
    { keepConstants },
  );
  return { rows: frame.rows, cols: frame.cols, pitch: frame.pitch, blocks: blocksOf(placed.draft) };
}

function isSelf(value: MapStmt["out"][number]["value"], tile: string): boolean {
  const root = stripped(value);
  return root.op === "tile" && root.tile === tile && root.as === "full";
}

function lowerReduce(stmt: ReduceStmt, frame: Frame, table: SlotTable): MemoryReduce {
  const whole = leaves([stmt.value]).some((e) => e.op === "tile" && e.as === "full");
  invariant(whole, "a reduction in the scratchpad reads no tile whole: nothing says how far apart its rows are");
  const p = prepare([stmt.value], frame);
  const { type } = p.values[0];
  if (!reducible.has(type)) fail("no-vector-form", `A reduction of ${type} lanes has no vector form; cast to f32 or i32 first.`);
  const line = new Lineariser(p);
  const value = line.vector(p.values[0], "full");
  const keep = new Set(value.kind === "scratch" ? [value.slot] : []);
  // As the statement has it: of a value that turns out to be constant no tile is left to say how long it is.
  const capacity = capacities([], [stmt.value, ...p.values], frame, tileNamed(frame, stmt.out).capacity);
  const keepConstants = frame.caps.keepsConstants === true;
  const placed = colour(narrowFirst(line.draft), line.virtuals, table, capacity, { keep, keepConstants });
  const src = value.kind === "scratch" ? { ...value, slot: placed.slotOf.get(value.slot) ?? -1 } : value;
  const work = table.take({ shape: "full", form: "lanes" }, capacity("full"), new Set(src.kind === "scratch" ? [src.slot] : []));
  const { fn, along, carry, out } = stmt;
  return { rows: frame.rows, cols: frame.cols, pitch: frame.pitch, blocks: blocksOf(placed.draft), fn, src, work, along, carry, out };
}

/** Lanes a slot of each shape must have: those of the largest tile of that shape, up to the compare padding. */
function capacities(outputs: readonly Tile[], values: Parameters<typeof leaves>[0], frame: Frame, least = 1): (shape: Lanes) => number {
  const read = leaves(values).flatMap((e) => (e.op === "tile" ? [{ as: e.as, capacity: tileNamed(frame, e.tile).capacity }] : []));
  const largest = (as: Lanes) => Math.max(0, ...read.filter((r) => r.as === as).map((r) => r.capacity));
  const whole = Math.max(least, largest("full"), ...outputs.map((t) => t.capacity));
  const pad = frame.caps.comparePadBytes / 4;
  // Rows lie a granule apart at least, so that a column is no longer than this even where no tile says how long.
  const column = Math.ceil(whole / (frame.caps.local.granule / 4));
  const unsaid: Readonly<Record<Lanes, number>> = { full: whole, row: whole, col: column, scalar: 1 };
  const lanes = (shape: Lanes) => (shape === "full" || shape === "scalar" ? unsaid[shape] : largest(shape) || unsaid[shape]);
  return (shape) => Math.ceil(lanes(shape) / pad) * pad;
}

/** Whether the instruction changes a tile of which an earlier one of the loop body reads other rows. */
function upsets(body: readonly DraftInstr["instr"][], { dst }: DraftInstr["instr"]): boolean {
  const narrow = (v: ReturnType<typeof vectorOf>) => v?.kind === "tile" && dst.kind === "tile" && v.tile === dst.tile && v.as !== "full";
  return body.some((earlier) => operandsRead(earlier).map(vectorOf).some(narrow));
}

/** Consecutive instructions over the same lanes become one block, as long as running it row by row changes nothing. */
function blocksOf(draft: readonly DraftInstr[]): MemoryBlock[] {
  const blocks: { over: Lanes; each: "tile" | "row"; body: DraftInstr["instr"][] }[] = [];
  for (const { over, each, instr } of draft) {
    const last = blocks.at(-1);
    if (last && last.over === over && last.each === each && !upsets(last.body, instr)) last.body.push(instr);
    else blocks.push({ over, each, body: [instr] });
  }
  return blocks;
}
