/** What samples say of a model's activations: their figures by channel, and the levels that each is to be held in. */
import { channelAxis, productsOf } from "../../passes/quantise/operands.js";
import type { HeldAs, QuantiseContext } from "../../passes/quantise/scheme.js";
import { isConst } from "../base/dim.js";
import { problem, type Diagnostic } from "../base/diagnostic.js";
import { breathe } from "../host/turns.js";
import { rankedType, type Graph, type Value } from "../ir/graph.js";
import { activationFigures, type ActivationFigures } from "./activations.js";
import { observe, observeChannels, type Calibrating, type Channelled } from "./calibrate/observe.js";
import type { Samples } from "./calibrate/samples.js";
import { isWatchable } from "./calibrate/watch.js";
import { asymmetricAffine, gridOf } from "./formats/grid.js";
import type { ChannelFigures } from "./observe/channels.js";
import type { Histogram } from "./observe/histogram.js";
import { chooseRange, type RangeRule } from "./observe/range.js";
import type { QuantiseOptions } from "./scheme.js";

/** Figures by channel of the activations that products with a constant weight read. */
export async function channelsOf(graph: Graph, samples: Samples, running: Calibrating): Promise<ReadonlyMap<Value, ChannelFigures>> {
  const wanted = new Map<Value, Channelled>();
  for (const { node, operands } of productsOf(graph)) {
    const value = node.inputs[operands.activations[0]];
    const shape = rankedType(value)?.shape;
    const axis = channelAxis(node, shape?.length ?? 0);
    const count = axis === undefined ? undefined : shape?.[axis];
    if (operands.weight?.inputs !== undefined && value && isWatchable(value) && axis !== undefined && count !== undefined && isConst(count))
      wanted.set(value, { value, axis, count });
  }
  return observeChannels("observe channels", graph, [...wanted.values()], samples, running);
}

interface Plan extends Pick<QuantiseContext, "heldAs"> {
  readonly diagnostics: readonly Diagnostic[];
  readonly activationsOf: (v: Value) => ActivationFigures | undefined;
}

/** How each activation of the products is held. */
export async function planOf(graph: Graph, samples: Samples, options: QuantiseOptions): Promise<Plan> {
  const wanted = productsOf(graph).flatMap(({ node, operands }) => operands.activations.map((i) => node.inputs[i] as Value));
  const values = [...new Set(wanted)].filter(isWatchable);
  const seen = await observe(graph, values, samples, options);
  await breathe(options.signal);
  const grids = new Map(values.map((v) => [v, heldAs(seen.get(v) as Histogram, options.ranges)]));
  const broken = values.filter((v) => (seen.get(v)?.broken ?? 0) > 0);
  const activationsOf = (v: Value): ActivationFigures | undefined => {
    const [histogram, held] = [seen.get(v), grids.get(v)];
    return histogram && held && activationFigures(v.name, histogram, held);
  };
  return { heldAs: (v) => grids.get(v), activationsOf, diagnostics: broken.map((v) => notFinite(v, seen.get(v)?.broken ?? 0)) };
}

const grid = gridOf("i8");

/** Undefined where nothing but zeros was seen. */
function heldAs(seen: Histogram, rule: RangeRule): HeldAs | undefined {
  const { lo, hi } = chooseRange(seen, rule, { steps: grid.high - grid.low, symmetric: false });
  return lo === hi ? undefined : { dtype: grid.dtype, ...asymmetricAffine(lo, hi, grid) };
}

function notFinite({ name }: Value, count: number): Diagnostic {
  return problem("calibration-not-finite", `"${name}" held ${count} values that are NaN or infinite on these samples`, {
    severity: "warning",
    location: { tensor: name },
    why: "Such values have no level: they are left out of its range.",
    fix: "Calibrate on samples that the model computes finite values for.",
  });
}
