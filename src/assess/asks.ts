/** Which measurements on a card would narrow a model's time most: its bounds must hold, so each unknown is turned alone and the rest stays as wide as it is. */
import { askOf, changesPlaces, mostTelling, type Ask } from "../estimate/ask.js";
import { middleOf, type Interval } from "../estimate/interval.js";
import { said } from "../words/words.js";
import { dials, secondsOf, type Dial, type Dials, type Machine, type Work } from "./performance.js";
import type { AskReport } from "./report.js";

/** Another chip's time, to change places with. */
interface Other {
  readonly chip: string;
  readonly seconds: Interval | null | undefined;
}

export function asksOfBounds(work: readonly Work[], machine: Machine, others: readonly Other[]): AskReport[] {
  const whole = secondsOf(work, machine);
  if (!whole) return [];
  const timed = others.flatMap(({ chip, seconds }) => (seconds ? [{ chip, seconds }] : []));
  return mostTelling(dials.map((dial) => turned(dial, work, machine, whole))).map((a) => ({
    what: said(`ask.model.${a.unknown}`),
    gain: a.gain,
    flips: changesPlaces(a, timed, (o) => middleOf(o.seconds)).map((o) => o.chip),
  }));
}

function turned(dial: Dial, work: readonly Work[], machine: Machine, whole: Interval): Ask<Dial> {
  const at = (set: Dials): Interval => secondsOf(work, { ...machine, set }) ?? whole;
  const middle: Dials = Object.fromEntries(dials.map((d) => [d, "middle"]));
  // A rate at its least makes the time the longest; what a start costs does the opposite.
  const ends = (["lo", "hi"] as const).map((end) => at({ ...middle, [dial]: end }).lo);
  return askOf(dial, whole, at({ [dial]: "middle" }), { lo: Math.min(...ends), hi: Math.max(...ends) });
}
