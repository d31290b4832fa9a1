/** What an exported file looks like from outside, and that weights pass through it unloaded. */
import { onnx } from "onnx-proto";
import { describe, expect, test } from "vitest";
import { bytesSource, type ByteSource } from "../../src/base/byte-source.js";
import { add, floorDiv, mul, symbol } from "../../src/base/dim.js";
import { dtypes, type DType } from "../../src/base/dtype.js";
import { allocate, tensor } from "../../src/base/tensor.js";
import { constData, makeGraph, makeNode, tensorValue, value } from "../../src/ir/build.js";
import type { ConstData, Graph } from "../../src/ir/graph.js";
import { canonical, print } from "../../src/ir/text/print.js";
import { int } from "../../src/ir/attr.js";
import { exportOnnx, exportOnnxExternal } from "../../src/onnx/export/export.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { readTensorProto, writeTensorProto } from "../../src/onnx/bytes/tensor-proto.js";
import { noOptions, refusal } from "./build-model.js";

const bytesOf = (graph: Graph) => Buffer.concat([...exportOnnx(graph)]);
const reimport = (graph: Graph) => importOnnx(bytesSource(bytesOf(graph)), noOptions).graph;

/** A weight of any size that counts what is read of it. */
function countedSource(size: number): ByteSource & { largest: number; total: number } {
  const source = {
    name: "weights",
    size,
    largest: 0,
    total: 0,
    read(offset: number, length: number) {
      source.largest = Math.max(source.largest, length);
      source.total += length;
      return new Uint8Array(length).fill((offset >> 20) & 255);
    },
  };
  return source;
}

function weightAt(source: ByteSource, count: number): ConstData {
  return { dtype: "f32", shape: [count], at: { source, offset: 0, length: count * 4 }, load: () => expect.unreachable() };
}

function addWeight(data: ConstData): Graph {
  const [x, y, w] = [tensorValue("x", "f32", data.shape), tensorValue("y", "f32", data.shape), tensorValue("w", "f32", data.shape)];
  return makeGraph({ inputs: [x], outputs: [y], nodes: [makeNode("Add", [x, w], [y])], constants: new Map([[w, data]]) });
}

describe("weights", () => {
  test("are streamed in chunks, inside the model", () => {
    const source = countedSource(64 << 20);
    let bytes = 0;
    for (const chunk of exportOnnx(addWeight(weightAt(source, 16 << 20)))) bytes += chunk.length;
    expect(bytes).toBeGreaterThan(64 << 20);
    expect(source.total).toBe(64 << 20);
    expect(source.largest).toBeLessThanOrEqual(4 << 20);
  });

  test("beyond 2 GiB need a file of their own", () => {
    const huge = addWeight(weightAt(countedSource(3 * 2 ** 30), 3 * 2 ** 28));
    expect(refusal(() => exportOnnx(huge))).toEqual(["model-too-large"]);
    expect(exportOnnxExternal(huge, { location: "w.bin" }).dataBytes).toBe(3 * 2 ** 30);
  });

  test("as external data read back the same", () => {
    const values = constData(
      tensor(
        "f32",
        [1000],
        Float32Array.from({ length: 1000 }, (_, i) => i),
      ),
    );
    const [small, big] = [addWeight(constData(tensor("f32", [2], Float32Array.of(1, 2)))), addWeight(values)];
    const both = { ...big, nodes: [...big.nodes], constants: new Map([...small.constants, ...big.constants]) };
    const { model, data, dataBytes } = exportOnnxExternal(both, { location: "w.bin", align: 64 });
    const file = Buffer.concat([...data]);
    expect(file.length).toBe(dataBytes);
    const names: string[] = [];
    const open = (name: string) => (names.push(name), bytesSource(file, name));
    expect(refusal(() => importOnnx(bytesSource(Buffer.concat([...model])), { ...noOptions, openBeside: open }))).toEqual([
      "value-duplicate",
    ]);
    const alone = exportOnnxExternal(big, { location: "w.bin" });
    const again = importOnnx(bytesSource(Buffer.concat([...alone.model])), { ...noOptions, openBeside: open }).graph;
    expect(canonical(again)).toBe(canonical(big));
    expect(names).toContain("w.bin");
  });
});

