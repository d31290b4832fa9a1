/** Commands that say what Portolan and its machine have. Each module loads when its command runs. */
import { Option, type Command } from "commander";
import { call } from "../command-call.js";
import { finish } from "../exit.js";
import type { CommandCall } from "../io.js";

export function defineTargets(program: Command): void {
  program
    .command("targets")
    .summary("chips, their figures, and what their libraries answer")
    .argument("[name]", "a target as --target takes it")
    .addOption(new Option("--ops", "operators with a library call, what it is for and the element types it takes").conflicts("compare"))
    .option(
      "--compare <chips...>",
      "instead: what is known of chips and cards, side by side, those without a generator too; -v says where from",
    )
    .action(async (...args) => finish(await targets(...call(args))));
}

export function defineChips(program: Command): void {
  chipsCommands(program.command("chips").summary("measurements and prices of your own, which take precedence where chips are compared"));
}

export function definePasses(program: Command): void {
  program
    .command("passes")
    .summary("the passes in the order they run")
    .argument("[name]", "one pass")
    .action(async (...args) => finish(await (await import("../lists.js")).passesCommand(...call(args))));
}

export function defineDoctor(program: Command): void {
  program
    .command("doctor")
    .summary("what is installed, and what each missing thing disables")
    .option("--evidence", "instead: which vendor symbols no independent public source confirms, for each target")
    .action(async (...args) => finish(await (await import("../doctor.js")).doctorCommand(...call(args))));
}

export function defineExplain(program: Command): void {
  program
    .command("explain")
    .summary("what a diagnostic means and what to do about it")
    .argument("[code]", "the word in brackets behind error, warning or note; without one, all are listed")
    .action(async (...args) => finish(await (await import("../explain.js")).explain(...call(args))));
}

async function targets(name: string, to: CommandCall): Promise<number> {
  return to.options["compare"]
    ? (await import("../compare.js")).compareCommand(name, to)
    : (await import("../lists.js")).targetsCommand(name, to);
}

/** What a user adds stays in the user's configuration folder. */
function chipsCommands(chips: Command): void {
  chips
    .command("add")
    .summary("keep a file's measurements and prices under its label")
    .argument("<file>", "JSON as docs/cli.md describes it")
    .action(async (...args) => finish(await (await import("../chips.js")).chipsAdd(...call(args))));
  chips
    .command("list")
    .summary("the sets that are kept")
    .option("--all", "instead: the chips that are known, and for which of them there is a generator")
    .action(async (...args) => finish(await (await import("../chips.js")).chipsList(...call(args))));
  chips
    .command("remove")
    .summary("forget a set")
    .argument("<label>", "as chips list prints it")
    .action(async (...args) => finish(await (await import("../chips.js")).chipsRemove(...call(args))));
  chips
    .command("export")
    .summary("write a set to a file, as chips add takes it")
    .argument("<label>", "as chips list prints it")
    .requiredOption("-o, --output <file.json>", "file to write")
    .action(async (...args) => finish(await (await import("../chips.js")).chipsExport(...call(args))));
}
