/** Import statements of Python: what they bring in, and under which names. */
import type { Cursor, Mention } from "../mention.js";
import { Kind } from "../token.js";

export interface Imported {
  readonly mentions: readonly Mention[];
  /** Full names by the short ones that a file uses. */
  readonly aliases: readonly (readonly [short: string, full: string])[];
  /** The token behind the statement. */
  readonly next: number;
}

export function readImport(tokens: Cursor, i: number): Imported {
  return tokens.text(i) === "import" ? plainImport(tokens, i + 1) : fromImport(tokens, i + 1);
}

/** A dotted name that begins at a token, and the token behind it. */
function dotted(tokens: Cursor, from: number): { readonly name: string; readonly next: number } {
  let [name, i] = ["", from];
  while (tokens.text(i) === "." || (tokens.kind(i) === Kind.word && (name === "" || name.endsWith(".")))) {
    if (i > from && tokens.breaksBefore(i)) break;
    name += tokens.text(i++);
    if (tokens.text(i) === "import" || tokens.text(i) === "as") break;
  }
  return { name, next: i };
}

/** `import a.b, c as d` */
function plainImport(tokens: Cursor, from: number): Imported {
  const mentions: Mention[] = [];
  const aliases: [string, string][] = [];
  let i = from;
  for (;;) {
    const { name, next } = dotted(tokens, i);
    if (name === "") return { mentions, aliases, next };
    mentions.push({ sort: "import", text: name, at: tokens.start(i) });
    const renamed = tokens.text(next) === "as";
    if (renamed) aliases.push([tokens.text(next + 1), name]);
    i = renamed ? next + 2 : next;
    if (tokens.text(i) !== ",") return { mentions, aliases, next: i };
    i++;
  }
}

/** `from a.b import c, d as e`, in brackets too. */
function fromImport(tokens: Cursor, from: number): Imported {
  const { name: module, next } = dotted(tokens, from);
  if (tokens.text(next) !== "import") return { mentions: [], aliases: [], next: Math.max(next, from) };
  const within = tokens.start(from);
  const mentions: Mention[] = [{ sort: "import", text: module, at: within }];
  const aliases: [string, string][] = [];
  const bracket = tokens.text(next + 1) === "(";
  let i = bracket ? next + 2 : next + 1;
  while (tokens.kind(i) === Kind.word || tokens.text(i) === "*") {
    if (!bracket && tokens.breaksBefore(i)) break;
    const item = tokens.text(i);
    const full = `${module}.${item}`;
    mentions.push({ sort: "import", text: full, at: tokens.start(i), within });
    const renamed = tokens.text(i + 1) === "as";
    if (item !== "*") aliases.push([renamed ? tokens.text(i + 2) : item, full]);
    i += renamed ? 3 : 1;
    if (tokens.text(i) !== ",") break;
    i++;
  }
  return { mentions, aliases, next: bracket && tokens.text(i) === ")" ? i + 1 : i };
}
