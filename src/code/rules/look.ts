/** Short ways to write what a rule looks at. */
import type { Look } from "../rule.js";

type More = Pick<Look, "role" | "notRole" | "called" | "bound">;

export const cFamily = ["c", "cuda"] as const;
export const shells = ["shell", "docker", "make", "yaml", "json"] as const;
const packagers = ["requirements", "toml", "ini", "json", "yaml", "shell", "docker", "make", "python"] as const;

/** What is said to a person is no use of a thing. */
export const spoken =
  /(?:^|[.=>])(?:print|pprint|info|debug|warning|warn|warn_once|warning_once|error|log|exception|critical|echo|format_exc|fail|skip|skipif|skipIf|xfail|fatal|[A-Z]\w*(?:Error|Exception|Warning))\(|^(?:\w*_)?(?:usage|USAGE|help|HELP|doc|DOC|docs|epilog|EPILOG|description|DESCRIPTION|message|MESSAGE|banner|BANNER|__doc__)\w*=|>?\((?:help|description|reason|match|msg|message|epilog|doc|docs|title|label)(?:>|$)/;

export const pyName = (like: RegExp, more: More = {}): Look => ({ in: ["python"], sort: "name", like, ...more });
export const pyImport = (like: RegExp): Look => ({ in: ["python"], sort: "import", like });
export const pyKeyword = (like: RegExp, more: More = {}): Look => ({ in: ["python"], sort: "keyword", like, ...more });
export const pyString = (like: RegExp, more: More = {}): Look => ({ in: ["python"], sort: "string", like, notRole: spoken, ...more });

/** A Python package: what is imported of it and what is used of it. */
export function pyPackage(...names: readonly string[]): Look[] {
  const any = names.map((n) => n.replaceAll(".", "\\.")).join("|");
  return [pyImport(new RegExp(`^(?:${any})(?:\\.|$)`)), pyName(new RegExp(`^(?:${any})\\.`), { bound: true })];
}

export const cName = (like: RegExp, more: More = {}): Look => ({ in: cFamily, sort: "name", like, ...more });
export const cInclude = (like: RegExp): Look => ({ in: cFamily, sort: "include", like });
export const cString = (like: RegExp, more: More = {}): Look => ({ in: cFamily, sort: "string", like, ...more });

/** A string of JavaScript that is not printed; `role` is the function it is given to, or the key with its colon. */
export const jsString = (like: RegExp, more: More = {}): Look => ({
  in: ["javascript"],
  sort: "string",
  like,
  notRole: /^(?:log|error|warn|info|debug|Error|trace|test|it|describe)$/,
  ...more,
});

export const cmakeCommand = (like: RegExp): Look => ({ in: ["cmake"], sort: "command", like });
export const cmakeWord = (like: RegExp, more: More = {}): Look => ({ in: ["cmake"], sort: "argument", like, ...more });

export const command = (like: RegExp): Look => ({ in: [...shells, "javascript"], sort: "command", like });
export const argument = (like: RegExp, more: More = {}): Look => ({ in: shells, sort: "argument", like, ...more });
export const entry = (like: RegExp, more: More = {}): Look => ({ in: ["yaml", "json"], sort: "entry", like, ...more });
export const image = (like: RegExp): Look => ({ in: ["docker", "yaml", "json"], sort: "image", like });
export const needs = (like: RegExp, more: More = {}): Look => ({ in: packagers, sort: "package", like, ...more });
export const from = (like: RegExp): Look => ({ in: packagers, sort: "index", like });

/** A variable of the environment: set, read or passed in scripts, named by a string or asked for in programs. */
export function environment(names: string): Look[] {
  const exact = new RegExp(`^(?:${names})$`);
  return [
    { in: [...shells, "javascript"], sort: "variable", like: exact },
    pyString(exact),
    cString(exact),
    { in: ["cmake"], sort: "argument", like: new RegExp(`^\\$?(?:ENV)?\\{?(?:ENV\\{)?(?:${names})\\}?$`) },
  ];
}

/** A program that is run: by a shell, or by a call of another language. */
export function program(names: string): Look[] {
  const run =
    /(?:subprocess|os\.(?:system|popen|exec\w*)|[Pp]open|check_output|check_call|which|call|run|shell|execute|cmd|command)\w*[([]/;
  return [
    command(new RegExp(`^(?:${names})$`)),
    argument(new RegExp(`^(?:.*/)?(?:${names})$`), { role: /^(?:which|hash|type|command|watch|docker|kubectl|if) / }),
    pyString(new RegExp(`^(?:\\S*/)?(?:${names})(?:\\s|$)`), { role: new RegExp(`${run.source}|[Cc](?:md|ommand|MD|OMMAND)\\w*=`) }),
    cString(new RegExp(`^(?:\\S*/)?(?:${names})(?:\\s|$)`), { role: /^(?:system|popen|exec\w*)$/ }),
    jsString(new RegExp(`^(?:\\S*/)?(?:${names})(?:\\s|$)`), { role: /^(?:run|\w*[Ee]xec\w*|\w*[Ss]pawn\w*|sh|shell|\$|which|command)$/ }),
  ];
}
