/** Python: comments, strings of all prefixes, and the code inside of f-strings. */
import { behind, cut, Kind, stringEnd, type Tape } from "../token.js";

const space = /[ \t\r\n\f]+|\\\r?\n/y;
const comment = /#[^\n]*/y;
const stringStart = /[rRbBuUfFtT]{0,3}(?:"""|'''|"|')/y;
const word = /[\p{L}_][\p{L}\p{M}\p{N}_]*/uy;
const number = /(?:\d|\.\d)[\w.]*/y;

/** An f-string that is being read: how it ends, and how deep in brackets its code is. */
interface Nest {
  readonly quote: string;
  depth: number;
}

export function lexPython(text: string): Tape {
  const nests: Nest[] = [];
  return cut(text, (tape) => step(tape, nests));
}

function step(tape: Tape, nests: Nest[]): void {
  const { text, end: at } = tape;
  const nest = nests[nests.length - 1];
  if (nest && endsCode(text, at, nest)) return inFormat(tape, nests, Kind.part);
  for (const [kind, sticky] of plain) {
    const to = behind(text, at, sticky);
    if (to > at) return tape.put(kind, to);
  }
  const quoted = behind(text, at, stringStart);
  if (quoted > at) return string(tape, nests, text.slice(at, quoted));
  const to = behind(text, at, word);
  if (to > at) return tape.put(Kind.word, to);
  if (nest) nest.depth += "([{".includes(text[at]) ? 1 : ")]}".includes(text[at]) ? -1 : 0;
  tape.put(Kind.mark, at + (text.codePointAt(at)! > 0xffff ? 2 : 1));
}

const plain = [
  [Kind.space, space],
  [Kind.comment, comment],
  [Kind.number, number],
] as const;

/** Code in an f-string ends at its brace, or at what says how to print it. */
function endsCode(text: string, at: number, { depth }: Nest): boolean {
  return depth === 0 && (text[at] === "}" || (text[at] === ":" && text[at + 1] !== "=") || (text[at] === "!" && text[at + 1] !== "="));
}

function string(tape: Tape, nests: Nest[], start: string): void {
  const [, prefix, quote] = /^([a-zA-Z]*)(.*)$/s.exec(start)!;
  if (/[fFtT]/.test(prefix)) {
    nests.push({ quote, depth: 0 });
    return inFormat(tape, nests, Kind.open);
  }
  tape.put(Kind.string, stringEnd(tape.text, tape.end + start.length, quote, { escape: "\\", lines: quote.length === 3 }));
}

/** The text of an f-string up to the code in it, or up to its end. */
function inFormat(tape: Tape, nests: Nest[], kind: Kind): void {
  const { text, end: from } = tape;
  const { quote } = nests[nests.length - 1];
  let at = kind === Kind.open ? behind(text, from, stringStart) : from;
  for (; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text.startsWith(quote, at)) return endFormat(tape, nests, kind, at + quote.length);
    else if (text[at] === "\n" && quote.length === 1) return endFormat(tape, nests, kind, at);
    else if (text[at] === "{" && text[at + 1] === "{") at++;
    else if (text[at] === "{") return tape.put(kind, at + 1);
  }
  endFormat(tape, nests, kind, text.length);
}

function endFormat(tape: Tape, nests: Nest[], kind: Kind, end: number): void {
  nests.pop();
  tape.put(kind === Kind.open ? Kind.string : Kind.close, Math.min(end, tape.text.length));
}
