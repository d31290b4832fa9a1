/** One chip's part of a report: what compile makes of the model for it, and what follows from the Program. */
import type { Steps } from "../base/steps.js";
import { matrixOps } from "../claim/claim.js";
import { isPortedTo } from "../chips/facts.js";
import type { ChipRow } from "../chips/row.js";
import type { ChosenTarget } from "../driver/targets.js";
import type { Emitted } from "../emit/steps.js";
import { efficiencyOf } from "../estimate/efficiency.js";
import { figuresOf } from "../estimate/figures.js";
import type { Node } from "../ir/graph.js";
import { subgraphsOf } from "../ir/walk.js";
import { costOf, times, type Enclosing, type Sizes } from "../program/cost.js";
import { computesOf, kernelsByName, leavesOf, wayOf, type Kernels } from "../program/flow.js";
import type { Act, Program } from "../program/program.js";
import { said } from "../words/words.js";
import type { Carried, Carrier } from "./carry.js";
import { coverageOf } from "./coverage.js";
import { memoryOf } from "./memory.js";
import { performanceOf, timedSteps, type Machine, type Unit, type Work } from "./performance.js";
import { precisionOf } from "./precision.js";
import type { ChipReport, MemoryReport, PerformanceReport, WayReport } from "./report.js";
import { refusedNodes, type Refused } from "./refused.js";
import { nameOf, type AssessedChip, type AssessOptions, type Subject } from "./subject.js";
import { verdictOf } from "./verdict.js";
import { bare, howOf, interned, waysByNode, type Weights } from "./ways.js";

/** A chip's report, and the work of its steps, for chips that have no program. */
interface Assessed {
  readonly report: ChipReport;
  readonly work?: readonly Work[];
}

export function* assessChip(
  subject: Subject,
  { row, chosen }: AssessedChip & { readonly chosen: ChosenTarget },
  carrier: Carrier,
  options: AssessOptions,
): Steps<Assessed> {
  const { nodes, sizes } = subject;
  const carried = yield* carrier.carry(subject.graph, subject.loaded, chosen, options);
  yield;
  const part = carried.emitted && sizes && workOf(carried.emitted, sizes);
  const blamed = refusedNodes(carried, subject);
  const told = toldWays(nodes, waysOf(carried, blamed, subject, chosen, weightsOf(part ?? [])));
  // What a run takes can only be read off a program that leaves nothing out.
  const isWhole = carried.refused.size + carried.undecided.size === 0;
  const run = runOf(isWhole ? carried.emitted : undefined, part, sizes, row, chosen);
  const report: ChipReport = {
    ...headOf(row),
    target: `${chosen.target.name}:${chosen.chip.caps.chip}`,
    ...verdictOf(carried, blamed, chosen.target),
    diagnostics: [...carried.refusals, ...(carried.lowered?.diagnostics ?? [])],
    ...told,
    coverage: coverageOf(nodes, told, isWhole ? run.steps : undefined),
    ...run,
    precision: precisionOf(carried, chosen, options.precision ?? "fp32"),
  };
  return { work: isWhole ? part : undefined, report };
}

type Run = Pick<ChipReport, "steps" | "memory" | "performance">;

/** What a run of a whole program takes. */
function runOf(
  emitted: Emitted | undefined,
  work: readonly Work[] | undefined,
  sizes: Sizes | undefined,
  row: ChipRow,
  chosen: ChosenTarget,
): Run {
  if (!emitted || !work || !sizes) return { steps: [], memory: null, performance: null };
  const steps = timedSteps(work, machineOf(row));
  return {
    steps,
    memory: memoryOf(emitted.program, withSteps(emitted.program, sizes), deviceOf(row, chosen)),
    performance: steps.length > 0 ? timed(performanceOf(work, steps, machineOf(row)), row, work) : null,
  };
}

/** For each node its place among the ways, each of which stands once. */
export function toldWays(nodes: readonly Node[], ways: ReadonlyMap<string, WayReport>): Required<Pick<ChipReport, "ways" | "nodes">> {
  const { ways: each, at } = interned(nodes.map((n) => ways.get(nameOf(n)) ?? bare("folded")));
  return { ways: each, nodes: at };
}

