/** A little catalogue for tests of the graph machinery that should not hang on the real one. */
import type { Builder, Catalogue, Handle, OpRecord } from "../../src/ops/op.js";
import type { PrimitiveName } from "../../src/ops/primitive.js";
import type { Dim } from "../../src/base/dim.js";
import { extentList } from "../../src/base/element.js";

function broadcast(b: Builder, x: Handle, shape: readonly Dim[]): Handle {
  const rank = shape.length;
  const padded =
    rank === x.shape.length ? x : b.apply("reshape", [x], { shape: [...new Array<Dim>(rank - x.shape.length).fill(1), ...x.shape] })[0];
  return b.apply("expand", [padded], { shape })[0];
}

function binary(op: string, fn: PrimitiveName): OpRecord {
  return {
    op,
    inputs: [
      { name: "a", types: "number" },
      { name: "b", types: "number" },
    ],
    attrs: {},
    maxOutputs: 1,
    build: (b, [x, y]) => {
      const [p, q] = [x as Handle, y as Handle];
      const rank = Math.max(p.shape.length, q.shape.length);
      const at = (h: Handle, i: number): Dim => h.shape[i - rank + h.shape.length] ?? 1;
      const shape = Array.from({ length: rank }, (_, i) => {
        const [m, n] = [at(p, i), at(q, i)];
        return m === 1 ? n : n === 1 ? m : b.unify(m, n, `${op} operands`);
      });
      return b.apply(fn, [broadcast(b, p, shape), broadcast(b, q, shape)], {});
    },
  };
}

function unary(op: string, build: (b: Builder, x: Handle) => Handle): OpRecord {
  return { op, inputs: [{ name: "x", types: "any" }], attrs: {}, maxOutputs: 1, build: (b, [x]) => [build(b, x as Handle)] };
}

export const littleCatalogue: Catalogue = new Map(
  [
    binary("Add", "add"),
    binary("Mul", "mul"),
    unary("Identity", (_, x) => x),
    unary("Neg", (b, x) => b.apply("neg", [x], {})[0]),
    unary("Shape", (b, x) => b.apply("dims", [], { value: x.shape })[0]),
    unary("Relu", (b, x) => {
      const zero = b.constant({ dtype: x.dtype, shape: [], data: new Float32Array([0]) });
      return b.apply("max", [x, broadcast(b, zero, x.shape)], {})[0];
    }),
    {
      op: "Reshape",
      inputs: [
        { name: "x", types: "any" },
        { name: "shape", types: ["i64"], shaping: true },
      ],
      attrs: {},
      maxOutputs: 1,
      build: (b: Builder, [x, s]: readonly (Handle | undefined)[]) =>
        b.apply("reshape", [x as Handle], { shape: extentList(b.elements(s as Handle))! }),
    } satisfies OpRecord,
  ].map((r) => [r.op, r]),
);
