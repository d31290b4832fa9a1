/**
 * From units (kernels, library nodes, aliases) to a Program: buffers with a home, aliases resolved, stable step ids, and
 * what each step does, with the other way to do it. No C++ is printed here.
 */
import { invariant } from "../base/diagnostic.js";
import type { DType } from "../base/dtype.js";
import type { Steps } from "../base/steps.js";
import type { Chip, Target } from "../claim/target.js";
import type { ConstData, Graph, Value } from "../ir/graph.js";
import type { Unit } from "../kernel/group/group.js";
import { interned } from "../kernel/text/intern.js";
import type { Kernel } from "../kernel/tile.js";
import { arenaOf, rangesOf } from "../program/arena.js";
import type { Compute, Program } from "../program/program.js";
import { requireWritten } from "../program/written.js";
import type { Alternate } from "./alternates.js";
import { BufferTable } from "./buffer-table.js";
import { requireMemory } from "./device-memory.js";
import { draftCall, draftCopy, draftLaunches, draftSequence, type Draft } from "./draft.js";
import { emptyGuards } from "./empty-guards.js";
import { shareKernels } from "./share-kernels.js";
import { idPicker } from "./step-ids.js";
import { programSymbols } from "./symbols.js";

export interface PlanOptions {
  readonly name: string;
  readonly prefix: string;
  readonly target: Target;
  readonly chip: Chip;
  readonly sdk: string;
  readonly precision: "fp32" | "fp16";
  readonly allowHf32?: boolean;
  /** Element types the caller sees, by input or output name, where they differ from what is stored. */
  readonly boundary: ReadonlyMap<string, DType>;
  /** The other way of a unit, or a sentence why it has none. */
  readonly alternates: ReadonlyMap<Unit, Alternate | string>;
  /** "library": library calls go first wherever there are some. */
  readonly prefer?: "library" | "kernels";
}

export interface Plan {
  /** Without weights: where their bytes lie is decided when files are made. */
  readonly program: Program;
  /** Constants the program reads, by buffer id. */
  readonly constants: ReadonlyMap<number, ConstData>;
  /** Bytes with every bounded symbol at its highest value and all others at their lowest, and the least any placement could do. */
  readonly arena: { readonly bytes: number; readonly lowerBound: number; readonly bytesAtLowest: number };
}

/** A step before it has an id. */
interface DraftStep {
  readonly draft: Draft;
  readonly alternate?: Draft;
  readonly oneWay?: string;
}

/** Pauses after each unit. */
export function* planSteps(graph: Graph, units: readonly Unit[], options: PlanOptions): Steps<Plan> {
  const { target, chip } = options;
  const constants = new Map(graph.constants);
  for (const a of options.alternates.values()) if (typeof a !== "string") a.constants.forEach((data, v) => constants.set(v, data));
  const table = new BufferTable({ ...graph, constants }, options.boundary);
  const drafts = new Drafts(table, kernelsOf(units, options.alternates), options);
  const drafted: DraftStep[] = [];
  for (const unit of units) {
    yield;
    const step = drafts.step(unit, options.alternates.get(unit));
    if (step) drafted.push(step);
  }
  const steps = numbered(drafted, table);
  const symbols = programSymbols(graph, units);
  const calls = units.flatMap((u) => (u.kind === "node" ? [u.node] : []));
  const program: Program = {
    schemaVersion: 2,
    name: options.name,
    prefix: options.prefix,
    target: target.name,
    chip: chip.caps.chip,
    sdk: options.sdk,
    precision: options.precision,
    allowHf32: options.allowHf32 ?? false,
    symbols,
    guards: [...graph.guards, ...emptyGuards(calls, rangesOf(symbols))],
    buffers: table.buffers(),
    inputs: graph.inputs.map((v) => table.id(v)),
    outputs: graph.outputs.map((v) => table.id(v)),
    weights: [],
    kernels: drafts.kernels().map(interned),
    steps,
  };
  requireWritten(program);
  const { bytes, lowerBound, bytesAtLowest } = arenaOf(program);
  requireMemory(program, "highest", bytes, chip);
  requireMemory(program, "lowest", bytesAtLowest, chip);
  return { program, constants: table.constants(), arena: { bytes, lowerBound, bytesAtLowest } };
}

/** Units as drafts of steps, and the kernels they launch, each once. */
class Drafts {
  readonly #table: BufferTable;
  readonly #options: PlanOptions;
  readonly #shared: ReadonlyMap<Kernel, Kernel>;
  readonly #kernels = new Map<string, Kernel>();

  constructor(table: BufferTable, kernels: readonly Kernel[], options: PlanOptions) {
    this.#table = table;
    this.#options = options;
    this.#shared = shareKernels(kernels, options.chip.caps);
  }

  kernels(): readonly Kernel[] {
    return [...this.#kernels.values()];
  }

  step(unit: Unit, other: Alternate | string | undefined): DraftStep | undefined {
    const draft = this.#draft(unit);
    if (!draft || other === undefined) return draft && { draft };
    if (typeof other === "string") return { draft, oneWay: other };
    const isLibrary = other.kind === "library";
    const parts = isLibrary ? other.calls.map((node) => draftCall(node)) : other.units.map((u) => this.#draft(u));
    const alternate = draftSequence(
      draft,
      parts.filter((a) => a !== undefined),
    );
    const isTurned = this.#options.prefer === "library" && isLibrary;
    return isTurned ? { draft: alternate, alternate: draft } : { draft, alternate };
  }

  #draft(unit: Unit): Draft | undefined {
    if (unit.kind === "alias") return this.#table.alias(unit.value, unit.of) ? undefined : draftCopy(unit.value, unit.of);
    if (unit.kind === "node") return draftCall(unit.node);
    // What makes nothing but empty tensors has nothing to launch.
    if (unit.kernels.length === 0) return undefined;
    const launched = { ...unit, kernels: unit.kernels.map((k) => ({ ...k, kernel: this.#shared.get(k.kernel) ?? k.kernel })) };
    for (const { kernel } of launched.kernels) {
      const namesake = this.#kernels.get(kernel.name);
      invariant(!namesake || namesake.body === kernel.body, `two kernels are called ${kernel.name}`);
      if (!namesake) this.#kernels.set(kernel.name, kernel);
    }
    return draftLaunches(launched);
  }
}

/** Buffers get their numbers in the order in which the steps touch them. */
function numbered(drafted: readonly DraftStep[], table: BufferTable): readonly Compute[] {
  const id = (v: Value): number => table.id(v);
  for (const { draft, alternate } of drafted)
    for (const each of alternate ? [draft, alternate] : [draft]) [...each.reads, ...each.writes].forEach(id);
  const stepId = idPicker();
  return drafted.map(({ draft, alternate, oneWay }) => ({
    op: "compute",
    id: stepId(draft),
    origin: draft.origin,
    act: draft.act(id),
    ...(alternate ? { alternate: alternate.act(id) } : {}),
    ...(oneWay !== undefined ? { oneWay } : {}),
  }));
}

/** The kernels of all units, those of their other ways included. */
function kernelsOf(units: readonly Unit[], alternates: PlanOptions["alternates"]): Kernel[] {
  const others = [...alternates.values()].flatMap((a) => (typeof a !== "string" && a.kind === "kernel" ? a.units : []));
  return [...units, ...others].flatMap((u) => (u.kind === "kernels" ? u.kernels.map((k) => k.kernel) : []));
}
