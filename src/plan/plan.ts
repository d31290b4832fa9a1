/**
 * From units (kernels, library nodes, aliases) to a Program with the text of its steps: buffers with a home, aliases
 * resolved, lifetimes, stable step ids, and what each step calls.
 */
import { createHash } from "node:crypto";
import { boundsOf, type Range } from "../base/dim-bounds.js";
import { evaluateDim, isConst, mul, sameDim, symbol, symbolsOf, type Dim } from "../base/dim.js";
import { fail, invariant } from "../base/diagnostic.js";
import { dtypes, type DType } from "../base/dtype.js";
import type { Steps } from "../base/steps.js";
import { cIdentifier, identifierPicker } from "../base/text-writer.js";
import { rankedType, type ConstData, type Graph, type Node, type Value } from "../ir/graph.js";
import type { Unit } from "../kernel/group/group.js";
import type { Kernel } from "../kernel/tile.js";
import type { Alternate } from "./alternates.js";
import { BufferTable } from "./buffer-table.js";
import { emptyGuards } from "./empty-guards.js";
import { launchSizes, type Ranges } from "./launch-sizes.js";
import { arenaOrder, conflicts, firstFit, lowerBound, type Lifetime } from "./memory.js";
import type { Evidence, Program, ProgramBuffer, ProgramStep, ProgramSymbol, StepWay } from "../program/program.js";
import { spellOver } from "./spell.js";
import { shareKernels } from "./share-kernels.js";
import type { Chip, PrintedKernel, Target } from "../claim/target.js";
import { rowOf } from "../claim/call.js";
import { evidenceOf, withoutWitness } from "../claim/witness.js";
import { requireWritten } from "./written.js";

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

/** The body of one step's function in model.cpp. */
export interface StepText {
  readonly step: string;
  readonly lines: readonly string[];
  /** The body of its other way. */
  readonly otherLines?: readonly string[];
  /** Why it has no other way, where one was looked for. */
  readonly oneWay?: string;
}

export interface Plan {
  readonly program: Program;
  readonly steps: readonly StepText[];
  readonly kernels: readonly (PrintedKernel & { readonly name: string })[];
  /** What the texts were printed from, in the same order. */
  readonly tileKernels: readonly Kernel[];
  /** Constants the program reads, by buffer id. */
  readonly constants: ReadonlyMap<number, ConstData>;
  /** C identifiers of the buffers, by id. */
  readonly identifiers: readonly string[];
  readonly arenaOrder: readonly number[];
  /** Bytes with every bounded symbol at its highest value and all others at their lowest, and the least any placement could do. */
  readonly arena: { readonly bytes: number; readonly lowerBound: number };
}

/** One step before it has text. */
interface Action {
  /** Begins the step's id: the node that gives the result. */
  readonly label: string;
  readonly origin: readonly string[];
  readonly reads: readonly Value[];
  readonly writes: readonly Value[];
  readonly print: (ptr: (v: Value) => string) => Printed;
  readonly alternate?: Action;
  readonly oneWay?: string;
}

interface Printed {
  readonly lines: readonly string[];
  readonly way: Omit<StepWay, "temps" | "unwitnessed">;
}

