/** How fast a deployment serves on a chip: bounds on a step, on the first token and on tokens a second, and what they rest on. */
import type { ChipRow } from "../chips/row.js";
import { boundsOn, measurementsOf, type Efficiency } from "./efficiency.js";
import type { ServingUnknown } from "./bounds.js";
import { figuresOf, type Peak } from "./figures.js";
import type { MeasuredEngine } from "./measured/row.js";
import { peakOf } from "./precision.js";
import { known, spread, type Estimate, type Unknown } from "./spread.js";
import { decodeStep, prefill, type Deployment, type Overheads, type Rates } from "./step.js";

/** What a serving figure may hang on. */
export type Hanging = ServingUnknown | "link" | "memory bandwidth" | "narrow peak";

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
  /** Tokens that are guessed ahead of each step, by layers that the model has for it. */
  readonly drafts?: number;
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

/** All that a serving figure of a chip may hang on. A narrow type whose rate nobody tells is as fast as halves, up to twice that. */
function unknownsOf({ chip, engine, products }: ServingCase): Readonly<Record<Hanging, Unknown>> {
  const figures = figuresOf(chip);
  const told = figures.peaks[products] !== undefined;
  return {
    ...boundsOn(chip, engine),
    ...{ link: figures.link, "memory bandwidth": figures.bandwidth },
    "narrow peak": told ? known(1) : { lo: 1, at: Math.SQRT2, hi: 2 },
  };
}

/** Rates of a chip; absent where no source tells how fast it multiplies. */
function ratesOf({ chip, products, attention }: ServingCase): ((at: At) => Rates) | undefined {
  const figures = figuresOf(chip);
  const [byWeights, byQueries] = [peakOf(figures, products), peakOf(figures, attention)];
  if (byWeights === undefined || byQueries === undefined) return undefined;
  return (at) => ({
    bandwidth: at["memory bandwidth"] * at.bandwidth,
    products: byWeights * at["narrow peak"] * at.compute,
    ...{ attention: byQueries * at.compute, link: at.link },
  });
}

/** Absent where no source tells how fast the chip multiplies. */
export function servedOn(c: ServingCase, { requests, input, output, drafts = 0 }: Point): Served | undefined {
  const rates = ratesOf(c);
  if (rates === undefined) return undefined;
  const unknowns = unknownsOf(c);
  const { basis, count } = measurementsOf(c.chip);
  const told = (figure: (at: At) => number): Estimate<Hanging> => {
    const estimate = spread(unknowns, figure);
    return basis === "none" ? noNarrower(estimate) : estimate;
  };
  const extra = (at: At): Overheads => ({ call: at.call, request: at.request, exchange: at.exchange });
  const load = { requests, context: input + output / 2, drafts };
  const token = (at: At): number => decodeStep(c.deployment, rates(at), extra(at), load) / (1 + drafts * at.accepted);
  return {
    tokenTime: told(token),
    firstToken: told((at) => prefill(c.deployment, rates(at), extra(at), input)),
    rate: told((at) => requests / token(at)),
    ...{ basis, measurements: count },
  };
}
