/** requirements.txt and its kin: a line each, comments behind blanks, continued lines. */
import { behind, cut, Kind, type Tape } from "../token.js";

const space = /(?:\s|\\\r?\n)+/y;
const comment = /#[^\n]*/y;
const word = /(?:[^\s\\]|\\(?!\r?\n))+/y;

export const lexRequirements = (text: string): Tape => cut(text, step);

function step(tape: Tape): void {
  const { text, end: at } = tape;
  const blank = behind(text, at, space);
  if (blank > at) tape.put(Kind.space, blank);
  else if (text[at] === "#") tape.put(Kind.comment, behind(text, at, comment));
  else tape.put(Kind.word, Math.max(at + 1, behind(text, at, word)));
}
