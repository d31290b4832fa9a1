import { DimExpr, symbolsOf, type Dim } from "../../base/dim.js";
import type { Range } from "../../base/dim-bounds.js";
import type { Value } from "../../ir/graph.js";
import type { Caps } from "../caps.js";
import { summarise, type GroupBody } from "../group/expr.js";
import { roomOf } from "../room.js";
import type { Kernel, Stmt } from "../tile.js";
import { fit, type Draft } from "./draft.js";

export interface ScheduleContext {
  readonly caps: Caps;
  readonly ranges: (symbol: string) => Range | undefined;
  /** The kernel's name, unique in the bundle. */
  readonly name: string;
  readonly origin: readonly string[];
  /** Begins the names of host integers; no symbol of the model is this and a number. */
  readonly intStem: string;
}

/** A kernel and the values its buffers stand for. */
export interface Scheduled {
  readonly kernel: Kernel;
  readonly bind: Readonly<Record<string, Value>>;
}

type Emit = (draft: Draft) => { readonly parallelism: Dim; readonly body: readonly Stmt[] } | undefined;

/** Emits a kernel whose tiles fit the scratchpad and whose arguments fit a launch; undefined when they cannot. */
export function kernelOf(body: GroupBody, schedule: Kernel["schedule"], context: ScheduleContext, emit: Emit): Scheduled | undefined {
  return emitKernel((nameOf) => summarise(body.outputs, nameOf), schedule, context, emit);
}

/** As `kernelOf`, for kernels that come from no group. */
export function emitKernel(
  summary: string | ((nameOf: (v: Value) => string) => string),
  schedule: Kernel["schedule"],
  context: ScheduleContext,
  emit: Emit,
): Scheduled | undefined {
  const { name, origin, caps } = context;
  const kernelIn = (draft: Draft, { parallelism, body }: NonNullable<ReturnType<Emit>>): Kernel => {
    const said = typeof summary === "string" ? summary : summary(draft.nameOf);
    return draft.finish({ name, origin, summary: said, schedule, parallelism }, pruneLets(body));
  };
  const bytesOf = (kernel: Kernel): number => {
    const { tiles, scratch } = roomOf(kernel, caps);
    return tiles + scratch;
  };
  const fitted = fit(caps, context.intStem, emit, (draft, result) => result && bytesOf(kernelIn(draft, result)));
  if (!fitted?.result) return undefined;
  const { draft, result } = fitted;
  if (!draft.argumentsFit()) return undefined;
  return { kernel: kernelIn(draft, result), bind: draft.bind() };
}

/** Drops the lets nobody reads, innermost blocks first. */
function pruneLets(stmts: readonly Stmt[]): readonly Stmt[] {
  const used = new Set<string>();
  const kept: Stmt[] = [];
  for (const s of [...stmts].reverse()) {
    if (s.op === "let" && !used.has(s.name)) continue;
    const inner = pruneInside(s);
    symbolsIn(inner, used);
    kept.push(inner);
  }
  return kept.reverse();
}

function pruneInside(s: Stmt): Stmt {
  if (s.op === "for") return { ...s, body: pruneLets(s.body) };
  if (s.op === "when") return { ...s, then: pruneLets(s.then), otherwise: pruneLets(s.otherwise) };
  if (s.op === "pipeline") return { ...s, load: pruneLets(s.load), compute: pruneLets(s.compute), store: pruneLets(s.store) };
  return s;
}

/** Collects every symbol a statement reads, wherever its Dims lie. */
function symbolsIn(x: unknown, into: Set<string>): void {
  if (x instanceof DimExpr) symbolsOf(x).forEach((name) => into.add(name));
  else if (Array.isArray(x)) x.forEach((y) => symbolsIn(y, into));
  else if (typeof x === "object" && x !== null) Object.values(x).forEach((y) => symbolsIn(y, into));
}
