/** C, C++ and CUDA: comments with continued lines, raw strings, and what `#if 0` takes out. */
import { behind, cut, Kind, stringEnd, type Tape } from "../token.js";

const space = /(?:[ \t\r\n\f\v]|\\\r?\n)+/y;
const lineComment = /\/\/(?:[^\n\\]|\\\r?\n|\\)*/y;
const rawStart = /(?:u8|[uUL])?R"([^()\\\s"]{0,16})\(/y;
const quoteStart = /(?:u8|[uUL])?["']/y;
/** A name may be cut by a continued line. */
const word = /[\p{L}_$][\w$]*(?:\\\r?\n[\w$]+)*/uy;
const number = /(?:\d|\.\d)(?:[eEpP][+-]|'(?=\w)|[\w.])*/y;
const longMarks = /<<<|>>>|::|->/y;
const directive = /#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b[ \t]*([^\n]*)/y;

export const lexC = (text: string): Tape => cut(text, step);

function step(tape: Tape): void {
  const { text, end: at } = tape;
  for (const [kind, sticky] of plain) {
    const to = behind(text, at, sticky);
    if (to > at) return tape.put(kind, to);
  }
  if (text.startsWith("/*", at)) return tape.put(Kind.comment, after(text, "*/", at + 2));
  if (text[at] === "#" && takenOut(text, at)) return tape.put(Kind.comment, outEnd(text, at));
  const raw = behind(text, at, rawStart);
  if (raw > at) return tape.put(Kind.string, after(text, `)${/"(.*)\($/s.exec(text.slice(at, raw))![1]}"`, raw));
  const quoted = behind(text, at, quoteStart);
  if (quoted > at) return tape.put(Kind.string, stringEnd(text, quoted, text[quoted - 1], { escape: "\\", lines: false }));
  const named = behind(text, at, word);
  if (named > at) return tape.put(Kind.word, named);
  const long = behind(text, at, longMarks);
  tape.put(Kind.mark, long > at ? long : at + 1);
}

const plain = [
  [Kind.space, space],
  [Kind.comment, lineComment],
  [Kind.number, number],
] as const;

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}

function takenOut(text: string, at: number): boolean {
  directive.lastIndex = at;
  const found = directive.exec(text);
  return found?.[1] === "if" && /^(?:0|false)\s*(?:$|\/[/*])/.test(found[2].trimEnd());
}

/** Up to the directive that ends or turns what `#if 0` began, which is code again. */
function outEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at = after(text, "\n", at)) {
    const hash = behind(text, at, /[ \t]*/y);
    directive.lastIndex = hash;
    const word = text[hash] === "#" ? directive.exec(text)?.[1] : undefined;
    if (word?.startsWith("if")) depth++;
    else if (word === "endif" && --depth === 0) return hash;
    else if ((word === "else" || word === "elif") && depth === 1) return hash;
  }
  return text.length;
}