describe("types", () => {
  const types = Object.keys(dtypes) as DType[];

  test.each(types)("a tensor of %s is written and read back", (dtype) => {
    const data = allocate(dtype, 6);
    const at = data as unknown as Record<number, unknown>;
    for (let i = 0; i < data.length; i++)
      at[i] = Array.isArray(data) ? `s${i}` : typeof data[i] === "bigint" ? BigInt(i) : dtypes[dtype].bits < 4 ? i % 2 : i;
    const t = tensor(dtype, [2, 3], data);
    expect(readTensorProto(writeTensorProto(t))).toEqual(t);
  });

  test("symbols and expressions over them come back", () => {
    const n = symbol("n");
    const [x, h, y] = [
      tensorValue("x", "f32", [n, 4, symbol("a b")]),
      tensorValue("h", "f32", [floorDiv(add(n, 1), 2), mul(2, n)]),
      tensorValue("y", "f32", undefined),
    ];
    const graph = makeGraph({ inputs: [x], outputs: [y], nodes: [makeNode("Foo", [x], [h]), makeNode("Relu", [h], [y])] });
    expect(print(reimport(graph))).toBe(print(graph));
  });

  test("other kinds of values come back", () => {
    const of = { kind: "tensor", dtype: "f32", shape: [symbol("n")] } as const;
    const inputs = [
      value("s", { kind: "sequence", of }),
      value("o", { kind: "optional", of: { kind: "sequence", of } }),
      value("m", { kind: "map", key: "i64", of }),
      value("p", { kind: "sparse", dtype: "f16", shape: [2, 3] }),
      tensorValue("e", "f8e8m0", [2]),
    ];
    const y = tensorValue("y", "i2", [1]);
    const graph = makeGraph({ inputs, outputs: [y], nodes: [makeNode("Foo", inputs, [y])] });
    expect(print(reimport(graph))).toBe(print(graph));
    expect(Number(onnx.ModelProto.decode(bytesOf(graph)).irVersion)).toBe(13);
  });
});

describe("nodes", () => {
  const [x, y, z] = ["x", "y", "z"].map((name) => tensorValue(name, "f32", [2]));

  test("several origins and shared origins come back, and no two nodes share a name", () => {
    const nodes = [makeNode("Relu", [x], [y], {}, { origin: ["conv", "bn"] }), makeNode("Neg", [y], [z], {}, { origin: ["conv"] })];
    const graph = makeGraph({ inputs: [x], outputs: [z], nodes });
    expect(reimport(graph).nodes.map((n) => n.origin)).toEqual([["conv", "bn"], ["conv"]]);
    expect(onnx.ModelProto.decode(bytesOf(graph)).graph?.node?.map((n) => n.name)).toEqual(["conv", ""]);
  });

  test("the opset is 26 unless an operator needs more", () => {
    const opset = (op: string, attrs = {}) =>
      Number(
        onnx.ModelProto.decode(bytesOf(makeGraph({ inputs: [x], outputs: [y], nodes: [makeNode(op, [x], [y], attrs)] }))).opsetImport[0]
          .version,
      );
    expect([opset("Relu"), opset("Range"), opset("Range", { stash_type: int(1) }), opset("Celu"), opset("SwiGLU")]).toEqual([
      26, 26, 27, 26, 28,
    ]);
  });

  test("a graph of fifty thousand nodes is written and read in linear time", () => {
    const values = Array.from({ length: 50_001 }, (_, i) => tensorValue(`/model/layer/x${i}`, "f32", [2]));
    const nodes = values.slice(1).map((v, i) => makeNode("Relu", [values[i]], [v], {}, { origin: [`node ${i}`] }));
    const graph = makeGraph({ inputs: [values[0]], outputs: [values[50_000]], nodes: nodes.toReversed(), symbols: [] });
    const start = performance.now();
    expect(reimport(graph).nodes.length).toBe(50_000);
    expect(performance.now() - start).toBeLessThan(30_000);
  });

  test("primitives are refused", () => {
    expect(refusal(() => exportOnnx(makeGraph({ inputs: [x], outputs: [y], nodes: [makeNode("neg", [x], [y])] })))).toEqual([
      "not-exportable",
    ]);
  });
});
