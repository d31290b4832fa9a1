/** What is no model, or a broken one, is told apart by its own diagnostic. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/base/byte-source.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { graphAttr, importModelSpec, info, modelBytes, node, noOptions, refusal, weights } from "./build-model.js";

const text = (s: string) => new TextEncoder().encode(s);
const good = modelBytes({ graph: { input: [info("x", [2])], output: [info("y", [2])], node: [node("Relu", ["x"], ["y"])] } });
const refused = (bytes: Uint8Array) => refusal(() => importOnnx(bytesSource(bytes, "m.onnx"), noOptions));

describe("files that are no model", () => {
  test.each([
    ["an empty file", new Uint8Array(0), "model-empty"],
    ["a JPEG", Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), "model-not-onnx"],
    ["a PNG", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10]), "model-not-onnx"],
    ["a zip (PyTorch)", Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0]), "model-not-onnx"],
    ["a pickle", Uint8Array.from([0x80, 2, 0x8a, 10]), "model-not-onnx"],
    ["gzip", gzipSync(good), "model-not-onnx"],
    ["safetensors", new Uint8Array([...Uint8Array.of(16, 0, 0, 0, 0, 0, 0, 0), ...text('{"a":{"dtype":1}}')]), "model-not-onnx"],
    ["a Git LFS pointer", text("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 1\n"), "model-git-lfs-pointer"],
    ["text protobuf", text('ir_version: 8\ngraph {\n  name: "g"\n}\n'), "model-text-protobuf"],
    ["a web page", text("<!DOCTYPE html><html>"), "model-not-onnx"],
    ["a tensor", Uint8Array.from([8, 2, 16, 1, 74, 8, 0, 0, 0, 0, 0, 0, 0, 0]), "model-malformed"],
    ["a truncated model", good.slice(0, good.length - 4), "model-truncated"],
  ])("%s", (_name, bytes, code) => {
    expect(refused(bytes)).toEqual([code]);
  });

  test("every cut of a model is a diagnostic", () => {
    for (let n = 0; n < good.length; n++) expect(refused(good.slice(0, n)).length, `${n} bytes`).toBeLessThan(3);
  });

  test("the message names the file and the way out", () => {
    try {
      importOnnx(bytesSource(text("version https://git-lfs.github.com/spec/v1"), "det.onnx"), noOptions);
      expect.unreachable();
    } catch (error) {
      expect((error as DiagnosticError).diagnostics[0]).toMatchObject({
        message: expect.stringContaining("det.onnx"),
        fix: expect.stringContaining("git lfs pull"),
        location: { path: "det.onnx" },
      });
    }
  });
});

const io = { input: [info("x", [2])], output: [info("y", [2])] };

describe("graphs that are none", () => {
  test("a cycle names its nodes", () => {
    const nodes = [
      node("Add", ["x", "b"], ["a"], [], { name: "first" }),
      node("Neg", ["a"], ["b"], [], { name: "second" }),
      node("Relu", ["b"], ["y"]),
    ];
    try {
      importModelSpec({ graph: { ...io, node: nodes } });
      expect.unreachable();
    } catch (error) {
      const [d] = (error as DiagnosticError).diagnostics;
      expect(d.code).toBe("graph-cyclic");
      expect(d.message).toContain('"first"');
      expect(d.message).toContain('"second"');
    }
  });

  test("a cycle through a subgraph's captures", () => {
    const branch = { name: "b", node: [node("Neg", ["later"], ["t"])], output: [info("t")] };
    const nodes = [
      node("If", ["c"], ["early"], [graphAttr("then_branch", branch), graphAttr("else_branch", branch)]),
      node("Relu", ["early"], ["later"]),
    ];
    expect(refusal(() => importModelSpec({ graph: { input: [info("c", [], 9)], output: [info("later")], node: nodes } }))).toEqual([
      "graph-cyclic",
    ]);
  });

  test("undefined and doubly defined values are all told at once", () => {
    const nodes = [node("Add", ["x", "ghost"], ["a"]), node("Relu", ["x"], ["a"]), node("Neg", ["phantom"], ["y"])];
    expect([...refusal(() => importModelSpec({ graph: { ...io, node: nodes } }))].sort()).toEqual([
      "value-duplicate",
      "value-undefined",
      "value-undefined",
    ]);
  });

  test("a weight that contradicts the input of its name", () => {
    const graph = {
      input: [info("x", [2]), info("w", [3])],
      output: [info("y")],
      initializer: [weights("w", [2], [1, 2])],
      node: [node("Add", ["x", "w"], ["y"])],
    };
    expect(refusal(() => importModelSpec({ irVersion: 3, graph }))).toEqual(["type-mismatch"]);
  });

  test("weights of wrong size, type or dims", () => {
    const bad = [
      { name: "a", dims: [3], dataType: 1, rawData: new Uint8Array(8) },
      { name: "b", dims: [1], dataType: 99, rawData: new Uint8Array(8) },
      { name: "c", dims: [-1], dataType: 1, rawData: new Uint8Array(8) },
    ];
    expect(refusal(() => importModelSpec({ graph: { ...io, initializer: bad, node: [node("Relu", ["x"], ["y"])] } }))).toEqual([
      "tensor-data-size",
      "tensor-type",
      "tensor-dims",
    ]);
  });

  test("an operator of a domain that is not imported", () => {
    expect(
      refusal(() => importModelSpec({ graph: { ...io, node: [node("Gelu", ["x"], ["y"], [], { domain: "com.microsoft" })] } })),
    ).toEqual(["opset-missing"]);
  });
});

describe("external data", () => {
  const entry = (key: string, value: string) => ({ key, value });
  const external = (...externalData: { key: string; value: string }[]) => ({
    graph: {
      ...io,
      initializer: [{ name: "w", dims: [2], dataType: 1, dataLocation: 1, externalData }],
      node: [node("Add", ["x", "w"], ["y"])],
    },
  });
  const files = new Map([["sub/w.bin", bytesSource(new Uint8Array(Float32Array.of(0, 1, 2).buffer), "sub/w.bin")]]);
  const openBeside = (path: string) => files.get(path);

  test("is read from the place it names, unchanged bytes by range", () => {
    const { graph } = importModelSpec(external(entry("location", "sub/w.bin"), entry("offset", "4"), entry("length", "8")), { openBeside });
    const [data] = graph.constants.values();
    expect(data.at).toMatchObject({ offset: 4, length: 8 });
    expect([...data.load().data]).toEqual([1, 2]);
  });

  test.each([
    ["missing", [entry("location", "no.bin")], "external-data-missing"],
    ["short", [entry("location", "sub/w.bin"), entry("offset", "8")], "external-data-short"],
    ["of another length", [entry("location", "sub/w.bin"), entry("length", "4")], "tensor-data-size"],
    ["above the folder", [entry("location", "../w.bin")], "external-data-escapes"],
    ["above the folder by detour", [entry("location", "a/../../w.bin")], "external-data-escapes"],
    ["absolute", [entry("location", "/etc/passwd")], "external-data-escapes"],
    ["on a Windows drive", [entry("location", "C:\\w.bin")], "external-data-escapes"],
    ["nowhere", [], "external-data-escapes"],
    ["at an offset that is no number", [entry("location", "sub/w.bin"), entry("offset", "-4")], "external-data-malformed"],
  ])("%s", (_name, entries, code) => {
    expect(refusal(() => importModelSpec(external(...entries), { openBeside }))).toEqual([code]);
  });

  test("misaligned weights are read and told", () => {
    const odd = new Uint8Array(9);
    odd.set(new Uint8Array(Float32Array.of(5, 6).buffer), 1);
    const spec = external(entry("location", "odd.bin"), entry("offset", "1"));
    const { graph, diagnostics } = importModelSpec(spec, { openBeside: () => bytesSource(odd, "odd.bin") });
    expect([...[...graph.constants.values()][0].load().data]).toEqual([5, 6]);
    expect(diagnostics.map((d) => d.code)).toEqual(["external-data-misaligned"]);
  });
});
