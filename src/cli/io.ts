/** Talking to a person or a program: colours, tables, progress on stderr, JSON on stdout, diagnostics. */
import { extentOf } from "../base/element.js";
import pc from "picocolors";
import type { Diagnostic } from "../base/diagnostic.js";
import type { Event } from "../api/index.js";
import { finishInTurns } from "../api/machine.js";
import { exitCodeOf, exitCodes } from "./exit.js";

export interface CommandCall {
  readonly options: Readonly<Record<string, unknown>>;
  readonly abort: AbortSignal;
}

/** Colours for one of the two streams: on a terminal unless NO_COLOR is set, and never in a file that nobody asked to colour. */
export function colours({ options }: CommandCall, stream: NodeJS.WriteStream = process.stdout): ReturnType<typeof pc.createColors> {
  if (options["color"] === "always") return pc.createColors(true);
  if (options["color"] === "never" || options["json"]) return pc.createColors(false);
  return pc.createColors(Boolean(stream.isTTY) && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb");
}

export function wantsJson(call: CommandCall): boolean {
  return call.options["json"] === true || typeof call.options["json"] === "string";
}

export function say(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

export function sayJson(value: unknown): void {
  say(jsonText(value, 2));
}

/** What JSON has no word for is written as text. */
export function jsonText(value: unknown, indent?: number): string {
  const plain = (_: string, v: unknown): unknown =>
    typeof v === "bigint"
      ? (extentOf(v) ?? `${v}`)
      : v === Infinity
        ? "inf"
        : v instanceof Map
          ? Object.fromEntries(v as Map<string, unknown>)
          : v;
  return JSON.stringify(value, plain, indent);
}

/** One line that is rewritten on a terminal; a line a phase elsewhere, none in CI or with --quiet. */
export function progress(call: CommandCall): (event: Event) => void {
  if (call.options["quiet"] || wantsJson(call)) return () => undefined;
  const live = process.stderr.isTTY && !process.env["CI"];
  return (event) => {
    const text = describe(event);
    if (text === undefined) return;
    if (live) process.stderr.write(`\r\x1b[2K${text}`);
    else if (event.kind === "phase" && call.options["verbose"]) process.stderr.write(`${text}\n`);
  };
}

/** Wipes the progress line before a result is printed. */
export function endProgress(): void {
  if (process.stderr.isTTY && !process.env["CI"]) process.stderr.write("\r\x1b[2K");
}

function describe(event: Event): string | undefined {
  switch (event.kind) {
    case "phase":
      return event.target ? `${event.target}: ${event.name}` : event.name;
    case "progress":
      return `${event.label} ${event.done}/${event.total}${event.failed ? `, ${event.failed} not ok` : ""}${left(event.secondsLeft)}`;
    case "pass":
    case "artifact":
      return undefined;
    default:
      throw event satisfies never;
  }
}

function left(seconds: number | undefined): string {
  if (seconds === undefined) return "";
  return seconds < 90 ? `, ${Math.ceil(seconds)} s left` : `, ${Math.ceil(seconds / 60)} min left`;
}

/** Columns padded to their widest cell; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows.map((r) => r.map((cell) => String(cell).replaceAll("\n", "\\n")))];
  const widths = head.map((_, i) => Math.max(...cells.map((r) => width(r[i] ?? ""))));
  const numeric = head.map((_, i) => rows.length > 0 && rows.every((r) => typeof r[i] === "number"));
  const row = (r: readonly string[]): string =>
    r
      .map((c, i) => (numeric[i] ? " ".repeat(widths[i] - width(c)) + c : c + " ".repeat(widths[i] - width(c))))
      .join("  ")
      .trimEnd();
  return cells.map((r) => row(r as readonly string[])).join("\n");
}

/** Display width: colour codes count nothing, CJK characters two. */
function width(text: string): number {
  const plain = text.replace(/\x1b\[[0-9;]*m/g, "");
  return [...plain].reduce(
    (n, c) => n + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(c) ? 2 : 1),
    0,
  );
}

/** What a person reads of a long list, errors first; --json has it whole. */
const mostPrinted = 20;

export function printDiagnostics(diagnostics: readonly Diagnostic[], call: CommandCall): void {
  const c = colours(call, process.stderr);
  const [errors, others] = [true, false].map((is) => diagnostics.filter((d) => (d.severity === "error") === is));
  const shown = call.options["quiet"] ? errors : [...errors, ...others];
  for (const d of shown.slice(0, mostPrinted)) {
    const paint = d.severity === "error" ? c.red : d.severity === "warning" ? c.yellow : c.cyan;
    const where = d.location ? locationText(d) : "";
    process.stderr.write(`${paint(d.severity)}[${d.code}]: ${escapeControls(d.message)}\n`);
    if (where) process.stderr.write(`  --> ${escapeControls(where)}\n`);
    if (d.why) process.stderr.write(`  why: ${escapeControls(d.why)}\n`);
    if (d.fix) process.stderr.write(`  try: ${escapeControls(d.fix)}\n`);
  }
  if (shown.length > mostPrinted) process.stderr.write(`and ${shown.length - mostPrinted} more, which --json lists\n`);
}

/** What one target said, for one of its chips. */
export interface SaidOf {
  readonly target: string;
  readonly chip: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** What several targets say: each diagnostic once, naming the targets that gave it where there are several in all. */
export function printByTarget(given: readonly SaidOf[], call: CommandCall): void {
  printDiagnostics(mergeByTarget(given), call);
}

/** Targets are named with the chip where another chip of theirs is among them. */
export function mergeByTarget(given: readonly SaidOf[]): Diagnostic[] {
  const met = new Map<string, { readonly diagnostic: Diagnostic; readonly targets: string[] }>();
  for (const { target, chip, diagnostics } of given) {
    const name = given.some((g) => g.target === target && g.chip !== chip) ? `${target}:${chip}` : target;
    for (const diagnostic of diagnostics) {
      const key = JSON.stringify(diagnostic);
      const same = met.get(key) ?? { diagnostic, targets: [] };
      if (!same.targets.includes(name)) same.targets.push(name);
      met.set(key, same);
    }
  }
  return [...met.values()].map(({ diagnostic, targets }) =>
    given.length === 1 ? diagnostic : { ...diagnostic, message: `${diagnostic.message} (${targets.join(", ")})` },
  );
}

/** Names may hold any bytes: none of them may steer a terminal. */
export function escapeControls(text: string): string {
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]|\p{Bidi_Control}/gu, spelledControl);
}

function spelledControl(x: string): string {
  const code = x.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, "0")}`;
}

function locationText({ location: l }: Diagnostic): string {
  if (!l) return "";
  const place = l.path
    ? `${l.path}${l.line !== undefined ? `:${l.line}:${l.column ?? 1}` : ""}${l.byteOffset !== undefined ? ` at byte ${l.byteOffset}` : ""}`
    : "";
  return [place, l.node !== undefined ? `node "${l.node}"` : "", l.tensor !== undefined ? `tensor "${l.tensor}"` : ""]
    .filter((x) => x !== "")
    .join(", ");
}

/** Writes a file whole or not at all. Throws `output-not-writable`. */
export async function saveFile(path: string, bytes: Uint8Array, { abort }: CommandCall): Promise<void> {
  const { writeWhole } = await import("../api/machine.js");
  await finishInTurns(writeWhole([{ path, bytes: [bytes] }]), abort);
}

/** As `saveFile`, where an option names a file; the text is made only then. */
export async function saveText(path: unknown, text: () => string | Promise<string>, call: CommandCall): Promise<void> {
  if (typeof path === "string") await saveFile(path, new TextEncoder().encode(await text()), call);
}

/** Values of an option that may be given several times. */
export const listOf = (given: unknown): readonly string[] => (Array.isArray(given) ? (given as string[]) : []);

export function firstError(diagnostics: readonly Diagnostic[]): Diagnostic | undefined {
  return diagnostics.find((d) => d.severity === "error");
}

/** Prints what went wrong and returns the exit code of the first error. */
export function failWith(diagnostics: readonly Diagnostic[], call: CommandCall): number {
  endProgress();
  const first = firstError(diagnostics);
  if (wantsJson(call)) sayJson({ schemaVersion: 1, ok: false, diagnostics });
  else printDiagnostics(diagnostics, call);
  return first ? exitCodeOf(first.code) : exitCodes.ok;
}