/** Pauses after each unit, whose kernels are printed. */
export function* planSteps(graph: Graph, units: readonly Unit[], options: PlanOptions): Steps<Plan> {
  const symbols = programSymbols(graph, units);
  const spell = spellOver(symbols.map((s) => s.name));
  const bounds = new Map(symbols.map((s): [string, Range] => [s.name, s]));
  const ranges: Ranges = (name) => bounds.get(name);
  const printed = new Map<string, PrintedKernel>();
  const kernels = new Map<string, Kernel>();
  const constants = new Map(graph.constants);
  for (const a of options.alternates.values()) if (typeof a !== "string") a.constants.forEach((data, v) => constants.set(v, data));
  const table = new BufferTable({ ...graph, constants }, options.boundary);
  const shared = shareKernels(kernelsOf(units, options.alternates), options.chip.caps);
  const actionOf = (unit: Unit): Action | undefined => {
    if (unit.kind === "alias") return table.alias(unit.value, unit.of) ? undefined : copyAction(unit.value, unit.of, spell);
    if (unit.kind === "node") return callAction(unit.node, options, spell, ranges);
    const launched = { ...unit, kernels: unit.kernels.map((k) => ({ ...k, kernel: shared.get(k.kernel) ?? k.kernel })) };
    for (const { kernel } of launched.kernels) {
      const namesake = kernels.get(kernel.name);
      invariant(!namesake || namesake.body === kernel.body, `two kernels are called ${kernel.name}`);
      if (namesake) continue;
      kernels.set(kernel.name, kernel);
      printed.set(kernel.name, options.target.printKernel(kernel, options.chip));
    }
    return kernelAction(launched, options, printed, spell, ranges);
  };
  const actions: Action[] = [];
  for (const unit of units) {
    yield;
    const action = actionOf(unit);
    if (!action) continue;
    const other = options.alternates.get(unit);
    if (!other || typeof other === "string") {
      actions.push({ ...action, oneWay: other });
      continue;
    }
    const parts =
      other.kind === "library" ? other.calls.map((node) => callAction(node, options, spell, ranges)) : other.units.map(actionOf);
    const alternate = sequence(
      action,
      parts.filter((a) => a !== undefined),
    );
    const turned = options.prefer === "library" && other.kind === "library";
    actions.push(turned ? { ...alternate, alternate: action } : { ...action, alternate });
  }
  const touched = (action: Action): readonly Value[] => [...action.reads, ...action.writes];
  for (const action of actions) [...touched(action), ...(action.alternate ? touched(action.alternate) : [])].forEach((v) => table.id(v));

  const buffers = table.buffers();
  const identifiers = pickIdentifiers(buffers);
  const ptr = (v: Value): string => `r.ptr(${identifiers[table.id(v)]})`;
  const stepId = idPicker();
  const texts: StepText[] = [];
  const steps = actions.map((action): ProgramStep => {
    const id = stepId(action);
    const { alternate, oneWay } = action;
    const { lines, way } = action.print(ptr);
    const other = alternate?.print(ptr);
    texts.push({ step: id, lines, otherLines: other?.lines, oneWay });
    const ids = (values: readonly Value[]): number[] => [...new Set(values.map((v) => table.id(v)))];
    const only = (mine: Action, others?: Action): number[] => {
      const known = new Set(others ? ids(touched(others)) : []);
      return others ? ids(touched(mine)).filter((b) => !known.has(b) && buffers[b].home === "arena") : [];
    };
    const step = {
      id,
      origin: action.origin,
      reads: ids(action.reads),
      writes: ids(action.writes),
      way: { ...way, ...doubts(way.uses, options.target), temps: only(action, alternate) },
    };
    if (!alternate || !other) return step;
    const reads = [...new Set([...step.reads, ...ids(alternate.reads).filter((b) => buffers[b].home === "weight")])];
    return { ...step, reads, alternate: { ...other.way, ...doubts(other.way.uses, options.target), temps: only(alternate, action) } };
  });

  const lifetimes = lifetimesOf(steps, buffers);
  const pairs = conflicts(lifetimes);
  const bytes = (id: number): number => reservedBytes(buffers[id], symbols);
  const order = arenaOrder(lifetimes, pairs, bytes);
  const arenaBytes = firstFit(order, pairs, bytes).total;
  requireMemory(buffers, arenaBytes, bytes, options.chip);
  const calls = units.flatMap((u) => (u.kind === "node" ? [u.node] : []));
  const program: Program = {
    schemaVersion: 1,
    name: options.name,
    prefix: options.prefix,
    target: options.target.name,
    chip: options.chip.caps.chip,
    sdk: options.sdk,
    precision: options.precision,
    symbols,
    guards: [...graph.guards, ...emptyGuards(calls, ranges)],
    buffers,
    inputs: graph.inputs.map((v) => table.id(v)),
    outputs: graph.outputs.map((v) => table.id(v)),
    weights: [],
    conflicts: pairs,
    steps,
  };
  requireWritten(program);
  return {
    program,
    steps: texts,
    kernels: [...printed].map(([name, k]) => ({ ...k, name })),
    tileKernels: [...kernels.values()],
    constants: table.constants(),
    identifiers,
    arenaOrder: order,
    arena: { bytes: arenaBytes, lowerBound: lowerBound(lifetimes, bytes) },
  };
}

