/** Statements that a scalar unit carries out: plain loops around the lines of one lane. */
import type { Dim } from "../../src/base/dim.js";
import type { Expr, LaneType } from "../../src/kernel/tile.js";
import type { Lane } from "./lanes.js";
import type { Page } from "./page.js";
import type { Of } from "./statements.js";

export interface ScalarUnit {
  readonly page: Page<string>;
  /** Names of the loops' indexes; "0" is the row where there is no loop over rows. */
  readonly indexes: (rows: Dim) => readonly [row: string, col: string];
  readonly laneAt: (row: string, col: string) => Lane;
  /** Writes a lane's value, whose text is given, to its place in a tile. */
  readonly put: (tile: string, row: string, col: string, value: Expr, text: string) => void;
  readonly typeOf: (type: LaneType) => string;
}

/** The lines of each lane. */
export function eachLane(unit: ScalarUnit, rows: Dim, cols: Dim, body: (lane: Lane, row: string, col: string) => void): void {
  const { page } = unit;
  const [row, col] = unit.indexes(rows);
  const heads = [...(row === "0" ? [] : [page.loopHead(row, page.dim(rows))]), page.loopHead(col, page.dim(cols))];
  page.out.loops(heads, () => body(unit.laneAt(row, col), row, col));
}

export function scalarMap(unit: ScalarUnit, s: Of<"map">): void {
  eachLane(unit, s.rows, s.cols, (lane, row, col) => {
    const values = s.out.map((o) => lane.value(o.value));
    s.out.forEach((o, i) => unit.put(o.tile, row, col, o.value, values[i]));
  });
}

/** The accumulator of a reduction, and its place in the result. */
interface Accumulator {
  readonly name: string;
  readonly joined: (sum: string, x: string) => string;
  /** What the result holds at an index, and how it is written. */
  readonly old: (at: string) => string;
  readonly set: (at: string) => void;
}

/** One accumulator a row, or a column, element by element. */
export function scalarReduce(unit: ScalarUnit, s: Of<"reduce">, [r, c]: readonly [string, string], sum: Accumulator): void {
  const { page } = unit;
  const [rows, cols] = [
    { index: r, count: s.rows },
    { index: c, count: s.cols },
  ];
  const [outer, inner] = s.along === "cols" ? [rows, cols] : [cols, rows];
  const head = ({ index, count }: typeof outer) => page.loopHead(index, page.dim(count));
  page.out.loop(head(outer), () => {
    page.out.line(`${unit.typeOf(s.value.type)} ${sum.name} = ${s.carry ? sum.old(outer.index) : "0"};`);
    page.out.loop(head(inner), () => {
      const x = unit.laneAt(r, c).value(s.value);
      const first = s.carry ? "" : `${inner.index} == 0 ? ${x} : `;
      page.out.line(`${sum.name} = ${first}${sum.joined(sum.name, x)};`);
    });
    sum.set(outer.index);
  });
}
