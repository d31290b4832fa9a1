/** The symbols a program's sizes depend on, and where each gets its value. */
import { fail } from "../base/diagnostic.js";
import { isConst, sameDim, symbol, symbolsOf } from "../base/dim.js";
import { rankedType, type Graph, type Value } from "../ir/graph.js";
import type { Unit } from "../kernel/group/group.js";
import { lateBuffers } from "../program/arena.js";
import type { Program, ProgramSymbol, SymbolSource } from "../program/program.js";

/** A graph that becomes steps, or a body of one. */
interface Sized {
  readonly ready: Graph;
  readonly units: readonly Unit[];
}

/** Symbols any size depends on: extents of the first graph's inputs, and what steps decide. */
export function programSymbols(graphs: readonly Sized[], decided: readonly ProgramSymbol[]): readonly ProgramSymbol[] {
  const [{ ready: graph }] = graphs;
  const sources = new Map<string, SymbolSource>();
  for (const v of graph.inputs)
    rankedType(v)?.shape.forEach((d, axis) => {
      if (isConst(d)) return;
      const [name] = symbolsOf(d);
      if (sameDim(d, symbol(name)) && !sources.has(name)) sources.set(name, { kind: "extent", input: v.name, axis });
    });
  const used = new Set<string>(sources.keys());
  for (const { ready, units } of graphs)
    [...units.flatMap(valuesOf), ...ready.outputs].forEach((v) => symbolsOfType(v).forEach((s) => used.add(s)));
  const own = new Set(decided.map((s) => s.name));
  const given = [...used]
    .filter((name) => !own.has(name))
    .map((name): ProgramSymbol => {
      const range = graph.symbols.find((s) => s.name === name)?.range;
      return { name, source: sources.get(name) ?? unsourced(name), lo: range?.lo ?? 0, hi: range?.hi ?? Infinity };
    });
  return [...given, ...decided];
}

function valuesOf(unit: Unit): readonly (Value | undefined)[] {
  if (unit.kind === "node") return [...unit.node.inputs, ...unit.node.outputs];
  return unit.kind === "kernels" ? unit.kernels.flatMap(({ bind }) => Object.values(bind)) : [];
}

function symbolsOfType(v: Value | undefined): readonly string[] {
  return rankedType(v)?.shape.flatMap((d) => symbolsOf(d)) ?? [];
}

function unsourced(name: string): never {
  return fail("data-dependent-shape", `an extent ("${name}") depends on values the model computes, not on the shape of an input`, {
    fix: "Fix the values it depends on with --freeze NAME=VALUE, or the shapes with --shape.",
  });
}

/** A caller makes room for the outputs before it runs a program: their sizes follow from the inputs' alone. */
export function requireSizedBorder(program: Pick<Program, "buffers" | "symbols" | "outputs">): void {
  const late = lateBuffers(program);
  const id = program.outputs.find((o) => late.has(o));
  if (id === undefined) return;
  const { name, shape } = program.buffers[id];
  fail("data-dependent-shape", `output "${name}" [${shape.join(", ")}] is as large as values decide that the model computes`, {
    location: { tensor: name },
    fix: "Give out something of fixed size, or fix the values it depends on with --freeze NAME=VALUE.",
  });
}
