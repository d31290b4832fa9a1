/**
 * What a target provides. `targets/<t>/target.ts` exports one value of this type; nothing below the targets names one.
 */
import type { Dim } from "../base/dim.js";
import type { DType } from "../base/dtype.js";
import type { ConstData, Node, Value } from "../ir/graph.js";
import type { Caps } from "../kernel/caps.js";
import type { Kernel } from "../kernel/tile.js";
import type { KernelPart } from "../program/kernel-file.js";
import type { Evidence } from "../program/program.js";
import type { WeightProduct } from "../quant/formats/product.js";
import type { Witness } from "./witness.js";

/** A vendor symbol generated code may use: a library call, an intrinsic, a runtime function, a type or a constant. */
export interface SymbolRecord {
  readonly kind: "call" | "intrinsic" | "runtime";
  readonly header: string;
  /** As it stands in contract.json: return type, name, parameter types in order. */
  readonly signature: string;
  /** First SDK release it holds for. */
  readonly since: string;
  readonly evidence: Evidence;
  /** Repository and path it was read at. */
  readonly seen: string;
  /** The numbered assumption that a record rests on which is E0 or has no witness. */
  readonly assumption?: string;
  /** What independent public sources say of it. */
  readonly witness: Witness;
}

/** Chips with one such text run the same kernels, on as many cores as they have. */
export function kernelGroup({ arch, caps }: Chip): string {
  return `${arch}, ${caps.local.bytes} bytes`;
}

export interface Chip {
  readonly caps: Caps;
  /** What the vendor's compiler calls it: dav-2201, mtp_592, xpu3. */
  readonly arch: string;
  /** Types the chip's matrix unit multiplies; a contraction in another type is converted around the call. */
  readonly contractTypes: readonly DType[];
  /** The most memory that a card is known to give one such chip, in bytes. Makers who write GB mean 2^30 of them. */
  readonly memoryBytes: number;
  /** The most bytes of one allocation, where that is less than all memory. */
  readonly allocationBytes?: number;
  /** The SDK profile the chip's code is written for, where a target's chips differ in it. */
  readonly profile?: string;
}

/** An operand of a library call as an emitter sees it. */
export interface Operand {
  /** Type in device memory. */
  readonly dtype: DType;
  readonly shape: readonly Dim[];
  /** A C++ expression for its device pointer, `void*`. */
  readonly ptr: string;
}

/** Prints integers that may depend on run-time sizes, as C++ of type int64_t. */
type SpellDim = (d: Dim) => string;

export interface CallSite {
  readonly node: Node;
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: readonly (Operand | undefined)[];
  /** An operator of one operand to apply to the result, one of the row's `epilogue`. */
  readonly then?: string;
  readonly dim: SpellDim;
  readonly chip: Chip;
  /** fp32 products and convolutions may round their operands to HF32, where the chip has that. */
  readonly allowHf32: boolean;
}

/** C++ statements of a step's body and the vendor symbols they use. Statements return a status by `PTL_TRY(expr)`. */
export interface Emitted {
  readonly lines: readonly string[];
  readonly uses: readonly string[];
}

/** What a graph knows of a value when compiling. */
export type ConstantOf = (v: Value | undefined) => ConstData | undefined;

/** One library answer to an operator (an ONNX name, or a primitive's). */
export interface ClaimRow {
  readonly op: string;
  /** Its own name among the target's rows; absent, the operator's. */
  readonly name?: string;
  /** Types of the first input it takes. */
  readonly types: readonly DType[];
  /** "library": chosen first (contraction, convolution, pooling, resize, sort). "alternate": only beside a generated kernel. */
  readonly role: "library" | "alternate";
  /** Layouts the call wants, as permutations from ONNX order, by operand position; absent is as it stands. Transposes are inserted around it. */
  readonly layout?: (node: Node) => {
    readonly inputs: readonly (readonly number[] | undefined)[];
    readonly outputs: readonly (readonly number[] | undefined)[];
  };
  /** Element types the call wants of its inputs where they differ from what the node has; casts are inserted. */
  readonly operandTypes?: (node: Node, chip: Chip) => readonly (DType | undefined)[] | undefined;
  /**
   * Of a Gemm: its one call adds C where that is a row, and then applies one of these operators (by their ONNX names, perhaps
   * none). Absent where C is a call of its own.
   */
  readonly epilogue?: readonly string[];
  /** What the call reads beside the node's operands, after them: scales that a call asks for where the graph has none. */
  readonly besides?: (node: Node, chip: Chip) => readonly ConstData[];
  /** Constant operands as the call wants them packed, by position; absent is as it stands, null is not read. Made when the bundle is written. */
  readonly packed?: (node: Node, constantOf: ConstantOf) => readonly (ConstData | null | undefined)[];
  /** true, or why not (rank, attribute, chip), for the report. Sees the node before layouts are applied. */
  readonly accepts?: (node: Node, chip: Chip, constantOf: ConstantOf) => true | string;
  /** Sees operands after layouts were applied, and then what stands `besides`. */
  readonly emit: (site: CallSite) => Emitted;
}

