/** Executes the lowered form of memory machines: every vector an array of 32-bit lanes, started out as poison. */
import { evaluateDim } from "../../../src/base/dim.js";
import { applyLanes, castLanes, compareLanes, LaneArray, selectLanes } from "../../../src/kernel/interpret/evaluate-expr.js";
import { compareFns, type CompareFn } from "../../../src/ops/primitive.js";
import type { Lanes, MemoryInstr, MemoryMap, Operand, VectorOperand } from "../../../src/kernel/lower/memory-form.js";
import type { Tile } from "../../../src/kernel/tile.js";
import { round16 } from "../round16.js";

export interface Memory {
  readonly tiles: ReadonlyMap<string, Tile>;
  readonly tileBits: ReadonlyMap<string, Int32Array>;
  readonly slots: readonly Int32Array[];
  readonly symbols: Readonly<Record<string, number>>;
}

export function runMemoryMap(map: MemoryMap, memory: Memory): void {
  const dim = (d: Parameters<typeof evaluateDim>[0]) => evaluateDim(d, memory.symbols);
  const [rows, cols, pitch] = [dim(map.rows), dim(map.cols), dim(map.pitch)];
  for (const block of map.blocks) {
    const turns = block.each === "row" ? rows : 1;
    for (let r = 0; r < turns; r++)
      for (const instr of block.body) runInstr(instr, { memory, over: block.over, each: block.each, r, rows, cols, pitch, dim });
  }
}

interface Place {
  readonly memory: Memory;
  readonly over: Lanes;
  readonly each: "tile" | "row";
  readonly r: number;
  readonly rows: number;
  readonly cols: number;
  readonly pitch: number;
  dim(d: Parameters<typeof evaluateDim>[0]): number;
}

function count(p: Place): number {
  if (p.over === "full") return p.each === "row" ? p.cols : p.rows * p.pitch;
  return p.over === "row" ? p.cols : p.over === "col" ? p.rows : 1;
}

function bitsOf(v: VectorOperand, p: Place): Int32Array {
  const bits = v.kind === "tile" ? p.memory.tileBits.get(v.tile) : p.memory.slots[v.slot];
  if (!bits) throw new Error(`no vector ${JSON.stringify(v)}`);
  return bits;
}

function window(v: VectorOperand, p: Place): Int32Array {
  const bits = bitsOf(v, p);
  const n = count(p);
  const tile = v.kind === "tile" ? p.memory.tiles.get(v.tile) : undefined;
  const start = v.as === "full" && p.each === "row" ? p.r * (tile ? p.dim(tile.pitch) : p.pitch) : 0;
  if (v.as === "row" && p.over === "full" && p.each === "tile") return Int32Array.from({ length: n }, (_, i) => bits[i % p.pitch]);
  if (v.as !== p.over && !(v.as === "row" && p.each === "row")) throw new Error(`a ${v.as} operand over ${p.over} lanes`);
  if (start + n > bits.length) throw new Error("out of bounds");
  return bits.subarray(start, start + n);
}

function valueOf(o: Operand, p: Place): LaneArray {
  const n = count(p);
  if (o.kind === "const") return LaneArray.of(o.type, n, () => o.value);
  if (o.kind === "int") return LaneArray.of(o.type, n, () => p.dim(o.value));
  if (o.kind !== "read") return new LaneArray(o.type, window(o, p).slice());
  if (o.at === "row" && p.each !== "row") throw new Error("a row's element outside a loop over rows");
  const bit = bitsOf(o.from, p)[o.at === "row" ? p.r : 0];
  return new LaneArray(o.type, new Int32Array(n).fill(o.negated ? bit ^ (1 << 31) : bit));
}

function compute(instr: MemoryInstr, p: Place): LaneArray {
  switch (instr.op) {
    case "fill":
      return valueOf(instr.value, p);
    case "copy":
      return valueOf(instr.src, p);
    case "cast":
      return castLanes(valueOf(instr.src, p), instr.dst.type, instr.round === "trunc" ? "trunc" : "rint", "wrap", round16);
    case "iota":
      return LaneArray.of("i32", count(p), (i) => p.dim(instr.base) + p.dim(instr.step) * i);
    case "apply": {
      const args = instr.args.map((a) => valueOf(a, p));
      if (instr.fn === "select") return selectLanes(args[0], args[1], args[2]);
      if ((compareFns as readonly string[]).includes(instr.fn)) return compareLanes(instr.fn as CompareFn, args[0], args[1]);
      return applyLanes(instr.fn as Parameters<typeof applyLanes>[0], instr.type, args);
    }
    default:
      throw instr satisfies never;
  }
}

function runInstr(instr: MemoryInstr, p: Place): void {
  window(instr.dst, p).set(compute(instr, p).bits);
}
