/**
 * Turns claimed nodes into library nodes, `<target>::<Op>`, with what their call wants around them: layouts as
 * transposes, element types the matrix unit has as casts. Everything that goes in between is ordinary primitives, so
 * the passes after decomposition cancel what meets.
 */
import { exactNumber } from "../base/element.js";
import type { Dim } from "../base/dim.js";
import { isFloat, type DType } from "../base/dtype.js";
import { invariant } from "../base/diagnostic.js";
import { tensorType } from "../base/value-type.js";
import { Names } from "../ir/rewrite/names.js";
import { nodeAttrs } from "../ir/primitive-node.js";
import { intsAttr, rankedType, type Attr, type Graph, type Node, type Value } from "../ir/graph.js";
import { matrixOps, type Claim, type Claims } from "../claim/claim.js";
import type { Chip, ClaimRow, Target } from "../claim/target.js";

const separator = "::";

export function isLibraryNode(target: Target, node: Node): boolean {
  return node.op.startsWith(target.name + separator);
}

/** The row that claimed a library node. */
export function rowOf(target: Target, node: Node): ClaimRow {
  const index = node.attrs["row"];
  invariant(index?.kind === "int", `${node.op} carries no row`);
  return target.rows[exactNumber(index.value, "a row")];
}

const permName = (side: "input" | "output", i: number): string => `${side}${i}_perm`;

/** How a library node's operand lies in memory, as a permutation from ONNX order. */
export function operandPerm(node: Node, i: number): number[] | undefined {
  return intsAttr(node, permName("input", i));
}

export function outputPerm(node: Node, i: number): number[] | undefined {
  return intsAttr(node, permName("output", i));
}

/** The attributes of the operator itself, without what legalising noted beside them. */
export function operatorAttrs(node: Node): Node["attrs"] {
  return Object.fromEntries(Object.entries(node.attrs).filter(([name]) => name !== "row" && !/^(?:in|out)put\d+_perm$/.test(name)));
}

export function legalise(graph: Graph, claims: Claims, target: Target, chip: Chip): Graph {
  const names = new Names(graph);
  const nodes = graph.nodes.flatMap((node) => {
    const claimed = claims.byNode.get(node);
    return claimed ? libraryForm(claimed, target, chip, names) : [node];
  });
  return { ...graph, nodes };
}

/** A claimed node in the form its call wants, with the casts and transposes around it. */
export function libraryForm({ row, node }: Claim, target: Target, chip: Chip, names: Names): Node[] {
  const before: Node[] = [];
  const after: Node[] = [];
  const layout = row.layout?.(node);
  const derive = (v: Value, dtype: DType, shape: readonly Dim[]): Value => ({ name: names.fresh(v.name), type: tensorType(dtype, shape) });
  const apply = (op: "transpose" | "cast", x: Value, y: Value, attrs: Parameters<typeof nodeAttrs>[1]): Node => ({
    op,
    inputs: [x],
    outputs: [y],
    attrs: nodeAttrs(op, attrs),
    origin: node.origin,
  });
  const wanted = operandTypes(row, node, chip);

  const inputs = node.inputs.map((v, i) => {
    const type = rankedType(v);
    if (!v || !type) return v;
    let at = v;
    const dtype = wanted[i] ?? type.dtype;
    if (dtype !== type.dtype) {
      const y = derive(v, dtype, type.shape);
      before.push(apply("cast", at, y, { to: dtype }));
      at = y;
    }
    const perm = layout?.inputs[i];
    if (perm) {
      const y = derive(
        v,
        dtype,
        perm.map((p) => type.shape[p]),
      );
      before.push(apply("transpose", at, y, { perm }));
      at = y;
    }
    return at;
  });

  const outputs = node.outputs.map((v, i) => {
    const type = rankedType(v);
    if (!v || !type) return v;
    const dtype = isFloat(type.dtype) ? (wanted[0] ?? type.dtype) : type.dtype;
    const perm = layout?.outputs[i];
    let at = v;
    if (dtype !== type.dtype) {
      const x = derive(v, dtype, type.shape);
      after.unshift(apply("cast", x, at, { to: type.dtype }));
      at = x;
    }
    if (perm) {
      const x = derive(
        v,
        dtype,
        perm.map((p) => type.shape[p]),
      );
      const inverse = perm.map((_, axis) => perm.indexOf(axis));
      after.unshift(apply("transpose", x, at, { perm: inverse }));
      at = x;
    }
    return at;
  });

  const attrs: Record<string, Attr> = { ...node.attrs, row: { kind: "int", value: BigInt(target.rows.indexOf(row)) } };
  layout?.inputs.forEach((perm, i) => perm && node.inputs[i] && (attrs[permName("input", i)] = permAttr(perm)));
  layout?.outputs.forEach((perm, i) => perm && node.outputs[i] && (attrs[permName("output", i)] = permAttr(perm)));
  return [...before, { ...node, op: `${target.name}${separator}${row.op}`, inputs, outputs, attrs }, ...after];
}

function permAttr(perm: readonly number[]): Attr {
  return { kind: "ints", value: perm.map(BigInt) };
}

/** Types the call's operands must have; undefined leaves one as it is. */
function operandTypes(row: ClaimRow, node: Node, chip: Chip): readonly (DType | undefined)[] {
  const own = row.operandTypes?.(node, chip);
  if (own) return own;
  const type = rankedType(node.inputs[0]);
  if (!type || !matrixOps.has(row.op) || !isFloat(type.dtype) || chip.contractTypes.includes(type.dtype)) return [];
  return node.inputs.map((v) => (v && rankedType(v)?.dtype === type.dtype ? chip.contractTypes[0] : undefined));
}
