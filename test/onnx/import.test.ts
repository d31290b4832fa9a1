/** How names, bodies, functions, weights and types of an ONNX file arrive in the Graph. */
import { describe, expect, test } from "vitest";
import { symbol } from "../../src/base/dim.js";
import { bytesSource } from "../../src/base/byte-source.js";
import { tensor } from "../../src/base/tensor.js";
import { print, sketch } from "../../src/ir/text/print.js";
import type { Graph } from "../../src/ir/graph.js";
import { spellType } from "../../src/ir/text/spelling.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import {
  graphAttr,
  importModelSpec,
  info,
  intAttr,
  intsAttr,
  node,
  noOptions,
  refusal,
  tensorAttr,
  textAttr,
  weights,
} from "./build-model.js";
import { onnx } from "onnx-proto";

const types = (graph: Graph) => graph.inputs.map((v) => `${v.name}: ${spellType(v.type)}`);
const io = { input: [info("x", [2])], output: [info("y")] };

describe("weights", () => {
  test("initializers, Constant nodes and sparse weights are constants", () => {
    const { graph } = importModelSpec({
      graph: {
        ...io,
        initializer: [weights("w", [2], [1, 2])],
        sparseInitializer: [{ values: weights("sp", [1], [7]), indices: { dims: [1], dataType: 7, int64Data: [1] }, dims: [2] }],
        node: [
          node("Constant", [], ["c"], [tensorAttr("value", { dims: [2], dataType: 1, floatData: [3, 4] })]),
          node("Constant", [], ["k"], [{ name: "value_floats", type: 6, floats: [5, 6] }]),
          node("Sum", ["x", "w", "sp", "c", "k"], ["y"]),
        ],
      },
    });
    expect([...graph.constants].map(([v, data]) => [v.name, spellType(v.type), [...data.load().data]])).toEqual([
      ["w", "f32[2]", [1, 2]],
      ["sp", "f32[2]", [0, 7]],
      ["c", "f32[2]", [3, 4]],
      ["k", "f32[2]", [5, 6]],
    ]);
    expect(sketch(graph)).toBe("y = Sum(x, w, sp, c, k)");
    expect([...graph.constants.values()].map((d) => d.at !== undefined)).toEqual([true, false, true, false]);
  });

  test("are no inputs, whether the file lists them there or not", () => {
    const graph = {
      input: [info("x", [2]), info("w", [2])],
      output: [info("y")],
      initializer: [weights("w", [2], [1, 2])],
      node: [node("Add", ["x", "w"], ["y"])],
    };
    expect(types(importModelSpec({ irVersion: 3, graph }).graph)).toEqual(["x: f32[2]"]);
    const newer = importModelSpec({ irVersion: 8, graph });
    expect(types(newer.graph)).toEqual(["x: f32[2]"]);
    expect(newer.diagnostics.map((d) => d.code)).toEqual(["input-default"]);
  });
});

