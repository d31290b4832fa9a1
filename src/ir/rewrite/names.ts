/** Fresh names: a made value is called after the one it came from, with a prime, so that a reader sees the kinship. */
import type { Graph } from "../graph.js";
import { definedValues, eachGraph } from "../walk.js";

const namesCache = new WeakMap<Graph, ReadonlySet<string>>();

/** Of all values of a graph and of the bodies in it. */
function namesOf(graph: Graph): ReadonlySet<string> {
  const known = namesCache.get(graph);
  if (known) return known;
  const names = new Set<string>();
  eachGraph(graph, (g) => definedValues(g).forEach((v) => names.add(v.name)));
  namesCache.set(graph, names);
  return names;
}

export class Names {
  readonly #given: ReadonlySet<string>;
  readonly #taken = new Set<string>();
  /** How many primes a base has used, so that many values from one base cost linear time. */
  readonly #next = new Map<string, number>();

  constructor(graph?: Graph) {
    this.#given = graph ? namesOf(graph) : new Set();
  }

  /** Reserves a name as it is; false when it is taken. */
  take(name: string): boolean {
    if (this.#given.has(name) || this.#taken.has(name)) return false;
    this.#taken.add(name);
    return true;
  }

  /** `w'`, then `w''`, then `w'3` and so on; a base that ends so already keeps its stem. */
  fresh(like: string): string {
    const stem = like.replace(/'(?:'|\d+)?$/, "") || "v";
    for (;;) {
      const n = (this.#next.get(stem) ?? 0) + 1;
      this.#next.set(stem, n);
      const name = n <= 2 ? stem + "'".repeat(n) : `${stem}'${n}`;
      if (this.take(name)) return name;
    }
  }
}
