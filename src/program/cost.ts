/**
 * What a program costs at given sizes, read off its steps: nothing is printed or run. Floating-point and integer operations
 * of lanes count alike, one each, a multiplication with its addition two; bytes are those that cross between device memory
 * and the chip, operands of a library call once each.
 */
import { holds } from "../base/cond.js";
import { add, evaluateDim, isConst, sameDim, symbol, symbolsOf, type Dim } from "../base/dim.js";
import { dtypes } from "../base/dtype.js";
import { exactNumber } from "../base/element.js";
import { invariant } from "../base/diagnostic.js";
import type { Expr, Kernel, LaneType, Region, Stmt } from "../kernel/tile.js";
import { kernelsByName, leavesOf, type Kernels } from "./flow.js";
import type { Act, Call, Launch, Loop, Program, ProgramBuffer, Step } from "./program.js";

/** Symbols by name: those that a caller sets, and those of steps as far as one assumes them. */
export type Sizes = ReadonlyMap<string, number>;

export interface Cost {
  /** Operations of lanes. */
  readonly flops: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly calls: number;
  readonly launches: number;
}

/** A loop or a branch around a step. */
export interface Enclosing {
  readonly id: string;
  /** Of a branch, which of its two bodies. */
  readonly arm?: 0 | 1;
  /** Of a loop, how often it goes round, where sizes alone decide it. */
  readonly rounds?: number;
}

/** The cost of a step each time it runs. */
export interface StepCost extends Cost {
  readonly id: string;
  /** Outermost first. */
  readonly within: readonly Enclosing[];
}

/** Of every step that computes, by its first way; what the host reads back or writes is a few integers. Throws where a size hangs on a symbol without a value. */
export function costOf(program: Program, sizes: Sizes): readonly StepCost[] {
  const meter = new Meter(program, sizes);
  const all = (steps: readonly Step[], within: readonly Enclosing[]): readonly StepCost[] =>
    steps.flatMap((step, at): readonly StepCost[] => {
      if (step.op === "compute") return [{ id: step.id, within, ...meter.act(step.act) }];
      if (step.op === "branch")
        return [step.then, step.otherwise].flatMap((body, arm) => all(body, [...within, { id: step.id, arm: arm as 0 | 1 }]));
      if (step.op !== "loop") return [];
      const rounds = roundsOf(step, steps.slice(0, at), program, sizes);
      return all(step.body, [...within, { id: step.id, ...(rounds !== undefined && { rounds }) }]);
    });
  return all(program.steps, []);
}

/** How often a loop goes round that counts from 0 to a bound which a caller's sizes decide; undefined for any other. */
function roundsOf({ when, body }: Loop, before: readonly Step[], { symbols }: Program, sizes: Sizes): number | undefined {
  const parts = "all" in when && when.op === "and" ? when.all : [when];
  const [part] = parts;
  if (parts.length !== 1 || !("a" in part) || part.op !== "lt") return undefined;
  const set = (steps: readonly Step[]): Dim | undefined =>
    steps.flatMap((s) => (s.op === "let" ? s.symbols : [])).findLast((x) => sameDim(symbol(x.name), part.a))?.value;
  const [first, next] = [set(before), set(body)];
  const given = new Set(symbols.flatMap((s) => (s.source.kind === "step" ? [] : [s.name])));
  const counts = first === 0 && next !== undefined && sameDim(next, add(part.a, 1)) && !isConst(part.a);
  return counts && symbolsOf(part.b).every((name) => given.has(name)) ? Math.max(0, evaluateDim(part.b, sizes)) : undefined;
}

const nothing: Cost = { flops: 0, bytesRead: 0, bytesWritten: 0, calls: 0, launches: 0 };

function sum(costs: readonly Cost[]): Cost {
  return costs.reduce(
    (a, b) => ({
      flops: a.flops + b.flops,
      bytesRead: a.bytesRead + b.bytesRead,
      bytesWritten: a.bytesWritten + b.bytesWritten,
      calls: a.calls + b.calls,
      launches: a.launches + b.launches,
    }),
    nothing,
  );
}

