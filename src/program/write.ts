/** A Program as the JSON value that manifest.json holds: `schema.ts` reads it back. */
import { extentOf } from "../base/element.js";
import type { Cond } from "../base/cond.js";
import type { Dim } from "../base/dim.js";
import { printKernel } from "../kernel/text/print.js";
import type { Act, CallAttr, Program, Step } from "./program.js";

export function writeProgram(program: Program): unknown {
  const { symbols, guards, buffers, kernels, steps } = program;
  return {
    ...program,
    symbols: symbols.map((s) => ({ ...s, hi: Number.isFinite(s.hi) ? s.hi : null })),
    guards: guards.map((g) => ({ ...g, when: cond(g.when) })),
    buffers: buffers.map((b) => ({ ...b, shape: b.shape.map(dim) })),
    kernels: kernels.map((k) => printKernel(k).trimEnd().split("\n")),
    steps: steps.map(writeStep),
  };
}

/** A whole number, or the text of an expression over the symbols. */
const dim = (d: Dim): number | string => (typeof d === "number" ? d : `${d}`);

function cond(c: Cond): unknown {
  return "all" in c ? { op: c.op, all: c.all.map(cond) } : { op: c.op, a: dim(c.a), b: dim(c.b) };
}

function writeStep(step: Step): object {
  switch (step.op) {
    case "compute":
      return { ...step, act: writeAct(step.act), ...(step.alternate ? { alternate: writeAct(step.alternate) } : {}) };
    case "branch":
      return { ...step, when: cond(step.when), then: step.then.map(writeStep), otherwise: step.otherwise.map(writeStep) };
    case "loop":
      return { ...step, when: cond(step.when), body: step.body.map(writeStep) };
    case "write":
      return { ...step, value: dim(step.value) };
    case "let":
      return { ...step, symbols: step.symbols.map((s) => ({ ...s, value: dim(s.value) })) };
    case "read":
    case "bind":
      return step;
    default:
      throw step satisfies never;
  }
}

function writeAct(act: Act): object {
  switch (act.op) {
    case "call":
      return { ...act, attrs: Object.fromEntries(Object.entries(act.attrs).map(([name, a]) => [name, writeAttr(a)])) };
    case "launch":
      return { ...act, ints: act.ints.map(dim), parallelism: dim(act.parallelism) };
    case "copy":
      return { ...act, at: dim(act.at), bytes: dim(act.bytes) };
    case "region":
      return { ...act, body: act.body.map(writeAct) };
    default:
      throw act satisfies never;
  }
}

/** The attribute under its kind: JSON has one sort of number, and none for infinity or what 53 bits do not hold. */
function writeAttr(attr: CallAttr): Readonly<Record<string, unknown>> {
  switch (attr.kind) {
    case "int":
      return { int: whole(attr.value) };
    case "ints":
      return { ints: attr.value.map(whole) };
    case "float":
      return { float: real(attr.value) };
    case "floats":
      return { floats: attr.value.map(real) };
    case "text":
      return { text: attr.value };
    case "texts":
      return { texts: attr.value };
    case "dims":
      return { dims: attr.value.map(dim) };
    default:
      throw attr satisfies never;
  }
}

const whole = (x: bigint): number | string => extentOf(x) ?? `${x}`;

const real = (x: number): number | string => (Number.isFinite(x) && !Object.is(x, -0) ? x : Object.is(x, -0) ? "-0" : `${x}`);
