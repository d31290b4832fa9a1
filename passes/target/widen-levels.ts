import { fromNumbers } from "../../src/base/float-formats.js";
import { infoOf, isInteger, type DType } from "../../src/base/dtype.js";
import type { Attr, ConstData } from "../../src/ir/graph.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { mapped } from "../constants.js";
import type { TargetPass } from "./stage.js";

/** The type that holds levels of one that no kernel stores. */
const wider = (dtype: DType): DType | undefined => (isInteger(dtype) ? infoOf(dtype).held : undefined);

/**
 * DequantizeLinear(c, s, z)      =>  DequantizeLinear(wide(c), s, wide(z))
 * GatherBlockQuantized(c, i, s, z)  =>  GatherBlockQuantized(byte(c), i, s, byte(z), bits=8)
 * of constants of two and four bits, where wide(c) has the same levels in 8 bits and byte(c) is wide(c) + 128 where c is signed: the
 * same differences from the zero point.
 *
 * Skipped where the levels or the zero points are computed.
 */
export const widenLevels: TargetPass = {
  name: "widen-levels",
  run: (graph, context) =>
    rewriteAny(graph, knowing(context.catalogue, context), (view, make) => {
      if (view.node.op === "DequantizeLinear") return dequantised(view, make);
      return view.node.op === "com.microsoft::GatherBlockQuantized" ? gathered(view, make) : undefined;
    }),
};

function dequantised(view: AnyView, make: Make): readonly ValueView[] | undefined {
  const [levels, scale, zero] = view.inputs;
  const to = levels?.constant && wider(levels.constant.dtype);
  if (!levels?.constant || !to || (zero && !zero.constant)) return undefined;
  const held = (v: ValueView): ValueView => make.constant(moved(v.constant as ConstData, to, 0), v);
  return make.node("DequantizeLinear", [held(levels), scale, zero && held(zero)], view.attrs);
}

function gathered(view: AnyView, make: Make): readonly ValueView[] | undefined {
  const [table, indices, scale, zero] = view.inputs;
  const isSigned = table?.constant?.dtype === "i4";
  const sizes = scale?.fixedShape;
  if (!table?.constant || !wider(table.constant.dtype) || !sizes || (zero && !zero.constant)) return undefined;
  const by = isSigned ? 128 : 0;
  const none: ConstData = {
    dtype: "u8",
    shape: sizes,
    load: () => fromNumbers("u8", sizes, new Float64Array(sizes.reduce((a, b) => a * b, 1)).fill(by)),
  };
  const bytes = make.constant(moved(table.constant, "u8", by), table);
  const zeros = zero?.constant ? make.constant(moved(zero.constant, "u8", by), zero) : make.constant(none, `${table.name}_zeros`);
  return make.node(view.node.op, [bytes, indices, scale, zeros], { ...view.attrs, bits: { kind: "int", value: 8n } satisfies Attr });
}

/** The levels and what is added to each, in another type. */
function moved(data: ConstData, dtype: DType, by: number): ConstData {
  return mapped(data, (x) => x + by, dtype);
}
