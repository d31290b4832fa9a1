/** Packages that files of dependencies ask for, and the addresses they come from. */
import { Cursor, type Mention } from "../mention.js";
import { Kind, type Tape } from "../token.js";

const named = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*((?:[=<>!~@^]|===).*|=[\w.*=+!-]+)?$/s;
const indexOption = /^(?:-i|-f|--index-url|--extra-index-url|--find-links|--index|-c|--channel)$/;

/** One requirement as pip and conda write it. */
export function packageOf(text: string, at: number): Mention[] {
  const found = named.exec(text.split(";")[0].trim());
  if (!found) return [];
  const name = found[1].replace(/^.*::/, "").toLowerCase().replace(/_/g, "-");
  return [{ sort: "package", text: name, at, role: (found[2] ?? "").trim() }];
}

/** A word of a requirements file or of an install command: an option, an address, or a package. */
export function readRequirement(text: string, at: number, before: string): Mention[] {
  const option = /^(--?[\w-]+)=(.*)$/.exec(text);
  if (option && indexOption.test(option[1])) return [{ sort: "index", text: option[2], at: at + option[1].length + 1 }];
  if (indexOption.test(before)) return [{ sort: "index", text, at }];
  if (/^(?:git\+)?https?:/.test(text)) return [{ sort: "index", text, at }];
  if (text.startsWith("-") || /^(?:-r|-t|--target|-o|--platform|--python|-n|--name)$/.test(before)) return [];
  return packageOf(text, at);
}

export function readRequirements(tape: Tape): Mention[] {
  const tokens = new Cursor(tape);
  const out: Mention[] = [];
  let line = "";
  for (let i = 0; i < tokens.length; i++) {
    const text = tokens.text(i);
    const before = i > 0 && !tokens.breaksBefore(i) ? tokens.text(i - 1) : "";
    if (tokens.breaksBefore(i)) line = text;
    else if (before !== "" && !line.startsWith("-") && !/^(?:git\+)?https?:/.test(text)) continue;
    out.push(...readRequirement(before === "" ? wholeLine(tokens, i) : text, tokens.start(i), before));
  }
  return out;
}

/** `torch == 2.1` is one requirement, and `--index-url X` two words. */
function wholeLine(tokens: Cursor, i: number): string {
  if (tokens.text(i).startsWith("-")) return tokens.text(i);
  let text = tokens.text(i);
  for (let k = i + 1; k < tokens.length && !tokens.breaksBefore(k) && !/^(?:--|;)/.test(tokens.text(k)); k++) text += tokens.text(k);
  return text;
}

const sectionNamed = /depend|requires|packages|extras|group/;

/** pyproject.toml, Pipfile, poetry.lock, uv.lock: strings in lists of dependencies, keys of tables of them, names of locked packages. */
export function readToml(tape: Tape): Mention[] {
  const tokens = new Cursor(tape);
  const out: Mention[] = [];
  let [section, key] = ["", ""];
  let depth = 0;
  for (let i = 0; i < tokens.length; i++) {
    const text = tokens.text(i);
    if (depth === 0 && text === "[" && tokens.breaksBefore(i)) {
      const end = tape.text.indexOf("]", tokens.start(i));
      section = tape.text.slice(tokens.start(i), end < 0 ? undefined : end).replace(/[[\]"']/g, "");
    }
    depth += text === "[" || text === "{" ? 1 : text === "]" || text === "}" ? -1 : 0;
    if (tokens.text(i + 1) === "=" && tokens.breaksBefore(i)) {
      key = unquoted(text);
      if (sectionNamed.test(section) && !/^package$/.test(section))
        out.push(...packageOf(key, tokens.start(i)).map((m) => ({ ...m, role: unquoted(tokens.text(i + 2)) })));
    } else if (tokens.kind(i) === Kind.string) out.push(...tomlValue(tokens, i, section, key));
  }
  return out;
}

function tomlValue(tokens: Cursor, i: number, section: string, key: string): Mention[] {
  const text = unquoted(tokens.text(i));
  const at = tokens.start(i) + 1;
  if (/^(?:https?|git\+)/.test(text)) return [{ sort: "index", text, at }];
  const locked = key === "name" && /^package\b/.test(section) && tokens.text(i - 1) === "=";
  return locked || sectionNamed.test(key) || /^(?:dependency-groups|project\.optional-dependencies|.*\bextras)$/.test(section)
    ? packageOf(text, at)
    : [];
}

function unquoted(text: string): string {
  return text.replace(/^(?:"""|'''|"|')|(?:"""|'''|"|')$/g, "");
}

/** setup.cfg: the lines of keys that ask for packages. */
export function readIni(tape: Tape): Mention[] {
  const out: Mention[] = [];
  const tokens = new Cursor(tape);
  let asks = false;
  for (let i = 0; i < tokens.length; i++) {
    if (!tokens.breaksBefore(i)) continue;
    const start = tokens.start(i);
    const indented = /[ \t]/.test(tape.text[start - 1] ?? "");
    const line = wholeLine(tokens, i);
    if (!indented) asks = /^(?:install_requires|setup_requires|tests_require|deps|requires)\b/.test(line) || (asks && !/[=[]/.test(line));
    else if (asks) out.push(...packageOf(line, start));
    if (!indented && /^\[options\.extras_require\]/.test(line)) asks = true;
    else if (asks && /^\w+=[A-Za-z]/.test(line)) out.push(...packageOf(line.slice(line.indexOf("=") + 1), start));
  }
  return out;
}