/** The kernels of all units, those of their other ways included. */
function kernelsOf(units: readonly Unit[], alternates: PlanOptions["alternates"]): Kernel[] {
  const others = [...alternates.values()].flatMap((a) => (typeof a !== "string" && a.kind === "kernel" ? a.units : []));
  return [...units, ...others].flatMap((u) => (u.kind === "kernels" ? u.kernels.map((k) => k.kernel) : []));
}

// ---- actions --------------------------------------------------------------------------------------------------------

type Spell = (d: Dim) => string;

function callAction(node: Node, { target, chip, allowHf32 = false }: PlanOptions, spell: Spell, ranges: Ranges): Action {
  const row = rowOf(target, node);
  const present = (list: readonly (Value | undefined)[]): Value[] => list.filter((v): v is Value => v !== undefined);
  return {
    label: lastOf(node.origin) ?? node.op,
    origin: node.origin,
    reads: present(node.inputs),
    writes: present(node.outputs),
    print(ptr) {
      const operand = (v: Value | undefined) => {
        const type = rankedType(v);
        return v && type ? { dtype: type.dtype, shape: type.shape, ptr: ptr(v) } : undefined;
      };
      const { lines, uses } = row.emit({
        node: { ...node, op: row.op },
        inputs: node.inputs.map(operand),
        outputs: node.outputs.map(operand),
        dim: spell,
        chip,
        allowHf32,
      });
      const guarded = unlessEmpty(present(node.outputs), spell, ranges);
      return { lines: [...guarded, ...lines], way: { kind: "library", uses, evidence: lowest(uses, target), kernels: [] } };
    },
  };
}

/** Nothing to do for an output without elements. An empty operand of a result that is not empty the libraries refuse aloud. */
function unlessEmpty(outputs: readonly Value[], spell: Spell, ranges: Ranges): string[] {
  const unsure = (rankedType(outputs[0])?.shape ?? []).filter((d) => boundsOf(d, ranges).lo < 1);
  const tests = [...new Set(unsure.map((d) => `${spell(d)} == 0`))];
  return tests.length === 0 ? [] : [`if (${tests.join(" || ")}) return 0;`];
}

function kernelAction(
  unit: Extract<Unit, { kind: "kernels" }>,
  { target, chip }: PlanOptions,
  printed: ReadonlyMap<string, PrintedKernel>,
  spell: Spell,
  ranges: Ranges,
): Action {
  const bound = unit.kernels.flatMap(({ kernel, bind }) => kernel.buffers.map((b) => ({ buffer: b, value: bind[b.name] })));
  const written = new Set(bound.filter((b) => b.buffer.access !== "read").map((b) => b.value));
  const read = new Set(bound.filter((b) => b.buffer.access !== "write").map((b) => b.value));
  const scalar = unit.kernels.some(({ kernel }) => kernel.schedule === "scalar");
  // Layouts put transposes around a kernel's own work that come from the library's operators.
  const work = unit.nodes.filter((n) => n.op !== "transpose");
  return {
    label: lastOf((work.length > 0 ? work : unit.nodes).flatMap((n) => n.origin)) ?? "kernel",
    origin: [...new Set(unit.nodes.flatMap((n) => n.origin))],
    reads: [...read],
    writes: [...written],
    print(ptr) {
      const launches = unit.kernels.map(({ kernel, bind }) => {
        const sizes = launchSizes(kernel, printed.get(kernel.name)?.ints ?? [], spell, ranges);
        const pointers = kernel.buffers.map((b) => ptr(bind[b.name]));
        const { lines, uses } = target.launch({ kernel, pointers, ints: sizes.ints, parallelism: sizes.parallelism, chip });
        return { lines: sizes.locals.length === 0 ? lines : ["{", ...[...sizes.locals, ...lines].map((l) => `  ${l}`), "}"], uses };
      });
      const uses = [
        ...new Set([...launches.flatMap((l) => l.uses), ...unit.kernels.flatMap(({ kernel }) => printed.get(kernel.name)?.uses ?? [])]),
      ];
      const way: Printed["way"] = {
        kind: scalar ? "scalar" : "kernel",
        uses,
        evidence: lowest(uses, target),
        kernels: unit.kernels.map((k) => k.kernel.name),
      };
      return { lines: launches.flatMap((l) => l.lines), way };
    },
  };
}

