/** Findings in SARIF 2.1.0, piece by piece, so that no more than one file's are in memory. */
import type { Language } from "../base/said.js";
import { inLanguage } from "../words/words.js";
import { equivalents } from "./equivalents.js";
import type { Rule } from "./rule.js";
import { ruleNamed, rules } from "./rules.js";
import { ruleTold, type Found, type FoundInFile } from "./tell.js";

interface Run {
  readonly version: string;
  readonly language: Language;
}

export function* sarif(files: Iterable<FoundInFile>, { version, language }: Run): Generator<string> {
  const driver = { name: "portolan", version, semanticVersion: version, rules: rules.map((r) => ruleOf(r, language)) };
  const head = { $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0" };
  yield `${JSON.stringify(head).slice(0, -1)},"runs":[{"tool":{"driver":${JSON.stringify(driver)}},"language":"${language === "zh" ? "zh-CN" : "en-US"}","columnKind":"utf16CodeUnits","originalUriBaseIds":{"SRCROOT":{"description":{"text":"the assessed folder"}}},"results":[`;
  let first = true;
  for (const { path, findings } of files)
    for (const f of findings) {
      yield `${first ? "\n" : ",\n"}${JSON.stringify(resultOf(path, f, language))}`;
      first = false;
    }
  yield "\n]}]}\n";
}

function ruleOf(rule: Rule, language: Language): object {
  const { title, help } = ruleTold(rule, language);
  return {
    id: rule.id,
    name: rule.id,
    shortDescription: { text: title },
    fullDescription: { text: help[0] },
    help: { text: help.join("\n") },
    defaultConfiguration: { level: rule.severity },
    properties: {
      category: rule.category,
      effort: rule.effort,
      silentChange: rule.silent !== undefined,
      equivalents: equivalents[rule.equivalent],
    },
  };
}

const indexOf: ReadonlyMap<string, number> = new Map(rules.map((r, i) => [r.id, i]));

function resultOf(path: string, f: Found, language: Language): object {
  const rule = ruleNamed(f.rule);
  return {
    ruleId: f.rule,
    ruleIndex: indexOf.get(f.rule),
    level: f.severity,
    message: { text: inLanguage(f.message, language) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: path.split("/").map(encodeURIComponent).join("/"), uriBaseId: "SRCROOT" },
          region: { startLine: f.line, startColumn: f.column },
        },
      },
    ],
    partialFingerprints: { "portolanFinding/v1": f.fingerprint },
    properties: {
      category: rule.category,
      effort: f.effort,
      efforts: f.efforts,
      equivalents: rule.equivalent,
      silentChange: rule.silent !== undefined,
    },
  };
}
