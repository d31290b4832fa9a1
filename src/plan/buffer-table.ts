/** The buffers of a program as its steps name them: which values share bytes, and where each lies. */
import { fail, invariant } from "../base/diagnostic.js";
import type { DType } from "../base/dtype.js";
import { rankedType, type ConstData, type Graph, type Value } from "../ir/graph.js";
import type { Home, ProgramBuffer } from "../program/program.js";

export class BufferTable {
  readonly #constants: Map<Value, ConstData>;
  /** Results of a body, whose bytes those have that are given out for them, with the values the body itself makes. */
  readonly #results = new Map<Value, ReadonlySet<Value>>();
  readonly #homes = new Map<Value, Home>();
  readonly #ids = new Map<Value, number>();
  readonly #values: Value[] = [];
  /** Same bytes as another value. */
  readonly #aliases = new Map<Value, Value>();
  readonly #outputs: ReadonlySet<Value>;
  readonly #inputs: ReadonlySet<Value>;

  readonly #boundary: ReadonlyMap<string, DType>;

  constructor(graph: Graph, boundary: ReadonlyMap<string, DType>) {
    this.#constants = new Map(graph.constants);
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

  /** Constants that a body reads. */
  adopt(constants: ReadonlyMap<Value, ConstData>): void {
    constants.forEach((data, v) => this.#constants.set(v, data));
  }

  /** Puts a value where its use says, and not where it would lie by itself. */
  place(v: Value, home: Home): void {
    this.#homes.set(v, home);
  }

  /** Lets the result of a body have the bytes of what it is given out as; `own` are the values that the body makes. */
  result(v: Value, as: Value, own: ReadonlySet<Value>): void {
    this.id(v);
    this.id(as);
    this.#aliases.set(v, this.#root(as));
    this.#results.set(v, own);
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
    if (!this.#outputs.has(v) && !this.#results.has(v) && !this.#homes.has(v)) {
      this.#aliases.set(v, root);
      return true;
    }
    const isTaken = this.#inputs.has(root) || this.#outputs.has(root) || this.#homes.has(root) || this.#constants.has(root);
    if (isTaken || this.#results.get(v)?.has(root) === false) return false;
    this.#aliases.set(root, v);
    return true;
  }

  constants(): Map<number, ConstData> {
    const out = new Map<number, ConstData>();
    this.#values.forEach((v, id) => {
      const data = this.#constants.get(v);
      if (data) out.set(id, data);
    });
    return out;
  }

  #home(v: Value): Home {
    const home = this.#homes.get(v);
    if (home) return home;
    if (this.#inputs.has(v)) return "input";
    if (this.#outputs.has(v)) return "output";
    return this.#constants.has(v) ? "weight" : "arena";
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
