/** YAML of CI, compose, Kubernetes and conda: values with the path of keys to them, scripts, images, variables, packages. */
import { Cursor, type Mention } from "../mention.js";
import { Kind, type Tape } from "../token.js";
import { packageOf, readRequirement } from "./packages.js";
import { readScript } from "./shell.js";

interface Level {
  readonly indent: number;
  readonly key: string;
}

const scripts = /^(?:run|script|before_script|after_script|command|args|entrypoint|cmd|setup|commands|install|test|build|steps)$/;

export function readYaml(tape: Tape): Mention[] {
  const tokens = new Cursor(tape);
  const out: Mention[] = [];
  let path: Level[] = [];
  for (let i = 0; i < tokens.length;) {
    const end = lineEnd(tokens, i);
    const line = lineOf(tokens, i, end);
    path = path.filter((l) => l.indent < line.indent || (l.indent === line.indent && line.key === undefined && line.item));
    if (line.key !== undefined) path.push({ indent: line.indent, key: line.key });
    out.push(
      ...mentionsOf(
        line,
        path.map((l) => l.key),
      ),
    );
    i = end;
  }
  return out;
}

interface Line {
  readonly indent: number;
  readonly item: boolean;
  readonly key: string | undefined;
  readonly keyAt: number;
  readonly value: string;
  readonly valueAt: number;
  readonly block: boolean;
}

/** The token behind the last one of the line; a block scalar belongs to the line that begins it. */
function lineEnd(tokens: Cursor, i: number): number {
  let k = i + 1;
  while (k < tokens.length && (!tokens.breaksBefore(k) || (tokens.kind(k) === Kind.string && /^[|>]/.test(tokens.text(k - 1))))) k++;
  return k;
}

function lineOf(tokens: Cursor, from: number, to: number): Line {
  const { text } = tokens.tape;
  const start = text.lastIndexOf("\n", tokens.start(from) - 1) + 1;
  let i = from;
  while (i < to && tokens.text(i) === "-") i++;
  const first = Math.min(i, to - 1);
  const indent = (i > from && i < to ? tokens.start(first) : tokens.start(from)) - start;
  const item = i > from;
  const colon = keyEnd(tokens, first, to);
  const key = colon === undefined ? undefined : unquoted(text.slice(tokens.start(first), tokens.end(colon)).replace(/:$/, "").trim());
  const rest = colon === undefined ? first : colon + 1;
  const block = rest < to && /^[|>]/.test(tokens.text(rest)) && tokens.kind(rest + 1) === Kind.string;
  const at = block ? rest + 1 : rest;
  const value = at < to ? text.slice(tokens.start(at), tokens.end(to - 1)) : "";
  return { indent, item, key, keyAt: tokens.start(first), value, valueAt: at < to ? tokens.start(at) : 0, block };
}

/** The token whose colon ends a key: it is followed by a blank or by the line's end. */
function keyEnd(tokens: Cursor, from: number, to: number): number | undefined {
  for (let i = from; i < to && i < from + 8; i++) {
    const ends = tokens.text(i).endsWith(":") || (tokens.kind(i) === Kind.string && tokens.text(i + 1) === ":");
    if (!ends) continue;
    const colon = tokens.text(i).endsWith(":") ? i : i + 1;
    if (colon === to - 1 || !tokens.touches(colon + 1)) return colon;
  }
  return undefined;
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/s, "$2");
}

function mentionsOf(line: Line, path: readonly string[]): Mention[] {
  const { key, value, valueAt, keyAt, block } = line;
  const role = path.join("/");
  const last = path[path.length - 1] ?? "";
  const out: Mention[] = [];
  if (key !== undefined && /(?:^|\/)(?:env|environment|variables)\/[^/]+$/.test(role))
    out.push({ sort: "variable", text: key, at: keyAt, role: "set" });
  if (key !== undefined) out.push({ sort: "entry", text: `${key}:`, at: keyAt, role });
  if (value === "") return out;
  if (scripts.test(last) || /(?:script|command|_cmd)$/.test(last)) out.push(...script(value, valueAt, block));
  else if (/^(?:env|environment)$/.test(last)) out.push(...assigned(value, valueAt));
  else if (/^(?:dependencies|pip|channels)$/.test(last) && key === undefined) out.push(...conda(value, valueAt, last));
  if (last === "name" && /(?:^|\/)env\//.test(role)) out.push({ sort: "variable", text: unquoted(value), at: valueAt, role: "set" });
  if (!block) out.push(...words(unquoted(value), valueAt, role, last));
  return out;
}

/** A list on one line is its words. */
function words(value: string, at: number, role: string, last: string): Mention[] {
  if (/^(?:image|container|base_image|docker_image|FROM)$/i.test(last)) return [{ sort: "image", text: value, at }];
  const list = /^[[{]/.test(value) ? [...value.matchAll(/[^\s,[\]{}"']+/g)] : undefined;
  if (!list) return [{ sort: "entry", text: value, at, role }];
  return list.map((m) => ({ sort: "entry", text: m[0], at: at + m.index, role }));
}

function script(value: string, at: number, block: boolean): Mention[] {
  if (block) return readScript(value, at);
  if (!value.startsWith("[")) return readScript(unquoted(value), at + (/^["']/.test(value) ? 1 : 0));
  const text = value.replace(/[[\],]/g, " ").replace(/(?<=\s)["']|["'](?=\s)/g, " ");
  return readScript(text, at);
}

function assigned(value: string, at: number): Mention[] {
  const name = /^["']?(\w+)(?:=|["']?$)/.exec(value)?.[1];
  return name === undefined ? [] : [{ sort: "variable", text: name, at, role: "set" }];
}

function conda(value: string, at: number, kind: string): Mention[] {
  const text = unquoted(value);
  if (kind === "channels") return [{ sort: "index", text, at }];
  return kind === "pip" ? readRequirement(text, at, "") : packageOf(text, at);
}