function copyAction(to: Value, from: Value, spell: Spell): Action {
  const type = rankedType(to);
  invariant(type, `copy to "${to.name}" of unknown shape`);
  const bytes = mul(dtypes[type.dtype].bits / 8, ...type.shape);
  return {
    label: to.name,
    origin: [to.name],
    reads: [from],
    writes: [to],
    print: (ptr) => ({
      lines: [`PTL_TRY(portolan::device::copy(${ptr(to)}, ${ptr(from)}, ${spell(bytes)}, r.stream));`],
      way: { kind: "copy", uses: [], evidence: "E1", kernels: [] },
    }),
  };
}

/** Actions one after the other, as one: values in between are its own. */
function sequence(like: Action, parts: readonly Action[]): Action {
  return {
    label: like.label,
    origin: like.origin,
    reads: [...new Set(parts.flatMap((p) => p.reads))],
    writes: [...new Set(parts.flatMap((p) => p.writes))],
    print(ptr) {
      const printed = parts.map((p) => p.print(ptr));
      const lines = printed.length === 1 ? printed[0].lines : printed.flatMap((p) => inFunction(p.lines));
      const ways = printed.map((p) => p.way);
      const kind = ways.find((w) => w.kind === "library" || w.kind === "scalar")?.kind ?? "kernel";
      return {
        lines,
        way: {
          kind,
          uses: [...new Set(ways.flatMap((w) => w.uses))],
          evidence: ways.map((w) => w.evidence).reduce((a, b) => (a < b ? a : b), "E1"),
          kernels: ways.flatMap((w) => w.kernels),
        },
      };
    },
  };
}

/** Names and early returns of one call stay its own. */
function inFunction(lines: readonly string[]): string[] {
  if (lines.length === 1 && lines[0].startsWith("PTL_TRY(")) return [...lines];
  return ["PTL_TRY([&]() -> int {", ...lines.map((l) => `  ${l}`), "  return 0;", "}());"];
}

function lastOf(names: readonly string[]): string | undefined {
  return names[names.length - 1];
}

function lowest(uses: readonly string[], target: Target): Evidence {
  return uses.map((u) => evidenceOf(target.symbols[u])).reduce<Evidence>((a, b) => (a < b ? a : b), "E1");
}

function doubts(uses: readonly string[], target: Target): Pick<StepWay, "unwitnessed"> {
  const names = withoutWitness(uses, target.symbols);
  return names.length > 0 ? { unwitnessed: names } : {};
}

function pickIdentifiers(buffers: readonly ProgramBuffer[]): string[] {
  const pick = identifierPicker();
  return buffers.map((b) => pick(`b_${b.name}`));
}

function lifetimesOf(steps: readonly ProgramStep[], buffers: readonly ProgramBuffer[]): Lifetime[] {
  const spans = new Map<number, { first: number; last: number }>();
  steps.forEach((step, at) => {
    for (const id of [...step.reads, ...step.writes, ...step.way.temps, ...(step.alternate?.temps ?? [])]) {
      const root = buffers[id].aliasOf ?? id;
      if (buffers[root].home !== "arena") continue;
      const span = spans.get(root) ?? { first: at, last: at };
      span.last = at;
      spans.set(root, span);
    }
  });
  return [...spans].map(([buffer, span]) => ({ buffer, ...span }));
}

// ---- symbols, ids -----------------------------------------------------------------------------------------------------

/** Symbols any size depends on, each with the input extent it is read from. */
function programSymbols(graph: Graph, units: readonly Unit[]): ProgramSymbol[] {
  const sources = new Map<string, { input: string; axis: number }>();
  for (const v of graph.inputs)
    rankedType(v)?.shape.forEach((d, axis) => {
      if (isConst(d)) return;
      const [name] = symbolsOf(d);
      if (sameDim(d, symbol(name)) && !sources.has(name)) sources.set(name, { input: v.name, axis });
    });
  const used = new Set<string>(sources.keys());
  const note = (v: Value | undefined): void => rankedType(v)?.shape.forEach((d) => symbolsOf(d).forEach((s) => used.add(s)));
  for (const unit of units) {
    if (unit.kind === "node") [...unit.node.inputs, ...unit.node.outputs].forEach(note);
    if (unit.kind === "kernels") unit.kernels.forEach(({ bind }) => Object.values(bind).forEach(note));
  }
  graph.outputs.forEach(note);
  return [...used].map((name) => {
    const source = sources.get(name);
    if (!source)
      return fail("data-dependent-shape", `an extent ("${name}") depends on values the model computes, not on the shape of an input`, {
        fix: "Fix the values it depends on with --freeze NAME=VALUE, or the shapes with --shape.",
      });
    const range = graph.symbols.find((s) => s.name === name)?.range;
    return { name, source, lo: range?.lo ?? 0, hi: range?.hi ?? Infinity };
  });
}

