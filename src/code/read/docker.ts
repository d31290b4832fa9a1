/** Dockerfiles: images, the environment, what is run; stages that the last one does not come from are not shipped. */
import { Cursor, type Mention } from "../mention.js";
import { Kind, type Tape } from "../token.js";
import { readScript, readShellTokens } from "./shell.js";

interface Instruction {
  readonly word: string;
  /** The tokens behind the word: `from` to `to`, exclusive. */
  readonly from: number;
  readonly to: number;
}

interface Stage {
  readonly name: string;
  readonly base: string;
  readonly first: number;
}

export function readDocker(tape: Tape): Mention[] {
  const tokens = new Cursor(tape);
  const all = instructions(tokens);
  const stages = all.flatMap((x, i) => (x.word === "FROM" ? [stageOf(tokens, x, i)] : []));
  const shipped = shippedOf(stages);
  return all.flatMap((x, i) => {
    const stage = stages.findLastIndex((s) => s.first <= i);
    const unshipped = stage >= 0 && !shipped.has(stage);
    return mentionsOf(tokens, x).map((m) => (unshipped ? { ...m, unshipped } : m));
  });
}

/** An instruction begins a line; a here-document belongs to the one before it. */
function instructions(tokens: Cursor): Instruction[] {
  const starts = Array.from({ length: tokens.length }, (_, i) => i).filter(
    (i) => tokens.breaksBefore(i) && tokens.kind(i) === Kind.word && /^[A-Za-z]+$/.test(tokens.text(i)),
  );
  return starts.map((from, n) => ({ word: tokens.text(from).toUpperCase(), from: from + 1, to: starts[n + 1] ?? tokens.length }));
}

function wordsOf(tokens: Cursor, { from, to }: Instruction): { text: string; at: number }[] {
  const out: { text: string; at: number }[] = [];
  for (let i = from; i < to; i++) {
    if (i > from && tokens.touches(i)) out[out.length - 1].text += tokens.text(i);
    else out.push({ text: tokens.text(i), at: tokens.start(i) });
  }
  return out;
}

function stageOf(tokens: Cursor, instruction: Instruction, first: number): Stage {
  const words = wordsOf(tokens, instruction).filter(({ text }) => !text.startsWith("--"));
  const name = words[1]?.text.toUpperCase() === "AS" ? (words[2]?.text ?? "") : "";
  return { name: name.toLowerCase(), base: (words[0]?.text ?? "").toLowerCase(), first };
}

/** The last stage, and those that it is built upon. */
function shippedOf(stages: readonly Stage[]): ReadonlySet<number> {
  const shipped = new Set<number>();
  for (let i = stages.length - 1; i >= 0 && !shipped.has(i);) {
    shipped.add(i);
    const { base } = stages[i];
    i = stages.findIndex((s, k) => k < i && s.name !== "" && s.name === base);
  }
  return shipped;
}

function mentionsOf(tokens: Cursor, instruction: Instruction): Mention[] {
  const { word, from, to } = instruction;
  if (word === "FROM") return images(wordsOf(tokens, instruction));
  if (word === "ENV" || word === "ARG") return environment(tokens, instruction);
  if (word === "RUN" || word === "CMD" || word === "ENTRYPOINT") return [...run(tokens, from, to), ...heredocs(tokens, from, to)];
  if (word !== "COPY" && word !== "ADD") return [];
  return wordsOf(tokens, instruction).flatMap(({ text, at }) =>
    text.startsWith("--from=") ? [{ sort: "image" as const, text: text.slice(7), at: at + 7 }] : [],
  );
}

function images(words: readonly { text: string; at: number }[]): Mention[] {
  const image = words.find(({ text }) => !text.startsWith("--"));
  return image ? [{ sort: "image", text: image.text, at: image.at }] : [];
}

function environment(tokens: Cursor, instruction: Instruction): Mention[] {
  const words = wordsOf(tokens, instruction);
  const old = words[0] && !words[0].text.includes("=") ? [{ text: `${words[0].text}=${words[1]?.text ?? ""}`, at: words[0].at }] : words;
  return old.flatMap(({ text, at }) => {
    const [, name, value] = /^(\w+)=?(.*)$/s.exec(text) ?? [];
    if (name === undefined) return [];
    const said: Mention[] =
      instruction.word === "ARG" && /image|base|from/i.test(name)
        ? [{ sort: "image", text: unquoted(value), at: at + name.length + 1 }]
        : [];
    return [
      { sort: "variable", text: name, at, role: "set" },
      ...said,
      { sort: "argument", text: unquoted(value), at: at + name.length + 1, role: `${name}=` },
    ] as Mention[];
  });
}

function unquoted(text: string): string {
  return text.replace(/^["']|["']$/g, "");
}

/** The exec form is a list of strings, the other a script. */
function run(tokens: Cursor, from: number, to: number): Mention[] {
  const options = Array.from({ length: to - from }, (_, i) => from + i).find((i) => !tokens.text(i).startsWith("--")) ?? from;
  if (!tokens.text(options).startsWith("[")) return readShellTokens(tokens, options, to);
  const text = tokens.tape.text.slice(tokens.start(options), tokens.end(to - 1));
  const words = [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)];
  const shellForm = words.map((m) => (/\s/.test(m[1]) ? `'${m[1]}'` : m[1])).join(" ");
  return readScript(shellForm, 0).map((m) => ({ ...m, at: tokens.start(options) + offsetIn(words, m.at) }));
}

function offsetIn(words: readonly RegExpExecArray[], at: number): number {
  let from = 0;
  for (const m of words) {
    const length = m[1].length + (/\s/.test(m[1]) ? 2 : 0);
    if (at <= from + length) return m.index + 1;
    from += length + 1;
  }
  return 0;
}

function heredocs(tokens: Cursor, from: number, to: number): Mention[] {
  const out: Mention[] = [];
  for (let i = from; i < to; i++)
    if (tokens.kind(i) === Kind.string && tokens.breaksBefore(i)) out.push(...readScript(tokens.text(i), tokens.start(i)));
  return out;
}
