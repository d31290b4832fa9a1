/**
 * From an optimised graph of operators to a Plan for one chip: the stages, one after the other, then units, then a program.
 */
import { createHash } from "node:crypto";
import type { Range } from "../base/dim-bounds.js";
import { DiagnosticError, invariant, type Diagnostic } from "../base/diagnostic.js";
import type { DType } from "../base/dtype.js";
import type { Steps } from "../base/steps.js";
import { isCall } from "../ir/call.js";
import { rankedType, type Graph, type Node, type Value } from "../ir/graph.js";
import { passSteps, requireSound } from "../../passes/pipeline.js";
import { stages, type StagePlace, type TidyPlace } from "../../passes/stages.js";
import { productsInHalves } from "../../passes/target/legalise.js";
import { constantsOutOfRange } from "../../passes/target/magnitude.js";
import { undecided, type Lowering, type TargetContext } from "../../passes/target/stage.js";
import { unitSteps, type Unit } from "../kernel/group/group.js";
import type { Claims } from "../claim/claim.js";
import type { Operators } from "../claim/operators.js";
import type { Alternate, AlternateOptions } from "./alternates.js";
import { kernelAlternate } from "./alternates-kernel.js";
import { libraryAlternate } from "./alternates-library.js";
import { bodyNumber, closeBodies, isControl } from "./control.js";
import { planSteps, type Plan, type UnitTree } from "./plan.js";
import { refuseTypes, refuseUnknown } from "./refuse.js";
import { besideReads, unsupportedBranch } from "./unsupported.js";

interface LowerOptions extends TargetContext {
  readonly name: string;
  readonly prefix: string;
  readonly sdk: string;
  readonly allowHf32?: boolean;
  readonly states?: ReadonlyMap<string, string>;
  readonly signal?: AbortSignal;
  /** Sees the graph that each stage, and each pass among them, has given. */
  readonly after?: (name: string, graph: Graph) => void;
}