describe("shapes", () => {
  const dynamic = {
    input: [info("x", ["n", null, 3]), info("z", ["n"]), info("q")],
    output: [info("y", ["n"])],
    node: [node("Fn", ["x", "z", "q"], ["y"])],
  };

  test("named dims are symbols, unnamed ones are fresh, unknown rank stays unknown", () => {
    const { graph } = importModelSpec({ graph: dynamic });
    expect(types(graph)).toEqual(["x: f32[n,x.d1,3]", "z: f32[n]", "q: f32[*]"]);
    expect(graph.symbols.map((s) => s.name)).toEqual(["n", "x.d1"]);
  });

  test("--shape and --dim fix symbols everywhere", () => {
    expect(types(importModelSpec({ graph: dynamic }, { shapes: new Map([["x", [4, 5, 3]]]) }).graph)).toEqual([
      "x: f32[4,5,3]",
      "z: f32[4]",
      "q: f32[*]",
    ]);
    expect(types(importModelSpec({ graph: dynamic }, { dims: new Map([["n", 2]]) }).graph)).toEqual([
      "x: f32[2,x.d1,3]",
      "z: f32[2]",
      "q: f32[*]",
    ]);
    expect(types(importModelSpec({ graph: dynamic }, { shapes: new Map([["q", [symbol("n"), 7]]]) }).graph)[2]).toBe("q: f32[n,7]");
  });

  test.each([
    ["an input that is not there", { shapes: new Map([["nope", [1]]]) }, "shape-unknown-input"],
    ["another rank", { shapes: new Map([["x", [1, 2]]]) }, "shape-rank"],
    ["another fixed extent", { shapes: new Map([["x", [1, 2, 4]]]) }, "shape-conflict"],
    ["a dim that is not there", { dims: new Map([["m", 1]]) }, "dim-unknown"],
    ["a value for no input", { freeze: new Map([["nope", tensor("f32", [], Float32Array.of(1))]]) }, "freeze-unknown-input"],
    ["a value of another type", { freeze: new Map([["z", tensor("i32", [1], Int32Array.of(1))]]) }, "freeze-type"],
  ])("refuses %s", (_name, options, code) => {
    expect(refusal(() => importModelSpec({ graph: dynamic }, options))).toEqual([code]);
  });

  test("shapes given go before a name that they contradict, with a warning", () => {
    const shapes = new Map([["x", [1, 2, 3]], ["z", [2]]]); // prettier-ignore
    const { graph, diagnostics } = importModelSpec({ graph: dynamic }, { shapes });
    expect(types(graph)).toEqual(["x: f32[1,2,3]", "z: f32[2]", "q: f32[*]"]);
    expect(diagnostics).toMatchObject([{ code: "dim-name-contradicted", severity: "warning" }]);
    expect(diagnostics[0].message).toMatch(/"n" is given as 1 \(axis 0 of "x"\) and 2 \(axis 0 of "z"\)/);
    const both = importModelSpec({ graph: dynamic }, { shapes: new Map([["x", [1, 2, 3]]]), dims: new Map([["n", 5]]) });
    expect(types(both.graph)).toEqual(["x: f32[1,2,3]", "z: f32[5]", "q: f32[*]"]);
    expect(both.diagnostics).toMatchObject([{ code: "dim-name-contradicted" }]);
  });

  test("arrays that it is to be run on show which names to trust, and fix nothing", () => {
    const fed = (n: number, m: number) => [new Map([["x", [n, 2, 3]], ["z", [m]]])]; // prettier-ignore
    expect(types(importModelSpec({ graph: dynamic }, { fed: fed(4, 4) }).graph)).toEqual(["x: f32[n,x.d1,3]", "z: f32[n]", "q: f32[*]"]);
    const { graph, diagnostics } = importModelSpec({ graph: dynamic }, { fed: fed(4, 6) });
    expect(types(graph)).toEqual(["x: f32[x.d0,x.d1,3]", "z: f32[z.d0]", "q: f32[*]"]);
    expect(diagnostics).toMatchObject([{ code: "dim-name-contradicted" }]);
  });

  test.each(["?", "-1", "None", "unk", "unknown", "", " ? "])("%j is no name of an extent", (text) => {
    const graph = { input: [info("x", [1, text, text])], output: [info("y", [1, text, text])], node: [node("Relu", ["x"], ["y"])] };
    const imported = importModelSpec({ graph }).graph;
    expect(types(imported)).toEqual(["x: f32[1,x.d1,x.d2]"]);
    expect(imported.outputs.map((v) => spellType(v.type))).toEqual(["f32[1,y.d1,y.d2]"]);
    expect(types(importModelSpec({ graph }, { dims: new Map([["x.d2", 7]]) }).graph)).toEqual(["x: f32[1,x.d1,7]"]);
    expect(types(importModelSpec({ graph }, { shapes: new Map([["x", [1, 5, 6]]]) }).graph)).toEqual(["x: f32[1,5,6]"]);
  });

  test("--freeze makes an input a constant and settles its dims", () => {
    const { graph } = importModelSpec({ graph: dynamic }, { freeze: new Map([["z", tensor("f32", [2], Float32Array.of(1, 2))]]) });
    expect(types(graph)).toEqual(["x: f32[2,x.d1,3]", "q: f32[*]"]);
    expect([...graph.constants.keys()].map((v) => v.name)).toEqual(["z"]);
  });
});

