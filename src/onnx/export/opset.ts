/** Which opsets and which IR version a file needs for the operators and element types it holds. */
import { dtypes, type DType } from "../../base/dtype.js";
import type { ValueType } from "../../base/value-type.js";
import type { Graph, Node } from "../../ir/graph.js";
import { definedValues, eachGraph } from "../../ir/walk.js";
import { foreignOpsets } from "../bytes/metadata.js";

/** Opsets that can be written. Before 6 operators carried hints of the optimiser that made the file. */
export const [oldestOpset, newestOpset] = [6, 28];

/** The newest that released runtimes read (onnxruntime 1.30 refuses 27). The internal forms are valid there but for those below. */
const usualOpset = 26;

/** Operators, or uses of them, that opset 26 does not know (docs/Changelog.md of onnx/onnx). */
const newer: Readonly<Record<string, (node: Node) => number>> = {
  CausalConvWithState: () => 27,
  LinearAttention: () => 27,
  Range: (node) => (node.attrs.stash_type || isHalf(node) ? 27 : usualOpset),
  SwiGLU: () => 28,
  Celu: (node) => (dtypeOf(node) === "f32" || dtypeOf(node) === undefined ? usualOpset : 28),
};

function dtypeOf(node: Node): DType | undefined {
  const type = node.inputs[0]?.type;
  return type?.kind === "tensor" ? type.dtype : undefined;
}

function isHalf(node: Node): boolean {
  const dtype = dtypeOf(node);
  return dtype === "f16" || dtype === "bf16";
}

export function domainOf(op: string): { readonly domain: string; readonly name: string } {
  const at = op.lastIndexOf("::");
  return at < 0 ? { domain: "", name: op } : { domain: op.slice(0, at), name: op.slice(at + 2) };
}

/** Every domain the graph uses or was imported with; "" is ai.onnx, at `own` where that is given. */
export function opsetsOf(graph: Graph, own?: number): ReadonlyMap<string, number> {
  const opsets = new Map([["", own ?? usualOpset], ...foreignOpsets(graph.metadata)]);
  eachGraph(graph, (g) => {
    for (const node of g.nodes) {
      const { domain, name } = domainOf(node.op);
      if (own !== undefined && domain === "") continue;
      const version = node.version ?? (domain === "" && Object.hasOwn(newer, name) ? newer[name](node) : 1);
      opsets.set(domain, Math.max(version, opsets.get(domain) ?? 1));
    }
  });
  return opsets;
}

/** Initializers stand beside the inputs, not among them, since this version. */
const separateInitializers = 4;

/** The IR version that brought an element type; at least `own`, or 10, which is what tools of the last years read. */
export function irVersionFor(graph: Graph, own = 10): number {
  const versions: Partial<Record<DType, number>> = { f4e2m1: 11, f8e8m0: 12, u2: 13, i2: 13 };
  let version = Math.max(own, separateInitializers);
  const visit = (type: ValueType | undefined): void => {
    if (!type || type.kind === "unknown") return;
    if ("dtype" in type) version = Math.max(version, versions[type.dtype] ?? 0);
    else visit(type.of);
  };
  eachGraph(graph, (g) => {
    for (const v of definedValues(g)) visit(v.type);
    // Element types also hide in attributes: the target of a Cast.
    for (const node of g.nodes) if (node.attrs.to?.kind === "int" && node.attrs.to.value >= dtypes.f4e2m1.onnx) version = 13;
  });
  return version;
}
