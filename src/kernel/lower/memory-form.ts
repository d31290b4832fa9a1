/**
 * What a `map` or a `reduce` becomes on a machine that computes scratchpad to scratchpad (Ascend 2xxx, MLU): straight
 * lists of vector instructions over tiles and a few scratch slots. Printers print these and decide nothing.
 *
 * Values have a shape (`Lanes`): an expression that reads only column vectors is computed once a row, not once a lane.
 * Instructions of a block run over the block's lanes:
 *
 * | over   | each | lanes of one instruction | full operand starts at | row operand | read "row" |
 * | ------ | ---- | ------------------------ | ---------------------- | ----------- | ---------- |
 * | full   | tile | rows * pitch             | 0                      | cycle forms | never      |
 * | full   | row  | cols, for r in [0, rows) | r * its tile's pitch   | starts at 0 | element r  |
 * | row    | tile | cols                     | never                  | starts at 0 | never      |
 * | col    | tile | rows                     | never (col starts at 0)| never       | never      |
 * | scalar | tile | 1                        | never                  | never       | never      |
 *
 * Scratch has the map's pitch; in a block "full, tile" every full operand has it.
 * Rounding the lane count up to the vendor's granule is always allowed: every tile and slot has room for it.
 */
import type { Dim } from "../../base/dim.js";
import type { CastRound, NativeOnly } from "../caps.js";
import type { BinaryFn, CompareFn, UnaryFn } from "../../ops/primitive.js";
import type { LaneType, ReduceFn } from "../tile.js";

/** The shape of a value: rows x pitch, one row (cols lanes), one column (rows lanes, packed), or one lane. */
export type Lanes = "full" | "row" | "col" | "scalar";

/** A vector in scratchpad. Its `type` is how the bits are read: it may differ from the tile's own (a bit reinterpretation). */
export type VectorOperand =
  | { readonly kind: "tile"; readonly tile: string; readonly type: LaneType; readonly as: Lanes }
  | { readonly kind: "scratch"; readonly slot: number; readonly type: LaneType; readonly as: Lanes };

export type ScalarOperand =
  | { readonly kind: "const"; readonly type: LaneType; readonly value: number }
  /** A host-computed integer, converted to `type`. */
  | { readonly kind: "int"; readonly type: LaneType; readonly value: Dim }
  /** One element read by the scalar unit: element r of a packed column in the loop over rows, or the first. `negated`: f32, its negative. */
  | {
      readonly kind: "read";
      readonly type: LaneType;
      readonly from: VectorOperand;
      readonly at: "row" | "first";
      readonly negated?: true;
    };

export type Operand = VectorOperand | ScalarOperand;

/** Everything one vector instruction can do; bit reinterpretations cost nothing and have none. */
export type VectorFn = UnaryFn | BinaryFn | CompareFn | Exclude<NativeOnly, "bitcast"> | "select";

export type MemoryInstr =
  /**
   * dst = fn(args), lane by lane. `type` is the type of the operands (for select: of the values). Only the last
   * argument may be scalar, and only for `caps.scalarForms`; shifts always have a constant there. dst may be an
   * argument (same slot or tile, same start) except for div and reciprocal, never partly overlapping. Masks are
   * operands of type "mask".
   */
  | { readonly op: "apply"; readonly fn: VectorFn; readonly type: LaneType; readonly dst: VectorOperand; readonly args: readonly Operand[] }
  /** dst.type and src.type are one pair of `caps.casts`; dst and src never share bytes when their widths differ. */
  | { readonly op: "cast"; readonly round: CastRound; readonly dst: VectorOperand; readonly src: VectorOperand }
  /** Every lane of dst becomes the scalar. */
  | { readonly op: "fill"; readonly dst: VectorOperand; readonly value: ScalarOperand }
  /** Same bits, same lanes; in a block over full lanes, src may be a row. */
  | { readonly op: "copy"; readonly dst: VectorOperand; readonly src: VectorOperand }
  /**
   * dst = base + step * n, i32, n the number of the lane within the instruction: the column over "row" lanes, the row
   * over "col" lanes; over "full" lanes only where there is one row, or one packed column.
   */
  | { readonly op: "iota"; readonly dst: VectorOperand; readonly axis: "row" | "col"; readonly base: Dim; readonly step: Dim };

export interface MemoryBlock {
  readonly over: Lanes;
  /** "row": print one loop over r in [0, rows) around the whole body. */
  readonly each: "tile" | "row";
  readonly body: readonly MemoryInstr[];
}

/** Scratch of a kernel, shared by all its maps: `capacity` lanes of four bytes, or that many packed bits. */
export interface ScratchSlot {
  readonly form: "lanes" | "bits";
  readonly capacity: number;
}

export interface MemoryMap {
  readonly rows: Dim;
  readonly cols: Dim;
  /** Elements between the rows of every full operand. */
  readonly pitch: Dim;
  readonly blocks: readonly MemoryBlock[];
}

/** The value is in `src` after the blocks; the reduction itself is the printer's. */
export interface MemoryReduce extends MemoryMap {
  readonly fn: ReduceFn;
  /** Full lanes; f32 or i32. When it is scratch the reduction may overwrite it. */
  readonly src: VectorOperand;
  /** A slot as large as the source, free for the reduction to use. */
  readonly work: number;
  readonly along: "cols" | "rows";
  readonly carry: boolean;
  /** Tile that receives one value a row (packed column) or one row. */
  readonly out: string;
}
