/** Edits of texts as a unified diff: lines that an edit touches, and three around them. */

export interface Edit {
  readonly path: string;
  /** Offsets in the file's text; what is between is replaced. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const context = 3;

/** Lines that are replaced: `from` to `to`, 0-based and exclusive, by others. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

/** Edits of one text, made; those that overlap an earlier one are not. */
export function applied(text: string, edits: readonly Edit[]): string {
  let [out, at] = ["", 0];
  for (const edit of inOrder(edits)) {
    if (edit.start < at) continue;
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

function inOrder(edits: readonly Edit[]): Edit[] {
  return [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Of all files that have edits, in the order of their paths; `textOf` is asked once for each. */
export function unifiedDiff(edits: readonly Edit[], textOf: (path: string) => string): string {
  const paths = [...new Set(edits.map((e) => e.path))].sort();
  return paths
    .map((path) =>
      ofFile(
        path,
        textOf(path),
        edits.filter((e) => e.path === path),
      ),
    )
    .join("");
}

function ofFile(path: string, text: string, edits: readonly Edit[]): string {
  const lines = text.split(/(?<=\n)/);
  const hunks = grouped(changes(lines, text, edits));
  let shift = 0;
  const bodies = hunks.map((hunk) => {
    const body = hunkText(lines, hunk, shift);
    shift += hunk.reduce((n, c) => n + c.lines.length - (c.to - c.from), 0);
    return body;
  });
  return `--- a/${path}\n+++ b/${path}\n${bodies.join("")}`;
}

/** Edits that share a line are one change. */
function changes(lines: readonly string[], text: string, edits: readonly Edit[]): Change[] {
  const starts: number[] = [];
  for (let i = 0, at = 0; i < lines.length; at += lines[i++].length) starts.push(at);
  const lineAt = (offset: number): number =>
    Math.max(
      0,
      starts.findLastIndex((s) => s <= offset),
    );
  const out: { from: number; to: number; edits: Edit[] }[] = [];
  for (const edit of inOrder(edits)) {
    const [from, to] = [lineAt(edit.start), lineAt(Math.max(edit.start, edit.end - 1)) + 1];
    const last = out[out.length - 1];
    if (last && from < last.to) [last.to] = [Math.max(last.to, to), last.edits.push(edit)];
    else out.push({ from, to, edits: [edit] });
  }
  return out.map(({ from, to, edits: own }) => {
    const base = starts[from];
    const old = text.slice(base, starts[to] ?? text.length);
    const next = applied(
      old,
      own.map((e) => ({ ...e, start: e.start - base, end: e.end - base })),
    );
    return { from, to, lines: next.split(/(?<=\n)/) };
  });
}

/** Changes whose surroundings meet stand in one hunk. */
function grouped(all: readonly Change[]): Change[][] {
  const out: Change[][] = [];
  for (const change of all) {
    const last = out[out.length - 1];
    if (last && change.from - last[last.length - 1].to <= 2 * context) last.push(change);
    else out.push([change]);
  }
  return out;
}

function hunkText(lines: readonly string[], hunk: readonly Change[], shift: number): string {
  const from = Math.max(0, hunk[0].from - context);
  const to = Math.min(lines.length, hunk[hunk.length - 1].to + context);
  let [body, at, added] = ["", from, 0];
  for (const change of hunk) {
    body += marked(" ", lines.slice(at, change.from)) + marked("-", lines.slice(change.from, change.to)) + marked("+", change.lines);
    added += change.lines.length - (change.to - change.from);
    at = change.to;
  }
  body += marked(" ", lines.slice(at, to));
  return `@@ -${from + 1},${to - from} +${from + 1 + shift},${to - from + added} @@\n${body}`;
}

function marked(mark: string, lines: readonly string[]): string {
  return lines.map((l) => `${mark}${l.endsWith("\n") ? l : `${l}\n\\ No newline at end of file\n`}`).join("");
}