/** With what a reader must know who takes the time for that of every run. */
function timed(performance: PerformanceReport, { name: chip }: ChipRow, work: readonly Work[]): PerformanceReport {
  const count = (isOne: (e: Enclosing) => boolean): number => work.filter((w) => w.within.some(isOne)).length;
  const repeated = count((e) => e.arm === undefined && e.rounds === undefined);
  const either = count((e) => e.arm !== undefined);
  const more = [
    ...(repeated > 0 ? [said("performance.repeated", { chip, n: repeated })] : []),
    ...(either > 0 ? [said("performance.either", { chip, n: either })] : []),
  ];
  return more.length === 0 ? performance : { ...performance, notes: [...more, ...performance.notes] };
}

export const machineOf = (row: ChipRow): Machine => ({ row, efficiency: efficiencyOf(row) });

export function headOf(row: ChipRow): Pick<ChipReport, "chip" | "vendor" | "status" | "comparison"> {
  const { name, vendor, status } = row;
  return { chip: name, vendor, status, ...(!isPortedTo(row) && { comparison: true }) };
}

/** Memory as published, else what the generator counts with. */
function deviceOf(row: ChipRow, { chip }: ChosenTarget): Pick<MemoryReport, "device" | "devicesPerCard"> {
  const { memory, devicesPerCard } = figuresOf(row);
  return { device: memory ?? (Number.isFinite(chip.memoryBytes) ? chip.memoryBytes : null), devicesPerCard };
}

/** Lanes that a scalar unit does without. */
const lanes = 64;

function weightsOf(work: readonly Work[]): Weights {
  return new Map(work.map((w) => [w.id, w.flops * (w.on.unit === "scalar" ? lanes : 1) + w.bytesRead + w.bytesWritten]));
}

function waysOf(
  carried: Carried,
  nodes: readonly Refused[],
  subject: Subject,
  { target }: ChosenTarget,
  weights: Weights,
): ReadonlyMap<string, WayReport> {
  const { emitted, lowered, refused, undecided } = carried;
  const declined = new Map((lowered?.declined ?? []).map((d) => [nameOf(d.node), d.reason]));
  const out = new Map(emitted ? waysByNode(emitted, target, declined, weights) : []);
  const mark = (n: Node, way: WayReport): void => namesIn(n).forEach((name) => out.set(name, way));
  // What stands around a refused node, or beside it in a body, was not asked alone.
  for (const n of [...undecided, ...refused.keys()]) mark(n, bare("undecided"));
  for (const { node, fault, need } of nodes)
    node.origin.forEach((name) => out.set(name, { ...bare("refused", fault.message), code: fault.code, needs: need }));
  return emitted || undecided.size + refused.size > 0 ? out : new Map(subject.nodes.map((n) => [nameOf(n), bare("undecided")]));
}

/** A node's names and those in its bodies. */
function namesIn(n: Node): string[] {
  return [...n.origin, ...subgraphsOf(n).flatMap((body) => body.nodes.flatMap(namesIn))];
}

/** Sizes that steps decide stand at the highest they may have, where that is bounded, else at the least. */
function withSteps({ symbols }: Program, sizes: Sizes): Sizes {
  const assumed = symbols.map((s): [string, number] => [s.name, Number.isFinite(s.hi) ? s.hi : Math.max(1, s.lo)]);
  return new Map([...assumed, ...sizes]);
}

function workOf({ program }: Emitted, sizes: Sizes): readonly Work[] {
  const kernels = kernelsByName(program);
  const computes = new Map(computesOf(program).map((s) => [s.id, s]));
  return costOf(program, withSteps(program, sizes)).flatMap((cost) => {
    const step = computes.get(cost.id);
    const rounds = cost.within.reduce((n, e) => n * (e.rounds ?? 1), 1);
    return step
      ? [
          {
            ...cost,
            ...times(cost, rounds),
            rounds,
            origin: step.origin,
            how: howOf[wayOf(step.act, kernels)],
            on: unitOf(step.act, program, kernels),
          },
        ]
      : [];
  });
}

/** The unit that bounds a step's arithmetic: of several acts the matrix unit's, then the scalar one's. */
function unitOf(act: Act, program: Program, kernels: Kernels): Unit {
  const leaves = leavesOf(act);
  for (const leaf of leaves)
    if (leaf.op === "call" && matrixOps.has(leaf.operator))
      return { unit: "matrix", type: program.buffers[leaf.inputs.find((id) => id !== null) ?? 0].stored };
  if (leaves.some((a) => a.op === "launch" && kernels.get(a.kernel)?.schedule === "scalar")) return { unit: "scalar" };
  return { unit: leaves.every((a) => a.op === "copy") ? "none" : "vector" };
}
