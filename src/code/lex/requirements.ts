/** requirements.txt and its kin: a line each, comments behind blanks, continued lines. */
import { behind, Kind, Tape } from "../token.js";

const space = /(?:\s|\\\r?\n)+/y;
const comment = /#[^\n]*/y;
const word = /(?:[^\s\\]|\\(?!\r?\n))+/y;

export function lexRequirements(text: string): Tape {
  const tape = new Tape(text);
  while (tape.end < text.length) {
    const at = tape.end;
    const blank = behind(text, at, space);
    if (blank > at) tape.put(Kind.space, blank);
    else if (text[at] === "#") tape.put(Kind.comment, behind(text, at, comment));
    else tape.put(Kind.word, Math.max(at + 1, behind(text, at, word)));
  }
  return tape;
}
