/** One program, computed by everyone: where they differ by more than its numbers allow, and what was told of it. */
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { toNumbers } from "../../src/base/float-formats.js";
import { finishNow } from "../../src/base/steps.js";
import type { Tensor } from "../../src/base/tensor.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { eachGraph } from "../../src/ir/walk.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { passSteps } from "../../passes/pipeline.js";
import type { Bound, Accuracy } from "./bounds.js";
import { Undecided } from "./bound-bodies.js";
import { BoundRun } from "./bound-run.js";
import type { KunlunChip } from "../../targets/kunlun/caps.js";
import { ours, theirs } from "./accuracy.js";
import { isDeadly, undisputed } from "./faults.js";
import type { Program } from "./program.js";
import { reference } from "./reference.js";
import { overflows } from "./steps-reduction.js";
import { lowered, onTiles, type How, type Machine } from "./tiles.js";

/** `kind` says who: "evaluate", "onnxruntime", "optimise", "lower", "tiles", and a twin's name. */
export interface Finding {
  readonly kind: string;
  readonly text: string;
  /** The output that differs, by position. */
  readonly output?: number;
}

/** What came of one program, beside its findings. */
export interface Told {
  readonly findings: Finding[];
  /** Why onnxruntime gave no answer. */
  readonly withoutReference?: string;
  /** Why the program has no steps on the chip. */
  readonly refused?: string;
  readonly schedules: readonly string[];
  readonly primitives: readonly string[];
}

export const machineName = ({ chip }: Machine): string => chip.caps.chip;

export function howOf({ seed, precision, prefer }: Program): How {
  return { precision, prefer, alone: seed % 3 === 0 };
}

/** |got - want| within twice the bound, for either may be off by it; undefined when they agree. */
export function differs(got: Tensor, want: Tensor, e: Bound): string | undefined {
  if (got.dtype !== want.dtype) return `is ${got.dtype}, expected ${want.dtype}`;
  if (got.shape.join() !== want.shape.join()) return `has shape [${got.shape.join(",")}], expected [${want.shape.join(",")}]`;
  const big = want.data instanceof BigInt64Array;
  const [a, b] = big ? [got.data, want.data] : [toNumbers(got), toNumbers(want)];
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    if (x === y || (x !== x && y !== y)) continue;
    const room = e?.[i] ?? 0;
    if (room === Infinity || room !== room) continue;
    if (!(Math.abs(Number(x) - Number(y)) <= 2 * room))
      return `[${i}] is ${x}, expected ${y}${room > 0 ? ` within ${(2 * room).toPrecision(2)}` : ""}`;
  }
  return undefined;
}

function compared(kind: string, graph: Graph, got: readonly (Tensor | undefined)[], run: BoundRun, held?: readonly boolean[]): Finding[] {
  for (const [i, v] of graph.outputs.entries()) {
    if (held && !held[i]) continue;
    const t = got[i];
    const fault = t ? differs(t, run.tensor(v), run.bound(v)) : "is missing";
    if (fault) return [{ kind, text: `${v.name}${fault}`, output: i }];
  }
  return [];
}

export const saidBy = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Bounds that go with another store or other functions. */
function boundsFor({ graph, inputs }: Program, accuracy: Accuracy, stored: "f32" | "f16"): BoundRun {
  const run = new BoundRun(accuracy, stored);
  run.graph(graph, inputs);
  return run;
}

/** What a chip's numbers are held to: those of halves where it stores them, or multiplies nothing else. */
export function boundsOn(program: Program, { chip }: Machine): BoundRun {
  const half = program.precision === "fp16" || !chip.contractTypes.includes("f32");
  if (half) return boundsFor(program, theirs, "f16");
  const { gemm } = chip as Partial<KunlunChip>;
  return gemm?.f32 === "int" ? boundsFor(program, { ...ours, operandStep: 2 ** -30 }, "f32") : program.run;
}

export interface Wanted {
  readonly reference: boolean;
  readonly tiles: boolean;
}

/** Evaluate, onnxruntime and the tiles of one chip. */
export async function check(program: Program, machine: Machine, wanted: Wanted = { reference: true, tiles: true }): Promise<Told> {
  const findings: Finding[] = program.seed % 4 === 0 ? evaluated(program) : [];
  const told = wanted.reference ? await judged(program) : { findings: [] };
  const tiles = wanted.tiles ? tiled(program, machine) : { findings: [], schedules: [], primitives: [] };
  return { ...tiles, findings: [...findings, ...told.findings, ...tiles.findings], withoutReference: told.withoutReference };
}

