/** What verify() feeds a model: the caller's arrays, checked by name, or seeded ones at extents that the model allows. */
import { evaluateDim, isConst, sameDim, symbol, symbolsOf, type Dim } from "../base/dim.js";
import { DiagnosticError, fail } from "../base/diagnostic.js";
import type { DType } from "../base/dtype.js";
import type { Steps } from "../base/steps.js";
import type { Tensor } from "../base/tensor.js";
import { rankedType, type Graph } from "../ir/graph.js";
import { inferGraph } from "../ir/infer/infer.js";
import { setDims } from "../ir/rewrite/specialise.js";
import type { Catalogue } from "../ops/op.js";
import type { LoadedModel } from "../driver/load.js";
import { asDeclared, requireArrays } from "./arrays.js";
import { allowedExtents, refuseExtents, type Extents, type ExtentRules, type OpenExtent } from "./extents.js";
import { seededArrays } from "./seeded.js";

export type Feed = ReadonlyMap<string, Tensor>;

/** The sizes one run was made at. */
export interface RunSizes {
  readonly inputs: readonly { readonly name: string; readonly dtype: DType; readonly shape: readonly number[] }[];
  /** The values of the extents that the model leaves open. */
  readonly extents: Readonly<Record<string, number>>;
  /** Whether Portolan chose them. */
  readonly chosen: boolean;
}

interface ChosenInputs {
  readonly feeds: readonly Feed[];
  /** One a run. */
  readonly sizes: readonly RunSizes[];
}

/** Full checks of an assignment before the search gives up: each infers the whole graph. */
const mostInferred = 40;

/** Throws `bad-inputs`, `input-not-tensor` or `extents-not-found`. */
export function* inputsOf(
  { graph, catalogue, ignored = [] }: Pick<LoadedModel, "graph" | "catalogue" | "ignored">,
  given: { readonly inputs?: readonly Feed[]; readonly seed?: number; readonly freeze?: Feed },
): Steps<ChosenInputs> {
  if (given.inputs) {
    const declared = graph.inputs.map((v) => ({ name: v.name, type: rankedType(v) }));
    const unread = [...ignored.map((v) => v.name), ...(given.freeze?.keys() ?? [])];
    const feeds = given.inputs.map((feed) => asDeclared(feed, (name) => declared.find((v) => v.name === name)?.type?.dtype));
    feeds.forEach((feed) => {
      requireArrays(declared, feed, (name) => unread.includes(name));
    });
    return { feeds, sizes: feeds.map((feed) => sizesOf(feed, extentsIn(graph, feed), false)) };
  }
  const extents = yield* chooseExtents(graph, catalogue);
  const feed = seededInputs(graph, given.seed ?? 0, extents);
  return { feeds: [feed], sizes: [sizesOf(feed, extents, extents.size > 0)] };
}

/** Normal floats, small non-negative integers, coin-flip bools. Open extents take `extents`, else their lowest. Throws `input-not-tensor`. */
export function seededInputs(graph: Graph, seed: number, extents: Extents = new Map()): Feed {
  const ranges = new Map(graph.symbols.map((s) => [s.name, s.range]));
  const value = (name: string): number => extents.get(name) ?? Math.max(1, ranges.get(name)?.lo ?? 1);
  const types = inputTypes(graph).map(({ name, dtype, shape }) => {
    const extent = (d: Dim): number => evaluateDim(d, new Map(symbolsOf(d).map((s) => [s, value(s)])));
    return { name, dtype, shape: shape.map(extent) };
  });
  return seededArrays(types, seed);
}

interface InputType {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

function inputTypes(graph: Graph): InputType[] {
  return graph.inputs.map((v): InputType => {
    const type = rankedType(v);
    if (type) return { name: v.name, ...type };
    return fail("input-not-tensor", `input "${v.name}" is no tensor of known rank; give it with --inputs`, {
      location: { tensor: v.name },
    });
  });
}

/** Extents that the guards, the shapes and the inference of the whole graph at these sizes allow. Throws `extents-not-found`. */
export function* chooseExtents(graph: Graph, catalogue: Catalogue): Steps<Extents> {
  const open = openExtents(inputTypes(graph), graph.symbols);
  if (open.length === 0) return new Map();
  const search = allowedExtents({ open, guards: graph.guards, extents: extentsOf(graph) } satisfies ExtentRules);
  let [refused, obstacle] = ["", { name: open[0].name, message: "" }];
  for (let k = 0; k < mostInferred; k++) {
    yield;
    const next = search.next();
    if (next.done) {
      obstacle = refused === "" ? (next.value ?? obstacle) : { ...obstacle, message: refused };
      break;
    }
    const why = refusal(setDims(graph, next.value), catalogue);
    if (why === undefined) return next.value;
    [refused, obstacle] = [why, { ...obstacle, message: why }];
  }
  return refuseExtents(obstacle, `--shape, as in --shape ${shapeExample(graph)}, or --dim`);
}

/** The symbols of inputs' shapes, in the order in which they are met. */
export function openExtents(
  inputs: readonly Pick<InputType, "shape">[],
  symbols: readonly { readonly name: string; readonly range: OpenExtent["range"] }[],
): OpenExtent[] {
  const out = new Map<string, OpenExtent>();
  for (const { shape } of inputs)
    shape.forEach((d, axis) => {
      for (const name of symbolsOf(d)) {
        const range = symbols.find((s) => s.name === name)?.range ?? { lo: 0, hi: Infinity };
        if (!out.has(name)) out.set(name, { name, range, batch: axis === 0 && shape.length > 1 });
      }
    });
  return [...out.values()];
}

function extentsOf(graph: Graph): Dim[] {
  const values = [...graph.inputs, ...graph.nodes.flatMap((n) => n.outputs)];
  return values.flatMap((v) => rankedType(v)?.shape ?? []);
}

/** What inference says against a graph, or undefined. */
function refusal(graph: Graph, catalogue: Catalogue): string | undefined {
  try {
    return inferGraph(graph, catalogue).diagnostics.find((d) => d.severity === "error")?.message;
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0].message;
    throw error;
  }
}

/** `x:1,3,64,64` of the first input with an open extent. */
function shapeExample(graph: Graph): string {
  const input = inputTypes(graph).find((t) => t.shape.some((d) => !isConst(d)));
  return `${input?.name ?? "x"}:${(input?.shape ?? []).map((d, i) => (isConst(d) ? d : i === 0 ? 1 : 64)).join(",")}`;
}

function sizesOf(feed: Feed, extents: Extents, chosen: boolean): RunSizes {
  const inputs = [...feed].map(([name, t]) => ({ name, dtype: t.dtype, shape: t.shape }));
  return { inputs, extents: Object.fromEntries(extents), chosen };
}

/** What the shapes of given arrays say of the model's open extents. */
export function extentsIn(graph: Graph, feed: Feed): Extents {
  const out = new Map<string, number>();
  for (const v of graph.inputs)
    rankedType(v)?.shape.forEach((d, axis) => {
      const extent = feed.get(v.name)?.shape[axis];
      const [name] = symbolsOf(d);
      if (name !== undefined && sameDim(d, symbol(name)) && extent !== undefined) out.set(name, extent);
    });
  return out;
}
