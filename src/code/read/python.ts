/** Python's names with imports followed, its strings with what they are given to, and what it imports. */
import { Cursor, type Mention } from "../mention.js";
import { Kind, type Tape } from "../token.js";
import { readImport, type Imported } from "./python-imports.js";
import { packageOf } from "./packages.js";

const keywords: ReadonlySet<string> = new Set(
  (
    "and as assert async await break class continue def del elif else except finally for from global if import in is lambda " +
    "None nonlocal not or pass raise return True False try while with yield"
  ).split(" "),
);

/** A bracket that is open: what is called, and the keyword whose value is read. */
interface Frame {
  readonly callee: string;
  keyword: string;
}

interface State {
  readonly tokens: Cursor;
  readonly out: Mention[];
  readonly aliases: Map<string, string>;
  readonly frames: Frame[];
  /** The name that a line assigns to. */
  assigned: string;
  /** First token of the line that is read. */
  lineStart: number;
  /** First words of what is imported. */
  readonly imported: Set<string>;
}

export function readPython(tape: Tape): Mention[] {
  const state: State = {
    tokens: new Cursor(tape),
    out: [],
    aliases: new Map(),
    frames: [],
    assigned: "",
    lineStart: 0,
    imported: new Set(),
  };
  for (let i = 0; i < state.tokens.length;) i = token(state, i);
  return state.out.map((m) => (m.sort === "name" && !state.imported.has(m.text.split(".", 1)[0]) ? { ...m, loose: true } : m));
}

/** Reads the token, and returns the one to go on at. */
function token(state: State, i: number): number {
  const { tokens, frames } = state;
  if (frames.length === 0 && tokens.breaksBefore(i)) [state.lineStart, state.assigned] = [i, ""];
  const kind = tokens.kind(i);
  if (kind === Kind.string) return string(state, i, 1, tokens.text(i));
  if (kind === Kind.open) return format(state, i);
  if (kind === Kind.word) return word(state, i);
  if (kind === Kind.mark) mark(state, i, tokens.text(i));
  return i + 1;
}

function mark({ tokens, frames, ...state }: State, i: number, text: string): void {
  const top = frames[frames.length - 1];
  if ("([{".includes(text)) frames.push({ callee: text === "{" || !follows(tokens, i) ? "" : calleeOf(tokens, state, i), keyword: "" });
  else if (")]}".includes(text)) frames.pop();
  else if (text === "," && top) top.keyword = "";
  else if (text === ":" && top && tokens.kind(i - 1) === Kind.string) top.keyword = bare(tokens.text(i - 1));
}

/** Whether a bracket is one of a call or of an index. */
function follows(tokens: Cursor, i: number): boolean {
  return tokens.kind(i - 1) === Kind.word && !keywords.has(tokens.text(i - 1));
}

function calleeOf(tokens: Cursor, { aliases }: Pick<State, "aliases">, i: number): string {
  let first = i - 1;
  while (tokens.text(first - 1) === "." && tokens.kind(first - 2) === Kind.word) first -= 2;
  const parts = Array.from({ length: (i - first + 1) >> 1 }, (_, n) => tokens.text(first + 2 * n));
  return resolve(aliases, parts.join(".")) + (tokens.text(i) === "[" ? "[" : "");
}

function resolve(aliases: ReadonlyMap<string, string>, name: string): string {
  const dot = name.indexOf(".");
  const head = dot < 0 ? name : name.slice(0, dot);
  const known = aliases.get(head);
  return known === undefined ? name : known + name.slice(head.length);
}

function word(state: State, i: number): number {
  const { tokens, frames } = state;
  const text = tokens.text(i);
  if (i === state.lineStart && (text === "import" || (text === "from" && tokens.text(i + 1) !== ""))) return imports(state, i);
  if (text === "def" || text === "class") return i + 2;
  if (keywords.has(text)) return i + 1;
  const member = tokens.text(i - 1) === "." && !relativeDot(tokens, i);
  if (!member && frames.length > 0 && tokens.text(i + 1) === "=" && tokens.text(i + 2) !== "=" && "(,".includes(tokens.text(i - 1))) {
    frames[frames.length - 1].keyword = text;
    state.out.push({ sort: "keyword", text, at: tokens.start(i), role: `${frames[frames.length - 1].callee}=${tokens.text(i + 2)}` });
    return i + 1;
  }
  return name(state, i, member);
}

