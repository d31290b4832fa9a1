import { extentOf } from "../../src/base/element.js";
import { elementCount } from "../../src/base/tensor.js";
import { ints } from "../../src/ir/attr.js";
import type { NodeView, ValueView } from "../../src/ir/rewrite/views.js";
import { scalarOf } from "../constants.js";
import { definePass } from "../pass.js";

/**
 * Conv(Pad(x, p), w, b)  =>  Conv(x, w, b) with p added to its pads
 * and the same for AveragePool that counts its padding, and for MaxPool when the padding is -inf.
 *
 * Skipped when the amounts are not constant or negative, touch batch or channels, when the mode is not `constant` or its
 * value is not the one the reader pads with, when the reader chooses its padding by itself (auto_pad), rounds up
 * (ceil_mode), or, for AveragePool, pads without counting.
 */
export const foldPad = definePass("fold-pad", (graph) =>
  graph
    .rewrite("Conv", (conv, make) => {
      const pads = mergedPads(conv, 0);
      return pads && make.Conv({ ...conv, x: pads.x, attrs: pads.attrs });
    })
    .rewrite("AveragePool", (pool, make) => {
      const counts = pool.int("count_include_pad", 0) === 1 || !pool.ints("pads")?.some((p) => p !== 0);
      const pads = counts ? mergedPads(pool, 0) : undefined;
      return pads && make.AveragePool({ ...pool, x: pads.x, attrs: { ...pads.attrs, count_include_pad: { kind: "int", value: 1n } } });
    })
    .rewrite("MaxPool", (pool, make) => {
      const pads = mergedPads(pool, -Infinity);
      return pads && make.MaxPool({ ...pool, x: pads.x, attrs: pads.attrs });
    }),
);

type Reader = NodeView<"Conv"> | NodeView<"AveragePool"> | NodeView<"MaxPool">;

function mergedPads(reader: Reader, value: number): { x: ValueView; attrs: Reader["attrs"] } | undefined {
  const pad = reader.x.producer("Pad");
  const rank = reader.x.shape?.length;
  if (!pad || rank === undefined || reader.text("auto_pad", "NOTSET") !== "NOTSET" || reader.int("ceil_mode", 0) !== 0) return undefined;
  if (pad.text("mode", "constant") !== "constant" || paddedWith(pad) !== value) return undefined;
  const amounts = amountsOf(pad, rank);
  if (!amounts || amounts.some((a) => a < 0) || [0, 1, rank, rank + 1].some((i) => amounts[i] !== 0)) return undefined;
  const own = reader.ints("pads") ?? new Array<number>(2 * (rank - 2)).fill(0);
  const added = [...amounts.slice(2, rank), ...amounts.slice(rank + 2)];
  return { x: pad.x, attrs: { ...reader.attrs, pads: ints(own.map((p, i) => p + added[i])) } };
}

function paddedWith(pad: NodeView<"Pad">): number | undefined {
  return pad.value ? scalarOf(pad.value) : 0;
}

/** All begins, then all ends, one for each axis of x; undefined when they are computed at run time. */
function amountsOf(pad: NodeView<"Pad">, rank: number): number[] | undefined {
  const given = numbers(pad.pads);
  const axes = pad.axes ? numbers(pad.axes)?.map((a) => (a < 0 ? a + rank : a)) : Array.from({ length: rank }, (_, i) => i);
  if (!given || !axes || given.length !== 2 * axes.length) return undefined;
  const out = new Array<number>(2 * rank).fill(0);
  axes.forEach((axis, i) => {
    out[axis] = given[i];
    out[rank + axis] = given[axes.length + i];
  });
  return out;
}

function numbers(v: ValueView): number[] | undefined {
  const data = v.constant;
  if (!data || elementCount(data.shape) > 64) return undefined;
  const list = Array.from(data.load().data as ArrayLike<number | bigint>, extentOf);
  return list.every((n) => n !== undefined) ? list : undefined;
}
