#!/usr/bin/env node
/**
 * The command line: flags in, API, text and exit codes out. Each command's module loads when it runs, so that --help
 * stays quick.
 */
import { Command, CommanderError } from "commander";
import { choice, describeOption } from "./command.js";
import { abort } from "./command-call.js";
import { defineInspect, defineOptimize, defineQuantize, defineRepack } from "./define/models.js";
import { defineCompile, defineVerify, defineRun, defineSuite, defineKernel } from "./define/bundles.js";
import { defineAssess, defineAssessCode } from "./define/assess.js";
import { definePlan, defineWorker, defineMerge } from "./define/fleets.js";
import { defineTargets, defineChips, definePasses, defineDoctor, defineExplain } from "./define/lists.js";
import { setEngine } from "./engine.js";
import { exitCodes, finish } from "./exit.js";
import { packageVersion } from "./package-version.js";
import { typedOptions, usageDiagnostic } from "./usage.js";

/** In the order that --help lists them. */
const commands: readonly ((program: Command) => void)[] = [
  defineInspect,
  defineOptimize,
  defineQuantize,
  defineRepack,
  defineCompile,
  defineAssess,
  defineVerify,
  definePlan,
  defineWorker,
  defineMerge,
  defineRun,
  defineSuite,
  defineAssessCode,
  defineTargets,
  defineChips,
  definePasses,
  defineKernel,
  defineDoctor,
  defineExplain,
];

export function buildProgram(): Command {
  const program = new Command("portolan")
    .description("Ports ONNX models to Huawei Ascend (CANN), Cambricon MLU (BANG) and Baidu Kunlun (XPU).")
    .configureHelp({ optionDescription: describeOption })
    .showSuggestionAfterError(true)
    .exitOverride();
  program.version(`portolan ${packageVersion()}`, "-V, --version", "print the version");

  for (const define of commands) define(program);
  finishCommand(program);
  return program;
}

/** What every command has: usage errors as exceptions, and how it talks. */
function finishCommand(command: Command): void {
  if (command.description() === "") command.description(sentence(command.summary()));
  command.exitOverride().configureOutput({ outputError: () => undefined });
  command.commands.forEach(finishCommand);
  if (command.commands.length > 0) return;
  if (!command.options.some((o) => o.long === "--json")) command.option("--json", "print one JSON document on stdout");
  command
    .option("-q, --quiet", "no progress, warnings or notes on stderr")
    .option("-v, --verbose", "also phases, reasons and what was declined")
    .addOption(choice("--color <when>", "colours", ["auto", "always", "never"]).default("auto"));
}

/** A summary as it stands in a list, alone. */
function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

async function main(): Promise<void> {
  setEngine();
  // A reader that closes the pipe early (head, less) is no error.
  process.stdout.on("error", (e: NodeJS.ErrnoException) => process.exit(e.code === "EPIPE" ? 0 : exitCodes.internal));
  process.stderr.on("error", () => undefined);
  // The first signal asks for an orderly end, which removes what was half-written; the second one does not wait.
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (abort.signal.aborted) process.exit(exitCodes.interrupted);
      abort.abort();
    });
  const program = buildProgram();
  try {
    await program.parseAsync();
  } catch (error) {
    finish(error instanceof CommanderError ? await stopped(error, program) : (await import("./failure.js")).failureOf(error));
  }
}

/** Help and the version end well; a usage error is a diagnostic. A bare command has printed its help before. */
async function stopped(error: CommanderError, program: Command): Promise<number> {
  if (error.exitCode === 0) return exitCodes.ok;
  const words = process.argv.slice(2);
  const call = { options: typedOptions(words), abort: abort.signal };
  return (await import("./io.js")).failWith([usageDiagnostic(error, program, words)], call);
}

await main();