/** `...` and the dots of a relative import. */
function relativeDot(tokens: Cursor, i: number): boolean {
  return tokens.text(i - 2) === "." || tokens.text(i - 2) === "from";
}

function name(state: State, first: number, member: boolean): number {
  const { tokens, out, aliases, frames } = state;
  let last = first;
  while (tokens.text(last + 1) === "." && tokens.kind(last + 2) === Kind.word) last += 2;
  const parts = Array.from({ length: (last - first) / 2 + 1 }, (_, n) => tokens.text(first + 2 * n));
  const text = member ? `.${parts.join(".")}` : resolve(aliases, parts.join("."));
  if (frames.length === 0 && tokens.text(last + 1) === "=" && tokens.text(last + 2) !== "=") state.assigned = text;
  const called = tokens.text(last + 1) === "(";
  const role = roleOf(state);
  out.push({ sort: "name", text, at: tokens.start(first), called, role: tokens.text(first - 1) === "@" ? "@" : role });
  return last + 1;
}

function imports(state: State, i: number): number {
  const found: Imported = readImport(state.tokens, i);
  for (const [short, full] of found.aliases) state.aliases.set(short, full);
  for (const { text } of found.mentions) state.imported.add(text.split(".", 1)[0]);
  state.out.push(...found.mentions);
  return found.next;
}

/** What a value is given to: calls and keywords from outside in, or the name that is assigned to. */
function roleOf({ frames, assigned }: Pick<State, "frames" | "assigned">): string {
  const within = frames.map(({ callee, keyword }) => `${callee}(${keyword}`).join(">");
  return assigned === "" ? within : `${assigned}=${within}`;
}

/** A string without its prefix and quotes. */
function bare(text: string): string {
  return text.replace(/^[a-zA-Z]*(?:"""|'''|"|')|(?:"""|'''|"|')$/g, "");
}

/** A string that is a statement of its own is documentation, and one between slashes a part of a path. */
function string(state: State, i: number, count: number, raw: string): number {
  const { tokens, out, frames } = state;
  const alone = frames.length === 0 && i === state.lineStart && tokens.breaksBefore(i + count);
  const path = tokens.text(i - 1) === "/" || tokens.text(i + count) === "/";
  if (alone || path) return i + count;
  const text = bare(raw);
  const role = roleOf(state) + around(tokens, i, count);
  const at = tokens.start(i) + raw.indexOf(text);
  out.push({ sort: "string", text, at, role, guard: choice(tokens, i, count) });
  if (/(?:install|setup|tests|extras)_requires?\b/.test(role) && tokens.text(i + count) !== ":") out.push(...packageOf(text, at));
  return i + count;
}

/** What follows a string that names a switch, and whether a list that it stands in has another device. */
function around(tokens: Cursor, i: number, count: number): string {
  const next =
    tokens.text(i + count) === "," && /^(?:True|False)$/.test(tokens.text(i + count + 1)) ? `,${tokens.text(i + count + 1)}` : "";
  const near = [-4, -2, count + 1, count + 3].some((k) => /^["'](?:cpu|mps|npu|xpu|mlu|hpu|cuda:\d+)["']$/.test(tokens.text(i + k)));
  return next + (near ? "~device" : "");
}

/** One side of `A if there is a card else B`. */
function choice(tokens: Cursor, i: number, count: number): boolean {
  return (
    (tokens.text(i + count) === "if" && !tokens.breaksBefore(i + count)) ||
    (tokens.text(i - 1) === "else" && tokens.kind(i - 2) !== Kind.mark)
  );
}

/** An f-string: its text with `{}` for what is code, which is read on its own. */
function format(state: State, i: number): number {
  const { tokens } = state;
  let text = "";
  let last = i;
  for (let depth = 0; last < tokens.length; last++) {
    const kind = tokens.kind(last)!;
    depth += kind === Kind.open ? 1 : kind === Kind.close ? -1 : 0;
    if (depth === 1 && (kind === Kind.open || kind === Kind.part)) text += `${tokens.text(last).replace(/^\}|\{$/g, "")}{}`;
    if (depth === 0) break;
  }
  const raw = text + tokens.text(last).replace(/^\}/, "");
  string(state, i, last - i + 1, raw);
  return i + 1;
}
