/** How each node of a model is carried out, read off the steps that came of it. */
import type { Target } from "../claim/target.js";
import { evidenceOf } from "../claim/witness.js";
import type { Emitted } from "../emit/steps.js";
import { bodiesOf, kernelsByName, leavesOf, touchedBy, type Way } from "../program/flow.js";
import type { Compute, Evidence, Step } from "../program/program.js";
import type { How, WayReport } from "./report.js";

/** The worst first; what several steps of a node make of it is the first that one of them is. */
const order: readonly How[] = ["refused", "undecided", "host", "scalar", "call", "kernel", "copy", "folded"];

const howOf: Readonly<Record<Way, How>> = { library: "call", kernel: "kernel", scalar: "scalar", copy: "copy" };

/** One step as far as its nodes are concerned. */
interface Told {
  readonly origin: readonly string[];
  readonly way: WayReport;
}

/** Ways by the names of the model's nodes; a node that no step came from is in none. */
export function waysByNode(
  { program, steps }: Emitted,
  target: Target,
  declined: ReadonlyMap<string, string>,
): ReadonlyMap<string, WayReport> {
  const texts = new Map(steps.map((s) => [s.step, s]));
  const kernels = kernelsByName(program);
  const typesOf = (step: Compute): string[] => {
    const leaves = leavesOf(step.act);
    const operands = leaves.flatMap((a) => (a.op === "call" ? [a.inputs.find((id) => id !== null) ?? null] : []));
    const ids = operands.length > 0 ? operands : touchedBy(step.act, kernels).writes;
    return ids.flatMap((id) => (id === null ? [] : [program.buffers[id].stored]));
  };
  const tell = (step: Step): Told[] => {
    const inner = bodiesOf(step).flatMap((body) => body.flatMap(tell));
    const text = step.op === "compute" ? texts.get(step.id) : undefined;
    if (step.op !== "compute" || text === undefined) return [{ origin: step.origin, way: bare("host") }, ...inner];
    const calls = text.act.uses.filter((name) => target.symbols[name]?.kind === "call");
    const { kind, evidence, uses } = text.act;
    const inferred = uses.filter((name) => evidenceOf(target.symbols[name]) === "E0");
    const way: WayReport = {
      how: howOf[kind],
      types: unique(typesOf(step)),
      calls,
      evidence,
      ...(inferred.length > 0 && { unwitnessed: inferred }),
      ...(calls.length > 0 && { sources: calls.map((name) => `${target.symbols[name].seen} (${target.symbols[name].since})`) }),
    };
    return [{ origin: step.origin, way }];
  };
  const byNode = new Map<string, WayReport>();
  for (const { origin, way } of program.steps.flatMap(tell))
    for (const name of origin) byNode.set(name, byNode.has(name) ? joined(byNode.get(name) as WayReport, way) : way);
  for (const [name, way] of byNode) {
    const why = way.how === "kernel" || way.how === "scalar" ? declined.get(name) : undefined;
    if (why !== undefined) byNode.set(name, { ...way, why });
  }
  return byNode;
}

export const bare = (how: How, why?: string): WayReport => ({ how, types: [], calls: [], ...(why !== undefined && { why }) });

function joined(a: WayReport, b: WayReport): WayReport {
  const evidence = lower(a.evidence, b.evidence);
  const unwitnessed = unique([...(a.unwitnessed ?? []), ...(b.unwitnessed ?? [])]);
  const sources = unique([...(a.sources ?? []), ...(b.sources ?? [])]);
  return {
    how: order[Math.min(order.indexOf(a.how), order.indexOf(b.how))],
    types: unique([...a.types, ...b.types]),
    calls: unique([...a.calls, ...b.calls]),
    ...(evidence && { evidence }),
    ...(unwitnessed.length > 0 && { unwitnessed }),
    ...(sources.length > 0 && { sources }),
  };
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
