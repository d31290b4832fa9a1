/**
 * Which layers stay in float so that a budget is met: each layer is held alone and the noise it adds to the outputs measured;
 * noises of layers add up, so those that add most are left out until the rest is small enough. What the sum foretells is then
 * measured, and more are left out where it was too hopeful. A metric foretells nothing: the shortest list of the noisiest layers
 * that it is content with is looked for by halves.
 */
import type { QuantiseContext } from "../../passes/quantise/scheme.js";
import type { Graph, Value } from "../ir/graph.js";
import { nodeLabel } from "../ir/record-attrs.js";
import { noiseOf } from "./budget.js";
import type { Samples } from "./calibrate/samples.js";
import { distances, type Figures } from "./distances.js";
import { heldGraph } from "./held.js";
import type { Judge, Scores } from "./judge.js";
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
  /** What a metric says. */
  readonly scores?: Scores;
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
/** Lists that are measured before the search for figures takes all layers. */
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
  judge: Judge,
  samples: Samples,
  options: QuantiseOptions,
): Promise<Found> {
  const few: Samples = { ...samples, count: Math.min(mostSamples, samples.count) };
  const measured = async (held: QuantiseContext): Promise<Iterable<Figures>> => {
    const after = heldGraph(eased, held, options.scheme);
    const ends = float.outputs.map((v, i): readonly [Value, Value] => [v, after.outputs[i]]);
    return (await distances(float, after, ends, few, options)).values();
  };
  const sizes = sizesOf(eased, heldGraph(eased, context, options.scheme), samples);
  const names = [...sizes].flatMap(([name, { isHeld }]) => (isHeld ? [name] : []));
  const sensitivities: Sensitivity[] = [];
  for (const name of names) {
    const noise = noiseOf(await measured({ ...context, isSkipped: (n) => nodeLabel(n) !== name || context.isSkipped(n) }));
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
  const at: At = async (count) => {
    const left = new Set(order.slice(0, count).map((s) => s.name));
    const held = await correct({ ...context, isSkipped: (n) => left.has(nodeLabel(n)) || context.isSkipped(n) });
    return { float: left, context: held, ...(await judge.verdictOn(heldGraph(eased, held, options.scheme))) };
  };
  const { noise } = judge;
  if (noise === undefined) return { ...(await halved(order.length, at)), choices };
  const first = choices.findIndex((_, k) => leftAfter(k) <= noise);
  return { ...(await stepped(first < 0 ? order.length : first, order.length, at)), choices };
}

/** The layers that lose most left out, so many of them. */
type At = (count: number) => Promise<Omit<Found, "choices">>;

/** More and more of `all`, from so many. */
async function stepped(first: number, all: number, at: At): Promise<Omit<Found, "choices">> {
  let count = first;
  for (let round = 0; ; round++) {
    const found = await at(count);
    if (found.isMet || count === all) return found;
    count = round === mostMeasured ? all : Math.min(all, count + Math.max(1, count >> 2));
  }
}

/** As few of `all` as are found when longer lists are taken to be better ones. */
async function halved(all: number, at: At): Promise<Omit<Found, "choices">> {
  const none = await at(0);
  if (none.isMet || all === 0) return none;
  let [best, low, high] = [await at(all), 0, all];
  while (best.isMet && high - low > 1) {
    const middle = (low + high) >> 1;
    const found = await at(middle);
    if (found.isMet) [best, high] = [found, middle];
    else low = middle;
  }
  return best;
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
