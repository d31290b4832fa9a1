/**
 * The few device functions a kernel file may open with, each printed only where it is used: what the vendor's API
 * leaves to every kernel author. They are text so that a kernel file stands alone.
 */
import type { AscendChip } from "../caps.js";
import type { Intrinsic } from "../intrinsics.js";
import { copies } from "./helpers/copies.js";
import type { Helper, Wait } from "./helpers/helper.js";
import { lanes } from "./helpers/lanes.js";
import { numbers } from "./helpers/numbers.js";
import { reductions } from "./helpers/reductions.js";

const helpers = { ...numbers, ...copies, ...lanes, ...reductions };

export type HelperName = keyof typeof helpers;

export const helperNames = Object.keys(helpers) as readonly HelperName[];

/** A helper as a chip's kernels have it. */
export interface PrintedHelper {
  readonly lines: readonly string[];
  readonly uses: readonly Intrinsic[];
  readonly needs: readonly HelperName[];
}

/** Waits for all that any pipe has been given. */
export const barrierOfAll = "PipeBarrier<PIPE_ALL>()";

const byEvent: Wait = (event) => `Sync<HardEvent::${event}>()`;

/** Where a chip has no ids of events, all pipes wait in place of a pair. */
export function helperOn(name: HelperName, { eventIds }: Pick<AscendChip, "eventIds">): PrintedHelper {
  const { text, uses, needs }: Helper = helpers[name];
  const waits = needs.includes("Sync") && !eventIds;
  return {
    lines: text(eventIds ? byEvent : () => barrierOfAll)
      .trim()
      .split("\n"),
    uses: waits ? [...uses, "PipeBarrier"] : uses,
    needs: (waits ? needs.filter((n) => n !== "Sync") : needs) as readonly HelperName[],
  };
}
