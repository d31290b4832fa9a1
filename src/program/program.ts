/**
 * The Program: what a bundle does, with nothing left to decide but sizes, and no C++ in it: `src/emit` makes the text.
 * It is the manifest's content: every field survives JSON (dims and kernels as their canonical text), and the zod schema
 * in `schema.ts` reads it back.
 */
import type { Cond } from "../base/cond.js";
import type { Dim } from "../base/dim.js";
import type { DType } from "../base/dtype.js";
import type { Attr } from "../ir/graph.js";
import type { Kernel } from "../kernel/tile.js";

/** How far a claim about a vendor symbol or a step has been carried (DESIGN.md section 6). A twin lifts to E1 at most. */
export type Evidence = "E0" | "E1" | "E2" | "E3" | "E4" | "E5";

/** Where a symbol's value comes from at run time. */
export type SymbolSource =
  /** An extent of an input, given by `set_dims`. */
  | { readonly kind: "extent"; readonly input: string; readonly axis: number }
  /** Given by a `read` or a `let` step while the program runs, from then on. */
  | { readonly kind: "step" };

export interface ProgramSymbol {
  readonly name: string;
  readonly source: SymbolSource;
  readonly lo: number;
  /** Infinity prints as null. */
  readonly hi: number;
}

/**
 * Where a buffer lies. `state` is a context's own from run to run, zero at first; `host` is memory of the host, which the
 * runtime fills and reads; `arena` is shared by all that do not live at the same time.
 */
export type Home = "input" | "output" | "weight" | "state" | "arena" | "host";

export interface ProgramBuffer {
  /** Index in `buffers`. */
  readonly id: number;
  /** The ONNX tensor's name, or one derived from it. */
  readonly name: string;
  /** What lies in memory. An int64 input stored as int32 has dtype "i64" at the boundary and `stored` "i32". */
  readonly dtype: DType;
  readonly stored: DType;
  readonly shape: readonly Dim[];
  readonly home: Home;
  /** Same bytes as another buffer, from its start. */
  readonly aliasOf?: number;
}

export interface ProgramWeight {
  readonly buffer: number;
  /** Bytes of an unchanged tensor in the model's own file (or beside it), or of the bundle's safetensors. */
  readonly from: { readonly file: string; readonly offset: number; readonly length: number };
  /** Named streaming conversion while loading: "as-is", "i64-to-i32", "f32-to-f16". */
  readonly pack: "as-is" | "i64-to-i32" | "f32-to-f16" | "bf16-to-f32" | "f64-to-f32";
}

/** Attributes that say themselves without a model's bytes. */
export type CallAttr = Extract<Attr, { kind: "int" | "float" | "text" | "ints" | "floats" | "texts" | "dims" }>;

/** A call of the vendor's library: what the target's row for this operator makes of it. */
export interface Call {
  readonly op: "call";
  /** The row's own name among the target's: `Conv`, `contract`. */
  readonly row: string;
  /** The operator or primitive it answers, whose attributes it has. */
  readonly operator: string;
  /** An operator of one operand that it also applies to the result, before that is written. */
  readonly then?: string;
  readonly attrs: Readonly<Record<string, CallAttr>>;
  /** Buffers by operand position; null where an optional one is absent. */
  readonly inputs: readonly (number | null)[];
  readonly outputs: readonly (number | null)[];
  /** Which axis of the operator's own order stands at each place of an input, null where they stand as they are; absent where all do. */
  readonly orders?: readonly (readonly number[] | null)[];
}

/** A launch of one of the program's kernels. */
export interface Launch {
  readonly op: "launch";
  readonly kernel: string;
  /** In the order of the kernel's own. */
  readonly buffers: readonly number[];
  /** Values of the kernel's integers, in their order; one may read those before it by name. */
  readonly ints: readonly Dim[];
  /** Independent work items. */
  readonly parallelism: Dim;
}

export interface Copy {
  readonly op: "copy";
  readonly from: number;
  readonly to: number;
  /** Where it begins in `to`, in bytes. */
  readonly at: Dim;
  readonly bytes: Dim;
}

/** Several acts, one after the other: nothing between them is asked of the host. */
export interface Region {
  readonly op: "region";
  readonly body: readonly Act[];
}

/** What one C++ function of the bundle does: it goes to the device as a whole. */
export type Act = Call | Launch | Copy | Region;

interface Named {
  /** Stable from compile to compile: derived from the step's origin, not from its position. */
  readonly id: string;
  /** ONNX nodes it came from. */
  readonly origin: readonly string[];
}

/** A step that computes, with the other way to do the same. */
export interface Compute extends Named {
  readonly op: "compute";
  readonly act: Act;
  /** The other way, compiled in and chosen by PORTOLAN_STEP_<id>=library|kernel. */
  readonly alternate?: Act;
  /** Why there is no other way, where one was looked for. */
  readonly oneWay?: string;
}

/** Waits for the device, copies a buffer, which may be an input, into one of the host and makes integers of it known as symbols. */
export interface Read extends Named {
  readonly op: "read";
  readonly from: number;
  /** Of home `host`. */
  readonly to: number;
  readonly symbols: readonly { readonly name: string; readonly at: number }[];
}

/** Fills a buffer with one integer, which symbols decide. */
export interface Write extends Named {
  readonly op: "write";
  readonly to: number;
  readonly value: Dim;
}

/** Gives symbols values, all at once; buffers that depend on them are as large as these say from then on. */
export interface Let extends Named {
  readonly op: "let";
  readonly symbols: readonly { readonly name: string; readonly value: Dim }[];
}

/**
 * From here on each of a pair has the memory that the other had: a carried value changes hands without a copy. The first of a
 * pair has what the second held; the second is to be written anew. Either steps decide how large both are, or neither.
 */
export interface Bind extends Named {
  readonly op: "bind";
  readonly pairs: readonly (readonly [number, number])[];
}

export interface Branch extends Named {
  readonly op: "branch";
  readonly when: Cond;
  readonly then: readonly Step[];
  readonly otherwise: readonly Step[];
}

/** Runs its body as long as `when` holds, which is asked before each round. */
export interface Loop extends Named {
  readonly op: "loop";
  readonly when: Cond;
  readonly body: readonly Step[];
}

export type Step = Compute | Read | Write | Let | Bind | Branch | Loop;

export interface ProgramGuard {
  readonly when: Cond;
  readonly message: string;
}

export interface Program {
  readonly schemaVersion: 2;
  readonly name: string;
  /** Prefix of every C symbol of the bundle. */
  readonly prefix: string;
  readonly target: string;
  readonly chip: string;
  readonly sdk: string;
  readonly precision: "fp32" | "fp16";
  /** fp32 products and convolutions may round their operands to HF32, where the chip has that. */
  readonly allowHf32: boolean;
  readonly symbols: readonly ProgramSymbol[];
  readonly guards: readonly ProgramGuard[];
  readonly buffers: readonly ProgramBuffer[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly weights: readonly ProgramWeight[];
  /** Every kernel that is launched, one of each name. */
  readonly kernels: readonly Kernel[];
  readonly steps: readonly Step[];
}
