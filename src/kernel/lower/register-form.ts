/**
 * What a `map` or a `reduce` becomes on a machine that computes in registers (Kunlun, Ascend 950): loops whose body
 * loads 16 lanes a tile, computes, and stores. Every register is assigned once.
 *
 * A loop prints as
 *
 *     once
 *     for r in [0, rows)            // absent when flat: then one row of rows * pitch lanes
 *       perRow                      // values of column vectors, splatted
 *       for c in [0, cols) by 16
 *         body                      // full loads at r * pitch + c, row loads at c
 *
 * with loads and stores of a tile at its own pitch. Lanes past cols are computed and stored too: the pitch has room for
 * them. A packed column (pitch 1) is only ever stored by a flat loop.
 */
import type { Dim } from "../../base/dim.js";
import type { CastRound } from "../caps.js";
import type { LaneType, ReduceFn } from "../tile.js";
import type { VectorFn } from "./memory-form.js";

/** A register by number, or a scalar (last argument of `caps.scalarForms` functions and of shifts only). */
export type RegisterArg = { readonly reg: number } | SplatValue;

export type SplatValue =
  | { readonly kind: "const"; readonly type: LaneType; readonly value: number }
  | { readonly kind: "int"; readonly type: LaneType; readonly value: Dim }
  /** Element r of a packed column (in perRow), or the first element (in once); narrow types widen to `type`. */
  | { readonly kind: "read"; readonly type: LaneType; readonly source: TileRef; readonly at: "row" | "first" };

/** A tile, or a spill slot of the lowering (16-lane rows of four bytes, same pitch as the map). */
export type TileRef = { readonly tile: string } | { readonly slot: number };

export type RegisterOp =
  /**
   * Lanes of a tile, `stored` its element type there, `type` the lane type in the register: f16 and bf16 widen to f32;
   * i8, u8, i16, u16 to i32. Otherwise bits are unchanged.
   */
  | {
      readonly op: "load";
      readonly dst: number;
      readonly from: TileRef;
      readonly stored: LaneType;
      readonly type: LaneType;
      readonly as: "full" | "row";
    }
  | { readonly op: "splat"; readonly dst: number; readonly type: LaneType; readonly value: SplatValue }
  /** `type` is the type of the operands (for select: of the values); a mask register holds one bit a lane. */
  | { readonly op: "apply"; readonly dst: number; readonly fn: VectorFn; readonly type: LaneType; readonly args: readonly RegisterArg[] }
  | {
      readonly op: "cast";
      readonly dst: number;
      readonly from: LaneType;
      readonly to: LaneType;
      readonly round: CastRound;
      readonly src: number;
    }
  /** The same bits under another type. */
  | { readonly op: "bitcast"; readonly dst: number; readonly from: LaneType; readonly to: LaneType; readonly src: number }
  /** base + step * (row or column number of the lane), i32; axis "row" only in perRow, where all lanes are equal. */
  | { readonly op: "iota"; readonly dst: number; readonly axis: "row" | "col"; readonly base: Dim; readonly step: Dim }
  /** Narrows from f32 or i32 to `stored`: f16 and bf16 round to nearest even, integers keep their low bits. */
  | { readonly op: "store"; readonly to: TileRef; readonly stored: LaneType; readonly type: LaneType; readonly src: number };

export interface RegisterLoop {
  readonly flat: boolean;
  readonly once: readonly RegisterOp[];
  readonly perRow: readonly RegisterOp[];
  readonly body: readonly RegisterOp[];
  /** Vector registers alive at once, hoisted ones included; masks are scalar registers and not counted. */
  readonly pressure: number;
}

export interface RegisterMap {
  readonly rows: Dim;
  readonly cols: Dim;
  readonly pitch: Dim;
  /** More than one only when the expression needed more registers than there are; later loops read spill slots. */
  readonly loops: readonly RegisterLoop[];
  /** Spill slots 0 .. spills - 1 to declare, each rows * pitch lanes of four bytes; nearly always none. */
  readonly spills: number;
}

/**
 * The reduction accumulates `src` of each body pass: along "cols" in registers across c, folded over lanes at the end
 * of the row (lanes at and past cols take no part); along "rows" into the out tile.
 */
export interface RegisterReduce extends RegisterMap {
  readonly fn: ReduceFn;
  /** The register, f32 or i32, of the last loop's body that holds the value. */
  readonly src: number;
  readonly type: LaneType;
  readonly along: "cols" | "rows";
  readonly carry: boolean;
  readonly out: string;
}
