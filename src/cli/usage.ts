/**
 * What was typed does not fit the command: commander's own errors as diagnostics, so that they carry a code, a way out
 * and, with --json, a document like any other failure.
 */
import type { Command, CommanderError } from "commander";
import { problem, type Diagnostic } from "../base/diagnostic.js";
import { closest } from "../base/suggest.js";

/** How the words typed ask to be talked to; for failures that may happen before they are parsed. */
export function typedOptions(words: readonly string[]): { readonly json: boolean; readonly color: string | undefined } {
  const at = words.indexOf("--color");
  const color = at < 0 ? words.find((w) => w.startsWith("--color="))?.slice("--color=".length) : words[at + 1];
  return { json: typedJson(words), color };
}

/** `suite --json FILE` names a file. */
function typedJson(words: readonly string[]): boolean {
  const asked = words.findIndex((w) => w === "--json" || w.startsWith("--json="));
  if (asked < 0) return false;
  const file = words[asked] !== "--json" || (asked + 1 < words.length && !words[asked + 1].startsWith("-"));
  return !(words.includes("suite") && file);
}

/** One diagnostic for commander's error, with the command that the words reach as the place to look for help. */
export function usageDiagnostic(error: CommanderError, program: Command, words: readonly string[]): Diagnostic {
  const name = commandNamed(program, words);
  const fix = `${name} --help lists its arguments and options.`;
  const message = error.message
    .replace(/^error: /, "")
    .split("\n")
    .join(" ")
    .trim();
  switch (error.code) {
    case "commander.unknownCommand":
      return problem("unknown-command", message, { fix: `${name} --help lists the commands.` });
    case "commander.help":
      if (words[0] === "help" && words.length > 1) return unknownCommand(words[1], program);
      return problem("missing-command", `${name} needs a command`, { fix: `${name} --help lists the commands.` });
    case "commander.unknownOption":
      return problem("unknown-option", message, { fix });
    case "commander.missingMandatoryOptionValue":
      return problem("missing-option", message.replace(/^required option/, "the option").replace("not specified", "is missing"), { fix });
    case "commander.missingArgument":
      return problem("missing-argument", message.replace(/^missing required argument/, "the argument") + " is missing", { fix });
    case "commander.excessArguments":
      return problem("extra-argument", message, { fix });
    default:
      return problem("bad-option", message, { fix });
  }
}

/** After `portolan help`; commander itself speaks of all others. */
function unknownCommand(word: string, program: Command): Diagnostic {
  const names = program.commands.map((c) => c.name());
  return problem("unknown-command", `unknown command '${word}'${closest(word, names)}`, {
    fix: `${program.name()} --help lists the commands.`,
  });
}

/** The words after `portolan` that name a command, as far as they do. */
function commandNamed(program: Command, words: readonly string[]): string {
  const [word, ...rest] = words;
  const next = program.commands.find((c) => c.name() === word);
  return next ? `${program.name()} ${commandNamed(next, rest)}` : program.name();
}

/** A whole number of at least one, as in --repeat 20; throws what `refuse` makes of any other word. */
export function wholeNumber(given: string, refuse: (why: string) => Error): number {
  const n = Number(given);
  if (/^\d+$/.test(given) && Number.isSafeInteger(n) && n > 0) return n;
  throw refuse(`"${given}" is no whole number of at least 1.`);
}
