/** What the cards of a server make of a plan: machines, and how many requests of each length have room. */
import type { ChipRow } from "../chips/row.js";
import { figuresOf } from "../estimate/figures.js";
import type { Interval } from "../estimate/interval.js";
import { memoryOn, usableOf, type Resident } from "./memory.js";
import type { Machine, Plan } from "./plans.js";

/** Requests of a length that a device has room for beside the weights, on all devices: by the upper bounds, and by the lower. */
export interface Capacity {
  readonly length: number;
  readonly requests: Interval;
}

/** Cards of a server where no source tells. */
export const usualCards = 8;

export function machineOf(row: ChipRow, memory: number): Machine {
  const { devicesPerCard, serverCards } = figuresOf(row);
  return { memory, devicesPerCard, devicesPerNode: (serverCards ?? usualCards) * devicesPerCard };
}

const lengths = [1024, 4096, 16384, 65536, 131072];

/** How many requests of each length a plan has room for. */
export function capacityOf(resident: Resident, { split }: Plan, memory: number, positions = Infinity): Capacity[] {
  const usable = usableOf(memory, resident.engine);
  return lengths
    .filter((length) => length <= positions)
    .map((length) => {
      const one = memoryOn(resident, split, { batch: split.dp, length });
      const room = (all: number, need: number): number => (one.cache > 0 ? Math.floor(Math.max(0, all - need + one.cache) / one.cache) : 0);
      const requests = { lo: split.dp * room(usable.lo, one.total.hi), hi: split.dp * room(usable.hi, one.total.lo) };
      return { length, requests };
    });
}
