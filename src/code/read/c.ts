/** Names of C, C++ and CUDA with their scopes, includes, launches, asm statements and strings. */
import { Cursor, type Mention } from "../mention.js";
import { Kind, type Tape } from "../token.js";

interface State {
  readonly tokens: Cursor;
  readonly out: Mention[];
  readonly aliases: Map<string, string>;
  /** Depth of braces at which a function for the device ends; undefined outside of one. */
  device: number | undefined;
  depth: number;
}

export function readC(tape: Tape): Mention[] {
  const state: State = { tokens: new Cursor(tape), out: [], aliases: new Map(), device: undefined, depth: 0 };
  for (let i = 0; i < state.tokens.length;) i = token(state, i);
  return state.out;
}

function token(state: State, i: number): number {
  const { tokens, out } = state;
  const kind = tokens.kind(i);
  if (kind === Kind.word) return word(state, i);
  const text = tokens.text(i);
  if (kind === Kind.string) out.push({ sort: "string", text: bare(text), at: tokens.start(i), role: roleOf(tokens, i) });
  else if (text === "<<<" && tokens.text(i + 1) !== "<") out.push({ sort: "launch", text, at: tokens.start(i) });
  else if (kind === Kind.mark) braces(state, text);
  return i + 1;
}

/** Follows where a function for the device begins and ends; a declaration ends with its semicolon. */
function braces(state: State, text: string): void {
  if (text === "{") state.depth++;
  else if (text === "}") state.depth--;
  if ((text === "}" || text === ";") && state.device !== undefined && state.depth <= state.device) state.device = undefined;
}

function bare(text: string): string {
  return text.replace(/^(?:u8|[uUL])?R?["'](?:[^()\\\s"]{0,16}\()?|["']$/g, "");
}

/** What a string is given to. */
function roleOf(tokens: Cursor, i: number): string {
  let depth = 0;
  for (let k = i - 1; k >= 0 && k > i - 40; k--) {
    const text = tokens.text(k);
    if (text === ";" || text === "{" || text === "}") return "";
    depth += text === ")" ? 1 : text === "(" ? -1 : 0;
    if (depth < 0) return tokens.kind(k - 1) === Kind.word ? tokens.text(k - 1) : "";
  }
  return "";
}

function word(state: State, i: number): number {
  const { tokens, out } = state;
  const text = tokens.text(i);
  const directive = tokens.text(i - 1) === "#" && !tokens.breaksBefore(i);
  if (directive && text === "include") return include(state, i);
  if (/^(?:asm|__asm__|__asm)$/.test(text)) return asm(state, i);
  if (text === "TORCH_LIBRARY_IMPL") return implementation(state, i);
  if (text === "namespace" && tokens.text(i + 2) === "=") return alias(state, i);
  if (text === "__global__" || text === "__device__") state.device ??= state.depth;
  let last = i;
  while (tokens.text(last + 1) === "::" && tokens.kind(last + 2) === Kind.word) last += 2;
  const parts = Array.from({ length: (last - i) / 2 + 1 }, (_, n) => tokens.text(i + 2 * n).replace(/\\\r?\n/g, ""));
  const before = tokens.text(i - 1);
  const member = before === "." || before === "->";
  const whole = before === "namespace" && tokens.text(i - 2) === "using";
  const full = member ? `.${parts.join("::")}` : resolve(state, parts);
  out.push({
    sort: "name",
    text: whole ? `${full}::` : full,
    at: tokens.start(i),
    called: tokens.text(last + 1) === "(",
    role: where(state),
  });
  return last + 1;
}

function where({ device }: State): string {
  return device === undefined ? "" : "device";
}

function resolve({ aliases }: State, [head, ...rest]: string[]): string {
  return [aliases.get(head) ?? head, ...rest].join("::");
}

/** `TORCH_LIBRARY_IMPL(library, KEY, m)`, named with its key. */
function implementation({ tokens, out }: State, i: number): number {
  out.push({ sort: "name", text: `TORCH_LIBRARY_IMPL:${tokens.text(i + 4)}`, at: tokens.start(i) });
  return i + 1;
}

/** `namespace a = b::c;` */
function alias(state: State, i: number): number {
  const { tokens, aliases } = state;
  let k = i + 3;
  let full = "";
  while (tokens.kind(k) === Kind.word || tokens.text(k) === "::") full += tokens.text(k++);
  aliases.set(tokens.text(i + 1), full.replace(/^::/, ""));
  return i + 3;
}

function include({ tokens, out }: State, i: number): number {
  const { text } = tokens.tape;
  const line = /[ \t]*(?:<([^>\n]*)>|"([^"\n]*)")/y;
  line.lastIndex = tokens.end(i);
  const found = line.exec(text);
  if (!found) return i + 1;
  out.push({ sort: "include", text: found[1] ?? found[2], at: tokens.end(i) + found[0].search(/[<"]/) + 1 });
  let k = i + 1;
  while (k < tokens.length && tokens.start(k) < line.lastIndex) k++;
  return k;
}

/** All strings of the statement, as one. */
function asm({ tokens, out }: State, i: number): number {
  let k = i + 1;
  while (/^(?:volatile|__volatile__|__volatile|goto|\()$/.test(tokens.text(k))) k++;
  let text = "";
  while (tokens.kind(k) === Kind.string || (tokens.kind(k) === Kind.word && text !== "")) text += `${bare(tokens.text(k++))} `;
  out.push({ sort: "asm", text, at: tokens.start(i) });
  return k;
}
