/** Every model of the developer set imports, prints, survives export, and a sample means the same to onnxruntime afterwards. */
import { onnx } from "onnx-proto";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/base/byte-source.js";
import type { DType } from "../../src/base/dtype.js";
import { canonical, print } from "../../src/ir/text/print.js";
import { parse } from "../../src/ir/text/parse.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { readModel } from "../../src/onnx/bytes/model.js";
import { readHostValue, readTensorProto, writeHostValue } from "../../src/onnx/bytes/tensor-proto.js";
import type { OnnxGraph } from "../../src/onnx/bytes/schema.js";
import { onnxruntime } from "../onnxruntime.js";
import { noOptions } from "./build-model.js";
import { baselinePasses, havePacks, packFiles, packNames, readIndex } from "./packs.js";

const exported = (graph: Parameters<typeof exportOnnx>[0]) => Buffer.concat([...exportOnnx(graph)]);

describe.skipIf(!havePacks)("the developer set", () => {
  test.each(packNames)("%s: reads as onnx-proto reads it", (pack) => {
    for (const [path, bytes] of packFiles(pack)) {
      if (!path.endsWith("/model.onnx")) continue;
      const theirs = onnx.ModelProto.decode(bytes);
      const ours = readModel(bytesSource(bytes, path));
      expect(ours.irVersion, path).toBe(Number(theirs.irVersion));
      expect([...ours.opsets.values()], path).toEqual(theirs.opsetImport.map((o) => Number(o.version)));
      expect(shapeOf(ours.graph), path).toEqual(theirShape(theirs.graph as onnx.GraphProto));
    }
  });

  test.each(packNames)("%s: imports, prints, parses, and survives export and re-import", (pack) => {
    const failed: string[] = [];
    let models = 0;
    for (const [path, bytes] of packFiles(pack)) {
      if (!path.endsWith("/model.onnx")) continue;
      models++;
      try {
        const { graph } = importOnnx(bytesSource(bytes, path), noOptions);
        expect(print(parse(print(graph)))).toBe(print(graph));
        expect(canonical(importOnnx(bytesSource(exported(graph), path), noOptions).graph)).toBe(canonical(graph));
      } catch (error) {
        failed.push(`${path}: ${(error as Error).message.slice(0, 300)}`);
      }
    }
    expect(failed).toEqual([]);
    expect(models).toBeGreaterThan(5);
  });

  test("values of every kind are read and written back", () => {
    const index = new Map(readIndex().map((t) => [t.path, t]));
    const files = packFiles("node");
    let read = 0;
    for (const t of [...index.values()].filter((_, i) => i % 5 === 0)) {
      const sets = t.dataSets[0];
      const values = [
        ...sets.outputs.map((f, i) => [f, t.outputs[i].kind] as const),
        ...(sets.inputs.length === t.inputs.length ? sets.inputs.map((f, i) => [f, t.inputs[i].kind] as const) : []),
      ];
      for (const [f, kind] of values) {
        const bytes = files.get(`${t.path}/${f.file}`);
        if (!bytes) continue;
        const value = readHostValue(kind, bytes, f.file);
        expect(readHostValue(kind, writeHostValue(value)), `${t.path}/${f.file}`).toEqual(value);
        if (value.kind === "tensor") expect(value.tensor.shape, `${t.path}/${f.file}`).toEqual(f.dims);
        read++;
      }
    }
    expect(read).toBeGreaterThan(500);
  });

  test("a sample of exported models gives the expected values in onnxruntime", async () => {
    const ort = await onnxruntime();
    const passes = baselinePasses();
    const every = process.env.PORTOLAN_FULL ? 1 : 9;
    const wrong: string[] = [];
    const tests = readIndex().filter((t) => passes.has(t.path) && !t.tags.includes("random"));
    const packs = new Map(packNames.map((p) => [p as string, packFiles(p)]));
    for (const t of tests.filter((t, i) => i % every === 0 || t.path.startsWith("pytorch"))) {
      const files = packs.get(t.path.split("/")[0]) as Map<string, Uint8Array>;
      const { graph } = importOnnx(bytesSource(files.get(`${t.path}/model.onnx`) as Uint8Array, t.path), noOptions);
      const session = await ort.InferenceSession.create(exported(graph), {
        logSeverityLevel: 4,
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
      });
      const value = (file: string) => readTensorProto(files.get(`${t.path}/${file}`) as Uint8Array);
      const feeds = Object.fromEntries(
        t.dataSets[0].inputs.map((f, i) => {
          const { dtype, data, shape } = value(f.file);
          return [graph.inputs[i].name, new ort.Tensor(ortType(dtype) as "float32", data as Float32Array, shape)];
        }),
      );
      const results = await session.run(feeds);
      t.dataSets[0].outputs.forEach((f, i) => {
        const [got, want] = [results[graph.outputs[i].name], value(f.file)];
        const close = (a: unknown, b: unknown) =>
          typeof a === "number" && typeof b === "number"
            ? Object.is(a, b) || a === b || Math.abs(a - b) <= t.atol + t.rtol * Math.abs(b)
            : String(a) === String(b) || Number(a) === Number(b);
        const same =
          got.type === ortType(want.dtype) &&
          String(got.dims) === String(want.shape) &&
          (want.dtype === "f16" || Array.from(want.data as ArrayLike<unknown>).every((b, k) => close(got.data[k], b)));
        if (!same) wrong.push(t.name);
      });
      await session.release();
    }
    expect(wrong).toEqual([]);
  });
});

function ortType(dtype: DType): string {
  return (
    {
      f32: "float32",
      f64: "float64",
      f16: "float16",
      i64: "int64",
      i32: "int32",
      i16: "int16",
      i8: "int8",
      u64: "uint64",
      u32: "uint32",
      u16: "uint16",
      u8: "uint8",
    }[dtype as "f32"] ?? dtype
  );
}

/** What both readers must agree on: every name, operator, attribute and tensor size, in order. */
function shapeOf(g: OnnxGraph): unknown {
  return {
    name: g.name,
    inputs: g.inputs.map((v) => v.name),
    outputs: g.outputs.map((v) => v.name),
    valueInfo: g.valueInfo.map((v) => v.name),
    initializers: g.initializers.map((t) => [t.name, t.elementType, t.dims]),
    nodes: g.nodes.map((n) => [
      n.op,
      n.inputs,
      n.outputs,
      n.attributes.map((a) => [a.name, Math.fround(a.f), a.i, a.ints, a.floats, a.strings.length, a.s.length > 0, a.g && shapeOf(a.g)]),
    ]),
  };
}

function theirShape(g: onnx.GraphProto): unknown {
  const long = (x: unknown): bigint => BigInt(String(x ?? 0));
  return {
    name: g.name,
    inputs: g.input.map((v) => v.name),
    outputs: g.output.map((v) => v.name),
    valueInfo: g.valueInfo.map((v) => v.name),
    initializers: g.initializer.map((t) => [t.name, t.dataType, (t.dims ?? []).map(Number)]),
    nodes: g.node.map((n) => [
      n.opType,
      n.input,
      n.output,
      (n.attribute ?? []).map((a) => [
        a.name,
        a.f ?? 0,
        long(a.i),
        (a.ints ?? []).map(long),
        a.floats ?? [],
        (a.strings ?? []).length,
        (a.s ?? []).length > 0,
        a.g ? theirShape(a.g as onnx.GraphProto) : undefined,
      ]),
    ]),
  };
}
