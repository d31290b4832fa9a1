/** Executes the lowered form of register machines on tiles of 32-bit lanes; registers and spill slots start out undefined. */
import { applyLanes, castLanes, compareLanes, LaneArray, selectLanes } from "../../../src/kernel/interpret/evaluate-expr.js";
import type { RegisterArg, RegisterLoop, RegisterMap, RegisterOp, SplatValue, TileRef } from "../../../src/kernel/lower/register-form.js";
import { compareFns, type CompareFn } from "../../../src/ops/primitive.js";
import { round16 } from "../round16.js";

const lanes = 16;

export interface Tiles {
  readonly bits: ReadonlyMap<string, Int32Array>;
  pitch(tile: string): number;
}

class Machine {
  readonly #registers = new Map<number, LaneArray>();
  readonly #slots = new Map<number, Int32Array>();
  readonly #map: RegisterMap;
  readonly #tiles: Tiles;

  constructor(map: RegisterMap, tiles: Tiles) {
    this.#map = map;
    this.#tiles = tiles;
  }

  loop(loop: RegisterLoop): void {
    const [rows, cols, pitch] = [Number(this.#map.rows), Number(this.#map.cols), Number(this.#map.pitch)];
    for (const op of loop.once) this.#run(op, 0, 0, loop.flat);
    for (let r = 0; r < (loop.flat ? 1 : rows); r++) {
      for (const op of loop.perRow) this.#run(op, r, 0, loop.flat);
      for (let c = 0; c < (loop.flat ? rows * pitch : cols); c += lanes) for (const op of loop.body) this.#run(op, r, c, loop.flat);
    }
  }

  #memory(ref: TileRef): Int32Array {
    if ("tile" in ref) return this.#tiles.bits.get(ref.tile) ?? new Int32Array();
    const size = Number(this.#map.rows) * Number(this.#map.pitch);
    if (!this.#slots.has(ref.slot)) this.#slots.set(ref.slot, new Int32Array(size).fill(0x7fc12345));
    return this.#slots.get(ref.slot) ?? new Int32Array();
  }

  #at(ref: TileRef, as: "full" | "row", r: number, c: number): number {
    return as === "row" ? c : r * ("tile" in ref ? this.#tiles.pitch(ref.tile) : Number(this.#map.pitch)) + c;
  }

  #splat(v: SplatValue, r: number): LaneArray {
    if (v.kind !== "read") return LaneArray.of(v.type, lanes, () => Number(v.value));
    return new LaneArray(v.type, new Int32Array(lanes).fill(this.#memory(v.source)[v.at === "row" ? r : 0]));
  }

  #arg(a: RegisterArg, r: number): LaneArray {
    return "reg" in a ? this.#read(a.reg) : this.#splat(a, r);
  }

  #read(reg: number): LaneArray {
    const value = this.#registers.get(reg);
    if (!value) throw new Error(`register ${reg} is read before it is written`);
    return value;
  }

  #run(op: RegisterOp, r: number, c: number, flat: boolean): void {
    if (op.op === "store") {
      const memory = this.#memory(op.to);
      const start = this.#at(op.to, "full", r, c);
      const value = op.stored === "f16" ? castLanes(this.#read(op.src), "f16", "rint", "wrap", round16) : this.#read(op.src);
      value.bits.forEach((bit, i) => start + i < memory.length && (memory[start + i] = op.stored === "u8" ? bit & 255 : bit));
      return;
    }
    this.#registers.set(op.dst, this.#compute(op, r, c, flat));
  }

  #compute(op: Exclude<RegisterOp, { op: "store" }>, r: number, c: number, flat: boolean): LaneArray {
    switch (op.op) {
      case "load": {
        const start = this.#at(op.from, op.as, r, c);
        const out = new Int32Array(lanes);
        out.set(this.#memory(op.from).subarray(start, start + lanes));
        return new LaneArray(op.type, out);
      }
      case "splat":
        return this.#splat(op.value, r);
      case "iota":
        return LaneArray.of("i32", lanes, (i) => Number(op.base) + Number(op.step) * (op.axis === "row" && !flat ? r : c + i));
      case "cast":
        return castLanes(this.#read(op.src), op.to, op.round === "trunc" ? "trunc" : "rint", "wrap", round16);
      case "bitcast":
        return new LaneArray(op.to, this.#read(op.src).bits);
      case "apply": {
        const args = op.args.map((a) => this.#arg(a, r));
        if (op.fn === "select") return selectLanes(args[0], args[1], args[2]);
        if ((compareFns as readonly string[]).includes(op.fn)) return compareLanes(op.fn as CompareFn, args[0], args[1]);
        return applyLanes(op.fn as Parameters<typeof applyLanes>[0], op.type, args);
      }
      default:
        throw op satisfies never;
    }
  }
}

export function runRegisterMap(map: RegisterMap, tiles: Tiles): void {
  const machine = new Machine(map, tiles);
  for (const loop of map.loops) machine.loop(loop);
}
