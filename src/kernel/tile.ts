/**
 * The tile IR: what a generated kernel does on any of the three chips, before one of them is named.
 *
 * Global memory holds flat buffers; a core has a small scratchpad holding tiles of rows x cols lanes; DMA copies
 * regions of a buffer to tiles and back; `map` computes one fused per-lane expression over whole tiles. All integers
 * (sizes, offsets, counts) are `Dim`s over the kernel's int parameters and the loop variables in scope; the host
 * computes the parameters before launch.
 *
 * A tile's rows lie `pitch` elements apart. A column vector (one value a row) is a tile with cols 1 and pitch 1, that
 * is, packed; a row vector is a tile with rows 1. Maps may run over the whole pitch (garbage lanes do no harm);
 * reductions and stores use cols only.
 */
import type { Cond } from "../base/cond.js";
import type { Dim } from "../base/dim.js";
import type { NativeOnly } from "./caps.js";
import type { BinaryFn, CompareFn, UnaryFn } from "../ops/primitive.js";

/** What a lane holds. Storage types carry bits only; `mask` lives inside expressions, never in a tile. */
export type LaneType = "f32" | "f16" | "bf16" | "i32" | "u32" | "i64" | "i16" | "u16" | "i8" | "u8" | "mask";

/** Element types of global buffers; bool is one byte, 0 or 1. */
export type BufferType = Exclude<LaneType, "mask"> | "bool";

export interface KernelBuffer {
  readonly name: string;
  readonly type: BufferType;
  readonly access: "read" | "write" | "readwrite";
  /** Elements that may be touched, for bounds checks and the interpreter. */
  readonly elements: Dim;
}

export interface Tile {
  readonly name: string;
  readonly type: Exclude<LaneType, "mask">;
  /** Elements reserved in the scratchpad: a constant; rows * pitch never exceeds it. */
  readonly capacity: number;
  /** Elements between rows. A multiple of the DMA granule unless the tile is a packed column vector (1). */
  readonly pitch: Dim;
  readonly space: "local" | "shared";
}

/**
 * A strided box of a buffer; dims outermost first. Its last dim has stride 1 (or size 1) and maps to a tile's cols, the
 * product of the others to its rows.
 */
export interface Region {
  readonly buffer: string;
  /** In elements. */
  readonly offset: Dim;
  readonly dims: readonly { readonly size: Dim; readonly stride: Dim }[];
}

/** How an expression reads a tile: lane by lane, one row for all rows, one column for all columns, or a single value. */
export type Spread = "full" | "row" | "col" | "scalar";

/**
 * A pure per-lane expression, a DAG by object identity (a shared node is computed once).
 * f16 and bf16 appear only in `cast` (loaded halves are widened, results rounded once); arithmetic is f32, i32 or mask
 * in vector maps, and any type in scalar maps.
 */
export type Expr =
  | { readonly op: "tile"; readonly type: Exclude<LaneType, "mask">; readonly tile: string; readonly as: Spread }
  | { readonly op: "const"; readonly type: LaneType; readonly value: number | bigint }
  /** A host-computed integer, as a lane value. */
  | { readonly op: "int"; readonly type: "i32" | "i64" | "f32"; readonly value: Dim }
  /** base + the lane's own row or column number, times step. */
  | { readonly op: "index"; readonly type: "i32" | "i64"; readonly axis: "row" | "col"; readonly base: Dim; readonly step: Dim }
  | { readonly op: "fn"; readonly type: LaneType; readonly fn: LaneFn; readonly args: readonly Expr[] }
  | { readonly op: "cmp"; readonly type: "mask"; readonly fn: CompareFn; readonly args: readonly [Expr, Expr] }
  | { readonly op: "select"; readonly type: LaneType; readonly args: readonly [mask: Expr, a: Expr, b: Expr] }
  /** mask to number gives 1 or 0; number to mask is != 0. */
  | {
      readonly op: "cast";
      readonly type: LaneType;
      readonly round: "trunc" | "rint";
      readonly overflow: "wrap" | "saturate";
      readonly args: readonly [Expr];
    }
  /** Scalar maps only: an element of global memory at a computed index. */
  | { readonly op: "load"; readonly type: Exclude<LaneType, "mask">; readonly buffer: string; readonly index: Expr };

/** Everything a lane can compute: the primitives' functions, and what expansions into native ones need (see Caps). */
export type LaneFn = UnaryFn | BinaryFn | NativeOnly;

export type ReduceFn = "sum" | "prod" | "max" | "min";

