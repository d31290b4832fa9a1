/** Commands of a shell with their arguments, and the variables that are set and read; what is printed is no command. */
import { lexPython } from "../lex/python.js";
import { lexShell } from "../lex/shell.js";
import { Cursor, type Mention } from "../mention.js";
import { Kind, type Tape } from "../token.js";
import { readRequirement } from "./packages.js";
import { readPython } from "./python.js";

/** Words before a command that run it. */
const runners =
  /^(?:sudo|exec|time|nohup|env|command|builtin|then|do|else|if|elif|while|until|!|stdbuf|xargs|srun|mpirun|mpiexec|numactl|taskset|eval|timeout|nice)$/;
const printers = /^(?:echo|printf|cat|print|info|warn|warning|error|log|die|usage|grep|egrep|sed|awk|:|#)$/;
const shells = /^(?:ba|z|k|da)?sh$/;

interface Word {
  readonly text: string;
  readonly at: number;
  readonly quoted: boolean;
  readonly document?: true;
}

interface Place {
  /** What the offsets of the text begin at in its file. */
  readonly base: number;
}

export function readShell(tape: Tape, place: Place = { base: 0 }): Mention[] {
  return commands(new Cursor(tape), 0, Number.MAX_SAFE_INTEGER).flatMap((words) => ofCommand(words, place));
}

/** Commands of some tokens of a tape, as RUN of a Dockerfile holds them. */
export function readShellTokens(tokens: Cursor, from: number, to: number): Mention[] {
  return commands(tokens, from, to).flatMap((words) => ofCommand(words, { base: 0 }));
}

/** Text of a script that stands in another file. */
export function readScript(text: string, base: number): Mention[] {
  return readShell(lexShell(text), { base });
}

/** Words of each command; separators and brackets are between them. A here-document is the last word of its command. */
function commands(tokens: Cursor, from: number, to: number): Word[][] {
  const all: Word[][] = [[]];
  const waiting: Word[][] = [];
  for (let i = from; i < Math.min(to, tokens.length); i++) {
    const text = tokens.text(i);
    const kind = tokens.kind(i);
    const last = all[all.length - 1];
    if (text.startsWith("<<") && kind === Kind.mark && text.length > 2) waiting.push(last);
    if (kind === Kind.mark && /^[;&|()`]$/.test(text)) all.push([]);
    else if (i > from && tokens.breaksBefore(i)) {
      const heir = kind === Kind.string ? waiting.shift() : undefined;
      if (heir) heir.push({ text, at: tokens.start(i), quoted: true, document: true });
      else all.push([piece(tokens, i)]);
    } else if (kind === Kind.open || kind === Kind.part) substitution(tokens, i, all, last);
    else if (last.length > 0 && tokens.touches(i)) last.push(joined(last.pop()!, piece(tokens, i)));
    else last.push(piece(tokens, i));
    if ((kind === Kind.open || kind === Kind.part) && /(?:\$\(|`)$/.test(text)) all.push([]);
  }
  return all.filter((words) => words.length > 0);
}

function substitution(tokens: Cursor, i: number, all: Word[][], last: Word[]): void {
  const word = piece(tokens, i);
  if (last.length > 0 && tokens.touches(i) && all[all.length - 1] === last) last.push(joined(last.pop()!, word));
  else last.push(word);
}

function joined(a: Word, b: Word): Word {
  return { text: a.text + b.text, at: a.at, quoted: a.quoted && b.quoted };
}

function piece(tokens: Cursor, i: number): Word {
  const kind = tokens.kind(i)!;
  const quoted = kind === Kind.string || kind === Kind.open || kind === Kind.part || kind === Kind.close;
  const text = tokens.text(i);
  return { text: quoted ? text.replace(/^\$?["'`)]|["'`]$|\$\($/g, "") : text, at: tokens.start(i), quoted };
}

function ofCommand(all: readonly Word[], place: Place): Mention[] {
  const words = all.filter((w) => !w.document);
  return [...all.filter((w) => w.document).flatMap((w) => document(w, words, place)), ...ofWords(words, place)];
}

/** A here-document is read as what it is given to: a shell, Python, or a file of a known kind; what is printed is read as nothing. */
function document({ text, at }: Word, words: readonly Word[], { base }: Place): Mention[] {
  const command = commandOf(words);
  if (shells.test(command) || command === "ssh") return readScript(text, at + base);
  if (/^python[\d.]*$/.test(command)) return moved(readPython(lexPython(text)), at + base);
  const target = words[words.findIndex((w) => /^>>?$/.test(w.text)) + 1]?.text ?? "";
  const tee = command === "tee" ? (words.find((w, i) => i > 0 && !w.text.startsWith("-") && w.text !== command)?.text ?? "") : "";
  const path = words.some((w) => /^>>?$/.test(w.text)) ? target : tee;
  if (/\.(?:env|sh|bash|sbatch|slurm)$|(?:^|\/)\.?(?:env|bashrc|profile)(?:\.\w+)?$/.test(path)) return readScript(text, at + base);
  return /\.py$/.test(path) ? moved(readPython(lexPython(text)), at + base) : [];
}

/** Of Python that a script holds. */
function moved(mentions: readonly Mention[], by: number): Mention[] {
  return mentions.map((m) => ({ ...m, language: "python", at: m.at + by, ...(m.within === undefined ? {} : { within: m.within + by }) }));
}

function firstOf(words: readonly Word[]): number {
  return words.findIndex(({ text }) => !/^\w+\+?=/.test(text) && !runners.test(text) && !/^-/.test(text) && !/^\{$/.test(text));
}

function commandOf(words: readonly Word[]): string {
  return words[firstOf(words)]?.text.replace(/^.*\//, "") ?? "";
}

function ofWords(words: readonly Word[], { base }: Place): Mention[] {
  const out: Mention[] = [];
  const shift = (word: Word): number => word.at + base;
  for (const word of words)
    for (const m of word.text.matchAll(/\$\{?(\w+)/g)) out.push({ sort: "variable", text: m[1], at: shift(word), role: "read" });
  const first = firstOf(words);
  for (const word of first < 0 ? words : words.slice(0, first)) out.push(...assignment(word, shift(word)));
  if (first < 0) return out;
  const command = commandOf(words);
  if (words[first].quoted && /\s/.test(words[first].text)) return out;
  out.push({ sort: "command", text: command, at: shift(words[first]) });
  if (!printers.test(command)) out.push(...operands(command, words.slice(first + 1), base));
  return out;
}

function assignment(word: Word, at: number): Mention[] {
  const found = /^(\w+)\+?=(.*)$/s.exec(word.text);
  if (!found) return [];
  const value: Mention[] =
    found[2] === "" ? [] : [{ sort: "argument", text: found[2], at: at + found[1].length + 1, role: `${found[1]}=` }];
  return [{ sort: "variable", text: found[1], at, role: "set" }, ...value];
}

function operands(command: string, words: readonly Word[], base: number): Mention[] {
  const out: Mention[] = [];
  const declares =
    /^(?:export|declare|local|readonly|env|typeset|setenv|unset|ENV|ARG|docker|podman|nerdctl|bash|sh|sbatch|mpirun|srun)$/.test(command);
  for (const [i, word] of words.entries()) {
    const at = word.at + base;
    if (declares || /^-(?:e|-env|x)$/.test(words[i - 1]?.text ?? ""))
      out.push(...(assignment(word, at).length > 0 ? assignment(word, at) : bareName(word, at, command, words[i - 1]?.text)));
    if (shells.test(command) && /^-\w*c$/.test(words[i - 1]?.text ?? "")) out.push(...readScript(word.text, at + (word.quoted ? 1 : 0)));
    else if (!(word.quoted && /\s/.test(word.text)))
      out.push({ sort: "argument", text: word.text, at, role: [command, words[i - 1]?.text ?? ""].join(" ") });
  }
  return installs(command, words) ? [...out, ...packages(words, base)] : out;
}

/** `export NAME`, `unset NAME` and `docker run -e NAME`. */
function bareName(word: Word, at: number, command: string, before: string | undefined): Mention[] {
  const named =
    /^[A-Z_][A-Z0-9_]*$/.test(word.text) && (/^(?:export|unset|readonly)$/.test(command) || /^(?:-e|--env|-x)$/.test(before ?? ""));
  return named ? [{ sort: "variable", text: word.text, at, role: "set" }] : [];
}

function installs(command: string, words: readonly Word[]): boolean {
  const said = words.map(({ text }) => text);
  if (/^(?:pip[\d.]*|uv|conda|mamba|micromamba|poetry|pdm|npm|yarn|pnpm|pixi)$/.test(command))
    return said.some((w) => /^(?:install|add|create|i)$/.test(w));
  return /^python[\d.]*$/.test(command) && said.includes("pip") && said.includes("install");
}

function packages(words: readonly Word[], base: number): Mention[] {
  const from = words.findIndex(({ text }) => /^(?:install|add|create|i)$/.test(text));
  return words
    .slice(from + 1)
    .flatMap((word, i, all) => readRequirement(word.text, word.at + base + (word.quoted ? 1 : 0), all[i - 1]?.text ?? ""));
}
