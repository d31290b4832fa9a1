/**
 * Whether a statement, at the sizes it meets, stays inside every tile and buffer it touches: whole rows with the pitch
 * they really take, DMA that ends on the chip's granule, vector instructions that run over all rows and their padding.
 * Nothing is computed, so that schedules can be asked at any size in no time.
 */
import { invariant } from "../../base/diagnostic.js";
import type { Dim } from "../../base/dim.js";
import type { Caps } from "../caps.js";
import { operandsOf } from "../expansions/build.js";
import { elementBytes } from "../room.js";
import type { Expr, Region, Stmt, Tile } from "../tile.js";

/** The sizes in force. */
export interface Ground {
  readonly caps: Caps;
  dim(d: Dim): number;
  tile(name: string): { readonly spec: Tile; readonly pitch: number };
  /** Elements of a buffer. */
  elements(buffer: string): number;
}

type Plain = Exclude<Stmt, { op: "let" | "for" | "pipeline" | "when" }>;
type Of<O extends Stmt["op"]> = Extract<Stmt, { op: O }>;

/** Throws on the first rule a statement breaks. */
export function checkBounds(s: Plain, on: Ground): void {
  switch (s.op) {
    case "load":
      return checkCopy(s.from, s.to, on);
    case "store":
      return checkCopy(s.to, s.from, on);
    case "loadrows":
      checkRows(s.to, on.dim(s.rows), on.dim(s.cols), on);
      return checkElements(s.index, on.dim(s.rows), on);
    case "move":
      return checkMove(s, on);
    case "lookup":
      return [s.to, s.index].forEach((tile) => checkLanes(tile, on.dim(s.rows), on.dim(s.cols), on));
    case "map":
      return checkMap(s, on);
    case "scatter":
      return [s.index, s.value].forEach((e) => checkOperands(e, { rows: on.dim(s.rows), cols: on.dim(s.cols), vector: false }, on));
    case "reduce":
      return checkReduce(s, on);
    default:
      throw s satisfies never;
  }
}

/** The first `count` elements of a tile. */
function checkElements(name: string, count: number, on: Ground): void {
  const { spec } = on.tile(name);
  invariant(count <= spec.capacity, `${count} elements in ${name}, which holds ${spec.capacity}`);
}

/** Rows of `cols` elements as they lie in a tile. */
function checkLanes(name: string, rows: number, cols: number, on: Ground): void {
  if (rows === 0 || cols === 0) return;
  const { pitch } = on.tile(name);
  invariant(rows <= 1 || cols <= pitch, `${cols} columns in ${name} of pitch ${pitch}`);
  checkElements(name, (rows - 1) * pitch + cols, on);
}

/** As `checkLanes`, for DMA: rows begin on the granule, the last one ends on it. */
function checkRows(name: string, rows: number, cols: number, on: Ground): void {
  checkLanes(name, rows, cols, on);
  if (rows === 0 || cols === 0) return;
  const { spec, pitch } = on.tile(name);
  const size = elementBytes[spec.type];
  const { granule } = on.caps.local;
  const packed = pitch === 1 && cols === 1;
  invariant(rows <= 1 || packed || (pitch * size) % granule === 0, `rows of ${name} begin ${pitch} elements apart, off the granule`);
  const ends = (packed ? rows : (rows - 1) * pitch + cols) * size;
  const whole = Math.ceil(ends / granule) * granule;
  invariant(
    whole <= spec.capacity * size,
    `a copy of ${rows} x ${cols} ends at byte ${whole} of ${name}, which holds ${spec.capacity * size}`,
  );
}

