import { isConst, type Dim } from "../../../src/base/dim.js";
import type { DType } from "../../../src/base/dtype.js";
import { fail } from "../../../src/base/diagnostic.js";
import { rankedType, type Node, type Value } from "../../../src/ir/graph.js";
import type { CallSite, Chip, Emitted, Operand } from "../../../src/claim/target.js";
import { calls, type ArgsOf, type CallName } from "../calls.js";
import { ascendChip } from "../caps.js";
import type { RuntimeCall } from "../intrinsics.js";
import { aclTypes, refusal, type TensorAsked } from "../limits.js";
import { CallStep } from "../../kit/step.js";

/** Element types that generated code makes no tensors of. */
const notMade: readonly DType[] = ["u16", "u32"];

function aclType(dtype: DType): string {
  return (
    (notMade.includes(dtype) ? undefined : aclTypes[dtype]) ??
    fail("unsupported-dtype", `aclnn has no ${dtype} tensors that generated code can make`)
  );
}

export type Format = "ND" | "NCL" | "NCHW" | "NCDHW";

/** Convolutions and pooling say their layout by rank. */
export function imageFormat(rank: number): Format {
  return rank === 3 ? "NCL" : rank === 5 ? "NCDHW" : "NCHW";
}

export class Step extends CallStep {
  /** Tensors by the name they were declared under. */
  readonly #declared = new Map<string, TensorAsked>();

  /** Declares a dense tensor; a rank of 0 becomes one element of rank 1, which every operator takes. */
  tensor(name: string, x: Operand, format: Format = "ND", shape: readonly Dim[] = x.shape): string {
    this.use("aclCreateTensor", "aclDestroyTensor" satisfies RuntimeCall);
    const dims = shape.length === 0 ? [1] : shape;
    this.#declared.set(name, { dtype: x.dtype, rank: dims.length });
    this.line(`const AclTensor ${name}(${x.ptr}, ${aclType(x.dtype)}, ACL_FORMAT_${format}, ${this.list(dims)});`);
    return name;
  }

  /** Declares a view whose dims are a dense tensor's in another order. */
  view(name: string, x: Operand, perm: readonly number[], shape: readonly Dim[] = x.shape): string {
    if (perm.every((p, i) => p === i)) return this.tensor(name, x, "ND", shape);
    this.use("aclCreateTensor", "aclDestroyTensor" satisfies RuntimeCall);
    this.#declared.set(name, { dtype: x.dtype, rank: shape.length });
    const strides = shape.map((_, i) => shape.slice(i + 1));
    const product = (dims: readonly Dim[]) =>
      dims
        .filter((d) => d !== 1)
        .map((d) => (isConst(d) ? `${d}` : `(${this.site.dim(d)})`))
        .join(" * ") || "1";
    const spelled = `{${perm.map((p) => product(strides[p])).join(", ")}}`;
    const dims = this.list(perm.map((p) => shape[p]));
    this.line(`const AclTensor ${name}(${x.ptr}, ${aclType(x.dtype)}, ACL_FORMAT_ND, ${dims}, ${spelled}, ${this.list(shape)});`);
    return name;
  }

  ints(name: string, values: readonly Dim[]): string {
    this.use("aclCreateIntArray", "aclDestroyIntArray" satisfies RuntimeCall);
    this.line(`const AclInts ${name}(${this.list(values)});`);
    return name;
  }

  scalar(name: string, value: string): string {
    this.use("aclCreateScalar", "aclDestroyScalar" satisfies RuntimeCall);
    this.line(`const AclScalar ${name}(${value});`);
    return name;
  }

  /** Both phases of a call. */
  call<N extends CallName>(name: N, args: ArgsOf<N>): this {
    this.use(name);
    this.#requireTaken(name, args as readonly string[]);
    const list = [...(args as readonly string[]), "&call.bytes", "&call.executor"].join(", ");
    this.line(
      "AclCall call(r);",
      `PTL_TRY(${name}GetWorkspaceSize(${list}));`,
      "PTL_TRY(call.reserve());",
      `PTL_TRY(${name}(call.workspace, call.bytes, call.executor, call.stream));`,
    );
    return this;
  }

  /** A row that claims what its call refuses is a mistake of ours. */
  #requireTaken(name: CallName, args: readonly string[]): void {
    const given = calls[name].params.map(([param], i) => [param, this.#declared.get(args[i])] as const);
    const why = refusal(name, Object.fromEntries(given.filter(([param]) => param in calls[name].tensors)), ascendChip(this.site.chip));
    if (why !== undefined) fail("internal-kernel", `${this.site.node.op} was claimed although ${why}`);
  }
}

/**
 * cubeMathType: 0 KEEP_DTYPE, 3 USE_HF32 (facts cann/host.md). HF32 is taken only when asked for and where the chip
 * multiplies f32 at all.
 */
export function precisionOf({ inputs, chip, allowHf32 }: CallSite): string {
  return allowHf32 && inputs[0]?.dtype === "f32" && chip.contractTypes.includes("f32") ? "3" : "0";
}

/** What a row's `accepts` asks of its call: the node's operands under the names of the call's parameters. */
export function taken(name: CallName, node: Node, chip: Chip, params: Readonly<Record<string, Value | undefined>>): true | string {
  const asked = Object.entries(params).map(([param, v]): [string, TensorAsked | undefined] => {
    const type = rankedType(v);
    return [param, type && { dtype: type.dtype, rank: Math.max(1, type.shape.length) }];
  });
  return refusal(name, Object.fromEntries(asked), ascendChip(chip)) ?? true;
}

export function step(write: (s: Step) => void): (site: CallSite) => Emitted {
  return (site) => {
    const s = new Step(site);
    write(s);
    return { lines: s.lines, uses: s.uses };
  };
}
