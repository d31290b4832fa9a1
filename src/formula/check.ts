/** The full type-check of a user's formula files against the language's declarations. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Project, ts } from "ts-morph";
import { invariant, type Diagnostic } from "../base/diagnostic.js";
import { diagnosticOf } from "./rewrite.js";

/** The language's declarations lie beside the compiled module, or are its source when running from source. */
function declarations(): string {
  const found = ["../ops/lang.d.ts", "../ops/lang.ts"].map((p) => fileURLToPath(new URL(p, import.meta.url))).find((p) => existsSync(p));
  invariant(found, "the declarations of the formula language are missing");
  return found;
}

/** Errors in the given files, by path; nothing is written. */
export function typeErrors(files: ReadonlyMap<string, string>, languageModule: string): Diagnostic[] {
  const project = new Project({
    skipAddingFilesFromTsConfig: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ["lib.es2023.d.ts"],
      types: [],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      paths: { [languageModule]: [declarations()] },
    },
  });
  // A folder of their own, so that no file of the machine is found beside them.
  const root = "/portolan-formulas/";
  const own = [...files].map(([path, text]) => ({
    path,
    file: project.createSourceFile(root + path.replace(/^\/+/, ""), text, { overwrite: true }),
  }));
  return own.flatMap(({ path, file }) => {
    const program = project.getProgram().compilerObject;
    const found = [...program.getSyntacticDiagnostics(file.compilerNode), ...program.getSemanticDiagnostics(file.compilerNode)];
    return found.map((d) => diagnosticOf(d, path));
  });
}
