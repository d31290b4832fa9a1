/** Commands of CMake and their arguments; what is said to the user by `message` is none. */
import { Cursor, type Mention } from "../mention.js";
import { Kind, type Tape } from "../token.js";

const silent = /^(?:message|option|print)$/i;

export function readCmake(tape: Tape): Mention[] {
  const tokens = new Cursor(tape);
  const out: Mention[] = [];
  let [command, depth] = ["", 0];
  for (let i = 0; i < tokens.length; i++) {
    const text = tokens.text(i);
    if (text === "(") depth++;
    else if (text === ")") depth--;
    else if (depth === 0 && tokens.text(i + 1) === "(") out.push({ sort: "command", text: (command = text), at: tokens.start(i) });
    else if (depth > 0) out.push(...argument(tokens, i, command));
  }
  return out;
}

/** A quoted argument counts by its words, since lists are written so. */
function argument(tokens: Cursor, i: number, command: string): Mention[] {
  const text = tokens.text(i);
  const at = tokens.start(i);
  if (silent.test(command)) return [];
  const words =
    tokens.kind(i) === Kind.string ? [...text.matchAll(/[^\s;"]+/g)].map((m) => [m[0], at + m.index] as const) : [[text, at] as const];
  return words.map(([word, from]) => ({ sort: "argument", text: word, at: from, role: command }));
}
