import type { Kernel, Stmt } from "../../../src/kernel/tile.js";
import { bodiesOf, tilesOf } from "../../../src/kernel/walk.js";
import { bufferBytes } from "./page.js";

export type QueueKind = keyof typeof queueNames;

export const queueNames = { in: "inQueue", out: "outQueue", through: "throughQueue" } as const;

export interface QueuedTile {
  readonly tile: string;
  readonly byteOffset: number;
}

export interface Layout {
  /** Tiles of each queue, in the order they lie in its buffer. */
  readonly queues: Readonly<Record<QueueKind, readonly QueuedTile[]>>;
  readonly queueBytes: Readonly<Record<QueueKind, number>>;
  /** Tiles with a buffer of their own. */
  readonly own: readonly string[];
}

/** Where a tile is used: the pipeline (or none) and its phase. */
interface Use {
  readonly pipeline: Stmt | undefined;
  readonly phase: "load" | "compute" | "store" | "none";
  readonly loaded: boolean;
  readonly stored: boolean;
}

export function layOut(kernel: Kernel): Layout {
  const uses = usesOf(kernel);
  const kindOf = (tile: string) => queueKind(uses.get(tile) ?? []);
  const queue = (kind: QueueKind) => place(kernel.tiles.filter((t) => kindOf(t.name) === kind));
  const [into, out, through] = [queue("in"), queue("out"), queue("through")];
  return {
    queues: { in: into.tiles, out: out.tiles, through: through.tiles },
    queueBytes: { in: into.bytes, out: out.bytes, through: through.bytes },
    own: kernel.tiles.filter((t) => !kindOf(t.name) && uses.has(t.name)).map((t) => t.name),
  };
}

function place(tiles: Kernel["tiles"]): { readonly tiles: readonly QueuedTile[]; readonly bytes: number } {
  let bytes = 0;
  const placed = tiles.map((t) => {
    const at = bytes;
    bytes += bufferBytes(t.capacity, t.type);
    return { tile: t.name, byteOffset: at };
  });
  return { tiles: placed, bytes };
}

/** A tile rides in a queue when every use of it stands in a pipeline that loads or stores it afresh each time round. */
function queueKind(uses: readonly Use[]): QueueKind | undefined {
  if (uses.length === 0 || uses.some((u) => !u.pipeline)) return undefined;
  const pipelines = new Set(uses.map((u) => u.pipeline));
  const each = (test: (u: Use) => boolean) => [...pipelines].every((p) => uses.some((u) => u.pipeline === p && test(u)));
  const loaded = each((u) => u.phase === "load" && u.loaded);
  const stored = each((u) => u.phase === "store" && u.stored);
  const elsewhere = uses.some((u) => (u.loaded && u.phase !== "load") || (u.stored && u.phase !== "store"));
  if (elsewhere) return undefined;
  if (loaded && stored) return "through";
  if (loaded) return uses.some((u) => u.stored) ? undefined : "in";
  return stored && uses.every((u) => u.phase !== "load") ? "out" : undefined;
}

function usesOf(kernel: Kernel): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  const note = (tile: string, use: Use) => uses.set(tile, [...(uses.get(tile) ?? []), use]);
  const visit = (body: readonly Stmt[], pipeline: Stmt | undefined, phase: Use["phase"]): void => {
    for (const s of body) {
      if (s.op === "for" || s.op === "when") bodiesOf(s).forEach((b) => visit(b, pipeline, phase));
      else if (s.op === "pipeline") {
        visit(s.load, s, "load");
        visit(s.compute, s, "compute");
        visit(s.store, s, "store");
      } else {
        const loaded = s.op === "load" || s.op === "loadrows" ? s.to : undefined;
        const stored = s.op === "store" ? s.from : undefined;
        for (const tile of tilesOf(s)) note(tile, { pipeline, phase, loaded: tile === loaded, stored: tile === stored });
      }
    }
  };
  visit(kernel.body, undefined, "none");
  return uses;
}