export interface Lowered {
  readonly plan: Plan;
  readonly declined: Claims["declined"];
  /** What the user should know of a program that is right. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What model.h declares: an output called "run" must not make a kernel of the same name. */
function interfaceNames(prefix: string): string[] {
  const functions = "load unload create destroy set_dims output_shape device_bytes weight_bytes run error tables";
  return `${functions} model context session`.split(" ").map((name) => `${prefix}_${name}`);
}

/** A graph as its steps will carry it out: primitives, calls, and the units they are cut into. */
export interface Units {
  /** Inputs and outputs have the element types in which they are stored. */
  readonly ready: Graph;
  readonly units: readonly Unit[];
  /** What library calls could do for them. */
  readonly operators: Operators;
  readonly declined: Claims["declined"];
  readonly diagnostics: readonly Diagnostic[];
}

/** Lowers a graph, with a pause wherever it may be stopped. */
export function* lowerSteps(graph: Graph, options: LowerOptions): Steps<Lowered> {
  try {
    return yield* planned(graph, options);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError(besideReads(error.diagnostics, graph));
  }
}

function* planned(graph: Graph, options: LowerOptions): Steps<Lowered> {
  const { tree, declined, diagnostics } = yield* treeOf(graph, options);
  const boundary = new Map<string, DType>();
  for (const v of [...graph.inputs, ...graph.outputs]) {
    const type = rankedType(v);
    if (type) boundary.set(v.name, type.dtype);
  }
  const plan = yield* planSteps(tree, { ...options, boundary });
  return { plan, declined, diagnostics };
}

interface Tree extends Pick<Lowered, "declined" | "diagnostics"> {
  readonly tree: UnitTree;
}

/** A graph and the bodies of its Ifs and Loops, each lowered by itself. */
function* treeOf(graph: Graph, options: LowerOptions): Steps<Tree> {
  const { graph: closed, bodies: own } = closeBodies(graph, options.catalogue);
  const { ready, units, operators, declined, diagnostics } = yield* unitsOf(closed, options);
  const views = new Map<Value, Value[]>();
  for (const u of units) if (u.kind === "alias") views.set(u.of, [...(views.get(u.of) ?? []), u.value]);
  const alternates = yield* alternatesOf(units, ready, operators, {
    ...options,
    ranges: rangesOf(ready),
    views,
    kernelPrefix: (n) => `${options.prefix}_alt_${shortHash(n)}_`,
  });
  const bodies: Tree[] = [];
  for (const [i, body] of own.entries()) bodies.push(yield* bodyOf(i, body, closed, options));
  return {
    tree: { ready, units, alternates, bodies: bodies.map((b) => b.tree) },
    declined: [...declined, ...bodies.flatMap((b) => b.declined)],
    diagnostics: [...diagnostics, ...bodies.flatMap((b) => b.diagnostics)],
  };
}

/** A body by its number; of an If it is said first that the condition is open. */
function* bodyOf(i: number, body: Graph, around: Graph, options: LowerOptions): Steps<Tree> {
  try {
    return yield* treeOf(body, { ...options, isBody: true, prefix: `${options.prefix}_body${i}` });
  } catch (error) {
    const branches = around.nodes.find(
      (n) => n.op === "If" && isControl(n) && [bodyNumber(n, "then"), bodyNumber(n, "otherwise")].includes(i),
    );
    if (!branches || !(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError([unsupportedBranch(branches, around), ...error.diagnostics]);
  }
}

/** The part of `lowerSteps` that decides who computes what and how; no text is printed yet. */
export function* unitsOf(graph: Graph, options: LowerOptions): Steps<Units> {
  const { catalogue, target, chip } = options;
  refuseUnknown(graph, catalogue);
  const outOfRange = options.precision === "fp16" ? constantsOutOfRange(graph) : [];
  const now = yield* staged(graph, options);
  const { operators } = now;
  invariant(operators, "a stage keeps the operators");
  const ready = calledAs(now.graph, graph.outputs);
  refuseTypes(ready, target);
  const units = yield* unitSteps(ready, {
    caps: chip.caps,
    isLibrary: (n) => isCall(n) || isControl(n),
    ranges: rangesOf(ready),
    prefix: `${options.prefix}_`,
    reserved: interfaceNames(options.prefix),
    storedAs: now.storedAs,
  });
  const diagnostics = [...outOfRange, ...productsInHalves(now.rounded, chip)];
  return { ready, units, operators, declined: now.declined, diagnostics };
}

/** All stages, with a pause after each. Throws an internal error with a stage's name when it breaks the graph. */
function* staged(graph: Graph, options: LowerOptions): Steps<Lowering> {
  let [before, now] = [graph, undecided(graph)];
  for (const place of stages) {
    yield;
    options.signal?.throwIfAborted();
    const next = "stage" in place ? carriedOut(place, now, options) : yield* tidied(place, now, before, options);
    [before, now] = [now.graph, next];
  }
  yield;
  return now;
}

function carriedOut({ stage }: StagePlace, now: Lowering, context: LowerOptions): Lowering {
  const next = "decide" in stage ? stage.decide(now, context) : { ...now, graph: stage.run(now.graph, context) };
  if (next.graph !== now.graph) requireSound(next.graph, stage.name);
  context.after?.(stage.name, next.graph);
  return next;
}

function* tidied({ passes, afterChange }: TidyPlace, now: Lowering, before: Graph, options: LowerOptions): Steps<Lowering> {
  if (afterChange && now.graph === before) return now;
  const { catalogue, signal, after } = options;
  return { ...now, graph: (yield* passSteps(now.graph, { catalogue, passes, signal, after })).graph };
}

/** Outputs with the names that the model has for them: a copy that was made of one is called otherwise in the graph. */
function calledAs(graph: Graph, outputs: readonly Value[]): Graph {
  const named = new Map<Value, Value>();
  graph.outputs.forEach((v, i) => v.name !== outputs[i].name && named.set(v, { ...v, name: outputs[i].name }));
  if (named.size === 0) return graph;
  const of = (v: Value | undefined): Value | undefined => v && (named.get(v) ?? v);
  const nodes = graph.nodes.map((n) => (n.outputs.some((v) => v && named.has(v)) ? { ...n, outputs: n.outputs.map(of) } : n));
  return { ...graph, nodes, outputs: graph.outputs.map((v) => named.get(v) ?? v) };
}

function rangesOf(graph: Graph): (symbol: string) => Range | undefined {
  const known = new Map(graph.symbols.map((s) => [s.name, s.range] as const));
  return (s) => known.get(s);
}

/** The other way of every unit that is a step, or why it has none. */
function* alternatesOf(
  units: readonly Unit[],
  ready: Graph,
  operators: Operators,
  options: AlternateOptions,
): Steps<Map<Unit, Alternate | string>> {
  const out = new Map<Unit, Alternate | string>();
  for (const unit of units) {
    yield;
    if (unit.kind === "kernels") out.set(unit, libraryAlternate(unit, operators, options));
    if (unit.kind === "node" && isCall(unit.node)) out.set(unit, kernelAlternate(unit.node, ready, options));
  }
  return out;
}

/** Tells the kernels of one step's other way from all others. */
function shortHash(node: Node): string {
  return createHash("sha256")
    .update(JSON.stringify(node.outputs.map((v) => v?.name)))
    .digest("hex")
    .slice(0, 6);
}
