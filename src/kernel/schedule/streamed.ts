import { product, symbol, type Dim } from "../../base/dim.js";
import type { Axis } from "../group/access.js";
import type { GroupBody, GroupExpr, GroupOutput, ReduceExpr } from "../group/expr.js";
import type { Kernel, Stmt } from "../tile.js";
import { kernelOf, type ScheduleContext, type Scheduled } from "./context.js";
import { loopOf, type Draft } from "./draft.js";
import { pitchOf, single, type Frame, type Span } from "./frame.js";
import { decode, geometryOf, parallelismOf, spanOf, type Geometry } from "./geometry.js";
import { cast, fn, modeOf, type Mode } from "./lanes.js";
import { isWide, reductionLevels, type Layout } from "./layout.js";
import { full } from "./operands.js";
import {
  accumulated,
  accumulatorType,
  identityExpr,
  parallelItems,
  reducedValue,
  reduceTile,
  thinFrame,
  thinSpread,
} from "./reductions.js";
import { Scope } from "./scope.js";

export function scheduleStreamed(body: GroupBody, layout: Layout, context: ScheduleContext): Scheduled | undefined {
  const mode = modeOf(body, context.caps);
  const kind: Kernel["schedule"] = mode === "scalar" ? "scalar" : layout.along === "cols" ? "streamed" : "colreduce";
  return kernelOf(body, kind, context, (draft) => {
    const g = geometryOf(draft, body, layout);
    return g && new Streamer(draft, body, layout, mode, g).write();
  });
}

class Streamer {
  readonly #draft: Draft;
  readonly #body: GroupBody;
  readonly #layout: Layout;
  readonly #mode: Mode;
  readonly #g: Geometry;
  /** Statements of one work item. */
  readonly #item: Stmt[] = [];
  readonly #outer = new Map<Axis, Dim>();
  #row: Span = single;
  #col: Span = single;

  constructor(draft: Draft, body: GroupBody, layout: Layout, mode: Mode, g: Geometry) {
    this.#draft = draft;
    this.#body = body;
    this.#layout = layout;
    this.#mode = mode;
    this.#g = g;
  }