describe("names", () => {
  test("any bytes survive import and export", () => {
    const odd = ['a"b', "c\nd", "*/ e", "$(rm)", "ünï", "日本"];
    const nodes = odd.map((name, i) => node("Relu", [i === 0 ? "x" : odd[i - 1]], [name], [], { name: `n ${name}` }));
    const { graph } = importModelSpec({ graph: { input: [info("x", [2])], output: [info(odd[5])], node: nodes } });
    const again = importOnnx(bytesSource(Buffer.concat([...exportOnnx(graph)])), noOptions).graph;
    expect(again.nodes.map((n) => n.outputs[0]?.name)).toEqual(odd);
    expect(print(again)).toBe(print(graph));
  });

  test("bytes that are no UTF-8 stay apart", () => {
    const { graph } = importModelSpec({
      graph: {
        input: [info("x", [2])],
        output: [info("y")],
        node: [node("Relu", ["x"], ["A?1"]), node("Relu", ["x"], ["A?2"]), node("Add", ["A?1", "A?2"], ["y"])],
      },
    });
    const raw = Buffer.concat([...exportOnnx(graph)]);
    for (const [i, byte] of [0xfe, 0xff].entries())
      for (let at = raw.indexOf(`A?${i + 1}`); at >= 0; at = raw.indexOf(`A?${i + 1}`)) raw.set([byte, 0x41], at + 1);
    const again = importOnnx(bytesSource(raw), noOptions).graph;
    expect(new Set(again.nodes.map((n) => n.outputs[0]?.name)).size).toBe(3);
    expect(Buffer.concat([...exportOnnx(again)]).equals(raw)).toBe(true);
  });

  test("nodes out of order are put in order", () => {
    const { graph } = importModelSpec({
      graph: { ...io, node: [node("Neg", ["b"], ["y"]), node("Abs", ["a"], ["b"]), node("Relu", ["x"], ["a"])] },
    });
    expect(sketch(graph)).toBe("a = Relu(x)\nb = Abs(a)\ny = Neg(b)");
  });

  test("absent optionals are undefined", () => {
    const { graph } = importModelSpec({
      graph: {
        ...io,
        node: [node("Clip", ["x", "", "hi"], ["y"]), node("Constant", [], ["hi"], [{ name: "value_float", type: 1, f: 2 }])],
      },
    });
    expect(sketch(graph)).toBe("y = Clip(x, _, hi)");
  });
});

describe("bodies", () => {
  const branch = (op: string): onnx.IGraphProto => ({ name: op, node: [node(op, ["x"], ["y"])], output: [info("y")] });

  test("capture the very values of the outer graph and have names of their own", () => {
    const nodes = [node("If", ["c"], ["y"], [graphAttr("then_branch", branch("Relu")), graphAttr("else_branch", branch("Neg"))])];
    const { graph } = importModelSpec({ graph: { input: [info("x", [2]), info("c", [], 9)], output: [info("y")], node: nodes } });
    const bodies = ["then_branch", "else_branch"]
      .map((name) => graph.nodes[0].attrs[name])
      .map((a) => (a.kind === "graph" ? a.value : undefined));
    for (const body of bodies) expect(body?.nodes[0].inputs[0]).toBe(graph.inputs[0]);
    const names = [graph.nodes[0].outputs[0]?.name, ...bodies.map((b) => b?.outputs[0].name)];
    expect(names).toEqual(["y", "y'", "y''"]);
  });

  test("may read what the outer graph defines later in the file", () => {
    const body = { name: "b", node: [node("Neg", ["late"], ["t"])], output: [info("t")] };
    const nodes = [
      node("If", ["c"], ["y"], [graphAttr("then_branch", body), graphAttr("else_branch", body)]),
      node("Relu", ["x"], ["late"]),
    ];
    const { graph } = importModelSpec({ graph: { input: [info("x", [2]), info("c", [], 9)], output: [info("y")], node: nodes } });
    expect(graph.nodes.map((n) => n.op)).toEqual(["Relu", "If"]);
  });

  test("are upgraded like the rest", () => {
    const body = { name: "b", node: [node("Squeeze", ["x"], ["t"], [intsAttr("axes", [0])])], output: [info("t")] };
    const nodes = [node("If", ["c"], ["y"], [graphAttr("then_branch", body), graphAttr("else_branch", body)])];
    const { graph } = importModelSpec({
      opset: 11,
      graph: { input: [info("x", [1, 2]), info("c", [], 9)], output: [info("y")], node: nodes },
    });
    expect(print(graph)).toMatch(/const (\S+): i64\[1\] = \{0\}\n.* = Squeeze\(x, \1\)/);
  });
});

