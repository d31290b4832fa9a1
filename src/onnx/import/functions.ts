/** Model-local functions: which call means which, what its attributes are bound to, and a stop to those that call themselves. */
import { fail } from "../../base/diagnostic.js";
import type { Catalogue } from "../../ops/op.js";
import type { Bindings } from "./attributes.js";
import { inOrder, namesRead } from "./order.js";
import type { OnnxAttribute, OnnxFunction, OnnxModel, OnnxNode, OnnxValueInfo } from "../bytes/schema.js";

/** Functions that call functions can grow without bound in a few bytes; no real model comes near. */
const maxInlinedNodes = 100_000;

function key(domain: string, name: string, overload: string): string {
  return JSON.stringify([domain, name, overload]);
}

/** What every call of a function needs to know of its body. */
interface FunctionBody {
  readonly nodes: readonly OnnxNode[];
  /** Names its nodes define. */
  readonly defined: ReadonlySet<string>;
  readonly read: ReadonlySet<string>;
  readonly declared: ReadonlyMap<string, OnnxValueInfo>;
  /** The model's, overridden by the function's own. */
  readonly opsets: ReadonlyMap<string, number>;
}

export class Functions {
  readonly #byKey = new Map<string, OnnxFunction>();
  readonly #bodies = new Map<OnnxFunction, FunctionBody>();
  readonly #opsets: ReadonlyMap<string, number>;
  readonly #catalogue: Catalogue;

  constructor(model: OnnxModel, catalogue: Catalogue) {
    this.#catalogue = catalogue;
    this.#opsets = model.opsets;
    for (const fn of model.functions) this.#byKey.set(key(fn.domain, fn.name, fn.overload), fn);
  }

  /** The body a node stands for. A user's own formula for the operator goes first. */
  find(node: OnnxNode): OnnxFunction | undefined {
    if (this.#byKey.size === 0) return undefined;
    return this.isUsers(node) ? undefined : this.#byKey.get(key(node.domain, node.op, node.overload));
  }

  /** Whether a user's own formula says what the operator means. */
  isUsers({ domain, op }: OnnxNode): boolean {
    return this.#catalogue.get(domain === "" ? op : `${domain}::${op}`)?.declaredAt !== undefined;
  }

  /** Throws `graph-cyclic`. */
  body(fn: OnnxFunction): FunctionBody {
    const had = this.#bodies.get(fn);
    if (had) return had;
    const nodes = inOrder(fn.nodes);
    const body: FunctionBody = {
      nodes,
      defined: new Set(nodes.flatMap((n) => n.outputs)),
      read: namesRead(nodes),
      declared: new Map(fn.valueInfo.map((v) => [v.name, v])),
      opsets: new Map([...this.#opsets, ...fn.opsets]),
    };
    this.#bodies.set(fn, body);
    return body;
  }

  bindings(fn: OnnxFunction, given: readonly OnnxAttribute[]): Bindings {
    return new Map([...fn.defaults, ...given].map((a) => [a.name, a]));
  }
}

interface Budget {
  nodes: number;
}

/** The functions being inlined, innermost last. */
export class CallStack {
  readonly #active: readonly OnnxFunction[];
  readonly #budget: Budget;

  constructor(active: readonly OnnxFunction[] = [], budget: Budget = { nodes: 0 }) {
    this.#active = active;
    this.#budget = budget;
  }

  /** Throws `function-recursive` or `function-too-large`. */
  enter(fn: OnnxFunction, node: string): CallStack {
    const location = { node };
    const name = `${fn.domain}::${fn.name}`;
    if (this.#active.includes(fn))
      fail("function-recursive", `function ${name} calls itself: ${[...this.#active, fn].map((f) => f.name).join(" -> ")}`, {
        location,
        why: "ONNX functions are inlined, so their calls must end.",
      });
    this.#budget.nodes += fn.nodes.length + 1;
    if (this.#budget.nodes > maxInlinedNodes)
      fail("function-too-large", `inlining ${name} makes more than ${maxInlinedNodes} nodes`, {
        location,
        fix: "Check that the file is intact.",
      });
    return new CallStack([...this.#active, fn], this.#budget);
  }
}
