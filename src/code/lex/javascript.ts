/** JavaScript and TypeScript, and JSON with it: comments, strings, templates with their code, regular expressions. */
import { behind, Kind, stringEnd, Tape } from "../token.js";

const space = /\s+/y;
const lineComment = /\/\/[^\n]*/y;
const word = /[\p{L}_$#][\p{L}\p{N}_$]*/uy;
const number = /(?:\d|\.\d)[\w.]*/y;
const regex = /\/(?![/*])(?:[^\n\\/[]|\\.|\[(?:[^\n\\\]]|\\.)*\])+\/[a-z]*/y;

interface State {
  readonly tape: Tape;
  /** Braces open inside of each template that is being read. */
  readonly depths: number[];
}

export function lexJavascript(text: string): Tape {
  const state: State = { tape: new Tape(text), depths: [] };
  while (state.tape.end < text.length) step(state);
  return state.tape;
}

function step(state: State): void {
  const { tape, depths } = state;
  const { text, end: at } = tape;
  const c = text[at];
  for (const [kind, sticky] of plain) {
    const to = behind(text, at, sticky);
    if (to > at) return tape.put(kind, to);
  }
  if (text.startsWith("/*", at)) return tape.put(Kind.comment, blockEnd(text, at + 2));
  if (c === '"' || c === "'") return tape.put(Kind.string, stringEnd(text, at + 1, c, { escape: "\\", lines: false }));
  if (c === "`") return template(state, Kind.open, at + 1);
  if (c === "}" && depths[depths.length - 1] === 0) {
    depths.pop();
    return template(state, Kind.part, at + 1);
  }
  const pattern = c === "/" && mayBeRegex(tape) ? behind(text, at, regex) : at;
  if (pattern > at) return tape.put(Kind.string, pattern);
  const named = behind(text, at, word);
  if (named > at) return tape.put(Kind.word, named);
  if (depths.length > 0) depths[depths.length - 1] += c === "{" ? 1 : c === "}" ? -1 : 0;
  tape.put(Kind.mark, at + 1);
}

const plain = [
  [Kind.space, space],
  [Kind.comment, lineComment],
  [Kind.number, number],
] as const;

function blockEnd(text: string, from: number): number {
  const at = text.indexOf("*/", from);
  return at < 0 ? text.length : at + 2;
}

/** A slash divides behind a value, and begins a regular expression elsewhere. */
function mayBeRegex(tape: Tape): boolean {
  let i = tape.length - 1;
  while (i >= 0 && tape.kinds[i] <= Kind.comment) i--;
  if (i < 0) return true;
  const before = tape.at(i);
  if (tape.kinds[i] === Kind.word) return /^(?:return|typeof|case|in|of|delete|void|throw|new|do|else|await|yield)$/.test(before);
  return tape.kinds[i] === Kind.mark && !")]}".includes(before);
}

function template(state: State, kind: Kind, from: number): void {
  const { tape, depths } = state;
  const { text } = tape;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "`") return tape.put(kind === Kind.open ? Kind.string : Kind.close, at + 1);
    else if (text.startsWith("${", at)) {
      depths.push(0);
      return tape.put(kind, at + 2);
    }
  }
  tape.put(kind === Kind.open ? Kind.string : Kind.close, text.length);
}