test("what an import leaves out is told", () => {
  const { diagnostics } = importModelSpec({
    opset: 40,
    graph: { ...io, node: [node("Relu", ["x"], ["y"])], quantizationAnnotation: [{ tensorName: "x" }] },
    more: { trainingInfo: [{}] },
  });
  expect(diagnostics.map((d) => [d.code, d.severity])).toEqual([["opset-newer", "warning"], ["training-ignored", "note"], ["annotations-ignored", "note"]]); // prettier-ignore
});

test("what a model says about itself comes back", () => {
  const more = {
    producerName: "p",
    producerVersion: "1",
    domain: "d",
    modelVersion: 7,
    docString: "text",
    metadataProps: [{ key: "author", value: "nobody" }],
  };
  const { graph } = importModelSpec({ graph: { ...io, docString: "graph text", node: [node("Relu", ["x"], ["y"])] }, more });
  expect(graph.metadata).toEqual({ producer_name: "p", producer_version: "1", domain: "d", model_version: "7", doc_string: "text", "graph.doc_string": "graph text", "metadata_props:author": "nobody" }); // prettier-ignore
  expect(importOnnx(bytesSource(Buffer.concat([...exportOnnx(graph)])), noOptions).graph.metadata).toEqual(graph.metadata);
});

describe("nodes without a record", () => {
  test("keep domain, version and attributes of every kind, and are exported with them", () => {
    const attributes = [
      intAttr("i", 3),
      textAttr("s", "t"),
      intsAttr("l", []),
      { name: "tp", type: 13 as onnx.AttributeProto.AttributeType },
    ];
    const { graph } = importModelSpec({
      graph: { ...io, node: [node("Fancy", ["x"], ["y"], attributes, { domain: "com.example" })] },
      more: { opsetImport: [{ domain: "com.example", version: 3 }, { domain: "unused", version: 9 }, { domain: "ai.onnx", version: 17 }] }, // prettier-ignore
    });
    expect(graph.nodes[0]).toMatchObject({ op: "com.example::Fancy", version: 3 });
    const file = onnx.ModelProto.decode(Buffer.concat([...exportOnnx(graph)]));
    expect(file.opsetImport.map((o) => [o.domain, Number(o.version)])).toEqual([["", 26], ["com.example", 3], ["unused", 9]]); // prettier-ignore
    expect(file.graph?.node?.[0]).toMatchObject({ opType: "Fancy", domain: "com.example" });
    expect(file.graph?.node?.[0].attribute?.map((a) => a.type)).toEqual([2, 3, 7, 13]);
  });
});

describe("operators of onnxruntime's domain that are those of ai.onnx", () => {
  const levels = { name: "z", dims: [], dataType: 2, int32Data: [5] };
  const spec = {
    graph: {
      ...io,
      initializer: [weights("s", [], [0.5]), levels],
      node: [
        node("QuantizeLinear", ["x", "s", "z"], ["q"], [intAttr("axis", 0)], { domain: "com.microsoft" }),
        node("DequantizeLinear", ["q", "s", "z"], ["y"], [], { domain: "com.microsoft" }),
      ],
    },
    more: { opsetImport: [{ domain: "", version: 17 }, { domain: "com.microsoft", version: 1 }] }, // prettier-ignore
  };

  test("are those", () => {
    expect(sketch(importModelSpec(spec).graph)).toBe("q = QuantizeLinear(x, s, z, axis=0)\ny = DequantizeLinear(q, s, z)");
  });

  test("but mean what the user's own formula says where there is one", () => {
    const op = "com.microsoft::DequantizeLinear";
    const own = { op, inputs: [], attrs: {}, maxOutputs: 1, build: () => [], declaredAt: { path: "my-ops.ts", line: 1, column: 1 } };
    const { graph } = importModelSpec(spec, { catalogue: new Map([[op, own]]) });
    expect(graph.nodes.map((n) => n.op)).toEqual(["QuantizeLinear", op]);
  });
});

