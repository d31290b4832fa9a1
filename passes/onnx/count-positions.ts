import { toNumbers } from "../../src/base/float-formats.js";
import { constData } from "../../src/ir/build.js";
import type { NodeView } from "../../src/ir/rewrite/views.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { definePass } from "../pass.js";

/**
 * NonZero(ConstantOfShape(s, v))  =>  Unsqueeze(Range(0, Squeeze(s), 1), 0)
 * for one extent s and v other than 0: every position counts, and how many there are follows from sizes alone.
 *
 * Skipped for more extents than one, and for v = 0, whose positions are none: folding knows them once s is constant.
 */
export const countPositions = definePass("count-positions", (graph) =>
  graph.rewrite("NonZero", (found, make) => {
    const filled = found.x.producer("ConstantOfShape");
    const [rank] = filled?.shape.shape ?? [];
    if (!filled || rank !== 1 || !isFilledByMore(filled)) return;
    const at = make.Range({ start: whole(make, 0n), limit: make.Squeeze({ x: filled.shape }), delta: whole(make, 1n) });
    return make.Unsqueeze({ x: at, axes: make.constant(constData({ dtype: "i64", shape: [1], data: BigInt64Array.of(0n) })) });
  }),
);

function isFilledByMore(filled: NodeView<"ConstantOfShape">): boolean {
  const { value } = filled.attrs;
  return value?.kind === "tensor" && toNumbers(value.value.load())[0] !== 0;
}

function whole(make: Make, value: bigint): ReturnType<Make["constant"]> {
  return make.constant(constData({ dtype: "i64", shape: [], data: BigInt64Array.of(value) }));
}
