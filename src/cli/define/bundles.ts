/** Commands that make bundles, and run them on their twins. Each module loads when its command runs. */
import type { Command } from "commander";
import { compileOptions, count, fleetCommand, fleetOptions, modelCommand, repeated } from "../command.js";
import { call, oneOrMany } from "../command-call.js";
import { finish } from "../exit.js";

export function defineCompile(program: Command): void {
  fleetOptions(compileOptions(fleetCommand(program, "compile", "write a C++ project for a chip")))
    .option("-o, --output <folder>", "folder to write; with several targets, one folder each below it")
    .option("--force", "replace a folder that portolan did not write")
    .option("--copy-weights", "put all weights into the bundle, so that it travels alone")
    .option("--no-twin", "leave the twin's sources out of the bundle")
    .option("--dry-run", "list the files and write nothing")
    .addOption(repeated("--print-after <stage>", "print the graph after a pass or stage, each time it has run"))
    .option("--stop-after <stage>", "end after a pass or stage, the first time it has run, and write nothing")
    .option("--prefix <name>", "prefix of every C symbol")
    .action(async (...args) =>
      finish(await oneOrMany("compile", args, async (...one) => (await import("../compile.js")).compileCommand(...one))),
    );
}

export function defineVerify(program: Command): void {
  fleetOptions(compileOptions(fleetCommand(program, "verify", "build with the twin, run, compare with onnxruntime")))
    .option("--inputs <from>", "seed:N, or a .npz file", "seed:0")
    .option("--keep <folder>", "keep the generated projects here")
    .action(async (...args) =>
      finish(await oneOrMany("verify", args, async (...one) => (await import("../verify.js")).verifyCommand(...one))),
    );
}

export function defineRun(program: Command): void {
  program
    .command("run")
    .summary("run a bundle on its twin")
    .argument("<bundle>", "a folder that compile wrote, or verify --keep")
    .requiredOption("--inputs <from>", "seed:N, or a .npz file of arrays by input name")
    .addOption(repeated("--dim <name=value>", "value or range of an open extent, with seed:N: batch=4"))
    .option("--save <file.npz>", "write the outputs here")
    .option("--weights <folder>", "folder of the model's own weight file")
    .option("--repeat <n>", "runs to time", count)
    .option("--profile", "what the twin counted, kernel by kernel")
    .action(async (...args) => finish(await (await import("../run.js")).runCommand(...call(args))));
}

export function defineSuite(program: Command): void {
  compileOptions(
    program
      .command("suite")
      .summary("run ONNX backend tests on the twins")
      .argument("<folder>", "test cases in folders or in packs (.tar.gz), or one such pack"),
  )
    .option("--filter <text>", "only tests whose name contains this")
    .option("--json [file]", "write the result, case by case, to a file (or to stdout)")
    .option("--limit <n>", "at most this many tests", count)
    .action(async (...args) => finish(await (await import("../suite.js")).suiteCommand(...call(args))));
}

export function defineKernel(program: Command): void {
  const kernel = program.command("kernel").summary("look at generated kernels");
  compileOptions(modelCommand(kernel, "show", "print the kernels a model gets"))
    .option("--name <text>", "only kernels whose name or node contains this")
    .option("--ir", "the tile IR instead of the vendor's C++")
    .action(async (...args) => finish(await (await import("../kernel.js")).kernelShow(...call(args))));
}
