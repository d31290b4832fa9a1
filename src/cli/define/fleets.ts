/** Commands for work that is spread over machines. Each module loads when its command runs. */
import type { Command } from "commander";
import { choice, compileOptions, fleetCommand, workerOptions } from "../command.js";
import { call, callOfMany } from "../command-call.js";
import { finish } from "../exit.js";

export function definePlan(program: Command): void {
  compileOptions(fleetCommand(program, "plan", "write a command's tasks for a CI matrix, a Slurm array or a Kubernetes job"))
    .addOption(choice("--kind <command>", "what is to be done with each model", ["assess", "compile", "verify"]).makeOptionMandatory())
    .requiredOption("-o, --output <tasks.json>", "file to write")
    .option("--inputs <from>", "of verify: seed:N", "seed:0")
    .option("--root <folder>", "models are named relative to it; the current folder unless told")
    .option("--hash-weights", "know weight files by all their bytes, not by size, time of change, first and last MiB")
    .action(async (...args) => finish(await (await import("../plan.js")).planCommand(...callOfMany(args))));
}

export function defineWorker(program: Command): void {
  workerOptions(program.command("worker").summary("carry out tasks that were planned elsewhere")).action(async (...args) =>
    finish(await (await import("../worker.js")).workerCommand(call(args)[1])),
  );
}

export function defineMerge(program: Command): void {
  program
    .command("merge")
    .summary("join the results of shards to the document of one run")
    .argument("<file...>", "what --results or portolan worker wrote")
    .requiredOption("-o, --output <file.json>", "file to write")
    .action(async (...args) => finish(await (await import("../merge.js")).mergeCommand(...callOfMany(args))));
}
