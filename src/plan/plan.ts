/**
 * From units (kernels, library nodes, aliases) to a Program: buffers with a home, aliases resolved, stable step ids, and
 * what each step does, with the other way to do it. No C++ is printed here.
 */
import { symbolsIn } from "../base/cond.js";
import { symbolsOf, type Dim } from "../base/dim.js";
import { invariant } from "../base/diagnostic.js";
import type { DType } from "../base/dtype.js";
import { extentOf } from "../base/element.js";
import { finishNow, type Steps } from "../base/steps.js";
import type { Tensor } from "../base/tensor.js";
import type { Chip, Target } from "../claim/target.js";
import { isCall } from "../ir/call.js";
import { dimsAttr, rankedType, type ConstData, type Graph, type Node, type Value } from "../ir/graph.js";
import { uniqueGuards } from "../ir/infer/infer.js";
import { Names } from "../ir/rewrite/names.js";
import type { Unit } from "../kernel/group/group.js";
import { interned } from "../kernel/text/intern.js";
import type { Kernel } from "../kernel/tile.js";
import { arenaOf, rangesOf } from "../program/arena.js";
import type { Program, ProgramSymbol, Step } from "../program/program.js";
import { requireWritten } from "../program/written.js";
import type { Alternate } from "./alternates.js";
import { BufferTable } from "./buffer-table.js";
import { bodyNumber, isControl } from "./control.js";
import { requireMemory } from "./device-memory.js";
import { draftCall, draftCopy, draftLaunches, draftSequence, type Draft } from "./draft.js";
import { draftIf, draftLoop, draftRead, type ControlContext, type DraftBody, type DraftCompute, type DraftStep } from "./draft-control.js";
import { emptyGuards } from "./empty-guards.js";
import { shareKernels } from "./share-kernels.js";
import { handOver, withoutStates } from "./states.js";
import { idPicker } from "./step-ids.js";
import { programSymbols, requireSizedBorder } from "./symbols.js";

/** A graph as units, with the bodies of its Ifs and Loops likewise, by their numbers. */
export interface UnitTree {
  readonly ready: Graph;
  readonly units: readonly Unit[];
  /** The other way of a unit, or a sentence why it has none. */
  readonly alternates: ReadonlyMap<Unit, Alternate | string>;
  readonly bodies: readonly UnitTree[];
}

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
  /** Inputs that a context holds from run to run, by name, and the outputs that are theirs in the next. */
  readonly states?: ReadonlyMap<string, string>;
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

/** Pauses after each unit. */
export function* planSteps(tree: UnitTree, options: PlanOptions): Steps<Plan> {
  const { target, chip } = options;
  const { graph, pairs } = withoutStates(tree.ready, options.states ?? new Map());
  const all = everyTree(tree);
  const table = new BufferTable(graph, options.boundary);
  for (const v of pairs.flat()) table.place(v, "state");
  for (const t of all) table.adopt(constantsOf(t));
  const drafts = new Drafts(tree, table, options);
  const drafted = [...(yield* drafts.steps(tree)), ...handOver(pairs)];
  const steps = numbered(drafted, table);
  const symbols = programSymbols(all, drafts.symbols);
  const calls = all.flatMap((t) => t.units.flatMap((u) => (u.kind === "node" && isCall(u.node) ? [u.node] : [])));
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
    guards: [...guardsOf(all, new Set(symbols.map((s) => s.name))), ...emptyGuards(calls, rangesOf(symbols))],
    buffers: table.buffers(),
    inputs: graph.inputs.map((v) => table.id(v)),
    outputs: graph.outputs.map((v) => table.id(v)),
    weights: [],
    kernels: drafts.kernels().map(interned),
    steps,
  };
  requireWritten(program);
  requireSizedBorder(program);
  const { bytes, lowerBound, bytesAtLowest } = arenaOf(program);
  requireMemory(program, "highest", bytes, chip);
  requireMemory(program, "lowest", bytesAtLowest, chip);
  return { program, constants: table.constants(), arena: { bytes, lowerBound, bytesAtLowest } };
}

function everyTree(tree: UnitTree): readonly UnitTree[] {
  return [tree, ...tree.bodies.flatMap(everyTree)];
}

/**
 * What sizes must fulfil, in bodies too; what a body shares with the graph around it is said once. Nothing is asked of an
 * integer that only a dropped node read back.
 */
function guardsOf([whole, ...bodies]: readonly UnitTree[], symbols: ReadonlySet<string>): Graph["guards"] {
  const all = bodies.length === 0 ? whole.ready.guards : uniqueGuards([whole, ...bodies].flatMap((t) => t.ready.guards));
  return all.filter((g) => symbolsIn(g.when).every((name) => symbols.has(name)));
}

/** Constants that the units of a graph read, by either way. */
function constantsOf({ ready, alternates }: UnitTree): ReadonlyMap<Value, ConstData> {
  const constants = new Map(ready.constants);
  for (const a of alternates.values()) if (typeof a !== "string") a.constants.forEach((data, v) => constants.set(v, data));
  return constants;
}

/** Units as drafts of steps, and the kernels they launch, each once. */
class Drafts {
  /** That steps decide. */
  readonly symbols: ProgramSymbol[] = [];
  readonly #table: BufferTable;
  readonly #options: PlanOptions;
  readonly #shared: ReadonlyMap<Kernel, Kernel>;
  readonly #kernels = new Map<string, Kernel>();
  readonly #names: Names;
  /** Integers that the host writes itself. */
  readonly #learnt = new Map<Value, readonly Dim[]>();
  readonly #given: ReadonlySet<string>;

