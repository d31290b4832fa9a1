/**
 * A model that is run part by part over all samples, so that what a part computes may hang on what was learnt from those before it.
 * Between two parts the values that later ones read are in memory, of every sample: each node is computed once a sample.
 */
import type { Tensor } from "../../base/tensor.js";
import { invariant } from "../../base/diagnostic.js";
import type { Running } from "../../driver/events.js";
import type { Graph, Node, Value } from "../../ir/graph.js";
import { readsOf } from "../../ir/walk.js";
import { extentsIn } from "../../verify/inputs.js";
import type { Samples } from "./samples.js";
import { bytesAt, watch } from "./watch.js";

/** Nodes up to and with the one that it ends with. */
export interface Part {
  /** Its inputs are of parts before; its outputs what later parts read, the result of the last node in front. */
  readonly graph: Graph;
  /** Values that later parts read, of this part and of those before. */
  readonly live: ReadonlySet<Value>;
}

/** The parts that end with each of `ends`, which are in the graph's order; what comes behind the last is in none. */
export function partsOf(graph: Graph, ends: readonly Node[]): readonly Part[] {
  const places = ends.map((n) => graph.nodes.indexOf(n));
  const lastRead = new Map<Value, number>();
  graph.nodes.slice(0, (places.at(-1) ?? -1) + 1).forEach((n, at) => readsOf(n).forEach((v) => lastRead.set(v, at)));
  const made: Value[] = [...graph.inputs];
  return places.map((end, i): Part => {
    const nodes = graph.nodes.slice(i === 0 ? 0 : places[i - 1] + 1, end + 1);
    const own = nodes.flatMap((n) => n.outputs.flatMap((v) => v ?? []));
    made.push(...own);
    const live = new Set(made.filter((v) => (lastRead.get(v) ?? -1) > end));
    const [result] = ends[i].outputs;
    invariant(result, "a product without a result");
    return { graph: partOf(graph, nodes, [result, ...own.filter((v) => live.has(v) && v !== result)]), live };
  });
}

function partOf(graph: Graph, nodes: readonly Node[], outputs: readonly Value[]): Graph {
  const own = new Set(nodes.flatMap((n) => n.outputs));
  const reads = new Set(nodes.flatMap(readsOf));
  const constants = new Map([...graph.constants].filter(([v]) => reads.has(v)));
  const inputs = [...reads].filter((v) => !own.has(v) && !constants.has(v));
  return { ...graph, inputs, outputs, nodes, constants, guards: [] };
}

/** What all parts keep of a sample at most, in bytes, by the sizes in the first one. */
export function mostLive(graph: Graph, parts: readonly Part[], samples: Samples): number {
  const extents = extentsIn(graph, samples.load(0));
  const bytes = (values: Iterable<Value>): number => [...values].reduce((sum, v) => sum + bytesAt(v, extents), 0);
  return Math.max(0, ...parts.map((p) => bytes(new Set([...p.graph.inputs, ...p.graph.outputs, ...p.live]))));
}

/** Values of every sample at the place that a model has come to. */
export class Course {
  readonly #kept: Map<string, Tensor>[];

  /** Throws `bad-calibration` as samples do. */
  constructor(samples: Samples) {
    this.#kept = Array.from({ length: samples.count }, (_, i) => new Map(samples.load(i)));
  }

  /** Runs a part, as `graph` carries it out, on every sample. Throws and rejects as `watch` does. */
  async advance({ graph: { outputs }, live }: Part, graph: Graph, { signal }: Running): Promise<void> {
    let at = 0;
    const samples: Samples = { count: this.#kept.length, key: "", load: (i) => this.#kept[(at = i)] };
    const got = this.#kept.map(() => new Map<string, Tensor>());
    await watch([{ graph, values: graph.outputs }], samples, { signal, label: "" }, (place, [t]) => {
      got[at].set(outputs[place].name, t);
    });
    const names = new Set([...live].map((v) => v.name));
    this.#kept.forEach((own, i) => {
      for (const name of own.keys()) if (!names.has(name)) own.delete(name);
      got[i].forEach((t, name) => own.set(name, t));
    });
  }

  /** One tensor a sample. */
  valuesOf({ name }: Value): readonly Tensor[] {
    return this.#kept.map((own) => own.get(name) as Tensor);
  }

  replace({ name }: Value, by: (t: Tensor) => Tensor): void {
    for (const own of this.#kept) own.set(name, by(own.get(name) as Tensor));
  }
}
