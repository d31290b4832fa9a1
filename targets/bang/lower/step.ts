/** A step of model.cpp while it is written: its lines, and every vendor symbol they use. */
import type { Dim } from "../../../src/base/dim.js";
import type { DType } from "../../../src/base/dtype.js";
import { invariant } from "../../../src/base/diagnostic.js";
import type { Node } from "../../../src/ir/graph.js";
import type { CallSite, Chip, Emitted } from "../../../src/claim/target.js";
import { levelsAs } from "../../kit/node.js";
import { CallStep } from "../../kit/step.js";
import { bangChip } from "../caps.js";
import { cnnlCalls, constants, type CallName } from "../calls.js";
const types: Readonly<Partial<Record<DType, string>>> = {
  f32: "CNNL_DTYPE_FLOAT",
  f16: "CNNL_DTYPE_HALF",
  bf16: "CNNL_DTYPE_BFLOAT16",
  i32: "CNNL_DTYPE_INT32",
  i16: "CNNL_DTYPE_INT16",
  i8: "CNNL_DTYPE_INT8",
  u8: "CNNL_DTYPE_UINT8",
  bool: "CNNL_DTYPE_BOOL",
  i64: "CNNL_DTYPE_INT64",
};

export type Layout = "ARRAY" | "NHWC" | "HWCN";

/** RAII types of runtime/portolan_cnnl.h, and the calls each makes in its life. */
const held = {
  Convolution: ["cnnlCreateConvolutionDescriptor", "cnnlDestroyConvolutionDescriptor"],
  Pooling: ["cnnlCreatePoolingDescriptor", "cnnlDestroyPoolingDescriptor"],
  MatMul: ["cnnlCreateMatMulDescriptor", "cnnlDestroyMatMulDescriptor"],
  MatMulAlgo: ["cnnlCreateMatMulAlgo", "cnnlDestroyMatMulAlgo"],
  MatMulHeuristic: ["cnnlCreateMatMulHeuristicResult", "cnnlDestroyMatMulHeuristicResult"],
  Quantize: ["cnnlCreateQuantizeExDescriptor", "cnnlDestroyQuantizeExDescriptor"],
  Reduce: ["cnnlCreateReduceDescriptor", "cnnlDestroyReduceDescriptor"],
  OpTensor: ["cnnlCreateOpTensorDescriptor", "cnnlDestroyOpTensorDescriptor"],
  Activation: ["cnnlCreateActivationDescriptor", "cnnlDestroyActivationDescriptor"],
  Transpose: ["cnnlCreateTransposeDescriptor", "cnnlDestroyTransposeDescriptor"],
} as const satisfies Readonly<Record<string, readonly CallName[]>>;

export class Step extends CallStep {
  readonly #cnnl = cnnlCalls(this.symbols);

  call(name: CallName, ...args: readonly string[]): this {
    return this.line(this.#cnnl(name, ...args));
  }

  /** `portolan::bang::Convolution conv;`, created. */
  hold(type: keyof typeof held, name: string): this {
    this.use(...held[type]);
    return this.line(`portolan::bang::${type} ${name};`).line(`PTL_CNNL(${name}.create());`);
  }

  /** A tensor descriptor; a scalar has rank 1. */
  tensor(name: string, layout: Layout, dtype: DType, shape: readonly Dim[]): this {
    const type = types[dtype];
    invariant(type, `CNNL has no ${dtype}`);
    this.use("cnnlCreateTensorDescriptor", "cnnlSetTensorDescriptor", "cnnlDestroyTensorDescriptor" satisfies CallName);
    this.line(`portolan::bang::Tensor ${name};`);
    return this.line(`PTL_CNNL(${name}.set(CNNL_LAYOUT_${layout}, ${type}, ${this.list(shape.length === 0 ? [1] : shape)}));`);
  }

  /** A vendor constant whose use has a record of its own. */
  constant(name: keyof typeof constants): string {
    this.use(name);
    return name;
  }

  /** A descriptor that makes a result of halves accumulate in float: halves are what the library sums in otherwise, bf16 it refuses. */
  onChipFloat(name: string): this {
    const call = "cnnlSetQuantizeExDescriptorQuantSchemeAndDtype";
    return this.hold("Quantize", name).call(call, name, "CNNL_QUANTIZE_NONE", "CNNL_DTYPE_FLOAT");
  }

  /** A descriptor of levels that are multiplied as they are: one step is 1. */
  levels(name: string): this {
    this.hold("Quantize", name).line("const int position = 0;").line("const float one_step = 1.0f;");
    const how = ["CNNL_POINTER_MODE_HOST", "CNNL_QUANTIZE_PER_TENSOR", "CNNL_QUANTIZE_POSITION_SCALE", "CNNL_DTYPE_INT8"];
    return this.call("cnnlSetQuantizeExDescriptorScalarQuant", name, "&position", "&one_step", "nullptr", ...how);
  }

  /** `bytes` and `workspace`, or names with a prefix, asked for by `query`, which fills the bytes. */
  workspace(query: (bytes: string) => void, prefix = ""): this {
    const [bytes, workspace] = [`${prefix}bytes`, `${prefix}workspace`];
    this.line(`size_t ${bytes} = 0;`);
    query(`&${bytes}`);
    return this.line(`void* ${workspace} = r.workspace(${bytes});`).line(`if (${bytes} > 0 && !${workspace}) return portolan::no_memory;`);
  }
}

export function step(site: CallSite, write: (s: Step) => void): Emitted {
  const s = new Step(site);
  write(s);
  return { lines: ["const auto handle = static_cast<cnnlHandle_t>(r.library);", ...s.lines], uses: s.uses };
}

/** Whether operands are levels that the chip's library multiplies, with sums as floats; or why not. */
export function acceptsLevels(node: Node, chip: Chip): true | string {
  return bangChip(chip).multipliesLevels ? levelsAs("f32", node) : `CNNL is not known to multiply INT8 on ${chip.caps.chip}`;
}
