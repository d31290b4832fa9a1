/** `portolan assess` on a checkpoint's folder: who serves it where, on how many cards, how fast, in the language of the terminal. */
import {
  assessCheckpoint,
  inLanguage,
  said,
  sizeOf,
  splitText,
  type AssessedCheckpoint,
  type CheckpointOptions,
  type ChipAssessment,
  type CheckpointAssessment,
  type SpeedPoint,
} from "../api/assess-checkpoint.js";
import { checkpointPage } from "../api/assess-page.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { Language, Said } from "../base/said.js";
import { csvOf } from "./assess-csv.js";
import { checkpointGates, parseGates } from "./assess-gates.js";
import { requireTakenByAll } from "./assess-options.js";
import { exitCodes } from "./exit.js";
import { languageFor } from "./language.js";
import { colours, listOf, printDiagnostics, saveText, say, sayJson, table, wantsJson, type CommandCall } from "./io.js";

type Launch = NonNullable<ChipAssessment["launch"]>;
type Speak = (key: Parameters<typeof said>[0], gaps?: Said["with"]) => string;

function chipsIn(value: unknown): string[] | undefined {
  const words = (Array.isArray(value) ? value : [value]).filter((v): v is string => typeof v === "string" && v !== "all");
  const names = words.flatMap((w) => w.split(",")).map((w) => w.trim());
  return names.length > 0 ? names : undefined;
}

const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
const wordOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

export function checkpointOptions({ options }: CommandCall): CheckpointOptions {
  return {
    ...{ chips: chipsIn(options["target"]), batch: numberOf(options["batch"]), length: numberOf(options["length"]) },
    ...{ precision: wordOf(options["precision"]), engine: wordOf(options["engine"]) },
  };
}

/** A checkpoint as the flags of a call ask for it, and what `--fail-on` asks for and is not so. */
export async function assessedCheckpoint(
  folder: string,
  call: CommandCall,
): Promise<AssessedCheckpoint & { readonly missed: readonly Diagnostic[] }> {
  const told = await assessCheckpoint(folder, checkpointOptions(call));
  return { ...told, missed: checkpointGates(told.assessment, parseGates(listOf(call.options["failOn"])), languageFor(call)) };
}

export async function assessCheckpointCommand(folder: string, call: CommandCall): Promise<number> {
  requireTakenByAll([folder], call);
  const { assessment, diagnostics, missed } = await assessedCheckpoint(folder, call);
  const language = languageFor(call);
  await saveText(call.options["report"], () => checkpointPage(assessment, language), call);
  await saveText(call.options["csv"], () => csvOf([], [assessment], language), call);
  if (wantsJson(call)) sayJson({ ...assessment, diagnostics });
  printDiagnostics([...(wantsJson(call) ? [] : diagnostics), ...missed], call);
  if (!wantsJson(call)) say(reportOf(assessment, language, call));
  return missed.length > 0 ? exitCodes.no : exitCodes.ok;
}

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
const seconds = (s: number): string => (s < 1 ? `${Number((s * 1e3).toPrecision(2))} ms` : `${Number(s.toPrecision(2))} s`);
const range = ({ lo, hi }: { readonly lo: number; readonly hi: number }, unit: (x: number) => string): string =>
  `${unit(lo)} - ${unit(hi)}`;
const whole = (x: number): string => `${Number(x.toPrecision(2))}`;

function reportOf(a: CheckpointAssessment, language: Language, call: CommandCall): string {
  const speak: Speak = (key, gaps) => inLanguage(said(key, gaps), language);
  const of = (s: Said): string => inLanguage(s, language);
  const bold = colours(call).bold;
  const chips = a.chips.flatMap((c) => ["", bold(c.chip), ...chipLines(c, speak, of)]);
  return [...headLines(a, speak, of), ...chips, "", speak("report.expires", { date: a.asOf })].join("\n");
}

function headLines(a: CheckpointAssessment, speak: Speak, of: (s: Said) => string): string[] {
  const { parameters: p, weights: w, cache } = a;
  const how = w.measured ? speak("report.from-headers", { n: w.tensors }) : speak("report.from-config");
  const layers = a.layers.map(({ count, mixer, experts }) => {
    const kind = said(`mixer.${mixer}`);
    return experts === undefined ? speak("report.layer", { count, kind }) : speak("report.layer-experts", { count, kind, experts });
  });
  return [
    `${a.className ?? a.family}: ${speak("report.parameters", { total: billions(p.total - p.drafting), active: billions(p.active) })}`,
    of(a.quantisation.said),
    speak("report.weights", { gib: gib(w.total), how }),
    speak("report.layers", { list: layers.join("; ") }),
    speak("report.cache", { bytes: cache.bytesPerToken }),
    ...(cache.stateBytes > 0 ? [speak("report.state", { mib: (cache.stateBytes / 2 ** 20).toFixed(1) })] : []),
    ...a.notes.map(of),
  ];
}

