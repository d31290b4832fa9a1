/** Kernels for a library step, from the meaning of its operator. */
import { DiagnosticError } from "../base/diagnostic.js";
import { finishNow } from "../base/steps.js";
import { elementCount } from "../base/tensor.js";
import { tensorType } from "../base/value-type.js";
import { decompose } from "../ir/rewrite/decompose.js";
import { Names } from "../ir/rewrite/names.js";
import { nodeAttrs } from "../ir/primitive-node.js";
import { rankedType, type Graph, type Node, type Value } from "../ir/graph.js";
import { planUnits } from "../kernel/group/group.js";
import { mostConstantElements, type Alternate, type AlternateOptions } from "./alternates.js";
import { matrixOps } from "../claim/claim.js";
import { halve } from "./half.js";
import { operandPerm, operatorAttrs, outputPerm, rowOf } from "./legalise.js";
import { narrowIntegers } from "./narrow.js";
import type { Target } from "../claim/target.js";
import { expandTransposed } from "./transposed-convolution.js";

/** Matrix work that kernels may stand in for: models hold little of it, mostly on few channels. */
const kernelsToo: ReadonlySet<string> = new Set(["ConvTranspose", "convtranspose"]);

/** Kernels for what a library node does, or why there are none. */
export function kernelAlternate(node: Node, graph: Graph, options: AlternateOptions): Alternate | string {
  const { op } = rowOf(options.target, node);
  if (matrixOps.has(op) && !kernelsToo.has(op)) return "vector cores would be far slower at matrix work than the library's matrix unit";
  try {
    return kernelsFor(node, graph, options);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map((d) => `${d.code}: ${d.message}`).join("; ");
  }
}

function kernelsFor(node: Node, graph: Graph, options: AlternateOptions): Alternate | string {
  const { target, chip, catalogue, ranges } = options;
  const called = operatorGraph(node, graph, target);
  // Kernels compute in f32 whatever the call takes.
  const { graph: own, storedAs } = halve(called, {
    catalogue,
    precision: "fp32",
    wide: new Set(),
    takesHalves: () => false,
    halves: new Map(),
  });
  const plain = expandTransposed(
    decompose(own, catalogue, () => false),
    catalogue,
    new Set(),
  );
  const ready = narrowIntegers(finishNow(options.simplify(plain)));
  if (!sameValues(ready.inputs, own.inputs) || !sameValues(ready.outputs, own.outputs))
    return "its operands or results are others once it is taken apart";
  const added = [...ready.constants].flatMap(([v, c]) => (own.constants.has(v) ? [] : [elementCount(c.shape)]));
  const elements = added.reduce((n, count) => n + count, 0);
  if (elements > mostConstantElements) return `kernels would store ${elements} elements of its weights a second time`;
  const units = planUnits(ready, { caps: chip.caps, isLibrary: () => false, ranges, prefix: options.kernelPrefix(node), storedAs });
  const left = units.flatMap((u) => (u.kind === "node" ? [u.node.op] : []));
  return left.length === 0
    ? { kind: "kernel", units, constants: ready.constants }
    : `no kernel carries out ${[...new Set(left)].join(", ")}`;
}

function sameValues(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((v, i) => v === b[i]);
}

/** One operator between the library's layouts: transposes back to ONNX order, the operator, transposes forth. */
export function operatorGraph(node: Node, graph: Graph, target: Target): Graph {
  const names = new Names(graph);
  const before: Node[] = [];
  const after: Node[] = [];
  const transposed = (v: Value, perm: readonly number[]): Value => {
    const type = rankedType(v);
    return {
      name: names.fresh(v.name),
      type: type
        ? tensorType(
            type.dtype,
            perm.map((p) => type.shape[p]),
          )
        : v.type,
    };
  };
  const move = (x: Value, y: Value, perm: readonly number[]): Node => ({
    op: "transpose",
    inputs: [x],
    outputs: [y],
    attrs: nodeAttrs("transpose", { perm }),
    origin: node.origin,
  });
  const inverse = (perm: readonly number[]): number[] => perm.map((_, axis) => perm.indexOf(axis));
  const inputs = node.inputs.map((v, i) => {
    const perm = operandPerm(node, i);
    if (!v || !perm) return v;
    const x = transposed(v, inverse(perm));
    before.push(move(v, x, inverse(perm)));
    return x;
  });
  const outputs = node.outputs.map((v, i) => {
    const perm = outputPerm(node, i);
    if (!v || !perm) return v;
    const y = transposed(v, inverse(perm));
    after.push(move(y, v, perm));
    return y;
  });
  const operator: Node = { ...node, op: rowOf(target, node).op, inputs, outputs, attrs: operatorAttrs(node) };
  const read = [...new Set(node.inputs.filter((v): v is Value => v !== undefined))];
  return {
    ...graph,
    guards: [],
    inputs: read.filter((v) => !graph.constants.has(v)),
    outputs: node.outputs.filter((v): v is Value => v !== undefined),
    constants: new Map([...graph.constants].filter(([v]) => read.includes(v))),
    nodes: [...before, operator, ...after],
  };
}
