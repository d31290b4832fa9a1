/** A step of model.cpp while it is written: its lines, and every vendor symbol they use. */
import type { Dim } from "../../../src/base/dim.js";
import type { DType } from "../../../src/base/dtype.js";
import { invariant } from "../../../src/base/diagnostic.js";
import type { CallSite, Emitted, Operand } from "../../../src/plan/target.js";
import { cnnlCalls } from "../calls.js";
import type { CallName } from "../calls.js";

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
  MatMul: ["cnnlMatMulDescCreate", "cnnlMatMulDescDestroy"],
  MatMulAlgo: ["cnnlMatMulAlgoCreate", "cnnlMatMulAlgoDestroy"],
  MatMulHeuristic: ["cnnlCreateMatMulHeuristicResult", "cnnlDestroyMatMulHeuristicResult"],
  Reduce: ["cnnlCreateReduceDescriptor", "cnnlDestroyReduceDescriptor"],
  OpTensor: ["cnnlCreateOpTensorDescriptor", "cnnlDestroyOpTensorDescriptor"],
  Activation: ["cnnlCreateActivationDescriptor", "cnnlDestroyActivationDescriptor"],
  Transpose: ["cnnlCreateTransposeDescriptor", "cnnlDestroyTransposeDescriptor"],
} as const satisfies Readonly<Record<string, readonly CallName[]>>;

export class Step {
  readonly site: CallSite;
  private readonly lines: string[] = [];
  private readonly uses = new Set<string>();
  private readonly cnnl = cnnlCalls(this.uses);

  constructor(site: CallSite) {
    this.site = site;
  }

  line(text: string): this {
    this.lines.push(text);
    return this;
  }

  call(name: CallName, ...args: readonly string[]): this {
    return this.line(this.cnnl(name, ...args));
  }

  /** `portolan::bang::Convolution conv;`, created. */
  hold(type: keyof typeof held, name: string): this {
    held[type].forEach((c) => this.uses.add(c));
    return this.line(`portolan::bang::${type} ${name};`).line(`PTL_TRY(${name}.create());`);
  }

  dims(shape: readonly Dim[]): string {
    return `{${shape.map((d) => this.site.dim(d)).join(", ")}}`;
  }

  /** A tensor descriptor; a scalar has rank 1. */
  tensor(name: string, layout: Layout, dtype: DType, shape: readonly Dim[]): this {
    const type = types[dtype];
    invariant(type, `CNNL has no ${dtype}`);
    ["cnnlCreateTensorDescriptor", "cnnlSetTensorDescriptor", "cnnlDestroyTensorDescriptor"].forEach((c) => this.uses.add(c));
    this.line(`portolan::bang::Tensor ${name};`);
    return this.line(`PTL_TRY(${name}.set(CNNL_LAYOUT_${layout}, ${type}, ${this.dims(shape.length === 0 ? [1] : shape)}));`);
  }

  /** `bytes` and `workspace`, asked for by `query`, which fills `bytes`. */
  workspace(query: () => void): this {
    this.line("size_t bytes = 0;");
    query();
    return this.line("void* workspace = r.workspace(bytes);").line("if (bytes > 0 && !workspace) return CNNL_STATUS_ALLOC_FAILED;");
  }

  input(i: number): Operand {
    const o = this.site.inputs[i];
    invariant(o, `${this.site.node.op} has no input ${i}`);
    return o;
  }

  get output(): Operand {
    const o = this.site.outputs[0];
    invariant(o, `${this.site.node.op} has no output`);
    return o;
  }

  get emitted(): Emitted {
    return { lines: ["const auto handle = static_cast<cnnlHandle_t>(r.library);", ...this.lines], uses: [...this.uses].sort() };
  }
}

export function step(site: CallSite, write: (s: Step) => void): Emitted {
  const s = new Step(site);
  write(s);
  return s.emitted;
}

/** Numbers of an array literal. */
export function list(values: readonly (number | string)[]): string {
  return `{${values.join(", ")}}`;
}

export function dtypeName(dtype: DType): string {
  return types[dtype] ?? "CNNL_DTYPE_INVALID";
}
