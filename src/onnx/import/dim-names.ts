/**
 * Names of extents. A model names some; one that it leaves unnamed is called after its tensor and axis, and never as
 * another extent is called: two extents of one name are equal, which nobody said of these.
 */
import { parseDim } from "../../base/dim-text.js";
import { symbolsOf, type Dim } from "../../base/dim.js";
import type { OnnxGraph, OnnxType } from "../bytes/schema.js";

const saysNothing: ReadonlySet<string> = new Set(["", "?", "-1", "none", "null", "unk", "unknown", "dynamic", "any", "*"]);

/** Whether an exporter wrote this for an extent it has no name for: such texts stand in many places and mean nothing together. */
export function isNameless(text: string): boolean {
  return saysNothing.has(text.trim().toLowerCase());
}

/** The dim names that a declared type holds, expressions included. */
export function dimNamesIn(type: OnnxType | undefined): string[] {
  if (!type || type.kind === "opaque") return [];
  if ("of" in type) return dimNamesIn(type.of);
  return (type.shape ?? []).filter((d) => typeof d === "string");
}

/** The expression that a dim_param spells, as exporters write `2*s0`; undefined for a plain name. */
export function parsedDim(text: string): Dim | undefined {
  if (text.length > 200 || !/[-+*(]/.test(text)) return undefined;
  try {
    return parseDim(text);
  } catch {
    return undefined;
  }
}

/** Gives out names for the unnamed extents of one model, each name once. */
export class FreshDimNames {
  readonly #taken = new Set<string>();
  readonly #ofInputs = new Map<string, string>();

  constructor(graph: OnnxGraph) {
    this.#take(graph);
  }

  /** `x.d0` for axis 0 of x, with a number behind it where the model or an earlier call has that name. */
  next(owner: string, axis: number): string {
    const stem = `${owner.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^(?![A-Za-z_])/, "_")}.d${axis}`;
    let name = stem;
    for (let n = 2; this.#taken.has(name); n++) name = `${stem}.${n}`;
    this.#taken.add(name);
    return name;
  }

  /** The name of an input's extent: the same whenever it is asked for. */
  ofInput(input: string, axis: number): string {
    const key = JSON.stringify([input, axis]);
    const name = this.#ofInputs.get(key) ?? this.next(input, axis);
    this.#ofInputs.set(key, name);
    return name;
  }

  #take(graph: OnnxGraph): void {
    for (const { type } of [...graph.inputs, ...graph.outputs, ...graph.valueInfo])
      for (const text of dimNamesIn(type)) for (const name of [text, ...symbolsOf(parsedDim(text) ?? 0)]) this.#taken.add(name);
    for (const { attributes } of graph.nodes)
      for (const { g, graphs } of attributes) [...(g ? [g] : []), ...graphs].forEach((body) => this.#take(body));
  }
}