  write(): { parallelism: Dim; body: readonly Stmt[] } {
    const [draft, body, g, layout] = [this.#draft, this.#body, this.#g, this.#layout];
    const index = this.#openItem();
    const wide = isWide(body);
    const levels = reductionLevels(body);
    const thin = new Scope({
      frame: thinFrame(this.#frame(false), layout.along, false),
      sink: { load: this.#item, compute: this.#item },
      isWide: () => true,
      shared: new Set(),
    });
    for (const level of levels) this.#reducePass(level, thin, wide);
    const [long, short] = [body.outputs.filter((o) => this.#isLong(o)), body.outputs.filter((o) => !this.#isLong(o))];
    for (const o of short) thin.store(o, this.#item);
    if (long.length > 0) this.#outputPass(long, thin, wide);
    const items = parallelItems(g, layout.along);
    return {
      parallelism: parallelismOf(g, items),
      body: [{ op: "for", index, count: draft.int(items, "tiles in all"), over: "cores", body: this.#item }],
    };
  }

  #isLong(o: GroupOutput): boolean {
    return o.at.terms.some((t) => this.#body.reduced.includes(t.axis));
  }

  /** Decodes the work item's index into the parallel loops and the parallel directions of the tile. */
  #openItem(): string {
    const [draft, g, layout] = [this.#draft, this.#g, this.#layout];
    const index = draft.fresh("t");
    const digits = [
      ...g.outer.map((a) => ({ name: "o", count: a.extent })),
      { name: "i", count: layout.along === "rows" ? 1 : g.rowTiles },
      { name: "j", count: layout.along === "cols" ? 1 : g.colTiles },
    ];
    const { lets, at } = decode(draft, symbol(index), digits);
    this.#item.push(...lets);
    g.outer.forEach((a, k) => this.#outer.set(a, at[k]));
    if (layout.along !== "rows") this.#row = this.#open(layout.row, g.tileRows, g.rowTiles, at[g.outer.length], this.#item);
    if (layout.along !== "cols") this.#col = this.#open(layout.col, g.tileCols, g.colTiles, at[g.outer.length + 1], this.#item);
    return index;
  }

  #open(axis: Axis | undefined, tile: Dim, tiles: Dim, at: Dim, into: Stmt[]): Span {
    const { lets, span } = spanOf(this.#draft, axis, tile, tiles, at);
    into.push(...lets);
    return span;
  }

  #frame(pipelined: boolean, reduced?: { row: Span; col: Span; outer: ReadonlyMap<Axis, Dim> }): Frame {
    const [draft, mode, row, col] = [this.#draft, this.#mode, this.#row, this.#col];
    const here = reduced ?? { row, col, outer: this.#outer };
    return { draft, mode, ...here, pitch: pitchOf(draft, this.#g.tileCols), size: full, pipelined };
  }

  /** A pass over the reduced loops: a pipeline whose blocks begin with the lets that say where it stands. */
  #pass(fill: (frame: Frame, sink: { load: Stmt[]; compute: Stmt[] }, store: Stmt[]) => void): void {
    const [draft, g, layout] = [this.#draft, this.#g, this.#layout];
    const { along } = layout;
    const index = draft.fresh("k");
    const tiles = along === "rows" ? g.rowTiles : along === "cols" ? g.colTiles : 1;
    const digits = [...g.serial.map((a) => ({ name: "s", count: a.extent })), { name: "u", count: tiles }];
    const { lets, at } = decode(draft, symbol(index), digits);
    const names: Stmt[] = [...lets];
    const last = at[g.serial.length];
    const row = along === "rows" ? this.#open(layout.row, g.tileRows, g.rowTiles, last, names) : this.#row;
    const col = along === "cols" ? this.#open(layout.col, g.tileCols, g.colTiles, last, names) : this.#col;
    const outer = new Map([...this.#outer, ...g.serial.map((a, k) => [a, at[k]] as const)]);
    const sink = { load: [...names], compute: [...names] };
    const store = [...names];
    fill(this.#frame(true, { row, col, outer }), sink, store);
    const count = draft.int(product(digits.map((d) => d.count)));
    this.#item.push(loopOf(draft, { index, count, over: "serial", ...sink, store }));
  }

  #scope(frame: Frame, sink: { load: Stmt[]; compute: Stmt[] }, thin: Scope, wide: (e: GroupExpr) => boolean): Scope {
    const options = { frame, sink, thin: { scope: thin, as: thinSpread(this.#layout.along) }, isWide: wide, shared: new Set<GroupExpr>() };
    return new Scope(options);
  }

  #reducePass(level: readonly ReduceExpr[], thin: Scope, wide: (e: GroupExpr) => boolean): void {
    const accumulators = level.map((e) => ({ e, tile: thin.map(identityExpr(e, this.#mode), accumulatorType(e, this.#mode), this.#item) }));
    this.#pass((frame, sink) => {
      const scope = this.#scope(frame, sink, thin, wide);
      for (const { e, tile } of accumulators) sink.compute.push(this.#accumulate(e, tile, scope, frame));
    });
    for (const { e, tile } of accumulators) thin.define(e, reducedValue(e, tile, this.#mode));
  }

  #accumulate(e: ReduceExpr, tile: string, scope: Scope, frame: Frame): Stmt {
    const { along } = this.#layout;
    if (along !== "none") return reduceTile(e, scope, { out: tile, along, carry: true });
    const value = accumulated(e, scope.lower(e.arg), this.#mode);
    const [rows, cols] = [frame.row.count, frame.col.count];
    const type = accumulatorType(e, this.#mode);
    const combine = e.fn === "sum" ? "add" : e.fn === "prod" ? "mul" : e.fn;
    const next = fn(combine, type, { op: "tile", type, tile, as: "full" }, cast(type, value));
    if (this.#mode === "vector") this.#draft.note(next);
    return { op: "map", mode: this.#mode, rows, cols, out: [{ tile, value: next }] };
  }

  #outputPass(outputs: readonly GroupOutput[], thin: Scope, wide: (e: GroupExpr) => boolean): void {
    this.#pass((frame, sink, store) => {
      const scope = this.#scope(frame, sink, thin, wide);
      for (const o of outputs) scope.store(o, store);
    });
  }
}
