/** `portolan assess-code`: a folder of code in, what binds it to CUDA out, as a table or in the forms that other tools read. */
import type { Language } from "../base/said.js";
import {
  assessCode,
  days,
  efforts,
  inLanguage,
  lastRead,
  reasons,
  rulesTold,
  said,
  vendors,
  worstFirst,
  type CodeAssessment,
  type Effort,
  type FoundInFile,
  type Tally,
} from "../api/assess-code.js";
import { finishInTurns, writeWhole } from "../api/machine.js";
import { exitCodes } from "./exit.js";
import { colours, endProgress, escapeControls, progress, say, table, wantsJson, type CommandCall } from "./io.js";

export async function assessCodeCommand(path: string, call: CommandCall): Promise<number> {
  const { options } = call;
  const language = languageOf(options["lang"]);
  const to = options["to"] === "cann" ? "cann" : "cpu";
  const assessment = await assessCode(path, { to, signal: call.abort, onEvent: progress(call) });
  endProgress();
  await writeAll(assessment, language, call);
  if (wantsJson(call)) printJson(path, assessment, language);
  else print(assessment, language, call);
  return failed(assessment.tally, options["failOn"]) ? exitCodes.no : exitCodes.ok;
}

/** As asked for, else the one of the locale. */
function languageOf(asked: unknown): Language {
  if (asked === "en" || asked === "zh") return asked;
  const locale = process.env["LC_ALL"] || process.env["LC_MESSAGES"] || process.env["LANG"] || "";
  return /^zh/i.test(locale) ? "zh" : "en";
}

function failed({ bySeverity, byCategory }: Tally, on: unknown): boolean {
  if (on === "mandatory") return bySeverity.error > 0;
  return on === "high" && Object.values(byCategory).some((c) => c.efforts.high !== undefined);
}

async function writeAll(assessment: CodeAssessment, language: Language, { options, abort }: CommandCall): Promise<void> {
  const { rewrite } = assessment;
  const wanted: [path: unknown, bytes: () => Iterable<Uint8Array>][] = [
    [options["sarif"], () => assessment.sarif(language)],
    [options["csv"], () => assessment.csv(language)],
    [options["diff"], () => [new TextEncoder().encode(rewrite.diff)]],
  ];
  const files = wanted.flatMap(([path, bytes]) => (typeof path === "string" ? [{ path, bytes: bytes() }] : []));
  for (const file of files) await finishInTurns(writeWhole([file]), abort);
}

/** Piece by piece, so that a large tree's findings are never one text. */
function printJson(path: string, { tally, findings, rewrite }: CodeAssessment, language: Language): void {
  const { diff, places, to, why } = rewrite;
  const head = { schemaVersion: 1, ok: true, path, language, tally, days, equivalentsRead: lastRead, rules: rulesTold(language) };
  process.stdout.write(
    `${JSON.stringify(head).slice(0, -1)},"rewrite":${JSON.stringify({ to, places, why: inLanguage(why, language), diff })},"findings":[`,
  );
  let first = true;
  for (const file of findings)
    for (const { message, ...found } of file.findings) {
      process.stdout.write(`${first ? "" : ","}\n${JSON.stringify({ path: file.path, ...found, message: inLanguage(message, language) })}`);
      first = false;
    }
  process.stdout.write("]}\n");
}

function print({ tally, findings, rewrite }: CodeAssessment, language: Language, call: CommandCall): void {
  const speak = (...words: Parameters<typeof said>): string => inLanguage(said(...words), language);
  if (tally.findings === 0) say(speak("code.nothing"));
  else {
    say(byCategory(tally, speak));
    say(`\n${byVendor(tally, speak)}`);
    say(`\n${basis(speak)}`);
  }
  if (call.options["verbose"]) for (const file of findings) say(listed(file, language, call));
  const { files, lines, linesTouched, findings: n, silent } = tally;
  say(`\n${speak("code.scanned", { files, lines, touched: linesTouched, share: share(linesTouched, lines), findings: n, silent })}`);
  const list = reasons.flatMap((r) => (tally.leftOut[r] ? [speak(`code.left.${r}`, { n: tally.leftOut[r] })] : []));
  say(
    list.length > 0
      ? speak("code.left-out", { list: list.join(language === "zh" ? "、" : ", "), other: tally.otherFiles })
      : speak("code.nothing-left-out", { other: tally.otherFiles }),
  );
  const { diff } = call.options;
  if (rewrite.places === 0) return;
  say(typeof diff === "string" ? speak("code.diff-written", { n: rewrite.places, path: diff }) : speak("code.diff", { n: rewrite.places }));
  say(inLanguage(rewrite.why, language));
}

type Speak = (...words: Parameters<typeof said>) => string;

function share(part: number, whole: number): string {
  return whole === 0 ? "0" : ((100 * part) / whole).toFixed(1);
}

function byCategory(tally: Tally, speak: Speak): string {
  const head = [speak("code.head.category"), ...[...efforts].reverse().map((e) => speak(`code.effort.${e}`)), speak("code.head.files")];
  const rows = worstFirst(tally).map((category) => {
    const { efforts: own, files } = tally.byCategory[category]!;
    return [speak(`code.category.${category}`), ...[...efforts].reverse().map((e) => own[e]?.findings ?? 0), files];
  });
  return table(head, rows);
}

function byVendor({ byVendor: all, findings }: Tally, speak: Speak): string {
  const head = [
    speak("code.head.vendor"),
    ...[...efforts].reverse().map((e) => speak(`code.effort.${e}`)),
    speak("code.head.shim"),
    speak("code.head.days"),
  ];
  const rows = vendors.map((vendor) => {
    const { efforts: own, days: range } = all[vendor];
    const [low, high] = range.map((d) => (d < 10 ? d.toFixed(1) : `${Math.round(d)}`));
    return [
      speak(`code.vendor.${vendor}`),
      ...[...efforts].reverse().map((e) => own[e]),
      `${share(own.none, findings)} %`,
      speak("code.range", { low, high }),
    ];
  });
  return table(head, rows);
}

function basis(speak: Speak): string {
  const range = (effort: Effort): string => speak("code.range", { low: days[effort][0], high: days[effort][1] });
  return speak("code.basis", { low: range("low"), medium: range("medium"), high: range("high") });
}

function listed({ path, findings }: FoundInFile, language: Language, call: CommandCall): string {
  const c = colours(call);
  const paint = { error: c.red, warning: c.yellow, note: c.cyan };
  const line = ({ line: at, column, severity, effort, message, rule }: FoundInFile["findings"][number]): string => {
    const words = inLanguage(
      said("code.listed", { severity: said(`code.severity.${severity}`), effort: said(`code.effort.${effort}`) }),
      language,
    );
    return `${escapeControls(path)}:${at}:${column}: ${paint[severity](words)} ${escapeControls(inLanguage(message, language))} [${rule}]`;
  };
  return findings.map(line).join("\n");
}
