/** What a program takes of a device at given sizes, part by part, and over one open extent. */
import { evaluateDim } from "../base/dim.js";
import { byteLength } from "../base/dtype.js";
import { arenaPlacer } from "../program/arena.js";
import type { Sizes } from "../program/cost.js";
import { givenSymbols } from "../program/flow.js";
import type { Home, Program, ProgramBuffer } from "../program/program.js";
import type { MemoryReport } from "./report.js";

type Parts = Pick<MemoryReport, "weights" | "arena" | "inputs" | "outputs" | "state" | "total">;

type Placer = ReturnType<typeof arenaPlacer>;

/** In bytes. Buffers whose sizes steps decide count at the sizes that are assumed of those. */
function partsAt(program: Program, placed: Placer, sizes: Sizes): Parts {
  const bytes = (b: ProgramBuffer): number =>
    byteLength(
      b.stored,
      b.shape.reduce<number>((n, d) => n * Math.max(0, evaluateDim(d, sizes)), 1),
    );
  const of = (home: Home): number => program.buffers.reduce((n, b) => n + (b.home === home && b.aliasOf === undefined ? bytes(b) : 0), 0);
  const arena = placed((id) => bytes(program.buffers[id]));
  const [weights, inputs, outputs, state] = [of("weight"), of("input"), of("output"), of("state")];
  return { weights, arena, inputs, outputs, state, total: weights + arena + inputs + outputs + state };
}

/** How many times an extent doubles beyond the size that is assessed, and for how many extents. */
const doublings = 6;
const mostExtents = 4;

export function memoryOf(
  program: Program,
  sizes: Sizes,
  { device, devicesPerCard }: Pick<MemoryReport, "device" | "devicesPerCard">,
): MemoryReport {
  const placed = arenaPlacer(program);
  const parts = partsAt(program, placed, sizes);
  const over = givenSymbols(program)
    .slice(0, mostExtents)
    .map(({ name, lo, hi }) => {
      const middle = sizes.get(name) ?? Math.max(1, lo);
      const points = [...Array(doublings + 1).keys()]
        .map((i) => middle * 2 ** i)
        .filter((at) => at <= hi)
        .map((at) => ({ at, bytes: partsAt(program, placed, new Map([...sizes, [name, at]])).total }));
      return { symbol: name, points };
    });
  const devices = device === null ? null : Math.max(1, Math.ceil(parts.total / device));
  return { ...parts, device, devices, devicesPerCard, over };
}
