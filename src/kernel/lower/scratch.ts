/** How much scratchpad a vector map's temporaries take beside its tiles: what a schedule sets aside before it sizes tiles. */
import { symbol } from "../../base/dim.js";
import type { Caps } from "../caps.js";
import { colour, narrowFirst, SlotTable } from "./draft.js";
import { Lineariser } from "./linearise.js";
import { leaves, prepare, type Frame } from "./prepare.js";
import type { Expr, Tile } from "../tile.js";

/** Scratch vectors by shape: whole tiles and masks of them, single rows, single columns. Lanes are four bytes wide. */
export interface ScratchNeed {
  readonly full: number;
  /** Whole-tile masks of packed bits; masks of lanes count as `full`. */
  readonly masks: number;
  readonly row: number;
  readonly col: number;
}

/**
 * An upper bound for any sizes. A map of one output computes it in its tile; of several, outputs may have to wait in
 * scratch. A reduction keeps its value in scratch and works in one vector more. Registers need none.
 */
export function scratchTiles(values: readonly Expr[], caps: Caps, purpose: "map" | "reduce" = "map"): ScratchNeed {
  if (caps.compute === "register") return { full: 0, masks: 0, row: 0, col: 0 };
  const p = prepare(values, symbolicFrame(values, caps));
  const line = new Lineariser(p);
  const roots = values.length > 1 || purpose === "reduce";
  const kept = p.values.map((value) => line.vector(value, p.shape(value))).flatMap((v) => (roots && v.kind === "scratch" ? [v.slot] : []));
  const table = new SlotTable();
  colour(narrowFirst(line.draft), line.virtuals, table, () => 1, { keep: new Set(kept), keepConstants: caps.keepsConstants === true });
  const need = table.counts();
  return purpose === "reduce" ? { ...need, full: need.full + 1 } : withoutOutput(need, line, roots);
}

/** The last instruction of a lone output writes its tile, but an operand it must not overlap is still scratch. */
function withoutOutput(need: ScratchNeed, line: Lineariser, roots: boolean): ScratchNeed {
  return !roots && line.draft.length === 1 && line.draft[0].over === "full" ? { ...need, full: 0 } : need;
}

/** Sizes that no simplification can see through. */
function symbolicFrame(values: readonly Expr[], caps: Caps): Frame {
  const pitch = symbol("pitch");
  const tiles = leaves(values).flatMap((e): [string, Tile][] =>
    e.op === "tile" ? [[e.tile, { name: e.tile, type: e.type, capacity: 1, pitch, space: "local" }]] : [],
  );
  return { caps, rows: symbol("rows"), cols: symbol("cols"), pitch, tiles: new Map(tiles) };
}
