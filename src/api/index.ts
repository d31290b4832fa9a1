/** The public door: import, optimise, compile, verify, and the types they speak in. */
export { loadModel, type LoadedModel, type ModelOptions, type ModelSource } from "../driver/load.js";
export { importOnnx, type ImportResult } from "./import.js";
export { optimize, type Optimized, type OptimizeOptions, type OptimizeResult } from "./optimize.js";
export { compile, type Compiled, type CompileOptions, type CompileResult } from "./compile.js";
export { verify, type VerifyOptions, type VerifyResult } from "./verify.js";
export type { TargetVerdict } from "../verify/target.js";
export { seededInputs, type Feed, type RunSizes } from "../verify/inputs.js";
export type { OutputFigures, Tolerance } from "../verify/judge.js";
export { exportOnnx, exportOnnxExternal, type ExternalData } from "../onnx/export.js";
export { targetNames, type TargetName } from "../driver/targets.js";
export { version } from "../host/package.js";
export type { Event, OnEvent } from "../driver/events.js";
export type { Diagnostic, Location, Severity } from "../base/diagnostic.js";
export type { Tensor } from "../base/tensor.js";
export type { DType } from "../base/dtype.js";
export type { ByteSource } from "../base/byte-source.js";
export type { Graph, Node, Value } from "../ir/graph.js";
export type { Program } from "../plan/program.js";
