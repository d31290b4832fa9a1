/** What would narrow the time of a token most on a chip, and what hangs on it. */
import type { Said } from "../base/said.js";
import { asksOfErrors, changesPlaces, flips } from "../estimate/ask.js";
import type { Hanging, Served } from "../estimate/serving.js";
import { said, type WordKey } from "../words/words.js";

export interface SpeedAsk {
  readonly what: Said;
  /** By what factor the interval of the time of a token becomes narrower. */
  readonly gain: number;
  readonly flips: readonly Said[];
}

/** A chip whose time may be known. */
interface Timed {
  readonly chip: { readonly chip: string };
  readonly served?: Served;
}

const askKeys: Readonly<Record<Hanging, WordKey>> = {
  bandwidth: "ask.bandwidth",
  "memory bandwidth": "ask.memory-bandwidth",
  "narrow peak": "ask.narrow-peak",
  compute: "ask.compute",
  call: "ask.call",
  request: "ask.request",
  exchange: "ask.exchange",
  link: "ask.link",
  accepted: "ask.accepted",
  busy: "ask.busy",
};

/** The measurements that would narrow the time of a token most, and what they would decide. */
export function asksOn(d: Timed, all: readonly Timed[], wanted: number): SpeedAsk[] {
  if (d.served === undefined) return [];
  const others = all.filter((o) => o !== d && o.served !== undefined);
  return asksOfErrors(d.served.tokenTime).map((a) => {
    const places = changesPlaces(a, others, (o) => o.served?.tokenTime.at ?? 0).map((o) => o.chip.chip);
    const decided = [
      ...(flips(a, wanted) ? [said("ask.flips-latency", { ms: Math.round(wanted * 1e3) })] : []),
      ...(places.length > 0 ? [said("ask.flips-place", { chips: places.join(", ") })] : []),
    ];
    return { what: said(askKeys[a.unknown]), gain: Number(a.gain.toFixed(2)), flips: decided };
  });
}
