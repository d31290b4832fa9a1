/**
 * The Program: what a bundle does, with nothing left to decide but sizes. It is the manifest's content: every field
 * survives JSON (dims as their canonical text), and the zod schema in `schema.ts` reads it back.
 */
import type { Cond } from "../base/cond.js";
import type { Dim } from "../base/dim.js";
import type { DType } from "../base/dtype.js";

/** How far a claim about a vendor symbol or a step has been carried (DESIGN.md section 6). A twin lifts to E1 at most. */
export type Evidence = "E0" | "E1" | "E2" | "E3" | "E4" | "E5";

export interface ProgramSymbol {
  readonly name: string;
  /** Where its value comes from at run time: an extent of an input. */
  readonly source: { readonly input: string; readonly axis: number };
  readonly lo: number;
  /** Infinity prints as null. */
  readonly hi: number;
}

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

/** One way to carry out a step, as C++ statements of the step's function. */
export interface StepWay {
  readonly kind: "library" | "kernel" | "scalar" | "copy" | "host";
  /** Vendor symbols it uses, keys of the target's symbol table; the step's evidence is the lowest of theirs. */
  readonly uses: readonly string[];
  readonly evidence: Evidence;
  /** Those of `uses` that no independent public source confirms; absent where there are none. */
  readonly unwitnessed?: readonly string[];
  /** Kernels it launches, in order. */
  readonly kernels: readonly string[];
  /** Buffers only this way touches: they live in this step alone. */
  readonly temps: readonly number[];
}

export interface ProgramStep {
  /** Stable from compile to compile: derived from the step's origin, not from its position. */
  readonly id: string;
  /** ONNX nodes it came from. */
  readonly origin: readonly string[];
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly way: StepWay;
  /** The other way, compiled in and chosen by PORTOLAN_STEP_<id>=library|kernel. */
  readonly alternate?: StepWay;
}

export interface ProgramGuard {
  readonly when: Cond;
  readonly message: string;
}

export interface Program {
  readonly schemaVersion: 1;
  readonly name: string;
  /** Prefix of every C symbol of the bundle. */
  readonly prefix: string;
  readonly target: string;
  readonly chip: string;
  readonly sdk: string;
  readonly precision: "fp32" | "fp16";
  readonly symbols: readonly ProgramSymbol[];
  readonly guards: readonly ProgramGuard[];
  readonly buffers: readonly ProgramBuffer[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly weights: readonly ProgramWeight[];
  /** Arena buffers that live at the same time. */
  readonly conflicts: readonly (readonly [number, number])[];
  readonly steps: readonly ProgramStep[];
}
