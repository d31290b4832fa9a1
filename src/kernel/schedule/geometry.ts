import { add, ceilDiv, floorDiv, isConst, max, min, mod, mul, product, roundUp, type Dim } from "../../base/dim.js";
import { stepOf, type Axis } from "../group/access.js";
import type { GroupBody } from "../group/expr.js";
import type { Stmt } from "../tile.js";
import { spills, storesApart } from "./alignment.js";
import type { Draft } from "./draft.js";
import { named, pitchOf, single, type Span } from "./frame.js";
import type { Layout } from "./layout.js";

export interface Geometry {
  /** Positions per tile, and how many tiles: host integers. */
  readonly tileRows: Dim;
  readonly tileCols: Dim;
  readonly rowTiles: Dim;
  readonly colTiles: Dim;
  /** Parallel axes outside the tile, outermost first. */
  readonly outer: readonly Axis[];
  /** Reduced axes outside the tile. */
  readonly serial: readonly Axis[];
  /** One core does everything, in ascending order. */
  readonly alone: boolean;
}

/** How many cores a kernel of this geometry can use. */
export function parallelismOf(g: Geometry, items: Dim): Dim {
  return g.alone ? min(1, items) : items;
}

/** Fewest lanes worth a tile of their own. */
const fewestLanes = 256;

/**
 * The tiles of a group, such that rows * pitch <= lanes always. Where rows come in granules (`inGranules`), that holds of
 * rows rounded up to them as well, which is what a turned tile takes; tiles of less than a granule by a granule have one
 * granule of columns, and a turned one is a granule by a granule. undefined where stores must end on granules and do not.
 */
export function geometryOf(draft: Draft, body: GroupBody, layout: Layout, wholeRow = false): Geometry | undefined {
  const { col, row, along } = layout;
  const { lanes, granule, caps } = draft;
  const granular = inGranules(draft, body, layout);
  const small = lanes < granule * granule;
  if (small && !draft.probing && endsOnGranules(draft, body, layout)) return undefined;
  const alone = !storesApart(body, caps);
  const cores = alone ? 1 : caps.cores;
  const outer = body.parallel.filter((a) => a !== col && a !== row);
  const serial = body.reduced.filter((a) => a !== col && a !== row);
  const [cols, rows] = [draft.int(col?.extent ?? 1, "columns"), draft.int(row?.extent ?? 1, "rows")];
  const blocks = product(outer.map((a) => a.extent));
  const rowsTotal = along === "rows" ? blocks : mul(blocks, rows);
  const least = Math.max(granule, Math.min(fewestLanes, lanes));
  const most = mostColumns(draft, layout, granular, alone);
  const share = max(1, floorDiv(cores, atLeastOne(rowsTotal)));
  const spread = max(least, roundUp(ceilDiv(cols, share), granule));
  const tileCols = draft.int(atLeastOne(wholeRow ? cols : min(cols, along === "cols" ? most : min(most, spread))), "columns of a tile");
  const pitch = pitchOf(draft, tileCols);
  const fit = floorDiv(lanes, pitch);
  const even = max(ceilDiv(rowsTotal, cores), max(ceilDiv(least, pitch), layout.transposed ? granule : 1));
  const wanted = along === "rows" ? fit : min(fit, even);
  const whole = granular && !small ? mul(granule, min(floorDiv(fit, granule), ceilDiv(wanted, granule))) : wanted;
  // Stores go front to back: rows longer than a tile are stored one at a time.
  const inOrder = alone && granular && !wholeRow ? min(whole, mul(lanes, floorDiv(most, atLeastOne(cols)))) : whole;
  const tileRows = draft.int(atLeastOne(min(rows, inOrder)), "rows of a tile");
  const rowTiles = draft.int(ceilDiv(rows, tileRows), "tiles to cover the rows");
  const colTiles = wholeRow ? 1 : draft.int(ceilDiv(cols, tileCols), "tiles to cover the columns");
  return { tileRows, tileCols, rowTiles, colTiles, outer, serial, alone };
}

/** Whether tiles hold whole granules of rows: they are turned, or an output ends on granules along them. */
export function inGranules(draft: Draft, body: GroupBody, layout: Layout): boolean {
  return layout.transposed || endsOnGranules(draft, body, layout);
}

/** Whether tiles must cover whole granules of rows, because an output is contiguous along them and stores spill over. */
function endsOnGranules({ caps }: Draft, body: GroupBody, { row }: Layout): boolean {
  return spills(caps) && row !== undefined && body.outputs.some((o) => stepOf(o.at, row) === 1) && storesApart(body, caps);
}

function atLeastOne(d: Dim): Dim {
  return max(1, d);
}

/**
 * Columns a tile may have. With rows in granules one granule of rows must fit beside them; turned tiles are about square,
 * unless a core alone stores whole rows in order; reductions over rows keep room for several rows.
 */
function mostColumns({ lanes, granule }: Draft, { transposed, along }: Layout, granular: boolean, alone: boolean): number {
  const rounded = (n: number) => Math.max(granule, Math.floor(n / granule) * granule);
  const square = transposed && !alone ? rounded(Math.sqrt(lanes)) : lanes;
  const beside = granular ? Math.min(square, rounded(lanes / granule)) : square;
  return along === "rows" ? Math.min(beside, rounded(lanes / 8)) : beside;
}

/** One digit of a flattened loop: a loop outside the tile, or the tile's own row or column tiles. */
interface Digit {
  readonly name: string;
  readonly count: Dim;
}

/** Splits a flattened loop index into digits, outermost first; the lets come before every use. */
export function decode(
  draft: Draft,
  index: Dim,
  digits: readonly Digit[],
): { readonly lets: readonly Stmt[]; readonly at: readonly Dim[] } {
  const lets: Stmt[] = [];
  const at: Dim[] = new Array<Dim>(digits.length).fill(0);
  let rest = index;
  for (let d = digits.length - 1; d >= 0; d--) {
    const count = draft.int(digits[d].count);
    if (isConst(count) && count === 1) continue;
    const outermost = digits.slice(0, d).every((x) => x.count === 1);
    const digit = named(draft, digits[d].name, outermost ? rest : mod(rest, count));
    lets.push(...digit.stmts);
    at[d] = digit.name;
    if (outermost) break;
    const left = named(draft, "q", floorDiv(rest, count));
    lets.push(...left.stmts);
    rest = left.name;
  }
  return { lets, at };
}

/** The part of an axis one tile covers. */
export function spanOf(
  draft: Draft,
  axis: Axis | undefined,
  tile: Dim,
  tiles: Dim,
  at: Dim,
): { readonly lets: readonly Stmt[]; readonly span: Span } {
  if (!axis) return { lets: [], span: single };
  const most = draft.int(tile);
  if (tiles === 1) return { lets: [], span: { axis, start: 0, count: draft.int(axis.extent), most } };
  const start = named(draft, "b", mul(at, most));
  const count = named(draft, "c", min(most, add(draft.int(axis.extent), mul(-1, start.name))));
  return { lets: [...start.stmts, ...count.stmts], span: { axis, start: start.name, count: count.name, most } };
}
