/** Which measurements on a card would narrow a time most, and which comparisons hang on them: worked out by turning each unknown alone. */
import { middleOf, widthOf, type Interval } from "../estimate/interval.js";
import { said } from "../words/words.js";
import { dials, secondsOf, type Dial, type Dials, type Machine, type Work } from "./performance.js";
import type { AskReport } from "./report.js";

/** Another chip's time, to change places with. */
interface Other {
  readonly chip: string;
  readonly seconds: Interval | null | undefined;
}

const most = 3;
/** What brings less than a hundredth is no measurement worth a day. */
const least = 1.01;

export function asksOf(work: readonly Work[], machine: Machine, others: readonly Other[]): AskReport[] {
  const whole = secondsOf(work, machine);
  if (!whole) return [];
  return dials
    .map((dial) => askOf(dial, work, machine, whole, others))
    .filter((a) => a.gain > least)
    .sort((a, b) => b.gain - a.gain)
    .slice(0, most);
}

function askOf(dial: Dial, work: readonly Work[], machine: Machine, whole: Interval, others: readonly Other[]): AskReport {
  const at = (set: Dials): Interval => secondsOf(work, { ...machine, set }) ?? whole;
  const middle: Dials = Object.fromEntries(dials.map((d) => [d, "middle"]));
  // A rate at its least makes the time the longest; what a start costs does the opposite.
  const ends = (["lo", "hi"] as const).map((end) => at({ ...middle, [dial]: end }).lo);
  const [fast, slow] = [Math.min(...ends), Math.max(...ends)];
  const between = ({ seconds }: Other): boolean => !!seconds && middleOf(seconds) > fast && middleOf(seconds) < slow;
  return {
    what: said(`ask.model.${dial}`),
    gain: widthOf(whole) / widthOf(at({ [dial]: "middle" })),
    flips: others.filter(between).map((o) => o.chip),
  };
}
