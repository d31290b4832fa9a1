import type { Attr } from "../../src/ir/graph.js";
import { constData } from "../../src/ir/build.js";
import { fromNumbers } from "../../src/base/float-formats.js";
import { infoOf } from "../../src/base/dtype.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { definePass } from "../pass.js";

const int = (value: number): Attr => ({ kind: "int", value: BigInt(value) });

/**
 * Gather(DequantizeLinear(t, s, z), i, axis=k)  =>  DequantizeLinear(Gather(t, i), s, z)                   one scale, or along another axis
 * Gather(DequantizeLinear(t, s, z), i, axis=k)  =>  DequantizeLinear(Gather(t, i), Gather(s, i), Gather(z, i))
 *                                                   in blocks along another axis, or one scale a row and one axis of indices
 * of a constant table: rows are gathered as levels, and no others are made floats. Where there is one scale a row of a matrix and
 * the indices have more axes, each row is a block.
 *
 * Skipped for levels of less than a byte, which ONNX gathers no rows of, where ranks are unknown, and where the gathered axis is the
 * one of the blocks, or of the scales in a table of more axes.
 */
export const gatherLevels = definePass("gather-levels", (graph) =>
  graph.rewriteAny((view, make) => {
    const made = view.node.op === "Gather" ? view.inputs[0]?.made : undefined;
    return made?.node.op === "DequantizeLinear" ? gathered(view, made, make) : undefined;
  }),
);

function gathered(view: AnyView, levels: AnyView, make: Make): readonly ValueView[] | undefined {
  const [[table, scale, zero], indices] = [levels.inputs, view.inputs[1]];
  const [rank, places] = [table?.shape?.length, indices?.shape?.length];
  if (!table?.constant || !scale?.shape || !indices || rank === undefined || places === undefined) return undefined;
  if (infoOf(table.constant.dtype).bits < 8) return undefined;
  const own = (axis: number): number => (axis < 0 ? axis + rank : axis);
  const [from, along, block] = [own(view.int("axis", 0)), own(levels.int("axis", 1)), levels.int("block_size", 0)];
  const rows = (v: ValueView | undefined, axis: number): ValueView | undefined =>
    v && make.node("Gather", [v, indices], { axis: int(axis) })[0];
  const dequantised = (s: ValueView, z: ValueView | undefined, axis: number, size = block): readonly ValueView[] =>
    make.node("DequantizeLinear", [rows(table, from), s, z], {
      ...levels.attrs,
      axis: int(axis),
      ...(size > 0 && { block_size: int(size) }),
    });
  const after = from < along ? along + places - 1 : along;
  if (scale.shape.every((d) => d === 1) && scale.shape.length < 2) return dequantised(scale, zero, after);
  if (along !== from)
    return block === 0 ? dequantised(scale, zero, after) : dequantised(rows(scale, from) as ValueView, rows(zero, from), after);
  if (block !== 0) return undefined;
  if (places === 1) return dequantised(rows(scale, 0) as ValueView, rows(zero, 0), from);
  const width = table.constant.shape[1];
  if (rank !== 2 || from !== 0) return undefined;
  const last = make.constant(constData(fromNumbers("i64", [1], [-1])), "axes");
  const column = (v: ValueView | undefined): ValueView | undefined => v && make.node("Unsqueeze", [rows(v, 0), last])[0];
  return dequantised(column(scale) as ValueView, column(zero), places, width);
}