export interface PrintedKernel {
  /** kernels/<name>.cpp, .mlu or .xpu. */
  readonly path: string;
  readonly text: string;
  /** Lines of the text by what they are for. */
  readonly parts: readonly KernelPart[];
  /** Declares in model.cpp what `launch` calls. */
  readonly declaration: string;
  /** Names of the kernel's ints that a launch hands over, in their order; the text reads no others. */
  readonly ints: readonly string[];
  readonly uses: readonly string[];
}

export interface LaunchSite {
  readonly kernel: Kernel;
  /** C++ pointer expressions, in the order of kernel.buffers. */
  readonly pointers: readonly string[];
  /** C++ int32 expressions, in the order of PrintedKernel.ints. */
  readonly ints: readonly string[];
  /** C++ int32 expression: independent work items (Kernel.parallelism). */
  readonly parallelism: string;
  readonly chip: Chip;
}

/** A file of a bundle, complete. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

export interface Target {
  readonly name: string;
  readonly title: string;
  readonly vendor: string;
  readonly chips: Readonly<Record<string, Chip>>;
  /** Chips for which nothing is generated, as far as the library's documents speak of them: only whether rows accept a node is asked. */
  readonly documentedChips?: Readonly<Record<string, Chip>>;
  /** Operators that a call is described for on those chips, where no row asks: the call, where it was read, and element types of its first tensor. */
  readonly documentedCalls?: Readonly<Record<string, readonly [call: string, seen: string, types?: string]>>;
  readonly defaultChip: string;
  /** SDK profiles, default first: "CANN 8.1.RC1". */
  readonly profiles: readonly string[];
  /** How CMake names it: cann, neuware, xtdk. */
  readonly sdkOption: string;
  readonly rows: readonly ClaimRow[];
  /** Calls that multiply by a weight of packed integers, first the one to be taken where it can say the weight; none on some chips. */
  readonly weightProducts: (chip: Chip) => readonly WeightProduct[];
  readonly symbols: Readonly<Record<string, SymbolRecord>>;
  readonly printKernel: (kernel: Kernel, chip: Chip) => PrintedKernel;
  readonly launch: (site: LaunchSite) => Emitted;
  /** `#include` lines model.cpp needs for the calls it makes. */
  readonly modelIncludes: (uses: readonly string[]) => readonly string[];
  /** Folder of the C++ files every bundle of this target carries under runtime/, relative to the package root. */
  readonly runtimeFolder: string;
  /** Folder of the twin's sources, relative to the package root. */
  readonly twinFolder: string;
  /** Files of the twin that follow from the records above, by path in that folder: declarations of calls, instructions. */
  readonly declarations: () => Readonly<Record<string, string>>;
  /**
   * The twin also checks plain accesses to memory (`nram[i] = x`): kernels are compiled with a call for each load and one for each
   * store, also where `x[i] += y` makes both of one place.
   */
  readonly watchesAccesses?: boolean;
  /** The vendor's build makes a header aclrtlaunch_<kernel>.h for each kernel. */
  readonly launchHeaders: boolean;
  /** What a shell needs before it builds for the card or runs there, as commands, each with what it does. */
  readonly environment: readonly { readonly command: string; readonly does: string }[];
  /** The CMake variable that names the chip, where the kernels of one chip serve the others of its architecture. */
  readonly chipOption?: string;
  /** The vendor half of the bundle's CMakeLists.txt: what -DPORTOLAN_SDK=<sdkOption> does. `sources` are the kernel files. */
  readonly cmake: (bundle: { readonly prefix: string; readonly chip: Chip; readonly kernels: readonly string[] }) => string;
}
