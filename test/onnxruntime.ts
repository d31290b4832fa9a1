/** onnxruntime for tests that cannot do without: it is a development dependency. */
import { loadOnnxruntime, type Ort } from "../src/verify/onnxruntime.js";

export async function onnxruntime(): Promise<Ort> {
  const ort = await loadOnnxruntime();
  if (!ort) throw new Error("onnxruntime-node is not installed: npm install");
  return ort;
}
