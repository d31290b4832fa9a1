/** How each node of a model is carried out, read off the steps that came of it. */
import type { Target } from "../claim/target.js";
import { evidenceOf } from "../claim/witness.js";
import type { ActText, Emitted } from "../emit/steps.js";
import { bodiesOf, kernelsByName, leavesOf, touchedBy, type Kernels, type Way } from "../program/flow.js";
import type { Compute, Evidence, Program, Step } from "../program/program.js";
import type { How, WayReport } from "./report.js";

export const howOf: Readonly<Record<Way, How>> = { library: "call", kernel: "kernel", scalar: "scalar", copy: "copy" };

/** One step as far as its nodes are concerned. */
interface Told {
  readonly origin: readonly string[];
  readonly way: WayReport;
  /** Of several steps of a node the one that counts for most says how it is carried out. */
  readonly weight: number;
}

/** A step's weight in the ways of its nodes: its operations and bytes, an operation of the scalar unit as many as a vector has lanes. */
export type Weights = ReadonlyMap<string, number>;

/** Ways by the names of the model's nodes; a node that no step came from is in none. */
export function waysByNode(
  emitted: Emitted,
  target: Target,
  declined: ReadonlyMap<string, string>,
  weights: Weights,
): ReadonlyMap<string, WayReport> {
  const byNode = waysOf(toldBy(emitted, target, weights));
  for (const [name, way] of byNode) {
    const why = way.how === "kernel" || way.how === "scalar" ? declined.get(name) : undefined;
    if (why !== undefined) byNode.set(name, { ...way, why });
  }
  return byNode;
}

/** What each step says, of bodies too; what is no arithmetic is the host's. */
function toldBy({ program, steps }: Emitted, target: Target, weights: Weights): readonly Told[] {
  const texts = new Map(steps.map((s) => [s.step, s.act]));
  const kernels = kernelsByName(program);
  const tell = (step: Step): Told[] => {
    const text = step.op === "compute" ? texts.get(step.id) : undefined;
    const { origin, id } = step;
    if (step.op === "compute" && text)
      return [{ origin, way: wayOf(text, typesOf(step, program, kernels), target), weight: weights.get(id) ?? 0 }];
    return [{ origin, way: bare("host"), weight: 0 }, ...bodiesOf(step).flatMap((body) => body.flatMap(tell))];
  };
  return program.steps.flatMap(tell);
}

/** In which a step computes: its calls' first operands, of kernels what they write. */
function typesOf({ act }: Compute, program: Program, kernels: Kernels): readonly string[] {
  const operands = leavesOf(act).flatMap((a) => (a.op === "call" ? [a.inputs.find((id) => id !== null) ?? null] : []));
  const ids = operands.length > 0 ? operands : touchedBy(act, kernels).writes;
  return unique(ids.flatMap((id) => (id === null ? [] : [program.buffers[id].stored])));
}

function wayOf({ kind, evidence, uses }: ActText, types: readonly string[], { symbols }: Target): WayReport {
  const calls = uses.filter((name) => symbols[name]?.kind === "call");
  const inferred = uses.filter((name) => evidenceOf(symbols[name]) === "E0");
  return {
    how: howOf[kind],
    types,
    calls,
    evidence,
    ...(inferred.length > 0 && { unwitnessed: inferred }),
    ...(calls.length > 0 && { sources: calls.map((name) => `${symbols[name].seen} (${symbols[name].since})`) }),
  };
}

function waysOf(told: readonly Told[]): Map<string, WayReport> {
  const byNode = new Map<string, Told>();
  for (const one of told)
    for (const name of one.origin) {
      const known = byNode.get(name);
      byNode.set(name, known ? joined(known, one) : one);
    }
  return new Map([...byNode].map(([name, { way }]) => [name, way]));
}

export const bare = (how: How, why?: string): WayReport => ({ how, types: [], calls: [], ...(why !== undefined && { why }) });

function joined(first: Told, second: Told): Told {
  const [a, b] = [first.way, second.way];
  const { how } = second.weight > first.weight ? b : a;
  const evidence = lower(a.evidence, b.evidence);
  const unwitnessed = unique([...(a.unwitnessed ?? []), ...(b.unwitnessed ?? [])]);
  const sources = unique([...(a.sources ?? []), ...(b.sources ?? [])]);
  const way: WayReport = {
    how,
    types: unique([...a.types, ...b.types]),
    calls: unique([...a.calls, ...b.calls]),
    ...(evidence && { evidence }),
    ...(unwitnessed.length > 0 && { unwitnessed }),
    ...(sources.length > 0 && { sources }),
  };
  return { ...first, way, weight: Math.max(first.weight, second.weight) };
}

function lower(a: Evidence | undefined, b: Evidence | undefined): Evidence | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

const unique = <T>(list: readonly T[]): T[] => [...new Set(list)].sort();

/** Each way once, in order of first use, and for each node its place. */
export function interned(ways: readonly WayReport[]): { readonly ways: readonly WayReport[]; readonly at: readonly number[] } {
  const places = new Map<string, number>();
  const out: WayReport[] = [];
  const at = ways.map((way) => {
    const key = JSON.stringify(way);
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, out.length);
    return out.push(way) - 1;
  });
  return { ways: out, at };
}
