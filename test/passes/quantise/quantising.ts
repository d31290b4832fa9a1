/** A pass over quantised graphs as one that needs to be told nothing more. */
import type { QuantiseContext, QuantisePass } from "../../../passes/quantise/scheme.js";
import type { TargetPass } from "../../../passes/target/stage.js";

const nothingTold: Omit<QuantiseContext, "catalogue"> = {
  heldAs: () => undefined,
  channelsOf: () => undefined,
  correctionOf: () => undefined,
  packed: () => undefined,
  isSkipped: () => false,
  activations: true,
  weights: { bits: 8 },
};

export function quantising({ name, run }: QuantisePass, told: Partial<QuantiseContext>): TargetPass {
  return { name, run: (graph, given) => run(graph, { ...given, ...nothingTold, ...told }) };
}
