/** package.json, Pipfile.lock and the settings of containers: packages, scripts, and values with the keys to them. */
import { Cursor, type Mention } from "../mention.js";
import { Kind, type Tape } from "../token.js";
import { readScript } from "./shell.js";

export function readJson(tape: Tape): Mention[] {
  const tokens = new Cursor(tape);
  const out: Mention[] = [];
  const path: string[] = [];
  let key = "";
  for (let i = 0; i < tokens.length; i++) {
    const text = tokens.text(i);
    if (text === "{" || text === "[") path.push(key);
    else if (text === "}" || text === "]") key = path.pop() ?? "";
    else if (tokens.kind(i) === Kind.string && tokens.text(i + 1) === ":") {
      key = text.slice(1, -1);
      out.push(...ofKey(tokens, i, key, path));
    } else if (tokens.kind(i) === Kind.string) out.push(...ofValue(text.slice(1, -1), tokens.start(i) + 1, [...path, key]));
  }
  return out;
}

function ofKey(tokens: Cursor, i: number, key: string, path: readonly string[]): Mention[] {
  const parent = path[path.length - 1] ?? "";
  const at = tokens.start(i) + 1;
  const version = tokens.kind(i + 2) === Kind.string ? tokens.text(i + 2).slice(1, -1) : "";
  const packages = /dependencies$/i.test(parent) || parent === "default" || parent === "develop";
  if (packages) return [{ sort: "package", text: key.toLowerCase().replace(/_/g, "-"), at, role: version || versionBelow(tokens, i) }];
  if (/^(?:containerEnv|remoteEnv|env)$/.test(parent)) return [{ sort: "variable", text: key, at, role: "set" }];
  return [{ sort: "entry", text: `${key}:`, at, role: [...path, key].filter((p) => p !== "").join("/") }];
}

/** Of a locked package, whose version is a member of it. */
function versionBelow(tokens: Cursor, i: number): string {
  for (let k = i + 2; k < tokens.length && tokens.text(k) !== "}"; k++)
    if (tokens.text(k) === '"version"') return tokens.text(k + 2).slice(1, -1);
  return "";
}

function ofValue(text: string, at: number, path: readonly string[]): Mention[] {
  const role = path.filter((p) => p !== "").join("/");
  if (/(?:^|\/)scripts\/[^/]+$/.test(role)) return readScript(text, at);
  if (/(?:^|\/)image$/.test(role)) return [{ sort: "image", text, at }];
  if (/^https?:/.test(text)) return [{ sort: "index", text, at }];
  return [{ sort: "entry", text, at, role }];
}
