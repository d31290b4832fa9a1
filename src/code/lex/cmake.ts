/** CMake: line and bracket comments, quoted and bracket arguments, and bare words with the variables in them. */
import { behind, cut, Kind, stringEnd, type Tape } from "../token.js";

const space = /\s+/y;
const bracket = /\[(=*)\[/y;
const word = /(?:[^\s()#"\\]|\\[^])+/y;

export const lexCmake = (text: string): Tape => cut(text, step);

function step(tape: Tape): void {
  const { text, end: at } = tape;
  const blank = behind(text, at, space);
  if (blank > at) return tape.put(Kind.space, blank);
  if (text[at] === "#") return tape.put(Kind.comment, bracketEnd(text, at + 1) ?? lineEnd(text, at));
  if (text[at] === '"') return tape.put(Kind.string, stringEnd(text, at + 1, '"', { escape: "\\", lines: true }));
  const held = bracketEnd(text, at);
  if (held !== undefined) return tape.put(Kind.string, held);
  const bare = behind(text, at, word);
  tape.put(bare > at ? Kind.word : Kind.mark, bare > at ? bare : at + 1);
}

/** Behind a bracket argument that begins here. */
function bracketEnd(text: string, at: number): number | undefined {
  bracket.lastIndex = at;
  const found = bracket.exec(text);
  if (!found) return undefined;
  const end = `]${found[1]}]`;
  const to = text.indexOf(end, bracket.lastIndex);
  return to < 0 ? text.length : to + end.length;
}

function lineEnd(text: string, at: number): number {
  const to = text.indexOf("\n", at);
  return to < 0 ? text.length : to;
}
