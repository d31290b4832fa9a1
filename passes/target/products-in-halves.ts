import { dtypes, type DType } from "../../src/base/dtype.js";
import { fromNumbers, toNumbers } from "../../src/base/float-formats.js";
import { elementCount } from "../../src/base/tensor.js";
import { tensorType } from "../../src/base/value-type.js";
import { answerOf, isClaimable } from "../../src/claim/claim.js";
import { constData } from "../../src/ir/build.js";
import { intAttr, rankedType, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { inOneCall, type Around, type Fused } from "./one-call.js";
import type { Lowering, Stage, TargetContext } from "./stage.js";

/**
 * Cast(MatMulInteger(a, w) + c, f32) * s  =>  Cast(call target::MatMulIntegerToFloat(a, w, 1, s, z, 0, c * s) in f16, f32)
 *
 * with constants w, c and s, for a library that multiplies levels but gives halves alone: 310P's. Levels a without a sign become
 * signed ones, and z says so. The sum is rounded once, to the half in which the product would lie in memory anyway.
 *
 * Skipped without --precision fp16, for results whose range f16 cannot hold, when no row takes it, and when somebody else reads what
 * lies between.
 */
export const productsInHalves: Stage = {
  name: "products-in-halves",
  decide(now, context) {
    if (context.precision !== "fp16") return now;
    const graph = inOneCall(now.graph, context, (node, around) => inHalves(node, around, now, context));
    return graph === now.graph ? now : { ...now, graph };
  },
};

const op = "com.microsoft::MatMulIntegerToFloat";

function inHalves(node: Node, around: Around, { wide }: Lowering, context: TargetContext): Fused | undefined {
  const [y] = node.outputs;
  const found = node.op === "Mul" && y && !wide.has(y) ? productOf(node, around) : undefined;
  const shape = rankedType(y)?.shape;
  if (!found || !y || !shape) return undefined;
  const { origin } = node;
  const half = around.derived(y, tensorType("f16", shape));
  const { levels, zero, before } = signed(found.a, origin, around);
  // What the row packs: nothing of it but what it makes stays in the graph.
  const known = new Map<Value, ConstData>();
  const constant = (data: ConstData | undefined): Value | undefined => {
    if (!data) return undefined;
    const v = around.derived(y, tensorType(data.dtype, data.shape));
    known.set(v, data);
    return v;
  };
  const one = constData(fromNumbers("f32", [], [1]));
  const inputs = [levels, found.w, constant(one), constant(found.scales), constant(zero), undefined, constant(biasOf(found))];
  const product: Node = { op, inputs, outputs: [half], attrs: {}, origin };
  const graph: Graph = { ...around.graph, constants: new Map([...around.graph.constants, ...known]) };
  if (!isClaimable(product, graph, context)) return undefined;
  const rows = context.target.rows.filter((r) => r.op === op && r.role === "library");
  const claimed = answerOf(product, rows, graph, context);
  if (typeof claimed === "string") return undefined;
  return { of: [...found.of, node], nodes: [...before, ...around.formOf(claimed), cast(half, y, "f32", origin)] };
}

/** A product of levels and a constant, what is added to its sums and what they are multiplied by. */
interface Product {
  readonly a: Value;
  readonly w: Value;
  readonly offset: ConstData | undefined;
  readonly scales: ConstData;
  readonly of: readonly Node[];
}

function productOf({ inputs }: Node, around: Around): Product | undefined {
  const at = inputs.findIndex((v) => around.constant(v));
  const [scales, real] = [around.constant(inputs[at]), around.alone(inputs[1 - at])];
  if (!scales || real?.op !== "Cast" || intAttr(real, "to") !== dtypes.f32.onnx) return undefined;
  const sum = around.alone(real.inputs[0]);
  const offsetAt = sum?.op === "Add" ? sum.inputs.findIndex((v) => around.constant(v)) : -1;
  const product = sum && offsetAt >= 0 ? around.alone(sum.inputs[1 - offsetAt]) : sum;
  const [a, w, ...zeros] = product?.op === "MatMulInteger" ? product.inputs : [];
  const data = around.constant(w);
  if (!product || !sum || !a || !w || data?.shape.length !== 2 || zeros.some((z) => z)) return undefined;
  const offset = around.constant(sum.inputs[offsetAt]);
  const isRow = (c: ConstData | undefined): boolean =>
    !c || (c.shape.slice(0, -1).every((d) => d === 1) && [1, data.shape[1]].includes(elementCount(c.shape)));
  return isRow(scales) && isRow(offset) ? { a, w, offset, scales: asRow(scales), of: [...new Set([product, sum, real])] } : undefined;
}

/** Its numbers along one axis, or one number. */
function asRow(data: ConstData): ConstData {
  const shape = elementCount(data.shape) === 1 ? [] : [elementCount(data.shape)];
  return { ...data, shape, load: () => ({ ...data.load(), shape }) };
}

/** What the offset comes to in the result, one number a column. */
function biasOf({ offset, scales, w }: Product): ConstData | undefined {
  if (!offset) return undefined;
  const n = Number(rankedType(w)?.shape[1]);
  const load = (): ReturnType<ConstData["load"]> => {
    const [sums, s] = [toNumbers(offset.load()), toNumbers(scales.load())];
    const at = (x: Float64Array, i: number): number => x[x.length === 1 ? 0 : i];
    return fromNumbers(
      "f32",
      [n],
      Float64Array.from({ length: n }, (_, i) => at(sums, i) * at(s, i)),
    );
  };
  return { dtype: "f32", shape: [n], load };
}

interface Signed {
  readonly levels: Value;
  /** The level that stands for zero, where that is another. */
  readonly zero?: ConstData;
  readonly before: readonly Node[];
}

/** What makes levels signed. */
const middle = 128;

function signed(a: Value, origin: Node["origin"], around: Around): Signed {
  const type = rankedType(a);
  if (type?.dtype !== "u8") return { levels: a, before: [] };
  const as = (dtype: DType): Value => around.derived(a, tensorType(dtype, type.shape));
  const [wide, moved, levels] = [as("i32"), as("i32"), as("i8")];
  const by = around.keep(a, constData(fromNumbers("i32", [], [middle])));
  const sub: Node = { op: "Sub", inputs: [wide, by], outputs: [moved], attrs: {}, origin };
  const zero = constData(fromNumbers("i8", [], [-middle]));
  return { levels, zero, before: [cast(a, wide, "i32", origin), sub, cast(moved, levels, "i8", origin)] };
}

function cast(x: Value, y: Value, to: DType, origin: Node["origin"]): Node {
  return { op: "Cast", inputs: [x], outputs: [y], attrs: { to: { kind: "int", value: BigInt(dtypes[to].onnx) } }, origin };
}
