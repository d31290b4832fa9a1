/** Each language's reader. */
import type { Language } from "../language.js";
import type { Mention } from "../mention.js";
import type { Tape } from "../token.js";
import { readC } from "./c.js";
import { readCmake } from "./cmake.js";
import { readDocker } from "./docker.js";
import { readJavascript } from "./javascript.js";
import { readJson } from "./json.js";
import { readIni, readRequirements, readToml } from "./packages.js";
import { readPython } from "./python.js";
import { readShell } from "./shell.js";
import { readYaml } from "./yaml.js";

export const readers: Readonly<Record<Language, (tape: Tape) => Mention[]>> = {
  python: readPython,
  c: readC,
  cuda: readC,
  cmake: readCmake,
  docker: readDocker,
  shell: (tape) => readShell(tape),
  make: (tape) => readShell(tape),
  yaml: readYaml,
  requirements: readRequirements,
  toml: readToml,
  ini: readIni,
  json: readJson,
  javascript: readJavascript,
};
