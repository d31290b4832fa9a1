import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { computed, isTied } from "./fold-constants.js";
import { definePass, type Subject } from "../pass.js";

/** Operators whose operands after the first are weights to every library. */
const weighted: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization"]);

/** Levels stay levels while a model is an ONNX model. */
const isHeld = (by: AnyView): boolean => by.node.op === "DequantizeLinear";

/**
 * Conv(x, f(constants))  =>  Conv(x, constant)
 * and likewise for the other operators with weights, where f was left alone by fold-constants because its result takes
 * more room than its operands (a ConstantOfShape): a library wants weights, and batchnorm folds only into those.
 *
 * Skipped when f is random or has a body, for tied weights as fold-constants skips them, and for levels. The constant is
 * computed when it is loaded, and shared by all readers of f.
 */
export const foldWeights = definePass("fold-weights", (graph) => folded(graph, (by) => !isHeld(by)), { rounds: true });

/**
 * Conv(x, DequantizeLinear(levels))  =>  Conv(x, constant)
 * and likewise for the other operators with weights: what no integer product took is a product of floats, whose weights are
 * not made anew at every run.
 *
 * Skipped as fold-weights is.
 */
export const foldLevels = definePass("fold-levels", (graph) => folded(graph, isHeld), { rounds: true });

function folded(graph: Subject, takes: (by: AnyView) => boolean): Subject {
  const made = new Map<unknown, ReturnType<typeof computed>>();
  const weightsOf = (v: ValueView) => {
    const by = v.made;
    if (!by || !takes(by) || v.constant || by.outputs.length !== 1 || isTied(by)) return undefined;
    if (!made.has(by.node)) made.set(by.node, computed(by, graph.catalogue));
    return made.get(by.node)?.[0];
  };
  return graph.rewriteAny((view: AnyView, make) => {
    if (!weighted.has(view.node.op)) return;
    const inputs = view.inputs.map((v, i) => {
      const data = i > 0 && v ? weightsOf(v) : undefined;
      return data ? make.constant(data, v) : v;
    });
    if (inputs.every((v, i) => v === view.inputs[i])) return;
    return make.node(view.node.op, inputs, view.attrs, { types: view.node.outputs.map((y) => y?.type ?? { kind: "unknown" }) });
  });
}
