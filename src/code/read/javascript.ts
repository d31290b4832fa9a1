/** Names, strings and variables of the environment in JavaScript and TypeScript. What reaches a session is followed elsewhere. */
import { Cursor, type Mention } from "../mention.js";
import { Kind, type Tape } from "../token.js";

const runs = /(?:^|\.)(?:exec|execSync|execFile|execFileSync|spawn|spawnSync|execa|\$)$/;

export function readJavascript(tape: Tape): Mention[] {
  const tokens = new Cursor(tape);
  const out: Mention[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const kind = tokens.kind(i);
    if (kind === Kind.string) out.push(...string(tokens, i));
    else if (kind === Kind.word) out.push(...name(tokens, i));
  }
  return out;
}

function name(tokens: Cursor, i: number): Mention[] {
  if (tokens.text(i - 1) === ".")
    return tokens.text(i - 2) === "env" ? [{ sort: "variable", text: tokens.text(i), at: tokens.start(i), role: "read" }] : [];
  const key = tokens.text(i + 1) === ":" && /^[A-Z][A-Z0-9_]+$/.test(tokens.text(i));
  return [
    {
      sort: key ? "variable" : "name",
      text: tokens.text(i),
      at: tokens.start(i),
      called: tokens.text(i + 1) === "(",
      role: key ? "set" : "",
    },
  ];
}

function string(tokens: Cursor, i: number): Mention[] {
  const text = tokens.text(i).slice(1, -1);
  const at = tokens.start(i) + 1;
  const role = callee(tokens, i);
  if (tokens.text(i - 1) === "[" && tokens.text(i - 2) === "env") return [{ sort: "variable", text, at, role: "read" }];
  if (tokens.text(i + 1) === ":" && /^[A-Z][A-Z0-9_]+$/.test(text)) return [{ sort: "variable", text, at, role: "set" }];
  const imported =
    role === "require" || role === "import" || tokens.text(i - 1) === "from" || (tokens.text(i - 1) === "import" && role === "");
  if (imported) return [{ sort: "import", text, at }];
  if (runs.test(role)) return [{ sort: "command", text: text.trim().split(/\s+/)[0].replace(/^.*\//, ""), at }];
  return [{ sort: "string", text, at, role }];
}

/** The name in front of the bracket that a string stands in, or the key that it is the value of. */
function callee(tokens: Cursor, i: number): string {
  const text = tokens.text(i - 1);
  if (text === ":" && tokens.text(i - 2) !== ")") return `${tokens.text(i - 2).replace(/["']/g, "")}:`;
  return text === "(" && tokens.kind(i - 2) === Kind.word ? tokens.text(i - 2) : "";
}