const billions = (n: number): string => (n < 999.5e9 ? (n / 1e9).toPrecision(3) : `${Math.round(n / 1e9)}`);

function chipLines(c: ChipAssessment, speak: Speak, of: (s: Said) => string): string[] {
  const head = [speak("report.engine"), speak("report.answer"), speak("report.why")];
  const elsewhere = c.verdicts.filter((v) => v.reason.key === "engine.other-chip");
  const here = c.verdicts.filter((v) => !elsewhere.includes(v));
  const verdicts = here.map((v) => [`${v.name} ${v.version}`, speak(`answer.${v.answer}`), of(v.reason)]);
  const names = elsewhere.map((v) => v.name).join(", ");
  return [
    ...(here.length > 0 ? [table(head, verdicts)] : []),
    ...(elsewhere.length > 0 ? [speak("engine.others", { chip: c.chip, engines: names })] : []),
    ...c.notes.map(of),
    ...(c.conversion ? [`${speak("report.conversion")}: ${of(c.conversion)}`] : []),
    ...planLines(c, speak, of),
    ...speedLines(c, speak, of),
    ...(c.launch ? launchLines(c.launch, speak, of) : []),
    ...(c.warnings.length > 0 ? [`${speak("report.warnings")}:`, ...c.warnings.map((w) => `  - ${of(w)}`)] : []),
  ];
}

function planLines(c: ChipAssessment, speak: Speak, of: (s: Said) => string): string[] {
  const { plans, capacity, memory = 0 } = c;
  const line = (name: "report.smallest" | "report.advised", plan: typeof plans.smallest): string[] => {
    if (plan === undefined) return [];
    const { memory: m, fit } = plan;
    const held = speak("report.memory", { lo: gib(m.total.lo), hi: gib(m.total.hi), all: gib(memory) });
    return [`${speak(name)}: ${of(sizeOf(c, plan))}, ${splitText(plan)}; ${held}; ${speak(`fit.${fit}`)}`];
  };
  const below = plans.belowSmallest;
  const lacking = below && [speak("report.next-smaller", { devices: below.split.devices, need: gib(below.memory.total.lo) })];
  const room = capacity.map(({ length, requests: { lo, hi } }) => speak("report.capacity", { length, lo, hi }));
  return [...line("report.smallest", plans.smallest), ...(lacking ?? []), ...line("report.advised", plans.advised), ...room];
}

function speedLines({ speed, basis, asks, cost }: ChipAssessment, speak: Speak, of: (s: Said) => string): string[] {
  if (speed.length === 0) return [];
  const guessing = speed.some((p) => p.guessed !== undefined);
  const head = [
    "",
    speak("report.first-token"),
    speak("report.token-time"),
    speak("report.rate"),
    ...(guessing ? [speak("report.guessed")] : []),
  ];
  const rows = speed.map((p: SpeedPoint) => [
    speak("report.speed", { batch: p.batch, input: p.input, output: p.output }),
    ...[range(p.firstToken, seconds), range(p.tokenTime, seconds), range(p.rate, whole)],
    ...(p.guessed ? [range(p.guessed, seconds)] : []),
  ]);
  const narrowing = asks.map((a) => {
    const decided = a.flips.length > 0 ? a.flips.map(of).join("; ") : speak("ask.flips-nothing");
    return `  - ${speak("report.gain", { what: of(a.what), gain: a.gain, flips: decided })}`;
  });
  return [
    table(head, rows),
    of(basis),
    ...(cost ? [of(cost.said)] : []),
    ...(asks.length > 0 ? [`${speak("report.asks")}:`, ...narrowing] : []),
  ];
}

const typedLines = ({ environment, command }: Pick<Launch, "environment" | "command">): string[] =>
  [...environment, command].map((line) => `  ${line}`);

function launchLines(l: Launch, speak: Speak, of: (s: Said) => string): string[] {
  return [
    `${speak("report.launch", { version: l.version, source: l.source })}:`,
    ...typedLines(l),
    ...(l.others ? [`${speak("report.launch-others")}:`, ...typedLines(l.others)] : []),
    ...(l.files ?? []).flatMap(({ path, text }) => [`${speak("report.launch-file", { path })}:`, ...text.split("\n").map((t) => `  ${t}`)]),
    ...l.notes.map((n) => `  ${of(n)}`),
  ];
}
