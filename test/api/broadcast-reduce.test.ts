/**
 * Seeded models that reduce a broadcast value, on every chip: sizes are small and odd, so that rows end inside a granule,
 * operands are rows and columns of the tile alone, and no two axes lie alike. Values are whole numbers: results are exact.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { suite } from "../../src/api/suite.js";
import { encodeFloats } from "../../src/base/float-formats.js";
import { tensor, type Tensor } from "../../src/base/tensor.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import { writeTensorProto } from "../../src/onnx/bytes/tensor-proto.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { importModelSpec, info, intsAttr, modelBytes, node } from "../onnx/build-model.js";

const elementTypes = { f32: 1, f16: 10, i32: 6 } as const;

const axis = fc.record({ extent: fc.integer({ min: 1, max: 9 }), a: fc.boolean(), b: fc.boolean(), reduced: fc.boolean() });
const drawn = fc.record({
  axes: fc.array(axis, { minLength: 2, maxLength: 3 }),
  dtype: fc.constantFrom("f32", "f32", "f16", "i32"),
  point: fc.constantFrom("Mul", "Add", "Sub"),
  reduce: fc.constantFrom("Sum", "Max", "Min", "Prod"),
  dynamic: fc.boolean(),
  seed: fc.nat(),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

/** -1, 0, 1 and 2, of which sums are exact; -1 and 1 for products, which are then powers of two. */
function values({ dtype, reduce, seed }: Drawn, shape: readonly number[], from: number): Tensor {
  const count = shape.reduce((n, d) => n * d, 1);
  const bits = Array.from({ length: count }, (_, i) => (Math.imul(i + from, 2654435761) ^ seed) >>> 7);
  const numbers = bits.map((x) => (reduce === "Prod" ? (x % 2) * 2 - 1 : (x % 4) - 1));
  if (dtype === "f16") return tensor("f16", shape, encodeFloats("f16", numbers) as Uint16Array);
  return dtype === "f32" ? tensor("f32", shape, Float32Array.from(numbers)) : tensor("i32", shape, Int32Array.from(numbers));
}

function write(folder: string, c: Drawn): void {
  const shape = (of: "a" | "b") => c.axes.map((x) => (x[of] ? x.extent : 1));
  const dims = (of: "a" | "b") => shape(of).map((d, i) => (c.dynamic && d > 1 ? `d${i}` : d));
  const chosen = c.axes.flatMap((x, i) => (x.reduced ? [i] : []));
  const reduced = chosen.length > 0 ? chosen : [c.axes.length - 1];
  const type = elementTypes[c.dtype];
  const spec = {
    opset: 11,
    graph: {
      node: [node(c.point, ["a", "b"], ["p"]), node(`Reduce${c.reduce}`, ["p"], ["y"], [intsAttr("axes", reduced)])],
      input: [info("a", dims("a"), type), info("b", dims("b"), type)],
      output: [info("y", undefined, type)],
    },
  };
  const inputs = [values(c, shape("a"), 1), values(c, shape("b"), 77)];
  const { graph } = importModelSpec(spec, { catalogue });
  const wanted = evaluateGraph(graph, catalogue, new Map(graph.inputs.map((v, i) => [v, inputs[i]])));
  const data = join(folder, "test_data_set_0");
  mkdirSync(data, { recursive: true });
  writeFileSync(join(folder, "model.onnx"), modelBytes(spec));
  inputs.forEach((t, i) => writeFileSync(join(data, `input_${i}.pb`), writeTensorProto(t)));
  [...wanted.values()].forEach((t, i) => writeFileSync(join(data, `output_${i}.pb`), writeTensorProto(t)));
}

const folder = mkdtempSync(join(tmpdir(), "portolan-broadcast-reduce-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("reductions of broadcast values are exact on every chip", async () => {
  const runs = Number(process.env["PORTOLAN_RUNS"] ?? 30);
  const cases = fc.sample(drawn, { numRuns: runs, seed: Number(process.env["PORTOLAN_SEED"] ?? 11) });
  cases.forEach((c, i) => {
    const name = `${i}_${c.dtype}_${c.point}_${c.reduce}_${c.axes.map((x) => `${x.extent}${x.a ? "a" : ""}${x.b ? "b" : ""}`).join("x")}`;
    write(join(folder, name), c);
  });
  const target = "cann:Ascend910B2,cann:Ascend310P3,bang,kunlun";
  const { targets } = await suite(folder, { target, prefer: "kernels", threads: 1 });
  expect(Object.keys(targets)).toHaveLength(4);
  for (const { cases: results } of Object.values(targets)) {
    expect(results).toHaveLength(runs);
    expect(results.filter((r) => r.status !== "pass")).toEqual([]);
  }
});
