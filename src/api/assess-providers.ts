/** The part of a code assessment that follows JavaScript: it loads the compiler, only where a file may name a provider. */
import { join, posix } from "node:path";
import type { Said } from "../base/said.js";
import type { Finding } from "../code/match.js";
import type { ProviderUse } from "../code/providers/providers.js";
import { ruleNamed } from "../code/rules.js";
import type { Scanned } from "../code/scan.js";
import { Lines } from "../code/token.js";
import { textOf } from "../host/tree.js";
import { said } from "../words/words.js";

/** What providers of a GPU become. */
export type Replacement = "cpu" | "cann";

export interface Rewrite {
  readonly to: Replacement;
  /** Places that the diff changes. */
  readonly places: number;
  /** Unified, empty where there is nothing to change. */
  readonly diff: string;
  readonly why: Said;
}

interface Scripts {
  readonly root: string;
  readonly scripts: ReadonlySet<string>;
  /** Those that may name a provider. */
  readonly seeds: readonly string[];
}

type Keep = (scanned: Pick<Scanned, "findings" | "lineOf">, path: string) => void;

export async function followProviders(work: Scripts, to: Replacement, keep: Keep): Promise<Rewrite> {
  const why = said(`code.to-${to}`);
  if (work.seeds.length === 0) return { to, places: 0, diff: "", why };
  const [{ providerUses }, { unifiedDiff }] = await Promise.all([
    import("../code/providers/providers.js"),
    import("../code/providers/diff.js"),
  ]);
  const files = closure(work);
  const { uses, edits } = providerUses(files, to);
  for (const path of [...new Set(uses.map((u) => u.path))].sort()) {
    const own = uses.filter((u) => u.path === path);
    keep(findings(own, files.get(path)!), path);
  }
  return { to, places: uses.filter((u) => u.rewritten).length, diff: unifiedDiff(edits, (path) => files.get(path)!), why };
}

function findings(uses: readonly ProviderUse[], text: string): Pick<Scanned, "findings" | "lineOf"> {
  const lines = new Lines(text);
  const found = uses.map(({ at, provider }): Finding => {
    const rule = ruleNamed(provider === "tensorrt" ? "provider-tensorrt" : "provider-javascript");
    return {
      rule,
      name: provider,
      ...lines.place(at),
      severity: rule.severity,
      effort: rule.effort,
      guard: false,
      unshipped: false,
      hostly: false,
    };
  });
  return { findings: found.sort((a, b) => a.line - b.line || a.column - b.column), lineOf: (n) => lines.line(text, n) };
}

const imported = /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*["'](\.{1,2}\/[^"']+)["']/g;
const endings = ["", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", "/index.ts", "/index.js"];

/** The seeds and all that they import from the tree, by path. */
function closure({ root, scripts, seeds }: Scripts): Map<string, string> {
  const files = new Map<string, string>();
  const waiting = [...seeds];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const read = files.has(path) ? "unreadable" : textOf(join(root, path));
    if (typeof read === "string") continue;
    files.set(path, read.text);
    for (const [, to] of read.text.matchAll(imported)) {
      const target = posix.join(posix.dirname(path), to);
      const stem = target.replace(/\.[cm]?jsx?$/, "");
      const found = [...endings.map((e) => target + e), ...endings.map((e) => stem + e)].find((f) => scripts.has(f));
      if (found) waiting.push(found);
    }
  }
  return files;
}
