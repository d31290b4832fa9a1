/** Maps and reductions for machines that compute in registers: expand, hoist, one fused loop, cut where registers run out. */
import { fail, invariant } from "../../base/diagnostic.js";
import type { Caps } from "../caps.js";
import { operandsOf } from "../expansions/build.js";
import type { Expr, Kernel, Tile } from "../tile.js";
import { computeStmts } from "./memory.js";
import {
  hasMapPitch,
  leaves,
  mapFrame,
  prepare,
  reduceFrame,
  tileNamed,
  tilesOf,
  type Frame,
  type MapStmt,
  type ReduceStmt,
} from "./prepare.js";
import type { RegisterMap, RegisterReduce } from "./register-form.js";
import { isFlat, RegisterDraft } from "./registers.js";
import { lastStore, registerLimit, splitLoops } from "./split.js";

/** `limit` is the number of vector registers a loop may keep alive. */
export function registerMap(stmt: MapStmt, tiles: ReadonlyMap<string, Tile>, caps: Caps, limit = registerLimit): RegisterMap {
  const frame = mapFrame(stmt, tiles, caps);
  const p = prepare(
    stmt.out.map((o) => o.value),
    frame,
  );
  const regular = (name: string) => hasMapPitch(frame, tileNamed(frame, name));
  const flat = isFlat(p, reachable(p.values), regular) && stmt.out.every((o) => regular(o.tile));
  const draft = new RegisterDraft(p, flat);
  p.values.forEach((value, i) => {
    const { name, type } = tileNamed(frame, stmt.out[i].tile);
    invariant(value.type === type, `a value of type ${value.type} is written to tile "${name}" of type ${type}`);
    draft.prepareStore(value);
  });
  p.values.forEach((value, i) => draft.store(value, stmt.out[i].tile));
  return { ...sizes(frame), ...splitLoops(draft, flat, limit) };
}

/** Reductions run row by row even where the value is flat: lanes past cols take no part. */
export function registerReduce(stmt: ReduceStmt, tiles: ReadonlyMap<string, Tile>, caps: Caps): RegisterReduce {
  const frame = reduceFrame(stmt, tiles, caps);
  const p = prepare([stmt.value], frame);
  const [value] = p.values;
  if (value.type !== "f32" && value.type !== "i32")
    fail("no-vector-form", `A reduction of ${value.type} lanes has no vector form; cast to f32 or i32 first.`);
  const draft = new RegisterDraft(p, false);
  const marker = { tile: stmt.out };
  draft.body.push({ op: "store", to: marker, stored: value.type, type: value.type, src: draft.register(value) });
  const { loops, spills } = splitLoops(draft, false);
  const last = loops[loops.length - 1];
  const end = lastStore(last);
  invariant(end, "a reduction's value is computed in its last loop");
  const body = last.body.filter((op) => op !== end);
  const { fn, along, carry, out } = stmt;
  return {
    ...sizes(frame),
    loops: [...loops.slice(0, -1), { ...last, body }],
    spills,
    fn,
    src: end.src,
    type: value.type,
    along,
    carry,
    out,
  };
}

/** Lanes of the slots that the kernel's loops spill registers to; nearly always none. */
export function spillSlots(kernel: Kernel, caps: Caps): readonly number[] {
  const tiles = tilesOf(kernel);
  const lanes: number[] = [];
  for (const stmt of computeStmts(kernel.body, caps)) {
    if (stmt.op === "reduce" && stmt.value.type !== "f32" && stmt.value.type !== "i32") continue;
    const { spills } = stmt.op === "map" ? registerMap(stmt, tiles, caps) : registerReduce(stmt, tiles, caps);
    const read = leaves(stmt.op === "map" ? stmt.out.map((o) => o.value) : [stmt.value]).flatMap((e) => (e.op === "tile" ? [e.tile] : []));
    const written = stmt.op === "map" ? stmt.out.map((o) => o.tile) : [stmt.out];
    const largest = Math.max(...[...read, ...written].map((name) => tileNamed({ tiles }, name).capacity));
    for (let i = 0; i < spills; i++) lanes[i] = Math.max(lanes[i] ?? 0, largest);
  }
  return lanes;
}

function sizes({ rows, cols, pitch }: Frame): Pick<Frame, "rows" | "cols" | "pitch"> {
  return { rows, cols, pitch };
}

/** Every expression below these, once. */
function reachable(exprs: readonly Expr[]): Expr[] {
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    operandsOf(e).forEach(visit);
  };
  exprs.forEach(visit);
  return [...seen];
}
