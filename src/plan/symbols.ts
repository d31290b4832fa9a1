/** The symbols a program's sizes depend on, and where each gets its value. */
import { fail } from "../base/diagnostic.js";
import { isConst, sameDim, symbol, symbolsOf } from "../base/dim.js";
import { rankedType, type Graph, type Value } from "../ir/graph.js";
import type { Unit } from "../kernel/group/group.js";
import type { ProgramSymbol, SymbolSource } from "../program/program.js";

/** Symbols any size depends on, each with the input extent it is read from. */
export function programSymbols(graph: Graph, units: readonly Unit[]): ProgramSymbol[] {
  const sources = new Map<string, SymbolSource>();
  for (const v of graph.inputs)
    rankedType(v)?.shape.forEach((d, axis) => {
      if (isConst(d)) return;
      const [name] = symbolsOf(d);
      if (sameDim(d, symbol(name)) && !sources.has(name)) sources.set(name, { kind: "extent", input: v.name, axis });
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
