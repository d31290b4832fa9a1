/** An assessment of a checkpoint as a terminal shows it: what it holds, then chip by chip who serves it, on how many cards, how fast, and how it is started. */
import {
  chosenOf,
  inLanguage,
  planOf,
  said,
  sizeOf,
  splitText,
  type ChipAssessment,
  type CheckpointAssessment,
  type SpeedPoint,
} from "../api/assess-checkpoint.js";
import type { Language, Said } from "../base/said.js";
import { escapeControls, table } from "./io.js";

type Key = Parameters<typeof said>[0];
type Gaps = Said["with"];
type Launch = NonNullable<ChipAssessment["launch"]>;

/** How a report is told in one language. */
interface Voice {
  readonly say: (key: Key, gaps?: Gaps) => string;
  readonly of: (s: Said) => string;
  /** With a colon behind it, for what follows below. */
  readonly head: (key: Key, gaps?: Gaps) => string;
  readonly list: (parts: readonly string[]) => string;
}

function voiceIn(language: Language): Voice {
  const of = (s: Said): string => inLanguage(s, language);
  return {
    ...{ of, say: (key, gaps) => of(said(key, gaps)) },
    head: (key, gaps) => `${of(said(key, gaps))}${language === "zh" ? "：" : ":"}`,
    list: (parts) => parts.join(language === "zh" ? "；" : "; "),
  };
}

/** Names in it steer no terminal; `bold` marks the chips. */
export function checkpointReport(a: CheckpointAssessment, language: Language, bold: (text: string) => string): string {
  const voice = voiceIn(language);
  const chips = a.chips.flatMap((c) => ["", bold(c.chip), ...chipLines(c, voice).map(escapeControls)]);
  return [...headLines(a, voice).map(escapeControls), ...chips, "", voice.say("report.expires", { date: a.asOf })].join("\n");
}

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
const seconds = (s: number): string => (s < 1 ? `${Number((s * 1e3).toPrecision(2))} ms` : `${Number(s.toPrecision(2))} s`);
const range = ({ lo, hi }: { readonly lo: number; readonly hi: number }, unit: (x: number) => string): string =>
  `${unit(lo)} - ${unit(hi)}`;
const whole = (x: number): string => `${Number(x.toPrecision(2))}`;
const billions = (n: number): string => (n < 999.5e9 ? (n / 1e9).toPrecision(3) : `${Math.round(n / 1e9)}`);

function headLines(a: CheckpointAssessment, { say, of, list }: Voice): string[] {
  const { parameters: p, weights: w, cache } = a;
  const how = w.measured ? said("report.from-headers", { n: w.tensors }) : said("report.from-config");
  const size = said("report.parameters", { total: billions(p.total - p.drafting), active: billions(p.active) });
  const layers = a.layers.map(({ count, mixer, experts }) => {
    const kind = said(`mixer.${mixer}`);
    return experts === undefined ? say("report.layer", { count, kind }) : say("report.layer-experts", { count, kind, experts });
  });
  return [
    `${a.className ?? a.family}: ${of(size)}`,
    of(a.quantisation.said),
    say("report.weights", { gib: gib(w.total), how }),
    say("report.layers", { list: list(layers) }),
    say("report.cache", { bytes: cache.bytesPerToken }),
    ...(cache.stateBytes > 0 ? [say("report.state", { mib: (cache.stateBytes / 2 ** 20).toFixed(1) })] : []),
    ...a.notes.map(of),
  ];
}

function chipLines(c: ChipAssessment, voice: Voice): string[] {
  const { say, of, head } = voice;
  const elsewhere = c.verdicts.filter((v) => v.reason.key === "engine.other-chip");
  const here = c.verdicts.filter((v) => !elsewhere.includes(v));
  const verdicts = here.map((v) => [`${v.name} ${v.version}`, say(`answer.${v.answer}`), of(v.reason)]);
  const names = elsewhere.map((v) => v.name).join(", ");
  return [
    ...(here.length > 0 ? [table([say("report.engine"), say("report.answer"), say("report.why")], verdicts)] : []),
    ...(elsewhere.length > 0 ? [say("engine.others", { chip: c.chip, engines: names })] : []),
    ...c.notes.map(of),
    ...(c.conversion ? [`${head("report.conversion")} ${of(c.conversion)}`] : []),
    ...[...planLines(c, voice), ...speedLines(c, voice), ...startLines(c, voice)],
    ...(c.warnings.length > 0 ? [head("report.warnings"), ...c.warnings.map((w) => `  - ${of(w)}`)] : []),
  ];
}

function planLines(c: ChipAssessment, { say }: Voice): string[] {
  const { plans, capacity, memory = 0 } = c;
  const line = (name: "report.smallest" | "report.advised", plan: typeof plans.smallest): string[] => {
    if (plan === undefined) return [];
    const { memory: m, fit } = plan;
    const held = said("report.memory", { lo: gib(m.total.lo), hi: gib(m.total.hi), all: gib(memory) });
    return [say("report.plan", { name: said(name), size: sizeOf(c, plan), split: splitText(plan), held, fit: said(`fit.${fit}`) })];
  };
  const below = plans.belowSmallest;
  const lacking = below && [say("report.next-smaller", { size: sizeOf(c, below), need: gib(below.memory.total.lo) })];
  const room = capacity.map(({ length, requests: { lo, hi } }) => say("report.capacity", { length, lo, hi }));
  return [...line("report.smallest", plans.smallest), ...(lacking ?? []), ...line("report.advised", plans.advised), ...room];
}

function speedLines({ speed, basis, asks, cost }: ChipAssessment, { say, of, head, list }: Voice): string[] {
  if (speed.length === 0) return [];
  const isGuessing = speed.some((p) => p.guessed !== undefined);
  const heads = ["report.first-token", "report.token-time", "report.rate", ...(isGuessing ? (["report.guessed"] as const) : [])] as const;
  const rows = speed.map((p: SpeedPoint) => [
    say("report.speed", { batch: p.batch, input: p.input, output: p.output }),
    ...[range(p.firstToken, seconds), range(p.tokenTime, seconds), range(p.rate, whole)],
    ...(p.guessed ? [range(p.guessed, seconds)] : []),
  ]);
  const narrowing = asks.map((a) => {
    const decided = a.flips.length > 0 ? list(a.flips.map(of)) : say("ask.flips-nothing");
    return `  - ${say("report.gain", { what: a.what, gain: a.gain, flips: decided })}`;
  });
  return [
    table(["", ...heads.map((h) => say(h))], rows),
    of(basis),
    ...(cost ? [of(cost.said)] : []),
    ...(asks.length > 0 ? [head("report.asks"), ...narrowing] : []),
  ];
}

const typedLines = ({ environment, command }: Pick<Launch, "environment" | "command">): string[] =>
  [...environment, command].map((line) => `  ${line}`);

/** Of an engine whose pages tell no command, that. */
function startLines(c: ChipAssessment, { say, of, head }: Voice): string[] {
  const { launch: l } = c;
  if (!l) return planOf(c) ? [say("checkpoint.launch.lacking", { engine: chosenOf(c)?.name ?? "", chips: c.chip })] : [];
  return [
    ...[head("report.launch", { version: l.version, source: l.source }), ...typedLines(l)],
    ...(l.others ? [head("report.launch-others"), ...typedLines(l.others)] : []),
    ...(l.files ?? []).flatMap(({ path, text }) => [head("report.launch-file", { path }), ...text.split("\n").map((t) => `  ${t}`)]),
    ...l.notes.map((n) => `  ${of(n)}`),
  ];
}
