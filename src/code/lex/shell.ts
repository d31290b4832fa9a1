/** Shell, and the lines of Dockerfiles and Makefiles: words, quotes with the expansions inside them, here-documents. */
import { behind, Kind, stringEnd, Tape } from "../token.js";

const blank = /(?:[ \t\r]|\\\r?\n)+/y;
const comment = /#[^\n]*/y;
const word = /(?:[^\s;&|<>(){}$"'`\\#]|\\[^\n]|(?<=[^\s;&|<>()])[#{}])+/y;
const variable = /\$(?:\w+|\{[^}\n]*\}?|[@*#?$!-])/y;
const hereStart = /<<-?[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|\\?(\w+))/y;

interface ShellRules {
  /** In a Dockerfile a comment of its own line does not end a continued one, and a backslash goes on over it. */
  readonly docker?: boolean;
  /** In a Makefile `$(NAME)` is a variable. */
  readonly make?: boolean;
}

interface State extends ShellRules {
  readonly tape: Tape;
  /** What ends the code inside of a quote: `)` at its depth, or a backtick. */
  readonly nests: { readonly end: string; depth: number }[];
  /** Here-documents whose text follows the line. */
  here: string[];
}

export function lexShell(text: string, rules: ShellRules = {}): Tape {
  const state: State = { ...rules, tape: new Tape(text), nests: [], here: [] };
  while (state.tape.end < text.length) step(state);
  return state.tape;
}

function step(state: State): void {
  const { tape } = state;
  const { text, end: at } = tape;
  const space = behind(text, at, blank);
  if (space > at) return tape.put(Kind.space, space);
  if (text[at] === "\n") return newline(state);
  if (text[at] === "#" && startsWord(text, at)) return tape.put(Kind.comment, commentEnd(state, at));
  const nest = state.nests[state.nests.length - 1];
  if (nest && text[at] === nest.end && nest.depth === 0) {
    state.nests.pop();
    return quotedText(state, Kind.part, at + 1);
  }
  if (text[at] === '"') return quotedText(state, Kind.open, at + 1);
  const single = behind(text, at, /\$?'/y);
  if (single > at) {
    return tape.put(Kind.string, stringEnd(text, single, "'", { escape: single - at === 2 ? "\\" : "\0", lines: true }));
  }
  bare(state, nest);
}

function bare(state: State, nest: State["nests"][number] | undefined): void {
  const { tape } = state;
  const { text, end: at } = tape;
  const named = behind(text, at, state.make ? /\$(?:\([\w.]+\)|\{[\w.]+\}|\w)/y : variable);
  if (named > at) return tape.put(Kind.word, named);
  const here = text[at] === "<" && text[at + 2] !== "<" ? behind(text, at, hereStart) : at;
  if (here > at && text[at - 1] !== "<") {
    state.here.push(text.slice(at, here));
    return tape.put(Kind.mark, here);
  }
  const to = behind(text, at, word);
  if (to > at) return tape.put(Kind.word, to);
  if (nest) nest.depth += text[at] === "(" ? 1 : text[at] === ")" ? -1 : 0;
  tape.put(Kind.mark, at + 1);
}

function startsWord(text: string, at: number): boolean {
  return at === 0 || /[\s;&|()]/.test(text[at - 1]);
}

function commentEnd({ tape, docker }: State, at: number): number {
  const { text } = tape;
  const to = behind(text, at, comment);
  const continued = docker && /\\[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)*[ \t]*$/.test(text.slice(Math.max(0, at - 2000), at));
  return continued && text[to] === "\n" ? to + 1 : to;
}

/** The line's end, and the here-documents that begin behind it, each a string. */
function newline(state: State): void {
  const { tape } = state;
  tape.put(Kind.space, tape.end + 1);
  for (const opened of state.here) tape.put(Kind.string, hereEnd(tape.text, tape.end, opened));
  state.here = [];
}

function hereEnd(text: string, from: number, opened: string): number {
  const word = opened.replace(/^<<-?[ \t]*\\?|['"]/g, "");
  for (let at = from; at < text.length;) {
    const next = text.indexOf("\n", at);
    const end = next < 0 ? text.length : next;
    if (text.slice(at, end).trim() === word) return end;
    at = end + 1;
  }
  return text.length;
}

/** The text of a double quote up to a command inside it, or to its end; variables are words of their own. */
function quotedText(state: State, kind: Kind, from: number): void {
  const { tape } = state;
  const { text } = tape;
  let whole = kind === Kind.open;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return tape.put(whole ? Kind.string : Kind.close, at + 1);
    else if (text[at] === "`" || (text.startsWith("$(", at) && !state.make)) {
      const long = text[at] === "`" ? 1 : 2;
      state.nests.push({ end: long === 1 ? "`" : ")", depth: 0 });
      return tape.put(whole ? Kind.open : Kind.part, at + long);
    } else {
      const to = behind(text, at, variable);
      if (to === at) continue;
      tape.put(whole ? Kind.open : Kind.part, at);
      tape.put(Kind.word, to);
      [whole, at] = [false, to - 1];
    }
  }
  tape.put(whole ? Kind.string : Kind.close, text.length);
}
