/**
 * Which layers stay in float so that a budget is met: each layer is held alone and the noise it adds to the outputs measured;
 * noises of layers add up, so those that add most are left out until the rest is small enough. What the sum foretells is then
 * measured, and more are left out where it was too hopeful.
 */
import type { QuantiseContext } from "../../passes/quantise/scheme.js";
import type { Graph, Value } from "../ir/graph.js";
import { nodeLabel } from "../ir/record-attrs.js";
import { isMet, noiseAt, noiseOf, type Budget } from "./budget.js";
import type { Samples } from "./calibrate/samples.js";
import { distances, type Figures } from "./distances.js";
import { heldGraph } from "./held.js";
import { sizesOf, type LayerSize } from "./layers.js";
import type { QuantiseOptions } from "./scheme.js";

/** One way to hold the model: with the `float` most sensitive layers left out. */
export interface Choice {
  readonly float: number;
  /** Signal over noise that is foretold, in dB. */
  readonly sqnrDb: number;
  /** Bytes of the weights of all layers. */
  readonly bytes: number;
  /** Share of multiplications that are in integers; absent where no input tells an extent. */
  readonly macs?: number;
}

interface Found {
  /** Names of layers that stay in float. */
  readonly float: ReadonlySet<string>;
  readonly isMet: boolean;
  /** What they are left out with. */
  readonly context: QuantiseContext;
  /** From all layers held to none. */
  readonly choices: readonly Choice[];
}

interface Sensitivity {
  readonly name: string;
  /** Noise over signal of the worst output when this layer alone is held. */
  readonly noise: number;
}

/** Samples that the sensitivity of a layer is measured on. */
const mostSamples = 4;
/** Lists that are measured before the search takes all of them. */
const mostMeasured = 8;

interface Told {
  readonly context: QuantiseContext;
  /** With corrections of what is held: of all layers together, since each makes up for those before it. */
  readonly correct: (context: QuantiseContext) => Promise<QuantiseContext>;
}

/** Throws and rejects as `distances` does. */
export async function search(
  { float, eased }: { readonly float: Graph; readonly eased: Graph },
  { context, correct }: Told,
  budget: Budget,
  samples: Samples,
  options: QuantiseOptions,
): Promise<Found> {
  const few: Samples = { ...samples, count: Math.min(mostSamples, samples.count) };
  const measured = async (held: QuantiseContext, on: Samples): Promise<readonly Figures[]> => {
    const after = heldGraph(eased, held, options.scheme);
    const ends = float.outputs.map((v, i): readonly [Value, Value] => [v, after.outputs[i]]);
    return [...(await distances(float, after, ends, on, options)).values()];
  };
  const sizes = sizesOf(eased, heldGraph(eased, context, options.scheme), samples);
  const names = [...sizes].flatMap(([name, { isHeld }]) => (isHeld ? [name] : []));
  const sensitivities: Sensitivity[] = [];
  for (const name of names) {
    const noise = noiseOf(await measured({ ...context, isSkipped: (n) => nodeLabel(n) !== name || context.isSkipped(n) }, few));
    sensitivities.push({ name, noise });
    options.onEvent?.({ kind: "progress", label: "sensitivity", done: sensitivities.length, total: names.length });
  }
  const order = sensitivities.sort((a, b) => b.noise - a.noise || (a.name < b.name ? -1 : 1));
  const leftAfter = (count: number): number => order.slice(count).reduce((sum, s) => sum + s.noise, 0);
  const choices = order.map((_, float): Choice => ({
    float,
    sqnrDb: -10 * Math.log10(leftAfter(float)),
    ...sizeWith(float, order, sizes),
  }));
  let count = choices.findIndex((_, k) => leftAfter(k) <= noiseAt(budget));
  if (count < 0) count = order.length;
  for (let round = 0; ; round++) {
    const left = new Set(order.slice(0, count).map((s) => s.name));
    const held = await correct({ ...context, isSkipped: (n) => left.has(nodeLabel(n)) || context.isSkipped(n) });
    const met = isMet(budget, await measured(held, samples));
    if (met || count === order.length) return { float: left, isMet: met, context: held, choices };
    count = round === mostMeasured ? order.length : Math.min(order.length, count + Math.max(1, count >> 2));
  }
}

/** With the first so many of the order in float. */
function sizeWith(float: number, order: readonly Sensitivity[], sizes: ReadonlyMap<string, LayerSize>): Pick<Choice, "bytes" | "macs"> {
  const told = order.map(({ name }) => sizes.get(name) as LayerSize);
  const others = [...sizes.values()].filter((l) => !l.isHeld);
  const bytesOf = (some: readonly LayerSize[], of: "weightBytes" | "heldBytes"): number => some.reduce((sum, l) => sum + l[of], 0);
  const bytes = bytesOf([...others, ...told.slice(0, float)], "weightBytes") + bytesOf(told.slice(float), "heldBytes");
  if ([...told, ...others].some((l) => l.macs === undefined)) return { bytes };
  const macs = (some: readonly LayerSize[]): number => some.reduce((sum, l) => sum + (l.macs ?? 0), 0);
  return { bytes, macs: macs(told.slice(float)) / (macs([...told, ...others]) || 1) };
}
