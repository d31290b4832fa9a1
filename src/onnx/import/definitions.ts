/** The values of a whole model: unique names, constants, and which of them somebody reads. */
import { tensorType, type ValueType } from "../../base/value-type.js";
import type { ConstData, Value } from "../../ir/graph.js";
import { Names } from "../../ir/rewrite/names.js";
import type { Problems } from "./problems.js";
import type { Scope } from "./scope.js";
import type { Body, UpgradeHost } from "../upgrade/upgrade.js";

export class Definitions implements UpgradeHost {
  readonly #problems: Problems;
  readonly #names = new Names();
  readonly #constants = new Map<Value, ConstData>();
  readonly #read = new Set<Value>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  freshValue(like: string, type: ValueType): Value {
    return { name: this.#names.fresh(like), type };
  }

  isRead(v: Value): boolean {
    return this.#read.has(v);
  }

  constant(v: Value): ConstData | undefined {
    return this.#constants.get(v);
  }

  markRead(names: Iterable<string>, scope: Scope): void {
    for (const name of names) {
      const v = scope.lookup(name);
      if (v) this.#read.add(v);
    }
  }

  /** A new value of this name; one that shadows another gets a name of its own in the Graph. */
  define(name: string, type: ValueType, scope: Scope): Value {
    const v: Value = { name: this.#names.take(name) ? name : this.#names.fresh(name), type };
    scope.bind(name, v);
    return v;
  }

  defineConstant(name: string, data: ConstData, scope: Scope, body: Body): void {
    if (scope.has(name)) {
      this.#problems.error("value-duplicate", `${JSON.stringify(name)} is defined twice; one time as a weight`, { tensor: name });
      return;
    }
    const v = this.define(name, tensorType(data.dtype, data.shape), scope);
    body.constants.set(v, data);
    this.#constants.set(v, data);
  }

  /** The value a name means here; undefined for a function's input that the call leaves out. Reports `value-undefined` once. */
  find(name: string, scope: Scope, reader: string, node?: string): Value | undefined {
    const found = scope.lookup(name);
    if (found || scope.isAbsent(name)) return found;
    this.#problems.error("value-undefined", `${JSON.stringify(name)} is defined nowhere; ${reader}`, {
      tensor: name,
      ...(node === undefined ? {} : { node }),
    });
    return this.define(name, { kind: "unknown" }, scope);
  }
}
