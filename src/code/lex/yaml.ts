/** YAML: comments, quoted scalars, block scalars as strings, and plain words. */
import { behind, cut, Kind, stringEnd, type Tape } from "../token.js";

const space = /\s+/y;
const comment = /#[^\n]*/y;
/** What a line ends with that begins a block scalar. */
const block = /[|>][+-]?[1-9]?[+-]?[ \t]*(?:#[^\n]*)?(?=\r?\n)/y;
const word = /[^\s#"',[\]{}|>]+|(?<=\S)[#"'|>]+/y;

export const lexYaml = (text: string): Tape => cut(text, step);

function step(tape: Tape): void {
  const { text, end: at } = tape;
  const blank = behind(text, at, space);
  if (blank > at) return tape.put(Kind.space, blank);
  const free = at === 0 || /[\s,[\]{}:]/.test(text[at - 1]);
  if (free && text[at] === "#") return tape.put(Kind.comment, behind(text, at, comment));
  if (free && (text[at] === '"' || text[at] === "'")) {
    return tape.put(Kind.string, stringEnd(text, at + 1, text[at], { escape: text[at] === '"' ? "\\" : "\0", lines: true }));
  }
  const head = beginsBlock(text, at) ? behind(text, at, block) : at;
  if (head > at) {
    tape.put(Kind.mark, head);
    return tape.put(Kind.string, blockEnd(text, head, lineIndent(text, at)));
  }
  const to = behind(text, at, word);
  tape.put(to > at ? Kind.word : Kind.mark, to > at ? to : at + 1);
}

function beginsBlock(text: string, at: number): boolean {
  return (text[at] === "|" || text[at] === ">") && /(?:[:-]|![\w!]+|&\w+)[ \t]+$/.test(text.slice(Math.max(0, at - 40), at));
}

/** Columns before what a line says; a dash of a list belongs to what is before. */
function lineIndent(text: string, at: number): number {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  return behind(text, start, / */y) - start;
}

function blockEnd(text: string, from: number, indent: number): number {
  let end = from;
  for (let at = from; at < text.length;) {
    const start = at + (text[at] === "\r" ? 2 : 1);
    const next = text.indexOf("\n", start);
    const to = next < 0 ? text.length : next;
    const line = text.slice(start, to);
    if (line.trim() !== "" && line.length - line.trimStart().length <= indent) return end;
    [at, end] = [to, to];
  }
  return end;
}
