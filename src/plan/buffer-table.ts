/** The buffers of a program as its steps name them: which values share bytes, and where each lies. */
import { fail, invariant } from "../base/diagnostic.js";
import type { DType } from "../base/dtype.js";
import { rankedType, type ConstData, type Graph, type Value } from "../ir/graph.js";
import type { Home, ProgramBuffer } from "../program/program.js";

export class BufferTable {
  readonly #graph: Graph;
  readonly #ids = new Map<Value, number>();
  readonly #values: Value[] = [];
  /** Same bytes as another value. */
  readonly #aliases = new Map<Value, Value>();
  readonly #outputs: ReadonlySet<Value>;
  readonly #inputs: ReadonlySet<Value>;

  readonly #boundary: ReadonlyMap<string, DType>;

  constructor(graph: Graph, boundary: ReadonlyMap<string, DType>) {
    this.#graph = graph;
    this.#boundary = boundary;
    this.#inputs = new Set(graph.inputs);
    this.#outputs = new Set(graph.outputs);
    [...graph.inputs, ...graph.outputs].forEach((v) => this.id(v));
  }

  id(v: Value): number {
    const known = this.#ids.get(v);
    if (known !== undefined) return known;
    this.#ids.set(v, this.#values.length);
    this.#values.push(v);
    return this.#values.length - 1;
  }

  #root(v: Value): Value {
    let at = v;
    for (let next = this.#aliases.get(at); next; next = this.#aliases.get(at)) at = next;
    return at;
  }

  /** Lets `v` share the bytes of `of`; false when it must be copied instead. */
  alias(v: Value, of: Value): boolean {
    const root = this.#root(of);
    invariant(root !== v, `"${v.name}" would share its bytes with itself`);
    this.id(v);
    this.id(of);
    if (!this.#outputs.has(v)) {
      this.#aliases.set(v, root);
      return true;
    }
    if (this.#inputs.has(root) || this.#outputs.has(root) || this.#graph.constants.has(root)) return false;
    this.#aliases.set(root, v);
    return true;
  }

  constants(): Map<number, ConstData> {
    const out = new Map<number, ConstData>();
    this.#values.forEach((v, id) => {
      const data = this.#graph.constants.get(v);
      if (data) out.set(id, data);
    });
    return out;
  }

  #home(v: Value): Home {
    if (this.#inputs.has(v)) return "input";
    if (this.#outputs.has(v)) return "output";
    return this.#graph.constants.has(v) ? "weight" : "arena";
  }

  buffers(): ProgramBuffer[] {
    return this.#values.map((v, id) => {
      const type = rankedType(v);
      if (!type) return fail("unknown-shape", `tensor "${v.name}" has no known rank`, { location: { tensor: v.name } });
      const root = this.#root(v);
      const base = {
        id,
        name: v.name,
        dtype: this.#boundary.get(v.name) ?? type.dtype,
        stored: type.dtype,
        shape: type.shape,
        home: this.#home(root),
      };
      return root === v ? base : { ...base, aliasOf: this.id(root) };
    });
  }
}
