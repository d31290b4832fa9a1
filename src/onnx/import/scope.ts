/** The names a graph can see: its own, then those of the graphs around it. */
import type { Value } from "../../ir/graph.js";

export class Scope {
  readonly #outer: Scope | undefined;
  /** undefined: a function's input that the call leaves out. */
  readonly #values = new Map<string, Value | undefined>();

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  bind(name: string, value: Value | undefined): void {
    this.#values.set(name, value);
  }

  /** Defined in this very graph. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  own(name: string): Value | undefined {
    return this.#values.get(name);
  }

  lookup(name: string): Value | undefined {
    return this.#values.has(name) ? this.#values.get(name) : this.#outer?.lookup(name);
  }

  /** A function's input that this call leaves out: reading it reads an absent optional. */
  isAbsent(name: string): boolean {
    return this.#values.has(name) ? this.#values.get(name) === undefined : (this.#outer?.isAbsent(name) ?? false);
  }
}
