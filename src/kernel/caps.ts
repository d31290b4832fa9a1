/** What one chip can do, as data: everything a schedule or a lowering may ask about a chip is a field here. */
import type { BinaryFn, CompareFn, UnaryFn } from "../ops/primitive.js";
import type { LaneType } from "./tile.js";

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
   * The functions the vector unit has, by lane type: `native["exp"]` lists the types. Absent: expanded by
   * `src/kernel/expand.ts` into native ones.
   */
  readonly native: Readonly<Partial<Record<UnaryFn | BinaryFn | CompareFn | "select" | NativeOnly, readonly LaneType[]>>>;
  /** Buffers a pipelined tile takes: 2 for double buffering. */
  readonly depth: number;
  /** Kernel arguments at most, pointers and ints together. */
  readonly maxArgs: number;
  /** Largest grid a launch takes. */
  readonly maxGrid: number;
}

/** Functions expansions may use that no ONNX operator names: 2^x, log2 x, a*b+c, bit reinterpretation. */
export type NativeOnly = "exp2" | "log2" | "fma" | "bitcast";