function checkCopy(region: Region, tile: string, on: Ground): void {
  const dims = region.dims.map((d) => ({ size: on.dim(d.size), stride: on.dim(d.stride) }));
  if (dims.some((d) => d.size <= 0)) return;
  const cols = dims[dims.length - 1].size;
  const rows = dims.slice(0, -1).reduce((n, d) => n * d.size, 1);
  checkRows(tile, rows, cols, on);
  const reach = (sign: 1 | -1) => dims.reduce((sum, d) => sum + Math.max(0, sign * d.stride * (d.size - 1)), 0);
  const offset = on.dim(region.offset);
  const [first, last] = [offset - reach(-1), offset + reach(1)];
  const elements = on.elements(region.buffer);
  invariant(first >= 0 && last < elements, `a copy of [${first}, ${last}] of ${region.buffer}, which holds ${elements}`);
}

function checkMove(s: Of<"move">, on: Ground): void {
  const [rows, cols, offset, rowStride, colStride] = [s.rows, s.cols, s.offset, s.rowStride, s.colStride].map((d) => on.dim(d));
  if (rows === 0 || cols === 0) return;
  checkLanes(s.to, rows, cols, on);
  const steps = [rowStride * (rows - 1), colStride * (cols - 1)];
  const [first, last] = [-1, 1].map((sign) => offset + sign * steps.reduce((sum, n) => sum + Math.max(0, sign * n), 0));
  const { capacity } = on.tile(s.from).spec;
  invariant(first >= 0 && last < capacity, `a move reads [${first}, ${last}] of ${s.from}, which holds ${capacity}`);
}

interface Lanes {
  readonly rows: number;
  readonly cols: number;
  /** Instructions may run over all of the rows' padding, and a compare to its own. */
  readonly vector: boolean;
}

/** A tile whose lanes a vector instruction takes whole. */
function checkWhole(name: string, { rows, cols, vector }: Lanes, on: Ground): void {
  if (rows === 0 || cols === 0) return;
  checkLanes(name, rows, cols, on);
  if (!vector) return;
  const { spec, pitch } = on.tile(name);
  const size = elementBytes[spec.type];
  const pad = size === 4 ? Math.max(on.caps.local.granule, on.caps.comparePadBytes) : on.caps.local.granule;
  const bytes = Math.ceil((Math.max(rows * pitch, cols) * size) / pad) * pad;
  invariant(
    bytes <= spec.capacity * size,
    `${rows} rows of pitch ${pitch} end at byte ${bytes} of ${name}, which holds ${spec.capacity * size}`,
  );
}

function checkMap(s: Of<"map">, on: Ground): void {
  const lanes = { rows: on.dim(s.rows), cols: on.dim(s.cols), vector: s.mode === "vector" };
  for (const o of s.out) {
    invariant(o.value.type === on.tile(o.tile).spec.type, `a map writes ${o.value.type} to ${o.tile} of ${on.tile(o.tile).spec.type}`);
    checkWhole(o.tile, lanes, on);
    checkOperands(o.value, lanes, on);
  }
}

function checkReduce(s: Of<"reduce">, on: Ground): void {
  const [rows, cols] = [on.dim(s.rows), on.dim(s.cols)];
  invariant(s.value.type === on.tile(s.out).spec.type, `a reduction of ${s.value.type} into ${s.out} of ${on.tile(s.out).spec.type}`);
  checkOperands(s.value, { rows, cols, vector: true }, on);
  if (s.along === "cols") checkLanes(s.out, rows, 1, on);
  else checkLanes(s.out, 1, cols, on);
}

function checkOperands(root: Expr, lanes: Lanes, on: Ground): void {
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    if (e.op === "tile") checkOperand(e, lanes, on);
    operandsOf(e).forEach(visit);
  };
  visit(root);
}

function checkOperand(e: Extract<Expr, { op: "tile" }>, lanes: Lanes, on: Ground): void {
  if (e.as === "full") return checkWhole(e.tile, lanes, on);
  if (lanes.rows === 0 || lanes.cols === 0) return;
  if (e.as === "row") return checkElements(e.tile, lanes.cols, on);
  if (e.as === "scalar") return checkElements(e.tile, 1, on);
  const { pitch } = on.tile(e.tile);
  invariant(lanes.rows === 1 || pitch === 1, `${e.tile} of pitch ${pitch} is read as a packed column`);
  checkElements(e.tile, lanes.rows, on);
}