export type Stmt =
  /**
   * Runs `body` for index in [0, count). Over "cores" the iterations are independent and each runs on exactly one core,
   * in contiguous blocks; "serial" runs them in order on this core.
   */
  | { readonly op: "for"; readonly index: string; readonly count: Dim; readonly over: "cores" | "serial"; readonly body: readonly Stmt[] }
  /** A loop whose load, compute and store phases overlap between iterations (double buffering). `over` as in "for". */
  | {
      readonly op: "pipeline";
      readonly index: string;
      readonly count: Dim;
      readonly over: "cores" | "serial";
      readonly load: readonly Stmt[];
      readonly compute: readonly Stmt[];
      readonly store: readonly Stmt[];
    }
  /** Runs one branch on this core; the condition is uniform over lanes. */
  | { readonly op: "when"; readonly cond: Cond; readonly then: readonly Stmt[]; readonly otherwise: readonly Stmt[] }
  /** Names an integer: scalar registers, visible to the statements after it in the same block. */
  | { readonly op: "let"; readonly name: string; readonly value: Dim }
  /** DMA in. Rows of the region go to rows of the tile, the rest of the pitch is undefined. */
  | { readonly op: "load"; readonly from: Region; readonly to: string }
  /** DMA in with a row chosen by data: row r of the tile is [offset + index[r] * rowStride, cols) of the buffer. */
  | {
      readonly op: "loadrows";
      readonly buffer: string;
      readonly offset: Dim;
      readonly rowStride: Dim;
      readonly index: string;
      readonly to: string;
      readonly rows: Dim;
      readonly cols: Dim;
    }
  /** DMA out. */
  | { readonly op: "store"; readonly from: string; readonly to: Region }
  /** Tile to tile: to[r][c] = from[offset + r * rowStride + c * colStride]; covers transpose, stride picking, flip. Element type unchanged. */
  | {
      readonly op: "move";
      readonly to: string;
      readonly from: string;
      readonly rows: Dim;
      readonly cols: Dim;
      readonly offset: Dim;
      readonly rowStride: Dim;
      readonly colStride: Dim;
    }
  /** to[r][c] = from[index[r][c]], index an i32 tile of element positions within `from`. */
  | { readonly op: "lookup"; readonly to: string; readonly from: string; readonly index: string; readonly rows: Dim; readonly cols: Dim }
  /** One fused loop over rows x cols lanes. "scalar" runs lane by lane and may use `load` and any type. */
  | {
      readonly op: "map";
      readonly mode: "vector" | "scalar";
      readonly rows: Dim;
      readonly cols: Dim;
      readonly out: readonly { readonly tile: string; readonly value: Expr }[];
    }
  /** Scalar only: writes (or combines) one element of global memory a lane, at a computed index, in lane order. */
  | {
      readonly op: "scatter";
      readonly rows: Dim;
      readonly cols: Dim;
      readonly buffer: string;
      readonly index: Expr;
      readonly value: Expr;
      readonly combine: "none" | "add" | "mul" | "max" | "min";
    }
  /**
   * along "cols": out[r] = fn over c < cols (out is a column vector); along "rows": out[c] = fn over r < rows (a row
   * vector). With `carry` the old out takes part. max and min propagate NaN.
   */
  | {
      readonly op: "reduce";
      readonly out: string;
      readonly fn: ReduceFn;
      readonly value: Expr;
      readonly rows: Dim;
      readonly cols: Dim;
      readonly along: "cols" | "rows";
      readonly carry: boolean;
    };

export interface KernelInt {
  readonly name: string;
  readonly value: Dim;
  /** For the reader of the kernel: "rows of a tile". Several where one number serves several ends. */
  readonly meaning?: readonly string[];
}

export interface Kernel {
  /** A C identifier, unique in the bundle. */
  readonly name: string;
  /** The ONNX nodes it came from. */
  readonly origin: readonly string[];
  /** What it computes, one line for the file's header: `y = relu(a + b)`. */
  readonly summary: string;
  readonly schedule: "pointwise" | "rowreduce" | "colreduce" | "streamed" | "transpose" | "rows" | "scalar";
  readonly buffers: readonly KernelBuffer[];
  /** int32 parameters, computed on the host in this order; a value may read those before it, the body's Dims read all, by name. */
  readonly ints: readonly KernelInt[];
  readonly tiles: readonly Tile[];
  readonly body: readonly Stmt[];
  /** Independent work items over cores; the host launches min(cores, this). In host symbols and ints. */
  readonly parallelism: Dim;
}
