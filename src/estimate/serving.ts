/** How fast a deployment serves on a chip: bounds on a step, on the first token and on tokens a second, and what they rest on. */
import type { ChipRow } from "../chips/row.js";
import { boundsOn, measurementsOf, type Efficiency } from "./efficiency.js";
import type { ServingUnknown } from "./bounds.js";
import { figuresOf, type Peak } from "./figures.js";
import type { MeasuredEngine } from "./measured/row.js";
import { peakOf } from "./precision.js";
import { spread, type Estimate, type Unknown } from "./spread.js";
import { decodeStep, prefill, type Deployment, type Overheads, type Rates } from "./step.js";

/** What a serving figure may hang on. */
export type Hanging = ServingUnknown | "link" | "memory bandwidth";

interface ServingCase {
  readonly chip: ChipRow;
  readonly engine?: MeasuredEngine;
  readonly deployment: Deployment;
  readonly products: Peak;
  readonly attention: Peak;
}

export interface Point {
  /** Requests at once. */
  readonly requests: number;
  /** Tokens of a prompt, and of its answer. */
  readonly input: number;
  readonly output: number;
}

export interface Served {
  /** Seconds between tokens of one request. */
  readonly tokenTime: Estimate<Hanging>;
  /** Seconds to the first token of a prompt that does not wait. */
  readonly firstToken: Estimate<Hanging>;
  /** Tokens a second, all requests together. */
  readonly rate: Estimate<Hanging>;
  readonly basis: Efficiency["basis"];
  readonly measurements: number;
}

type At = Readonly<Record<Hanging, number>>;

/** Where nothing was measured, an interval is never narrower than four times. */
const leastUnmeasured = 4;

function noNarrower<K extends string>(e: Estimate<K>): Estimate<K> {
  const short = leastUnmeasured / (e.hi / e.lo);
  return short <= 1 ? e : { ...e, lo: e.lo / Math.sqrt(short), hi: e.hi * Math.sqrt(short) };
}

/** Absent where no source tells how fast the chip multiplies. */
export function servedOn({ chip, engine, deployment, products, attention }: ServingCase, point: Point): Served | undefined {
  const figures = figuresOf(chip);
  const [byWeights, byQueries] = [peakOf(figures, products), peakOf(figures, attention)];
  if (byWeights === undefined || byQueries === undefined) return undefined;
  const unknowns: Readonly<Record<Hanging, Unknown>> = {
    ...boundsOn(chip, engine),
    link: figures.link,
    "memory bandwidth": figures.bandwidth,
  };
  const rates = (at: At): Rates => ({
    bandwidth: at["memory bandwidth"] * at.bandwidth,
    ...{ products: byWeights * at.compute, attention: byQueries * at.compute, link: at.link },
  });
  const extra = (at: At): Overheads => ({ call: at.call, request: at.request, exchange: at.exchange });
  const { requests, input, output } = point;
  const step = (at: At): number => decodeStep(deployment, rates(at), extra(at), { requests, context: input + output / 2, drafts: 0 });
  const { basis, count } = measurementsOf(chip);
  const told = (figure: (at: At) => number): Estimate<Hanging> => {
    const estimate = spread(unknowns, figure);
    return basis === "none" ? noNarrower(estimate) : estimate;
  };
  return {
    tokenTime: told(step),
    firstToken: told((at) => prefill(deployment, rates(at), extra(at), input)),
    rate: told((at) => requests / step(at)),
    ...{ basis, measurements: count },
  };
}
