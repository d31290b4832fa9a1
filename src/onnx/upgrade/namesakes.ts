/**
 * Operators of other domains that are those of ai.onnx word for word, so that whatever is known of those holds for them.
 * Source: the operators that onnxruntime registers for com.microsoft (its ContribOperators.md).
 */
interface Namesake {
  readonly op: string;
  /** Of ai.onnx, whose form it has. */
  readonly opset: number;
}

const namesakes: Readonly<Record<string, Namesake>> = {
  // Written for 16- and 4-bit levels before ai.onnx had them, and for all levels by some quantisers.
  QuantizeLinear: { op: "QuantizeLinear", opset: 21 },
  DequantizeLinear: { op: "DequantizeLinear", opset: 21 },
  Gelu: { op: "Gelu", opset: 20 },
};

/** What stands for a node of this domain; undefined where nothing of ai.onnx is the same. */
export function namesakeOf(domain: string, op: string): Namesake | undefined {
  return domain === "com.microsoft" && Object.hasOwn(namesakes, op) ? namesakes[op] : undefined;
}
