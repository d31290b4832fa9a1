/** Models of a few nodes that assessments are tried on. */
import { info, modelBytes, node } from "../onnx/build-model.js";

/** x -> Relu -> the operator -> Relu -> y, all [4] floats. */
export function operator(op: string, { domain = "" }: { readonly domain?: string } = {}): Uint8Array {
  const middle = { ...node(op, ["a"], ["b"]), domain, name: "middle" };
  const opsetImport = ["", ...(domain === "" ? [] : [domain])].map((d) => ({ domain: d, version: d === "" ? 17 : 1 }));
  return modelBytes({
    more: { opsetImport },
    graph: {
      input: [info("x", [4])],
      output: [info("y", [4])],
      valueInfo: [info("b", [4])],
      node: [{ ...node("Relu", ["x"], ["a"]), name: "first" }, middle, { ...node("Relu", ["b"], ["y"]), name: "last" }],
    },
  });
}
