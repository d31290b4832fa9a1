/** Compiles a graph given as text, by way of ONNX bytes, for the bang target unless told. */
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { compile, type Compiled, type CompileOptions } from "../../src/api/compile.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { catalogue } from "../../src/ops/catalogue.js";

export function modelBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.concat([...exportOnnx(inferGraph(parse(text), catalogue).graph)]));
}

export async function compileText(text: string, options: Partial<CompileOptions> = {}): Promise<Compiled> {
  const result = await compile(modelBytes(text), { target: "bang", ...options });
  if (!result.compiled) throw new DiagnosticError(result.diagnostics);
  return result.compiled;
}

export function manifestText(compiled: Compiled): string {
  return new TextDecoder().decode(Buffer.concat([...compiled.bundle.manifest({}).bytes()]));
}

/** A bundle's text files by path, without the runtime and the twin. */
export function textFiles(compiled: Compiled): Map<string, string> {
  const own = compiled.bundle.files.filter((f) => !/^(runtime|twin|weights)\//.test(f.path));
  return new Map(own.map((f) => [f.path, new TextDecoder().decode(Buffer.concat([...f.bytes()]))]));
}
