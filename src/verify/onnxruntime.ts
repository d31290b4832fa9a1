/**
 * The only door to onnxruntime. Since 1.30 its Linux build carries a telemetry client that looks up a host of its maker and
 * leaves `.ses` and `mat-debug-*.log` in TMPDIR; it reads ORT_DISABLE_TELEMETRY when the library loads, so it is set before.
 */
export type Ort = typeof import("onnxruntime-node");

/**
 * The package, with its telemetry off, or undefined where it is not installed. A worker thread has an environment of its
 * own, which the library does not see: whoever calls from one sets ORT_DISABLE_TELEMETRY=1 in the process.
 */
export async function loadOnnxruntime(): Promise<Ort | undefined> {
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
  try {
    return await import("onnxruntime-node");
  } catch {
    return undefined;
  }
}