/** What so many of it come to. */
export function times({ flops, bytesRead, bytesWritten, calls, launches }: Cost, n: number): Cost {
  return { flops: flops * n, bytesRead: bytesRead * n, bytesWritten: bytesWritten * n, calls: calls * n, launches: launches * n };
}

class Meter {
  readonly #program: Program;
  readonly #sizes: Sizes;
  readonly #kernels: Kernels;

  constructor(program: Program, sizes: Sizes) {
    this.#program = program;
    this.#sizes = sizes;
    this.#kernels = kernelsByName(program);
  }

  act(act: Act): Cost {
    return sum(
      leavesOf(act).map((leaf) => {
        if (leaf.op === "call") return this.#call(leaf);
        if (leaf.op === "launch") return this.#launch(leaf);
        const bytes = this.#value(leaf.bytes);
        return { ...nothing, bytesRead: bytes, bytesWritten: bytes };
      }),
    );
  }

  #value(d: Dim): number {
    return evaluateDim(d, this.#sizes);
  }

  #call(call: Call): Cost {
    const buffers = (ids: readonly (number | null)[]) => ids.map((id) => (id === null ? undefined : this.#program.buffers[id]));
    const bytes = (ids: readonly (number | null)[]): number =>
      [...new Set(ids)].reduce<number>((n, id) => n + (id === null ? 0 : this.#bytes(id)), 0);
    const flops = this.#operations(call, buffers(call.inputs), buffers(call.outputs));
    return { ...nothing, flops, bytesRead: bytes(call.inputs), bytesWritten: bytes(call.outputs), calls: 1 };
  }

  #bytes(id: number): number {
    const b = this.#program.buffers[id];
    return Math.ceil((this.#elements(b) * dtypes[b.stored].bits) / 8);
  }

  #elements(b: ProgramBuffer | undefined): number {
    return b ? b.shape.reduce<number>((n, d) => n * this.#value(d), 1) : 0;
  }

  /** Of a filter every weight meets each of its places once, whatever order its axes lie in. */
  #operations(
    { operator, attrs, orders }: Call,
    inputs: readonly (ProgramBuffer | undefined)[],
    outputs: readonly (ProgramBuffer | undefined)[],
  ): number {
    const [x, w] = inputs;
    const [y] = outputs;
    const results = this.#elements(y);
    switch (operator) {
      case "MatMul":
      case "Gemm":
      case "contract":
        return 2 * results * this.#summed(x, attrs);
      case "Conv":
      case "conv":
        return (2 * results * this.#elements(w)) / this.#channels(w, orders?.[1]);
      case "ConvTranspose":
      case "convtranspose":
        return (2 * this.#elements(x) * this.#elements(w)) / this.#channels(w, orders?.[1]);
      case "MaxPool":
      case "AveragePool": {
        const kernel = attrs["kernel_shape"];
        return results * (kernel?.kind === "ints" ? kernel.value.reduce((n, k) => n * exactNumber(k, "an extent of a kernel"), 1) : 1);
      }
      default:
        return Math.max(results, this.#elements(x));
    }
  }

  /** The extent that a product sums over. */
  #summed(x: ProgramBuffer | undefined, attrs: Call["attrs"]): number {
    const shape = x?.shape ?? [];
    const turned = attrs["transA"] ?? attrs["transa"];
    const isTurned = turned?.kind === "int" && turned.value === 1n && shape.length > 1;
    const axis = shape[shape.length - (isTurned ? 2 : 1)];
    return axis === undefined ? 1 : this.#value(axis);
  }

  /** A filter's first axis in the operator's order: its outgoing channels, of a transposed convolution the incoming ones. */
  #channels(w: ProgramBuffer | undefined, order: readonly number[] | null | undefined): number {
    const d = w?.shape[order ? order.indexOf(0) : 0];
    return d === undefined ? 1 : this.#value(d);
  }

  #launch({ kernel: name, ints }: Launch): Cost {
    const kernel = this.#kernels.get(name);
    invariant(kernel, `no kernel is called ${name}`);
    const values = new Map(this.#sizes);
    kernel.ints.forEach((i, at) => values.set(i.name, evaluateDim(ints[at], values)));
    return { ...new KernelMeter(kernel).body(kernel.body, values), launches: 1 };
  }
}

const bytesOf = (type: LaneType | "bool"): number => (type === "mask" ? 0 : dtypes[type].bits / 8);

class KernelMeter {
  readonly #types: ReadonlyMap<string, LaneType | "bool">;

  constructor({ buffers }: Kernel) {
    this.#types = new Map(buffers.map((b) => [b.name, b.type]));
  }

  body(stmts: readonly Stmt[], values: ReadonlyMap<string, number>): Cost {
    const now = new Map(values);
    return sum(
      stmts.map((s) => {
        if (s.op === "let") now.set(s.name, evaluateDim(s.value, now));
        return this.#stmt(s, now);
      }),
    );
  }

  #stmt(s: Stmt, values: ReadonlyMap<string, number>): Cost {
    const lanes = (x: { readonly rows: Dim; readonly cols: Dim }): number => evaluateDim(x.rows, values) * evaluateDim(x.cols, values);
    switch (s.op) {
      case "for":
        return this.#rounds(s, values, [s.body]);
      case "pipeline":
        return this.#rounds(s, values, [s.load, s.compute, s.store]);
      case "when":
        return this.body(holds(s.cond, values) ? s.then : s.otherwise, values);
      case "load":
        return { ...nothing, bytesRead: this.#region(s.from, values) };
      case "loadrows":
        return { ...nothing, bytesRead: lanes(s) * this.#size(s.buffer) };
      case "store":
        return { ...nothing, bytesWritten: this.#region(s.to, values) };
      case "map":
        return times(this.#exprs(s.out.map((o) => o.value)), lanes(s));
      case "reduce":
        return times(sum([this.#exprs([s.value]), { ...nothing, flops: 1 }]), lanes(s));
      case "scatter":
        return times(
          sum([this.#exprs([s.index, s.value]), { ...nothing, flops: s.combine === "none" ? 0 : 1, bytesWritten: this.#size(s.buffer) }]),
          lanes(s),
        );
      case "let":
      case "move":
      case "lookup":
        return nothing;
      default:
        throw s satisfies never;
    }
  }

  /** All rounds cost what the first does, but for the last, which may be shorter. */
  #rounds(
    s: { readonly index: string; readonly count: Dim },
    values: ReadonlyMap<string, number>,
    bodies: readonly (readonly Stmt[])[],
  ): Cost {
    const count = evaluateDim(s.count, values);
    if (count <= 0) return nothing;
    const round = (i: number): Cost => sum(bodies.map((b) => this.body(b, new Map([...values, [s.index, i]]))));
    return count === 1 ? round(0) : sum([times(round(0), count - 1), round(count - 1)]);
  }

  #size(buffer: string): number {
    return bytesOf(this.#types.get(buffer) ?? "f32");
  }

  #region({ buffer, dims }: Region, values: ReadonlyMap<string, number>): number {
    return dims.reduce((n, d) => n * evaluateDim(d.size, values), this.#size(buffer));
  }

  /** Of one lane; what several read is computed once. */
  #exprs(roots: readonly Expr[]): Cost {
    const seen = new Set<Expr>();
    let [flops, bytesRead] = [0, 0];
    const visit = (e: Expr): void => {
      if (seen.has(e)) return;
      seen.add(e);
      if (e.op === "fn" || e.op === "cmp" || e.op === "select") flops += e.op === "fn" && e.fn === "fma" ? 2 : 1;
      if (e.op === "load") {
        bytesRead += this.#size(e.buffer);
        visit(e.index);
      }
      if ("args" in e) e.args.forEach(visit);
    };
    roots.forEach(visit);
    return { ...nothing, flops, bytesRead };
  }
}