  constructor(tree: UnitTree, table: BufferTable, options: PlanOptions) {
    this.#table = table;
    this.#options = options;
    this.#shared = shareKernels(kernelsOf(everyTree(tree)), options.chip.caps);
    this.#names = new Names(tree.ready);
    this.#given = new Set(tree.ready.inputs.flatMap((v) => (rankedType(v)?.shape ?? []).flatMap((d) => symbolsOf(d))));
  }

  kernels(): readonly Kernel[] {
    return [...this.#kernels.values()];
  }

  *steps(tree: UnitTree): Steps<readonly DraftStep[]> {
    const steps: DraftStep[] = [];
    for (const unit of tree.units) {
      yield;
      if (unit.kind === "node" && isControl(unit.node)) steps.push(...this.#control(unit.node, tree));
      else steps.push(...this.#compute(unit, tree.alternates.get(unit)));
    }
    return steps;
  }

  #control(node: Node, { ready, bodies }: UnitTree): readonly DraftStep[] {
    const body = (name: Parameters<typeof bodyNumber>[1]): DraftBody => {
      const tree = bodies[bodyNumber(node, name)];
      return { ready: tree.ready, steps: () => finishNow(this.steps(tree)) };
    };
    const context: ControlContext = {
      table: this.#table,
      names: this.#names,
      symbols: this.symbols,
      isKnown: (name) => this.#given.has(name) || this.symbols.some((s) => s.name === name),
      elements: (v) => this.#learnt.get(v) ?? knownElements(v, ready),
      learn: (v, value) => void this.#learnt.set(v, [value]),
    };
    if (node.op === "read") return draftRead(node, context);
    return node.op === "If" ? draftIf(node, body("then"), body("otherwise"), context) : draftLoop(node, body("round"), context);
  }

  #compute(unit: Unit, other: Alternate | string | undefined): readonly DraftStep[] {
    const draft = this.#draft(unit);
    if (!draft) return [];
    if (other === undefined || typeof other === "string") return [{ op: "compute", draft, oneWay: other }];
    const isLibrary = other.kind === "library";
    const parts = isLibrary ? other.calls.map(draftCall) : other.units.map((u) => this.#draft(u));
    const alternate = draftSequence(
      draft,
      parts.filter((a) => a !== undefined),
    );
    const isTurned = this.#options.prefer === "library" && isLibrary;
    return [isTurned ? { op: "compute", draft: alternate, alternate: draft } : { op: "compute", draft, alternate }];
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

/** The integers of a small tensor that is a constant or made of sizes. */
function knownElements(v: Value, graph: Graph): readonly Dim[] | undefined {
  const { constants, nodes } = graph;
  const data = constants.get(v);
  if (data) return data.shape.every((d) => d === 1) ? known(data.load()) : undefined;
  const by = nodes.find((n) => n.outputs.includes(v));
  const [from] = by && sameInteger.has(by.op) ? by.inputs : [];
  if (from) return isInteger(v) && isInteger(from) ? knownElements(from, graph) : undefined;
  return by?.op === "dims" ? dimsAttr(by, "value") : undefined;
}

/** What leaves the integers of a small tensor as they are. */
const sameInteger: ReadonlySet<string> = new Set(["cast", "reshape"]);
const isInteger = (v: Value): boolean => ["i32", "i64"].includes(rankedType(v)?.dtype ?? "");

function known({ data: [x] }: Tensor): readonly Dim[] | undefined {
  const n = typeof x === "string" ? undefined : extentOf(x);
  return n === undefined ? undefined : [n];
}

/** Buffers get their numbers in the order in which the steps touch them, by the one way and then by the other. */
function numbered(drafted: readonly DraftStep[], table: BufferTable): readonly Step[] {
  const id = (v: Value): number => table.id(v);
  const touch = (steps: readonly DraftStep[]): void => {
    for (const step of steps) {
      if (step.op === "compute")
        for (const { reads, writes } of step.alternate ? [step.draft, step.alternate] : [step.draft]) [...reads, ...writes].forEach(id);
      else {
        step.touches.forEach(id);
        step.bodies.forEach(touch);
      }
    }
  };
  touch(drafted);
  const stepId = idPicker();
  const made = (step: DraftStep): Step => {
    if (step.op === "compute") return computed(step, stepId, id);
    const named = { id: stepId({ ...step, writes: step.touches }), origin: step.origin };
    return {
      ...step.make(
        id,
        step.bodies.map((body) => body.map(made)),
      ),
      ...named,
    };
  };
  return drafted.map(made);
}

function computed({ draft, alternate, oneWay }: DraftCompute, stepId: ReturnType<typeof idPicker>, id: (v: Value) => number): Step {
  return {
    op: "compute",
    id: stepId(draft),
    origin: draft.origin,
    act: draft.act(id),
    ...(alternate ? { alternate: alternate.act(id) } : {}),
    ...(oneWay !== undefined ? { oneWay } : {}),
  };
}

/** The kernels of all units, those of their other ways included. */
function kernelsOf(trees: readonly UnitTree[]): Kernel[] {
  const of = (units: readonly Unit[]): Kernel[] => units.flatMap((u) => (u.kind === "kernels" ? u.kernels.map((k) => k.kernel) : []));
  const others = (t: UnitTree): Kernel[] =>
    [...t.alternates.values()].flatMap((a) => (typeof a !== "string" && a.kind === "kernel" ? of(a.units) : []));
  return [...trees.flatMap((t) => of(t.units)), ...trees.flatMap(others)];
}
