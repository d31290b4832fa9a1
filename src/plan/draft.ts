/** Steps before buffers have numbers: acts over values. */
import { mul, type Dim } from "../base/dim.js";
import { fail, invariant } from "../base/diagnostic.js";
import { dtypes } from "../base/dtype.js";
import { rankedType, type Node, type Value } from "../ir/graph.js";
import type { Unit } from "../kernel/group/group.js";
import type { Kernel } from "../kernel/tile.js";
import type { Act, CallAttr } from "../program/program.js";

/** An act over values: it becomes one over buffers when they have numbers. */
interface DraftAct {
  readonly reads: readonly Value[];
  readonly writes: readonly Value[];
  readonly act: (id: (v: Value) => number) => Act;
}

export interface Draft extends DraftAct {
  /** Begins the step's id: the node that gives the result. */
  readonly label: string;
  readonly origin: readonly string[];
}

export function draftCall(node: Node): Draft {
  const { call } = node;
  invariant(call, `${node.op} is no call`);
  const attrs = Object.fromEntries(Object.entries(node.attrs).map(([name, a]) => [name, sayable(a, `${call.row}.${name}`)]));
  return {
    label: node.origin[node.origin.length - 1] ?? node.op,
    origin: node.origin,
    reads: node.inputs.filter((v) => v !== undefined),
    writes: node.outputs.filter((v) => v !== undefined),
    act: (id) => ({
      op: "call",
      row: call.row,
      operator: call.op,
      ...(call.then !== undefined ? { then: call.then } : {}),
      attrs,
      inputs: node.inputs.map((v) => (v ? id(v) : null)),
      outputs: node.outputs.map((v) => (v ? id(v) : null)),
      ...(call.inputs.some((o) => o) ? { orders: call.inputs.map((o) => o ?? null) } : {}),
    }),
  };
}

function sayable(attr: Node["attrs"][string], what: string): CallAttr {
  switch (attr.kind) {
    case "tensor":
    case "graph":
    case "graphs":
    case "opaque":
      return fail("internal-kernel", `${what} is a ${attr.kind}, which no library call takes`);
    default:
      return attr;
  }
}

type KernelUnit = Extract<Unit, { kind: "kernels" }>;

export function draftLaunches(unit: KernelUnit): Draft {
  const bound = unit.kernels.flatMap(({ kernel, bind }) => kernel.buffers.map((b) => ({ buffer: b, value: bind[b.name] })));
  // Layouts put transposes around a kernel's own work that come from the library's operators.
  const work = unit.nodes.filter((n) => n.op !== "transpose");
  const origins = (work.length > 0 ? work : unit.nodes).flatMap((n) => n.origin);
  const launches = unit.kernels.map(({ kernel, bind }) => launchOf(kernel, bind));
  return {
    label: origins[origins.length - 1] ?? "kernel",
    origin: [...new Set(unit.nodes.flatMap((n) => n.origin))],
    reads: [...new Set(bound.filter((b) => b.buffer.access !== "write").map((b) => b.value))],
    writes: [...new Set(bound.filter((b) => b.buffer.access !== "read").map((b) => b.value))],
    act: (id) => regionOf(launches.map((l) => l(id))),
  };
}

function launchOf(kernel: Kernel, bind: KernelUnit["kernels"][number]["bind"]): DraftAct["act"] {
  return (id) => ({
    op: "launch",
    kernel: kernel.name,
    buffers: kernel.buffers.map((b) => id(bind[b.name])),
    ints: kernel.ints.map((i) => i.value),
    parallelism: kernel.parallelism,
  });
}

export function draftCopy(to: Value, from: Value): Draft {
  return copyOf(to, from, 0, bytesOf(to));
}

/** Fills row `row` of `to`. */
export function draftRow(to: Value, from: Value, row: Dim): Draft {
  const bytes = bytesOf(from);
  return copyOf(to, from, mul(row, bytes), bytes);
}

function copyOf(to: Value, from: Value, at: Dim, bytes: Dim): Draft {
  return {
    label: to.name,
    origin: [to.name],
    reads: [from],
    writes: [to],
    act: (id) => ({ op: "copy", from: id(from), to: id(to), at, bytes }),
  };
}

function bytesOf(v: Value): Dim {
  const type = rankedType(v);
  invariant(type, `a copy of "${v.name}" of unknown shape`);
  return mul(dtypes[type.dtype].bits / 8, ...type.shape);
}

/** Drafts one after the other, as one: values in between are its own. */
export function draftSequence(like: Draft, parts: readonly Draft[]): Draft {
  return {
    ...like,
    reads: [...new Set(parts.flatMap((p) => p.reads))],
    writes: [...new Set(parts.flatMap((p) => p.writes))],
    act: (id) => regionOf(parts.map((p) => p.act(id))),
  };
}

function regionOf(body: readonly Act[]): Act {
  return body.length === 1 ? body[0] : { op: "region", body };
}
