/** What one chip can do, as data: everything a schedule or a lowering may ask about a chip is a field here. */
import type { BinaryFn, CompareFn, UnaryFn } from "../ops/primitive.js";
import type { LaneType, ReduceFn } from "./tile.js";

export interface Caps {
  /** The chip as users write it: Ascend910B2, MLU590, P800. */
  readonly chip: string;
  /** Vector cores a launch can use at once. */
  readonly cores: number;
  readonly local: {
    /** Usable bytes of a core's scratchpad for tiles and scratch, after the vendor's reserve. */
    readonly bytes: number;
    /** Byte alignment of a tile and of its rows for vector operands. */
    readonly granule: number;
    /**
     * Memory machines: every vector instruction runs over whole runs of so many bytes, of each of its operands. A lane count is then
     * rounded up to what fills them in every type that conversions know. Absent: over any number of lanes.
     */
    readonly wholeBytes?: number;
  };
  readonly shared?: { readonly bytes: number; readonly cores: number };
  /** Lanes one vector instruction works on, in bytes. */
  readonly vectorBytes: number;
  /** "memory": scratchpad to scratchpad instructions; "register": load, compute in registers, store. */
  readonly compute: "memory" | "register";
  readonly dma: {
    /** Dims one DMA descriptor walks: 1 contiguous run, 2 blocks with strides, 3. */
    readonly rank: 1 | 2 | 3;
    readonly maxBlocks: number;
    /** Byte granule of a transfer's length on the global side: 1 or 32. */
    readonly unitBytes: number;
    /** Two cores must not write within one granule of global memory. */
    readonly storeGranule: number;
    /** A source stride of 0 repeats a row. */
    readonly stride0: boolean;
  };
  /** Compare and select pad their lane count to this many bytes. */
  readonly comparePadBytes: number;
  /**
   * The functions the vector unit has, by lane type of the operands: `native["exp"]` lists the types. Absent: expanded
   * by `src/kernel/expansions/expand.ts` into native ones. `shl` and `shr` take a constant amount; `shr` is arithmetic on i32 and
   * logical on u32. `and`, `or`, `xor`, `not` work on masks, `bitand` and the like on i32. `select` lists the types of
   * the values chosen. `floor`, `ceil`, `round` and `trunc` stay in f32. `bitcast` costs nothing and need not be listed.
   */
  readonly native: Readonly<Partial<Record<UnaryFn | BinaryFn | CompareFn | "select" | NativeOnly, readonly LaneType[]>>>;
  /** Whether the native `min` and `max` give NaN when either operand is NaN; if not, expansions add the test. */
  readonly nanMinMax: boolean;
  /**
   * Conversions of the vector unit with the roundings it offers; "exact" where the target type holds every value of
   * the source type. Values out of the target's range are never given to a narrowing conversion, except to f32->i32
   * (result then unspecified), nor is a fraction to one from f32 to a narrower integer that is "exact". "mask->f32" and "mask->i32" give 1 or 0; where absent they come from `select`.
   */
  readonly casts: Readonly<Partial<Record<`${LaneType}->${LaneType}`, readonly CastRound[]>>>;
  /**
   * Functions whose last operand may be a scalar (a constant, a host integer, a value read from a tile); "select" is
   * select(mask, x, scalar). For other functions the lowering fills a scratch tile or splats a register.
   */
  readonly scalarForms: readonly (BinaryFn | CompareFn | "select")[];
  /** Memory machines: functions whose second operand may be one row repeated over all rows (__bang_cycle_add). */
  readonly cycleForms?: readonly (BinaryFn | CompareFn)[];
  /** Memory machines: the reductions of f32 that the vector unit does, along rows or columns; absent: all of them. */
  readonly reductions?: readonly (readonly [fn: ReduceFn, along: "rows" | "cols"])[];
  /** Memory machines: whole tiles of one constant are filled once a kernel, in scratch of their own, and not in every tile. */
  readonly keepsConstants?: boolean;
  /** Where a mask lives: packed bits in scratch, 1.0 or 0.0 lanes of f32 in scratch, or a scalar register of 16 bits. */
  readonly maskForm: "bits" | "lanes" | "register";
  /** Buffers a pipelined tile takes: 2 for double buffering. */
  readonly depth: number;
  /** Kernel arguments at most, pointers and ints together. */
  readonly maxArgs: number;
  /** Bytes of all arguments at most, a pointer being 8 and an int 4. */
  readonly maxArgBytes?: number;
  /** Largest grid a launch takes. */
  readonly maxGrid: number;
}

/** Whether a launch takes so many pointers and ints; pointers come first, so that nothing is lost between them. */
export function argumentsFit(caps: Caps, pointers: number, ints: number): boolean {
  return pointers + ints <= caps.maxArgs && 8 * pointers + 4 * ints <= (caps.maxArgBytes ?? Infinity);
}

/** How a conversion that loses digits rounds: to nearest even, toward zero, or not at all. */
export type CastRound = "exact" | "rint" | "trunc";

/** Functions expansions may use that no ONNX operator names: 2^x, log2 x, a*b+c, bit reinterpretation. */
export type NativeOnly = "exp2" | "log2" | "fma" | "bitcast";
