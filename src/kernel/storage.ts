/**
 * In which form values lie in memory between kernels. Kernels compute in f32; a value that one of them leaves for others
 * lies as a half where it has a half form and nobody needs it in f32. What only shows or moves another's elements (a view,
 * a concatenation, a gather) lies as that does.
 */
import { isHalf, type DType } from "../base/dtype.js";
import { rankedType, type Graph, type Node, type Value } from "../ir/graph.js";

/** "root": a group's kernel makes the value; "inner": nobody stores it; "movement": it lies as its operands do. */
export type Role = "root" | "inner" | "movement" | "other";

interface StorageInput {
  readonly graph: Graph;
  readonly nodes: readonly Node[];
  /** The half form a value may have. */
  readonly storedAs: (v: Value) => Value | undefined;
  readonly roleOf: (n: Node) => Role;
}

/** Kernels that copy elements whatever they are. */
export function isMovement({ op }: Node): boolean {
  return op === "concat" || op === "gather";
}

/** The operands and results of a movement that lie alike. */
function moved(n: Node): Value[] {
  const data = n.op === "concat" ? n.inputs : n.inputs.slice(0, 1);
  return [...data, ...n.outputs].filter((v) => v !== undefined);
}

/** The half forms of the values that lie in memory as halves. */
export function storedHalves({ graph, nodes, storedAs, roleOf }: StorageInput): ReadonlyMap<Value, Value> {
  const casts = castsToHalf(nodes);
  const inside = readInside(nodes);
  const formOf = (v: Value): Value | undefined => (inside.has(v) ? undefined : storedAs(v)) ?? casts.get(v);
  const alike = new Alike();
  const stiff = new Set<Value>([...graph.inputs, ...graph.outputs, ...graph.constants.keys()]);
  const stored = new Set<Value>();
  for (const n of nodes) {
    const role = roleOf(n);
    if (role === "movement") moved(n).reduce((a, b) => (alike.join(a, b), b));
    if (role === "other") [...n.inputs, ...n.outputs].forEach((v) => v && stiff.add(v));
    if (role === "root" || role === "movement") n.outputs.forEach((v) => v && stored.add(v));
  }
  const out = new Map<Value, Value>();
  for (const all of alike.classes(stored)) {
    const forms = all.map((v) => (stiff.has(v) || dtypeOf(v) !== "f32" ? undefined : formOf(v)));
    if (forms.every((f) => f !== undefined)) all.forEach((v, i) => out.set(v, forms[i] as Value));
  }
  return distinct(out, nodes);
}

/**
 * What its own operator goes on computing with: a state that is given out and read by the last step. The model's tensor is
 * a half, and that value is not.
 */
function readInside(nodes: readonly Node[]): ReadonlySet<Value> {
  const operator = new Map(nodes.flatMap((n) => n.outputs.map((v) => [v, n.origin.join("\n")])));
  return new Set(nodes.flatMap((n) => n.inputs.filter((v) => v !== undefined && operator.get(v) === n.origin.join("\n")) as Value[]));
}

/** What everybody who reads it rounds to one half type may lie as that. */
function castsToHalf(nodes: readonly Node[]): ReadonlyMap<Value, Value> {
  const out = new Map<Value, Value>();
  const otherwise = new Set<Value>();
  for (const n of nodes)
    for (const x of n.inputs) {
      if (!x) continue;
      const [y] = n.op === "cast" ? n.outputs : [];
      const half = y && isHalf(dtypeOf(y)) ? y : undefined;
      const known = out.get(x);
      if (!half || (known && dtypeOf(known) !== dtypeOf(half))) otherwise.add(x);
      else if (!known) out.set(x, half);
    }
  otherwise.forEach((x) => out.delete(x));
  return out;
}

function dtypeOf(v: Value): DType {
  return rankedType(v)?.dtype ?? "f32";
}

/** A form that a node of the graph makes is that node's own: the stored one gets bytes of its own, which the node then shows. */
function distinct(forms: Map<Value, Value>, nodes: readonly Node[]): ReadonlyMap<Value, Value> {
  const made = new Set(nodes.flatMap((n) => n.outputs));
  for (const [v, form] of forms) if (made.has(form)) forms.set(v, { ...form, name: `${form.name}.stored` });
  return forms;
}

/** Values that lie alike, by representative. */
class Alike {
  readonly #parent = new Map<Value, Value>();

  find(v: Value): Value {
    const parent = this.#parent.get(v);
    if (!parent) return v;
    const root = this.find(parent);
    this.#parent.set(v, root);
    return root;
  }

  join(a: Value, b: Value): void {
    const [x, y] = [this.find(a), this.find(b)];
    if (x !== y) this.#parent.set(x, y);
  }

  /** All values that lie as one of these does. */
  classes(of: ReadonlySet<Value>): readonly (readonly Value[])[] {
    const byRoot = new Map<Value, Value[]>();
    for (const v of new Set([...of, ...this.#parent.keys(), ...this.#parent.values()])) {
      const root = this.find(v);
      byRoot.set(root, [...(byRoot.get(root) ?? []), v]);
    }
    return [...byRoot.values()];
  }
}
