/**
 * A model that is run part by part over all samples, so that what a part computes may hang on what was learnt from those before it.
 * Between two parts the values that later ones read are kept, of every sample: each node is computed once a sample.
 */
import { invariant } from "../../base/diagnostic.js";
import type { Tensor } from "../../base/tensor.js";
import type { Running } from "../../driver/events.js";
import { Collector } from "../../host/collect.js";
import type { Lying, Scratch } from "../../host/scratch.js";
import type { Graph, Node, Value } from "../../ir/graph.js";
import { readsOf } from "../../ir/walk.js";
import { decodeElements, encodeElements } from "../../onnx/bytes/elements.js";
import { extentsIn, type Feed } from "../../verify/inputs.js";
import { isSpelled } from "../../verify/npz.js";
import type { Samples } from "./samples.js";
import { bytesAt, watch } from "./watch.js";

/** Nodes that follow each other. */
interface Section {
  /** Its inputs are of sections before; its outputs what later ones read. */
  readonly graph: Graph;
  /** Values that later sections read, of this one and of those before. */
  readonly live: ReadonlySet<Value>;
}

export interface Part {
  /** What stands between the last product and this one; maybe no node. */
  readonly before: Section;
  /** That alone: one output. */
  readonly product: Section;
}

/** One for each of `products`, which are in the graph's order; what comes behind the last is in none. */
export function partsOf(graph: Graph, products: readonly Node[]): readonly Part[] {
  const places = products.map((n) => graph.nodes.indexOf(n));
  const lastRead = new Map<Value, number>();
  graph.nodes.slice(0, (places.at(-1) ?? -1) + 1).forEach((n, at) => readsOf(n).forEach((v) => lastRead.set(v, at)));
  const made: Value[] = [...graph.inputs];
  const section = (from: number, end: number): Section => {
    const nodes = graph.nodes.slice(from, end);
    made.push(...nodes.flatMap((n) => n.outputs.flatMap((v) => v ?? [])));
    const live = new Set(made.filter((v) => (lastRead.get(v) ?? -1) >= end));
    return { graph: sectionOf(graph, nodes, live), live };
  };
  return places.map((at, i): Part => {
    const before = section(i === 0 ? 0 : places[i - 1] + 1, at);
    const { graph: product, live } = section(at, at + 1);
    return { before, product: { graph: { ...product, outputs: products[i].outputs.flatMap((v) => v ?? []) }, live } };
  });
}

function sectionOf(graph: Graph, nodes: readonly Node[], live: ReadonlySet<Value>): Graph {
  const outputs = nodes.flatMap((n) => n.outputs.filter((v): v is Value => v !== undefined && live.has(v)));
  const own = new Set(nodes.flatMap((n) => n.outputs));
  const reads = new Set(nodes.flatMap(readsOf));
  const constants = new Map([...graph.constants].filter(([v]) => reads.has(v)));
  const inputs = [...reads].filter((v) => !own.has(v) && !constants.has(v));
  return { ...graph, inputs, outputs, nodes, constants, guards: [] };
}

/** The first value between products that no array of ours holds: a sequence, an optional, one of unknown type. Behind it nothing can be run by itself. */
export function unkept(parts: readonly Part[]): { readonly at: number; readonly value: Value } | undefined {
  for (const [at, { before, product }] of parts.entries()) {
    const value = [before, product].flatMap((s) => [...s.graph.inputs, ...s.graph.outputs]).find((v) => !isKept(v));
    if (value) return { at, value };
  }
  return undefined;
}

const isKept = ({ type }: Value): boolean => type.kind === "tensor" && isSpelled(type.dtype);

/** What all parts keep of a sample at most, in bytes, by the sizes in the first one. */
export function mostLive(graph: Graph, parts: readonly Part[], samples: Samples): number {
  const extents = extentsIn(graph, samples.load(0));
  const bytes = (values: Iterable<Value>): number => [...values].reduce((sum, v) => sum + bytesAt(v, extents), 0);
  const sections = parts.flatMap((p) => [p.before, p.product]);
  return Math.max(0, ...sections.map((s) => bytes(new Set([...s.graph.inputs, ...s.graph.outputs, ...s.live]))));
}

interface Kept extends Pick<Tensor, "dtype" | "shape"> {
  readonly at: Lying;
}

/** Values of every sample at the place that a model has come to: on a disk, so that memory holds those of one. */
export class Course {
  readonly #scratch: Scratch;
  readonly #kept: Map<string, Kept>[];

  /** Throws `bad-calibration` as samples do, and `output-not-writable`. */
  constructor(samples: Samples, scratch: Scratch) {
    this.#scratch = scratch;
    this.#kept = Array.from({ length: samples.count }, () => new Map<string, Kept>());
    const collector = new Collector();
    for (const i of this.#kept.keys()) {
      for (const [name, t] of samples.load(i)) this.#put(i, name, t);
      collector.look();
    }
  }

  /** Runs a section, as `graph` carries it out, on every sample. Throws and rejects as `watch` does. */
  async advance({ graph: { nodes, outputs }, live }: Section, graph: Graph, running: Running): Promise<void> {
    if (nodes.length === 0) return;
    await this.look(graph, running, (i, place, t) => this.#put(i, outputs[place].name, t));
    const names = new Set([...live, ...outputs].map((v) => v.name));
    for (const own of this.#kept) for (const [name, { at }] of own) if (!names.has(name) && own.delete(name)) this.#scratch.giveBack(at);
  }

  /** Shows the outputs of a graph whose inputs are values of this place, sample by sample. Throws and rejects as `watch` does. */
  async look(graph: Graph, { signal }: Running, visit: (sample: number, place: number, t: Tensor) => void): Promise<void> {
    let at = 0;
    const wanted = new Set(graph.inputs.map((v) => v.name));
    const load = (i: number): Feed =>
      new Map([...this.#kept[(at = i)].keys()].filter((n) => wanted.has(n)).map((n) => [n, this.#get(i, n)]));
    const samples: Samples = { count: this.#kept.length, key: "", load };
    await watch([{ graph, values: graph.outputs }], samples, { signal, label: "" }, (place, [t]) => visit(at, place, t)); // prettier-ignore
  }

  get count(): number {
    return this.#kept.length;
  }

  valueOf({ name }: Value, sample: number): Tensor {
    return this.#get(sample, name);
  }

  replace({ name }: Value, by: (t: Tensor) => Tensor): void {
    const collector = new Collector();
    for (const i of this.#kept.keys()) {
      this.#put(i, name, by(this.#get(i, name)));
      collector.look();
    }
  }

  #put(sample: number, name: string, t: Tensor): void {
    const before = this.#kept[sample].get(name);
    if (before) this.#scratch.giveBack(before.at);
    this.#kept[sample].set(name, { dtype: t.dtype, shape: t.shape, at: this.#scratch.put(encodeElements(t)) });
  }

  #get(sample: number, name: string): Tensor {
    const kept = this.#kept[sample].get(name);
    invariant(kept, `sample ${sample} has no "${name}" here`);
    return decodeElements(kept.dtype, kept.shape, this.#scratch.get(kept.at));
  }
}
