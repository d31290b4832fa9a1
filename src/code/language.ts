/** Which language a file is written in, by its name or by its first line; files of other kinds are not read. */
import { lexC } from "./lex/c.js";
import { lexCmake } from "./lex/cmake.js";
import { lexJavascript } from "./lex/javascript.js";
import { lexPython } from "./lex/python.js";
import { lexRequirements } from "./lex/requirements.js";
import { lexShell } from "./lex/shell.js";
import { lexIni, lexToml } from "./lex/toml.js";
import { lexYaml } from "./lex/yaml.js";
import type { Lexer } from "./token.js";

export const lexers = {
  python: lexPython,
  c: lexC,
  cuda: lexC,
  cmake: lexCmake,
  docker: (text) => lexShell(text, { docker: true }),
  shell: (text) => lexShell(text),
  make: (text) => lexShell(text, { make: true }),
  yaml: lexYaml,
  requirements: lexRequirements,
  toml: lexToml,
  ini: lexIni,
  json: lexJavascript,
  javascript: lexJavascript,
} as const satisfies Readonly<Record<string, Lexer>>;

export type Language = keyof typeof lexers;

const byName: readonly (readonly [RegExp, Language])[] = [
  [/^(?:CMakeLists\.txt|.*\.cmake(?:\.in)?)$/i, "cmake"],
  [/^(?:.*[._-])?(?:Dockerfile|Containerfile)(?:[._-].*)?$/i, "docker"],
  [/^(?:GNUmakefile|Makefile|makefile)(?:\..*)?$|\.mk$/, "make"],
  [/^(?:requirements|constraints)[\w.-]*\.(?:txt|in)$|^[\w.-]*[-_.]requirements\.(?:txt|in)$/i, "requirements"],
  [/^(?:Pipfile|poetry\.lock|uv\.lock|pdm\.lock)$|\.toml$/, "toml"],
  [/^(?:setup|tox)\.cfg$/, "ini"],
  [/^(?:package|package-lock|devcontainer|\.devcontainer|daemon)\.json$|^Pipfile\.lock$/, "json"],
  [/\.(?:py|pyi|pyx|pxd)$/, "python"],
  [/\.(?:cu|cuh)$/, "cuda"],
  [/\.(?:c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|inl|inc|ipp|tpp)$/i, "c"],
  [/\.(?:sh|bash|zsh|ksh|sbatch|slurm)$/, "shell"],
  [/\.ya?ml$/, "yaml"],
  [/\.(?:ts|tsx|mts|cts|js|jsx|mjs|cjs)$/, "javascript"],
];

const byFirstLine: readonly (readonly [RegExp, Language])[] = [
  [/^#!.*\bpython/, "python"],
  [/^#!.*\b(?:ba|z|k|da)?sh\b/, "shell"],
  [/^#!.*\bnode\b/, "javascript"],
];

/** By name alone; a folder that is called `requirements` makes its texts requirements. */
export function languageOfName(path: string): Language | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const found = byName.find(([pattern]) => pattern.test(name))?.[1];
  return found ?? (/(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/i.test(path) ? "requirements" : undefined);
}

/** Of a file whose name has no ending, by what it begins with. */
export function languageOfText(text: string): Language | undefined {
  return byFirstLine.find(([pattern]) => pattern.test(text.slice(0, 200)))?.[1];
}