/** onnx-proto's FunctionProto has its domain missing (ONNX 1.10 had none in it for long); functions are spliced in as bytes. */
describe("functions", () => {
  const fn = (name: string, input: string[], output: string[], nodes: onnx.INodeProto[], attribute: string[] = []) =>
    ({ name, input, output, node: nodes, attribute, domain: "local", opsetImport: [{ domain: "", version: 17 }] }) as onnx.IFunctionProto;
  const withFunctions = (functions: onnx.IFunctionProto[], nodes: onnx.INodeProto[], more: Partial<onnx.IGraphProto> = {}) =>
    importModelSpec({ graph: { ...io, node: nodes, ...more }, more: { functions, opsetImport: [{ domain: "", version: 17 }, { domain: "local", version: 1 }] } }).graph; // prettier-ignore
  const call = (op: string, input: string[], output: string[], attrs: onnx.IAttributeProto[] = []) =>
    node(op, input, output, attrs, { domain: "local", name: `call ${output[0]}` });

  test("are inlined, in each other too, with names of their own", () => {
    const twice = fn("Twice", ["a"], ["r"], [node("Add", ["a", "a"], ["r"])]);
    const four = fn("Four", ["a"], ["r"], [call("Twice", ["a"], ["t"]), call("Twice", ["t"], ["r"])]);
    expect(sketch(withFunctions([twice, four], [call("Four", ["x"], ["t"]), call("Four", ["t"], ["y"])]))).toBe(
      "t' = Add(x, x)\nt = Add(t', t')\nt'' = Add(t, t)\ny = Add(t'', t'')",
    );
  });

  test("take attributes by reference; one left out is absent", () => {
    const soft = fn("Soft", ["a"], ["r"], [node("Softmax", ["a"], ["r"], [{ name: "axis", refAttrName: "where", type: 2 }])], ["where"]);
    expect(sketch(withFunctions([soft], [call("Soft", ["x"], ["s"], [intAttr("where", 0)]), call("Soft", ["s"], ["y"])]))).toBe(
      "s = Softmax(x, axis=0)\ny = Softmax(s)",
    );
  });

  test("left-out inputs are absent, results may be inputs, constants or the same twice", () => {
    const odd = fn(
      "Odd",
      ["a", "b"],
      ["a", "c", "d", "d"],
      [node("Constant", [], ["c"], [{ name: "value_float", type: 1, f: 2 }]), node("Clip", ["a", "", "b"], ["d"])],
    );
    expect(sketch(withFunctions([odd], [call("Odd", ["x"], ["p", "q", "r", "s"]), node("Sum", ["p", "q", "r", "s"], ["y"])]))).toBe(
      "p = Identity(x)\ns = Identity(r)\nq = Identity(q')\nr = Clip(x)\ny = Sum(p, q, r, s)",
    );
  });

  test("that call themselves are refused, and so are those that explode", () => {
    expect(
      refusal(() =>
        withFunctions(
          [fn("A", ["a"], ["r"], [call("B", ["a"], ["r"])]), fn("B", ["a"], ["r"], [call("A", ["a"], ["r"])])],
          [call("A", ["x"], ["y"])],
        ),
      ),
    ).toEqual(["function-recursive"]);
    const bombs = Array.from({ length: 30 }, (_, i) =>
      fn(`F${i}`, ["a"], ["r"], [call(`F${i + 1}`, ["a"], ["t"]), call(`F${i + 1}`, ["t"], ["r"])]),
    );
    const start = performance.now();
    expect(
      refusal(() => withFunctions([...bombs, fn("F30", ["a"], ["r"], [node("Neg", ["a"], ["r"])])], [call("F0", ["x"], ["y"])])),
    ).toContain("function-too-large");
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
