/** TOML and INI: comments, the four strings of TOML, and bare words. */
import { behind, cut, Kind, stringEnd, type Tape } from "../token.js";

const space = /[ \t\r\n]+/y;
const comment = /[#;][^\n]*/y;
const hash = /#[^\n]*/y;
const word = /[^\s#"'=,[\]{}]+/y;

export const lexToml = (text: string): Tape => cut(text, (tape) => step(tape, false));

/** In INI files quotes mean nothing, and a semicolon at a line's start is a comment. */
export const lexIni = (text: string): Tape => cut(text, (tape) => step(tape, true));

function step(tape: Tape, ini: boolean): void {
  const { text, end: at } = tape;
  const blank = behind(text, at, space);
  if (blank > at) return tape.put(Kind.space, blank);
  const alone = at === 0 || text[at - 1] === "\n" || /\s/.test(text[at - 1]);
  const said = ini ? (alone ? behind(text, at, comment) : at) : behind(text, at, hash);
  if (said > at) return tape.put(Kind.comment, said);
  const quoted = ini ? undefined : quote(text, at);
  if (quoted) {
    const escape = quoted[0] === '"' ? "\\" : "\0";
    return tape.put(Kind.string, stringEnd(text, at + quoted.length, quoted, { escape, lines: quoted.length === 3 }));
  }
  const to = behind(text, at, ini ? /[^\s=,]+/y : word);
  tape.put(to > at ? Kind.word : Kind.mark, to > at ? to : at + 1);
}

function quote(text: string, at: number): string | undefined {
  return ['"""', "'''", '"', "'"].find((q) => text.startsWith(q, at));
}
