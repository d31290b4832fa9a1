/** Models that between them use every message of the schema an importer reads; the fuzzer damages them. */
import { onnx } from "onnx-proto";
import { floatsAttr, graphAttr, info, intAttr, intsAttr, modelBytes, node, tensorAttr, textAttr, weights } from "./build-model.js";

/** Old forms, named and unnamed dims, weights as initializer, input and Constant node. */
function convolutional(): Uint8Array {
  return modelBytes({
    opset: 9,
    irVersion: 3,
    graph: {
      input: [info("x", ["batch", 3, null, 8]), info("w", [4, 3, 3, 3])],
      output: [info("y", ["batch", 4])],
      initializer: [weights("w", [4, 3, 3, 3], new Array<number>(108).fill(0.5)), { name: "k", dims: [2], dataType: 7, int64Data: [0, 1] }],
      node: [
        node("Conv", ["x", "w"], ["c"], [intsAttr("pads", [1, 1, 1, 1])]),
        node("Constant", [], ["slope"], [tensorAttr("value", { dims: [1], dataType: 1, floatData: [0.1] })]),
        node("PRelu", ["c", "slope"], ["p"]),
        node("Upsample", ["p", "s"], ["u"], [textAttr("mode", "nearest")]),
        node("Constant", [], ["s"], [tensorAttr("value", weights("", [4], [1, 1, 2, 2]))]),
        node("ReduceMean", ["u"], ["m"], [intsAttr("axes", [2, 3]), intAttr("keepdims", 0)]),
        node("Softmax", ["m"], ["y"]),
      ],
      valueInfo: [info("c", ["batch", 4, null, 8])],
    },
  });
}

/** If, Loop and Scan bodies that capture and shadow outer names. */
function controlled(): Uint8Array {
  const branch = (name: string, op: string): onnx.IGraphProto => ({ name, node: [node(op, ["x"], ["t"])], output: [info("t")] });
  const body: onnx.IGraphProto = {
    name: "body",
    input: [info("i", [], 7), info("go", [], 9), info("acc")],
    node: [node("Add", ["acc", "x"], ["next"]), node("Identity", ["go"], ["again"])],
    output: [info("again", [], 9), info("next")],
  };
  return modelBytes({
    graph: {
      input: [info("x", ["n", 4]), info("c", [], 9), info("trips", [], 7)],
      output: [info("y"), info("z")],
      node: [
        node("If", ["c"], ["y"], [graphAttr("then_branch", branch("yes", "Relu")), graphAttr("else_branch", branch("no", "Neg"))]),
        node("Loop", ["trips", "c", "x"], ["z"], [graphAttr("body", body)]),
      ],
    },
  });
}

/** Foreign domains, sequences, typed fields of many types, sparse weights, metadata. */
function exotic(): Uint8Array {
  return modelBytes({
    graph: {
      input: [info("x", [2, 2])],
      output: [info("y", [2, 2])],
      initializer: [
        { name: "h", dims: [2], dataType: 10, int32Data: [15360, 16384] },
        { name: "t", dims: [2], dataType: 8, stringData: [Uint8Array.of(104, 105), Uint8Array.of(255)] },
        { name: "d", dims: [2], dataType: 11, doubleData: [1.5, 2.5] },
        { name: "u", dims: [1], dataType: 13, uint64Data: [7] },
      ],
      sparseInitializer: [{ values: weights("sp", [2], [3, 4]), indices: { dims: [2], dataType: 7, int64Data: [0, 3] }, dims: [2, 2] }],
      node: [
        node("Fancy", ["x", "sp"], ["f"], [floatsAttr("w", [1, 2]), { name: "p", type: 13 as onnx.AttributeProto.AttributeType }], {
          domain: "com.example",
          name: "a\nb*/",
        }),
        node("SequenceConstruct", ["f", "x"], ["seq"]),
        node("SequenceAt", ["seq", "zero"], ["y"]),
        node("Constant", [], ["zero"], [intAttr("value_int", 0)]),
      ],
    },
    more: {
      opsetImport: [
        { domain: "", version: 17 },
        { domain: "com.example", version: 3 },
      ],
      metadataProps: [{ key: "author", value: "nobody" }],
      producerName: "specimens",
    },
  });
}

export function specimens(): readonly Uint8Array[] {
  return [convolutional(), controlled(), exotic()];
}
