/** What the fit found, as unknowns with bounds: the shares of a chip's peaks that serving reaches, and what an engine costs besides. */
import type { ChipRow } from "../chips/row.js";
import { fitted } from "./fitted.js";
import type { MeasuredEngine } from "./measured/row.js";
import { between, share, wider, within, type Unknown } from "./spread.js";

/** Chips that share what was measured: those of one maker. */
export type Family = "ascend" | "cuda";

/** Figures that the fit turns: shares of peaks, seconds, and how much longer than its steps a device takes under a load that never ends. */
export const dialNames = [
  "bandwidth ascend",
  "bandwidth cuda",
  "compute ascend",
  "compute cuda",
  "call vllm-ascend",
  "call mindie",
  "call chitu",
  "call cann-recipes",
  "call cuda",
  "request",
  "exchange",
  "busy",
] as const;
export type DialName = (typeof dialNames)[number];

interface Dial {
  readonly at: number;
  /** By how much it may be off on either side. */
  readonly factor: number;
}

export interface Fitted {
  /** Absent of what no document told. */
  readonly dials: Readonly<Partial<Record<DialName, Dial>>>;
  /** Share of guessed tokens that hold: least and most that the documents tell. */
  readonly accepted: readonly [number, number];
}

export type ServingUnknown = "bandwidth" | "compute" | "call" | "request" | "exchange" | "accepted" | "busy";
export type ServingBounds = Readonly<Record<ServingUnknown, Unknown>>;

const dialOf = (dial: Dial | undefined): Unknown | undefined => dial && within(dial.at, dial.factor);

/** Engines of which the fit saw nothing cost what the others do, the least to the most. */
function callOf({ dials }: Fitted, family: Family, engine: MeasuredEngine | undefined): Unknown {
  const own = family === "cuda" ? dials["call cuda"] : dials[`call ${engine}` as DialName];
  const all = dialNames.flatMap((n) => (n.startsWith("call ") && n !== "call cuda" ? (dials[n]?.at ?? []) : []));
  return dialOf(own) ?? between(Math.min(...all), Math.max(...all));
}

/** A script that runs a fixed batch schedules nothing. */
const nothing: Unknown = { lo: 0, at: 0, hi: 0 };

/** What nothing told is taken to be within a factor of ten. */
const untold = (at: number): Unknown => within(at, 10);

/** Bounds on a chip of a family that was measured; without an engine, whichever it be. */
export function servingBounds(family: Family, engine: MeasuredEngine | undefined, f: Fitted = fitted): ServingBounds {
  const { dials } = f;
  const busy = dialOf(dials.busy) ?? between(1, 2);
  return {
    bandwidth: share(dialOf(dials[`bandwidth ${family}`]) ?? between(0.2, 0.9)),
    compute: share(dialOf(dials[`compute ${family}`]) ?? between(0.15, 0.8)),
    call: callOf(f, family, engine),
    request: engine === "cann-recipes" ? nothing : (dialOf(dials.request) ?? untold(1e-4)),
    exchange: dialOf(dials.exchange) ?? untold(2e-5),
    accepted: share(wider(between(...f.accepted), 1.2)),
    busy: { ...busy, lo: Math.max(1, busy.lo), at: Math.max(1, busy.at) },
  };
}

/** Makers of whose chips something was measured. */
const families: Readonly<Partial<Record<string, Family>>> = { Huawei: "ascend", NVIDIA: "cuda" };

/** The family whose measurements speak of a chip; absent where none do. */
export const familyOf = ({ vendor }: ChipRow): Family | undefined => families[vendor];