/** Evaluate, onnxruntime and the passes: of a program with bodies, which run on no tiles by themselves. */
export async function checkBodies(program: Program): Promise<Pick<Told, "findings" | "withoutReference">> {
  const told = await judged(program);
  return { ...told, findings: [...evaluated(program), ...told.findings, ...rewritten(program)] };
}

/** onnxruntime's word. */
async function judged(program: Program): Promise<Pick<Told, "findings" | "withoutReference">> {
  const { graph, inputs, symbols, run } = program;
  if (isDeadly(graph, symbols)) return { findings: [], withoutReference: "it would end the process" };
  if (overflowsInside(program)) return { findings: [], withoutReference: "integers overflow in a body" };
  const answer = await reference(graph, inputs);
  if ("refused" in answer) return { findings: [], withoutReference: answer.refused };
  const got = graph.outputs.map((v) => (answer as ReadonlyMap<Value, Tensor>).get(v));
  const held = undisputed(graph, symbols);
  if (compared("onnxruntime", graph, got, run, held).length === 0) return { findings: [] };
  // Its coarser functions are asked about only where it is not as close as ours have to be.
  try {
    return { findings: compared("onnxruntime", graph, got, boundsFor(program, theirs, "f32"), held) };
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    return { findings: [], withoutReference: error.message };
  }
}

/** Whether a reduction in a body has come to integers that it cannot hold, as far as the last round tells. */
function overflowsInside({ graph, run }: Program): boolean {
  let found = false;
  eachGraph(graph, (g) => {
    if (g === graph) return;
    for (const { op, inputs } of g.nodes)
      if (/^(Reduce(Sum|SumSquare|L1|Prod)|CumSum|MatMul)$/.test(op))
        found ||= inputs[0] !== undefined && run.has(inputs[0]) && overflows(run.tensor(inputs[0]), op);
  });
  return found;
}

/** The passes that know no target leave the graph's meaning as it was. */
function rewritten(program: Program): Finding[] {
  try {
    const better = optimised(program.graph);
    const given = new Map(better.inputs.map((v, i) => [v, program.inputs.get(program.graph.inputs[i]) as Tensor]));
    const results = evaluateGraph(better, catalogue, given);
    const got = better.outputs.map((v) => results.get(v));
    return compared("optimise", program.graph, got, program.run);
  } catch (error) {
    return [{ kind: "optimise", text: saidBy(error) }];
  }
}

/** The graph's own evaluation gives what its nodes gave one by one: so for every fourth program. */
function evaluated({ graph, inputs, run }: Program): Finding[] {
  try {
    const results = evaluateGraph(graph, catalogue, inputs);
    for (const [i, v] of graph.outputs.entries()) {
      const fault = differs(results.get(v) as Tensor, run.tensor(v), undefined);
      if (fault) return [{ kind: "evaluate", text: `${v.name}${fault}`, output: i }];
    }
    return [];
  } catch (error) {
    return [{ kind: "evaluate", text: saidBy(error) }];
  }
}

export function optimised(graph: Graph): Graph {
  return finishNow(passSteps(graph, { catalogue })).graph;
}

function tiled(program: Program, machine: Machine): Omit<Told, "withoutReference"> {
  const none = { schedules: [], primitives: [] };
  let better: Graph;
  try {
    better = optimised(program.graph);
  } catch (error) {
    return { findings: [{ kind: "optimise", text: saidBy(error) }], ...none };
  }
  const how = howOf(program);
  try {
    const units = lowered(better, machine, how);
    const kernels = units.units.flatMap((u) => (u.kind === "kernels" ? u.kernels.map((k) => k.kernel) : []));
    const schedules = kernels.map((k) => k.schedule);
    const primitives = units.ready.nodes.map((n) => n.op);
    try {
      const given = new Map(better.inputs.map((v, i) => [v, program.inputs.get(program.graph.inputs[i]) as Tensor]));
      const got = onTiles(better, units, machine, given, program.symbols);
      return { findings: compared("tiles", program.graph, got, boundsOn(program, machine)), schedules, primitives };
    } catch (error) {
      return { findings: [{ kind: "tiles", text: saidBy(error) }], schedules, primitives };
    }
  } catch (error) {
    if (error instanceof DiagnosticError && isRefusal(error))
      return { findings: [], ...none, refused: `${error.diagnostics[0].code}: ${error.diagnostics[0].message}` };
    return { findings: [{ kind: "lower", text: saidBy(error) }], ...none };
  }
}

/** A sound program that we do not carry out; anything else would call the program wrong. */
export function isRefusal({ diagnostics }: DiagnosticError): boolean {
  return diagnostics.every((d) =>
    /^(unsupported-|no-schedule$|no-vector-form$|data-dependent|dynamic-|device-memory-exceeded$)/.test(d.code),
  );
}
