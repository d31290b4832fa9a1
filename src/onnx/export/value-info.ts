/** ValueInfoProto and TypeProto. A symbol becomes a dim_param of its name, an expression one of its text. */
import { dimKey, isConst, symbol, symbolsOf, type Dim } from "../../base/dim.js";
import { dtypes, type DType } from "../../base/dtype.js";
import type { ValueType } from "../../base/value-type.js";
import type { Value } from "../../ir/graph.js";
import type { MessageWriter } from "../bytes/write.js";

export function writeValueInfo(out: MessageWriter, v: Value): void {
  out.text(1, v.name);
  if (v.type.kind !== "unknown") out.message(2, (type) => writeType(type, v.type));
}

function writeType(out: MessageWriter, type: ValueType): void {
  switch (type.kind) {
    case "tensor":
      return out.message(1, (t) => writeTensorType(t, type.dtype, type.shape));
    case "sparse":
      return out.message(8, (t) => writeTensorType(t, type.dtype, type.shape));
    case "sequence":
    case "optional":
      return out.message(type.kind === "sequence" ? 4 : 9, (outer) => writeElementType(outer, 1, type.of));
    case "map":
      return out.message(5, (map) => {
        map.int(1, dtypes[type.key].onnx);
        writeElementType(map, 2, type.of);
      });
    case "unknown":
      return;
    default:
      throw type satisfies never;
  }
}

function writeElementType(out: MessageWriter, field: number, of: ValueType | undefined): void {
  if (of && of.kind !== "unknown") out.message(field, (inner) => writeType(inner, of));
}

function writeTensorType(out: MessageWriter, dtype: DType, shape: readonly Dim[] | undefined): void {
  out.int(1, dtypes[dtype].onnx);
  if (!shape) return;
  out.message(2, (dims) => {
    for (const d of shape) dims.message(1, (dim) => (isConst(d) ? dim.int(1, d) : dim.text(2, dimParam(d))));
  });
}

function dimParam(d: Dim): string {
  const [name] = symbolsOf(d);
  return dimKey(symbol(name)) === dimKey(d) ? name : dimKey(d);
}