/** The most a buffer takes within the bounds of its symbols; a symbol without an upper bound stands at its lowest. */
function reservedBytes(b: ProgramBuffer, symbols: readonly ProgramSymbol[]): number {
  const spans = new Map(
    symbols.map(({ name, lo, hi }) => {
      const least = Math.max(1, lo);
      return [name, { lo: least, hi: Number.isFinite(hi) ? Math.max(least, hi) : least }];
    }),
  );
  const ends = new Map([...spans].map(([name, { hi }]) => [name, hi]));
  const most = (d: Dim): number => {
    if (isConst(d)) return d;
    const { hi } = boundsOf(d, (name) => spans.get(name));
    const most = Number.isFinite(hi) ? hi : evaluateDim(d, ends);
    // At the lowest sizes a quotient may have no value (of an h by w grid less its border): there the buffer is empty.
    return Number.isFinite(most) ? Math.max(0, most) : 0;
  };
  const elements = b.shape.reduce<number>((n, d) => n * most(d), 1);
  return Math.ceil((elements * dtypes[b.stored].bits) / 8);
}

/** Throws `device-memory-exceeded` when arena, inputs, outputs and weights are more than any card with this chip holds. */
function requireMemory(buffers: readonly ProgramBuffer[], arenaBytes: number, bytes: (buffer: number) => number, chip: Chip): void {
  const onDevice = buffers.filter((b) => b.aliasOf === undefined && b.home !== "host");
  const total = onDevice.filter((b) => b.home !== "arena").reduce((n, b) => n + bytes(b.id), arenaBytes);
  const spelt = (n: number): string => `${(n / 2 ** 30).toPrecision(3)} GiB`;
  const largest = onDevice.length === 0 ? undefined : onDevice.reduce((a, b) => (bytes(b.id) > bytes(a.id) ? b : a));
  // Intermediate buffers share one allocation; all others have their own.
  const own = Math.max(arenaBytes, ...onDevice.filter((b) => b.home !== "arena").map((b) => bytes(b.id)));
  if (largest && own > (chip.allocationBytes ?? Infinity))
    fail(
      "device-memory-exceeded",
      `the program needs ${spelt(own)} in one piece; ${chip.caps.chip} takes at most ${spelt(chip.allocationBytes ?? 0)} at once`,
      {
        location: { tensor: largest.name },
        why: `Intermediate tensors lie in one allocation of ${spelt(arenaBytes)}; "${largest.name}" [${largest.shape.join(",")}] takes ${spelt(bytes(largest.id))}.`,
        fix: "Give smaller extents with --shape or --dim, or take a chip whose allocations may be larger.",
      },
    );
  if (!largest || total <= chip.memoryBytes) return;
  fail(
    "device-memory-exceeded",
    `the program needs ${spelt(total)}; a card with ${chip.caps.chip} has at most ${spelt(chip.memoryBytes)}`,
    {
      location: { tensor: largest.name },
      why: `"${largest.name}" [${largest.shape.join(",")}] alone takes ${spelt(bytes(largest.id))}.`,
      fix: "Give smaller extents with --shape or --dim, or take a chip with more memory.",
    },
  );
}

/** Ids that stay when unrelated parts of the model change: the node's name and a hash of what the step came from. */
function idPicker(): (action: Action) => string {
  const taken = new Map<string, number>();
  return ({ label, origin, writes }) => {
    const start = cIdentifier(label).slice(0, 32);
    const hash = createHash("sha256")
      .update(JSON.stringify([origin, writes.map((v) => v.name)]))
      .digest("hex")
      .slice(0, 6);
    const id = `${start}_${hash}`;
    const count = (taken.get(id) ?? 0) + 1;
    taken.set(id, count);
    return count === 1 ? id : `${id}_${count}`;
  };
}
