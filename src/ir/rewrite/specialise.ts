import type { Cond } from "../../base/cond.js";
import { isConst, substitute, type Dim } from "../../base/dim.js";
import { fail } from "../../base/diagnostic.js";
import type { Tensor } from "../../base/tensor.js";
import { sameType, tensorType, type ValueType } from "../../base/value-type.js";
import { collectSymbols, constData } from "../build.js";
import type { Attr, ConstData, Graph, Guard, Node, Value } from "../graph.js";
import { spellType } from "../text/spelling.js";
import { mapBodies } from "../walk.js";

/**
 * Inputs become constants. Symbols in the shape of a frozen input take the extents of its value everywhere.
 * Throws `freeze-unknown-input`, `freeze-type` or `shape-conflict`.
 */
export function freezeInputs(graph: Graph, values: ReadonlyMap<string, Tensor>): Graph {
  const shapes = new Map([...values].map(([name, t]) => [name, t.shape]));
  for (const [name, t] of values) {
    const { type } = findInput(graph, name, "freeze-unknown-input");
    if (type.kind === "tensor" && type.dtype !== t.dtype)
      fail("freeze-type", `input "${name}" is ${spellType(type)}; the value given is ${t.dtype}`, { location: { tensor: name } });
  }
  const fixed = setShapes(graph, shapes);
  const frozen = fixed.inputs.filter((v) => values.has(v.name));
  const constants = new Map<Value, ConstData>([
    ...fixed.constants,
    ...frozen.map((v): [Value, ConstData] => [v, constData(values.get(v.name) as Tensor)]),
  ]);
  return { ...fixed, inputs: fixed.inputs.filter((v) => !values.has(v.name)), constants };
}

/** Gives inputs whole shapes. A symbol there is replaced everywhere. Throws `shape-unknown-input`, `shape-rank` or `shape-conflict`. */
export function setShapes(graph: Graph, shapes: ReadonlyMap<string, readonly Dim[]>): Graph {
  const dims = new Map<string, Dim>();
  const types = new Map<Value, ValueType>();
  for (const [name, shape] of shapes) {
    const input = findInput(graph, name, "shape-unknown-input");
    const { type } = input;
    if (type.kind !== "tensor")
      fail("shape-rank", `input "${name}" is ${spellType(type)}, which has no shape to set`, { location: { tensor: name } });
    if (type.shape && type.shape.length !== shape.length)
      fail("shape-rank", `input "${name}" is ${spellType(type)}; ${shape.length} extents were given`, { location: { tensor: name } });
    type.shape?.forEach((d, i) => settle(name, d, shape[i], dims));
    types.set(input, tensorType(type.dtype, shape));
  }
  return substituteDims(graph, dims, types);
}

/** Gives symbols values, or other expressions, everywhere. Throws `dim-unknown`. */
export function setDims(graph: Graph, dims: ReadonlyMap<string, Dim>): Graph {
  const names = graph.symbols.map((s) => s.name);
  for (const name of dims.keys())
    if (!names.includes(name))
      fail("dim-unknown", `no dimension is named "${name}"`, { fix: `Named dimensions: ${names.join(", ") || "none"}.` });
  return substituteDims(graph, dims, new Map());
}

function findInput(graph: Graph, name: string, code: string): Value {
  const found = graph.inputs.find((v) => v.name === name);
  return (
    found ??
    fail(code, `the model has no input named "${name}"`, { fix: `Its inputs: ${graph.inputs.map((v) => `"${v.name}"`).join(", ")}.` })
  );
}

/** Learns what a declared extent says about symbols when it is to be `asked`. */
function settle(name: string, declared: Dim, asked: Dim, dims: Map<string, Dim>): void {
  const now = substitute(declared, (s) => dims.get(s));
  if (isConst(now) && isConst(asked) && now !== asked)
    fail("shape-conflict", `input "${name}" has extent ${now} where ${asked} was given`, { location: { tensor: name } });
  if (isConst(now)) return;
  const [only] = now.terms;
  const atom = now.terms.length === 1 && only.factor === 1 && only.atoms.length === 1 ? only.atoms[0].atom : undefined;
  if (atom?.op === "sym") dims.set(atom.name, asked);
}

function substituteDims(graph: Graph, dims: ReadonlyMap<string, Dim>, inputs: ReadonlyMap<Value, ValueType>): Graph {
  const replace = (d: Dim): Dim => substitute(d, (s) => dims.get(s));
  const moved = new Map<Value, Value>();
  const value = (v: Value): Value => {
    const had = moved.get(v);
    if (had) return had;
    const type = inputs.get(v) ?? mapType(v.type, replace);
    const out = sameType(type, v.type) ? v : { ...v, type };
    moved.set(v, out);
    return out;
  };
  const attr = (a: Attr): Attr => (a.kind === "dims" ? { kind: "dims", value: a.value.map(replace) } : a);
  const node = (n: Node): Node => ({
    ...n,
    inputs: n.inputs.map((v) => v && value(v)),
    outputs: n.outputs.map((v) => v && value(v)),
    attrs: mapBodies(Object.fromEntries(Object.entries(n.attrs).map(([k, a]) => [k, attr(a)])), body),
  });
  const body = (g: Graph): Graph => ({
    ...g,
    inputs: g.inputs.map(value),
    constants: new Map([...g.constants].map(([v, data]) => [value(v), data])),
    nodes: g.nodes.map(node),
    outputs: g.outputs.map(value),
    guards: g.guards.map((x): Guard => ({ ...x, when: mapCond(x.when, replace) })),
  });
  const out = body(graph);
  return { ...out, symbols: collectSymbols(out) };
}

function mapCond(c: Cond, f: (d: Dim) => Dim): Cond {
  return "all" in c ? { ...c, all: c.all.map((x) => mapCond(x, f)) } : { ...c, a: f(c.a), b: f(c.b) };
}

function mapType(type: ValueType, f: (d: Dim) => Dim): ValueType {
  switch (type.kind) {
    case "tensor":
    case "sparse":
      return { ...type, shape: type.shape?.map(f) };
    case "sequence":
    case "optional":
    case "map":
      return { ...type, of: type.of && mapType(type.of, f) };
    case "unknown":
      return type;
    default:
      throw type satisfies never;
  }
}
