/**
 * A user's formula file becomes operator records: type-checked once, rewritten, and run in a context that holds nothing
 * but the language. It is code we execute; who may not, refuses it before calling.
 */
import { createContext, Script } from "node:vm";
import { posix } from "node:path";
import { ts } from "ts-morph";
import { DiagnosticError, fail, problem, type Diagnostic } from "../base/diagnostic.js";
import { recordsOf } from "../ops/catalogue.js";
import * as language from "../ops/lang.js";
import { dispatcher } from "../ops/lang/dispatch.js";
import type { OpRecord } from "../ops/op.js";
import { typeErrors } from "./check.js";
import { rewriteFormulas } from "./rewrite.js";

/** What users import the language as. */
export const languageModule = "portolan/formula";

export interface CompileOptions {
  /** The text of a file that a formula file imports, by its path; undefined when there is none. */
  readonly readBeside?: (path: string) => string | undefined;
  /** Full type-check, about three seconds. On by default. */
  readonly typeCheck?: boolean;
}

/** Every formula file that is needed, by path, the first one leading. */
function gather(source: string, path: string, options: CompileOptions): Map<string, string> {
  const files = new Map([[path, source]]);
  for (const [from, text] of files)
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (!/^\.\.?\//.test(fileName)) continue;
      const to = sibling(from, fileName);
      const found = files.get(to) ?? options.readBeside?.(to);
      if (found === undefined) fail("formula-import", `${from} imports ${fileName}, which is not there`, { location: { path: from } });
      files.set(to, found);
    }
  return files;
}

function sibling(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier.replace(/\.js$/, ".ts"));
}

interface Unit {
  readonly path: string;
  readonly code: string;
}

function translate(path: string, text: string, problems: Diagnostic[]): Unit {
  const rewritten = rewriteFormulas(text, { path, language: [languageModule], user: true });
  problems.push(...rewritten.problems);
  const { outputText } = ts.transpileModule(rewritten.text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, verbatimModuleSyntax: false },
    fileName: path,
  });
  return { path, code: outputText };
}

type Exports = Record<string, unknown>;

/** Runs modules on demand; `require` knows the language and the user's own files. */
function load(units: ReadonlyMap<string, Unit>, first: string): Exports {
  const context = createContext(Object.create(null) as object, { codeGeneration: { strings: false, wasm: false } });
  const loaded = new Map<string, Exports>();
  const run = (path: string): Exports => {
    const had = loaded.get(path);
    if (had) return had;
    const exports: Exports = {};
    loaded.set(path, exports);
    const require = (name: string): unknown => (name === languageModule ? language : run(sibling(path, name)));
    const body = new Script(`(function (exports, require, $) {${units.get(path)!.code}\n})`, { filename: path });
    (body.runInContext(context) as (e: Exports, r: typeof require, d: unknown) => void)(exports, require, dispatcher(path));
    return exports;
  };
  return run(first);
}

/**
 * Compiles one formula file; `path` is how messages name it. Throws DiagnosticError with every syntax and type error,
 * each with line and column in the author's file: `formula-syntax`, `formula-type-error`, `formula-import`,
 * `formula-failed` (it threw while loading), `formula-empty`.
 */
export function compileUserFormulas(source: string, path: string, options: CompileOptions = {}): OpRecord[] {
  const files = gather(source, path, options);
  const problems: Diagnostic[] = [];
  const units = new Map([...files].map(([p, text]) => [p, translate(p, text, problems)]));
  if (problems.length > 0) throw new DiagnosticError(problems);
  if (options.typeCheck ?? true) {
    const errors = typeErrors(files, languageModule);
    if (errors.length > 0) throw new DiagnosticError(errors);
  }
  const records = recordsOf(loadChecked(units, path));
  if (records.length === 0)
    fail("formula-empty", `${path} exports no formula`, { location: { path }, fix: "export const MyOp = formula({ ... }, ...)" });
  return records;
}

function loadChecked(units: ReadonlyMap<string, Unit>, path: string): Exports {
  try {
    return load(units, path);
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    // Errors of the other context are not instances of our Error.
    const message = (error as { message?: string } | undefined)?.message ?? String(error);
    throw new DiagnosticError(problem("formula-failed", `${path}: ${message}`, { location: { path } }));
  }
}
