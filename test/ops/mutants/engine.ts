/**
 * Runs the operator cases against mutated formulas without vitest: each mutant's source goes through the formula compiler,
 * as `npm run formulas` would, becomes a catalogue, and meets the cases of every operator that can see the change.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";
import ts from "typescript";
import { generateFormulas, formulaNames } from "../../../src/formula/generate.js";
import * as lang from "../../../src/ops/lang.js";
import * as scaledExtent from "../../../src/ops/scaled-extent.js";
import * as dispatch from "../../../src/ops/lang/dispatch.js";
import { parse } from "../../../src/ir/text/parse.js";
import { catalogueOf, recordsOf } from "../../../src/ops/catalogue.js";
import type { Catalogue } from "../../../src/ops/op.js";
import { faultOf } from "../case-run.js";
import { readCases, type OpCase } from "../case-text.js";
import { signatureOf } from "../signatures.js";
import { mutantsOf, type Mutant } from "./mutate.js";

export interface Fate {
  readonly file: string;
  readonly mutant: Mutant;
  /** Which case noticed, and how; undefined when none did. */
  readonly killer: string | undefined;
}

/** Longest that the cases of one mutant may take: some loop for ever. */
const patienceMs = 20_000;

type Module = Readonly<Record<string, unknown>>;
type Code = (require: (path: string) => Module, exports: Module) => void;

function compiled(source: string, name: string): Code {
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(generateFormulas(source, name), { compilerOptions: options });
  return vm.runInThisContext(`(function (require, exports) {${outputText}\n})`, { filename: `${name}.gen.js` }) as Code;
}

export class FormulaMutants {
  readonly #sources = new Map<string, string>();
  readonly #code = new Map<string, Code>();
  readonly #cases: readonly OpCase[];
  readonly #ops: ReadonlyMap<string, readonly string[]>;
  readonly #signatures: ReadonlySet<string>;

  /** `root` is the repository. */
  constructor(root: string) {
    const folder = join(root, "src/ops/formulas");
    for (const name of formulaNames(folder)) {
      const source = readFileSync(join(folder, `${name}.formula.ts`), "utf8");
      this.#sources.set(name, source);
      this.#code.set(name, compiled(source, name));
    }
    const cases = join(root, "test/ops/cases");
    this.#cases = readdirSync(cases).flatMap((f) => readCases(readFileSync(join(cases, f), "utf8")));
    this.#signatures = new Set(readFileSync(join(root, "test/ops/signatures.txt"), "utf8").split("\n"));
    this.#ops = new Map([...this.#modules(new Map())].map(([name, m]) => [name, recordsOf(m).map((r) => r.op)]));
  }

  /** Every mutant of every file. */
  all(): { readonly file: string; readonly mutant: Mutant }[] {
    return [...this.#sources].flatMap(([file, source]) => mutantsOf(source).map((mutant) => ({ file, mutant })));
  }

  /** The faults of the formulas as they are. */
  faults(): string[] {
    const catalogue = this.#catalogue(new Map());
    return this.#cases.flatMap((c) => faultOf(c, catalogue) ?? []);
  }

  fate(file: string, mutant: Mutant): Fate {
    return { file, mutant, killer: this.#killer(file, mutant) };
  }

  #killer(file: string, mutant: Mutant): string | undefined {
    try {
      const catalogue = this.#catalogue(new Map([[file, compiled(mutant.text, file)]]));
      return timed(() => this.#firstFault(file, catalogue));
    } catch (error) {
      return `does not load: ${(error as Error).message.split("\n")[0]}`;
    }
  }

  #firstFault(file: string, catalogue: Catalogue): string | undefined {
    const ops = new Set([...this.#users(file)].flatMap((f) => this.#ops.get(f) ?? []));
    const unlike = [...catalogue.values()].find((r) => !this.#signatures.has(signatureOf(r)));
    if (unlike) return `signature of ${unlike.op}`;
    for (const c of this.#cases) {
      if (!parse(c.text).nodes.some((n) => ops.has(n.op))) continue;
      const fault = faultOf(c, catalogue);
      if (fault !== undefined) return `${c.name}: ${fault}`;
    }
    return undefined;
  }

  /** The file and those that import it. */
  #users(file: string): Set<string> {
    const out = new Set([file]);
    for (const name of out) for (const [user, source] of this.#sources) if (source.includes(`"./${name}.formula.js"`)) out.add(user);
    return out;
  }

  #catalogue(replaced: ReadonlyMap<string, Code>): Catalogue {
    return catalogueOf([...this.#modules(replaced).values()].flatMap(recordsOf));
  }

  #modules(replaced: ReadonlyMap<string, Code>): Map<string, Module> {
    const made = new Map<string, Module>();
    const load = (name: string): Module => {
      const had = made.get(name);
      if (had) return had;
      const exports: Module = {};
      made.set(name, exports);
      (replaced.get(name) ?? (this.#code.get(name) as Code))(require, exports);
      return exports;
    };
    const require = (path: string): Module => {
      const name = /^\.\/(.*)\.(?:formula|gen)\.js$/.exec(path)?.[1];
      if (name) return load(name);
      if (path === "../lang.js") return lang;
      if (path === "../lang/dispatch.js") return dispatch;
      if (path === "../scaled-extent.js") return scaledExtent;
      throw new Error(`formulas do not import ${path}`);
    };
    for (const name of this.#code.keys()) load(name);
    return made;
  }
}

/** What f gives; a text when it does not end in time. */
function timed(f: () => string | undefined): string | undefined {
  const context = globalThis as { portolanMutant?: () => string | undefined };
  context.portolanMutant = f;
  try {
    return vm.runInThisContext("portolanMutant()", { timeout: patienceMs }) as string | undefined;
  } catch (error) {
    return `stopped: ${(error as Error).message.split("\n")[0]}`;
  } finally {
    delete context.portolanMutant;
  }
}
