import { divideExactly, isConst, sameDim, type Dim } from "../../base/dim.js";
import { stepOf } from "../group/access.js";
import type { Caps } from "../caps.js";
import { dtypeOf } from "../group/build.js";
import type { GroupBody, GroupOutput } from "../group/expr.js";
import { sizeOf, tileType } from "./lanes.js";

/** Whether stores of this chip spill over. */
export function spills(caps: Caps): boolean {
  return caps.dma.storeGranule > 1;
}

/** Whether the vector unit of this chip reduces what lies in one row; without that whole rows are added to each other. */
export function folds({ reductions }: Caps): boolean {
  return reductions === undefined || reductions.some(([, along]) => along === "cols");
}

/** Elements of an output per store granule. */
export function granuleOf(output: GroupOutput["value"], caps: Caps): number {
  return Math.max(1, Math.ceil(caps.dma.storeGranule / sizeOf(tileType(dtypeOf(output)))));
}

export function isMultiple(d: Dim, of: number): boolean {
  return isConst(d) ? d % of === 0 : divideExactly(d, of) !== undefined;
}

/** Whether cores may store side by side: no store of any output spills into what another core owns. */
export function storesApart(body: GroupBody, caps: Caps): boolean {
  return !spills(caps) || body.outputs.every((o) => isApart(body, o, granuleOf(o.value, caps)));
}

function isApart(body: GroupBody, o: GroupOutput, granule: number): boolean {
  const axes = [...body.parallel, ...body.reduced];
  const unit = axes.find((a) => stepOf(o.at, a) === 1);
  if (!unit) return sameDim(body.elements(o.value), 1);
  const alone = o.at.terms.length === 1 && o.at.offset === 0 && sameDim(unit.extent, body.elements(o.value));
  const others = o.at.terms.filter((t) => t.axis !== unit);
  return (
    alone || (isMultiple(unit.extent, granule) && isMultiple(o.at.offset, granule) && others.every((t) => isMultiple(t.step, granule)))
  );
}
