#!/usr/bin/env node
/**
 * The command line: flags in, API, text and exit codes out. Each command's module loads when it runs, so that --help
 * stays quick.
 */
import { Command, CommanderError, Option } from "commander";
import {
  choice,
  compileOptions,
  count,
  describeOption,
  fleetCommand,
  fleetOptions,
  modelCommand,
  repeated,
  shapedCommand,
  workerOptions,
} from "./command.js";
import { setEngine } from "./engine.js";
import { exitCodes, finish } from "./exit.js";
import type { CommandCall } from "./io.js";
import { packageVersion } from "./package-version.js";
import { typedOptions, usageDiagnostic } from "./usage.js";

export function buildProgram(): Command {
  const program = new Command("portolan")
    .description("Ports ONNX models to Huawei Ascend (CANN), Cambricon MLU (BANG) and Baidu Kunlun (XPU).")
    .configureHelp({ optionDescription: describeOption })
    .showSuggestionAfterError(true)
    .exitOverride();
  program.version(`portolan ${packageVersion()}`, "-V, --version", "print the version");

  shapedCommand(program, "inspect", "what a model holds: inputs, outputs, operators, sizes")
    .option("--ops", "all operators and how often each occurs")
    .addOption(new Option("--tensors", "every tensor with its type").conflicts("ops"))
    .addOption(new Option("--text", "the graph in Portolan's text form").conflicts(["ops", "tensors"]))
    .action(async (...args) => finish(await (await import("./inspect.js")).inspectCommand(...call(args))));

  modelCommand(program, "optimize", "run the passes and write ONNX")
    .requiredOption("-o, --output <file.onnx>", "file to write")
    .option("--passes <list>", "passes to run: names, +name, -name, with commas")
    .addOption(repeated("--print-after <pass>", "print the graph after a pass"))
    .option("--external-data", "weights in a file of their own beside the model")
    .option("--opset <n>", "opset of ai.onnx to write; absent keeps the model's own", count)
    .option("--check", "run original and result in onnxruntime on seeded inputs")
    .action(async (...args) => finish(await (await import("./optimize.js")).optimizeCommand(...call(args))));

  modelCommand(program, "quantize", "compute products and convolutions in integers, and write ONNX")
    .requiredOption("-o, --output <file.onnx>", "file to write")
    .option("--calib <from>", "samples: a .npz or .npy file, a folder of them, of input_0.pb files or of pictures, or seed:N")
    .option(
      "--image <how>",
      "what becomes of pictures: resize=256,crop=224,mean=0.485:0.456:0.406,std=0.229:0.224:0.225,order=RGB,layout=NCHW",
    )
    .addOption(
      choice("--scheme <s>", "what is held as integers: weights and activations, or weights alone", [
        ...["auto", "w8a8", "w8a8-dynamic", "w8a16", "w4a16"],
      ]).default("w8a8"),
    )
    .addOption(
      choice("--ranges <rule>", "of w8a8: how the range of an activation is chosen; mse unless told", [
        ...["mse", "minmax", "percentile", "entropy"],
      ]),
    )
    .option("--group <n>", "of w4a16: neighbours along what is summed that share a scale", count)
    .option("--budget <wanted>", "leave as few layers in float as it takes: sqnr>=30dB, cosine>=0.99, or drop<=0.5% of a metric")
    .option("--metric <what>", "what a drop is of: a .mjs, .js or .ts file that exports a function of each sample's outputs, or a command")
    .addOption(repeated("--skip <glob>", "products and convolutions that stay in float, by name; * stands for any text"))
    .option("--report <file.html>", "write a page on what became of each layer, and what it costs")
    .option("--opset <n>", "opset of ai.onnx to write; absent keeps the model's own", count)
    .option("--external-data", "weights in a file of their own beside the model")
    .action(async (...args) => finish(await (await import("./quantize.js")).quantizeCommand(...call(args))));

  program
    .command("repack")
    .summary("write a checkpoint's quantised layers in a target's own layout, bit for bit")
    .argument("<folder>", "config.json or quantize_config.json, and .safetensors files")
    .requiredOption("-t, --target <target>", "as compile takes one; or onnx, for MatMulNBits")
    .requiredOption("-o, --output <file.safetensors>", "file to write; <file>.json beside it describes it")
    .option("--partial", "layers that the target cannot say stay as they are, with a warning each")
    .option("--only-quantised", "leave out all tensors that are not repacked")
    .option("--widen", "hold levels of fewer bits than the target's call takes in its next width")
    .action(async (...args) => finish(await (await import("./repack.js")).repackCommand(...call(args))));

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
      finish(await oneOrMany("compile", args, async (...one) => (await import("./compile.js")).compileCommand(...one))),
    );

  fleetOptions(fleetCommand(program, "assess", "what a port to chips comes to: verdicts, gaps, memory, time within bounds, work"))
    .option("-t, --target <chips>", "chips as targets --compare takes them, with commas; absent or all: those of all three vendors")
    .option("--precision <p>", "storage type of float values: fp32, fp16; of a checkpoint the form that is served: bf16, w8a8, w4a16, ...")
    .option("--batch <n>", "of a checkpoint: requests at once", count)
    .option("--length <n>", "of a checkpoint: tokens of a request", count)
    .option("--engine <name>", "of a checkpoint: one engine alone: vllm-ascend, sglang, mindie, vllm-mlu, vllm-kunlun, fastdeploy, ...")
    .option("--baseline <card>", "a card to compare times with: A100, H20")
    .addOption(
      repeated("--what-if <change>", "the same under other options, side by side: precision=fp16, batch=8, freeze:sr=16000, opset=13"),
    )
    .option("--weights", "read the weights too, and say what fewer bits do to each layer")
    .option("--calib <from>", "samples as quantize takes them, for the ranges of layers' inputs; implies --weights")
    .option("--replay <report.json>", "make a report again with the options it holds, and say whether it is the same")
    .addOption(repeated("--fail-on <condition>", "end with exit code 1 on coverage<95, blocker or unknown"))
    .addOption(new Option("--report <file.html>", "write a page in both languages that asks for nothing, to send on").conflicts("replay"))
    .option("--csv <file.csv>", "write a line for each chip to a file for spreadsheets")
    .addOption(choice("--lang <l>", "language of the report; absent, what LC_ALL or LANG says", ["en", "zh"]))
    .action(async (...args) => finish(await assessed(args)));

  fleetOptions(compileOptions(fleetCommand(program, "verify", "build with the twin, run, compare with onnxruntime")))
    .option("--inputs <from>", "seed:N, or a .npz file", "seed:0")
    .option("--keep <folder>", "keep the generated projects here")
    .action(async (...args) =>
      finish(await oneOrMany("verify", args, async (...one) => (await import("./verify.js")).verifyCommand(...one))),
    );

  compileOptions(fleetCommand(program, "plan", "write a command's tasks for a CI matrix, a Slurm array or a Kubernetes job"))
    .addOption(choice("--kind <command>", "what is to be done with each model", ["assess", "compile", "verify"]).makeOptionMandatory())
    .requiredOption("-o, --output <tasks.json>", "file to write")
    .option("--inputs <from>", "of verify: seed:N", "seed:0")
    .option("--root <folder>", "models are named relative to it; the current folder unless told")
    .option("--hash-weights", "know weight files by all their bytes, not by size, time of change, first and last MiB")
    .action(async (...args) => finish(await (await import("./plan.js")).planCommand(...callOfMany(args))));
  workerOptions(program.command("worker").summary("carry out tasks that were planned elsewhere")).action(async (...args) =>
    finish(await (await import("./worker.js")).workerCommand(call(args)[1])),
  );
  program
    .command("merge")
    .summary("join the results of shards to the document of one run")
    .argument("<file...>", "what --results or portolan worker wrote")
    .requiredOption("-o, --output <file.json>", "file to write")
    .action(async (...args) => finish(await (await import("./merge.js")).mergeCommand(...callOfMany(args))));

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
    .action(async (...args) => finish(await (await import("./run.js")).runCommand(...call(args))));

  compileOptions(
    program
      .command("suite")
      .summary("run ONNX backend tests on the twins")
      .argument("<folder>", "test cases in folders or in packs (.tar.gz), or one such pack"),
  )
    .option("--filter <text>", "only tests whose name contains this")
    .option("--json [file]", "write the result, case by case, to a file (or to stdout)")
    .option("--limit <n>", "at most this many tests", count)
    .action(async (...args) => finish(await (await import("./suite.js")).suiteCommand(...call(args))));

  program
    .command("assess-code")
    .summary("what binds a folder of code to CUDA, and what stands for it on each vendor's stack")
    .argument("<folder>", "the sources; one file will do")
    .option("--sarif <file>", "also write SARIF 2.1.0")
    .option("--csv <file>", "also write comma-separated values")
    .option("--diff <file>", "also write a unified diff that changes the providers of onnxruntime in JavaScript and TypeScript")
    .addOption(choice("--to <provider>", "what those providers become", ["cpu", "cann"]).default("cpu"))
    .addOption(choice("--lang <language>", "language of the report; absent, the locale's", ["en", "zh"]))
    .addOption(
      choice("--fail-on <what>", "exit with 1 where there is one: a change that is mandatory, or of high effort", ["mandatory", "high"]),
    )
    .action(async (...args) => finish(await (await import("./assess-code.js")).assessCodeCommand(...call(args))));

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
  chipsCommands(program.command("chips").summary("measurements and prices of your own, which take precedence where chips are compared"));
  program
    .command("passes")
    .summary("the passes in the order they run")
    .argument("[name]", "one pass")
    .action(async (...args) => finish(await (await import("./lists.js")).passesCommand(...call(args))));

  const kernel = program.command("kernel").summary("look at generated kernels");
  compileOptions(modelCommand(kernel, "show", "print the kernels a model gets"))
    .option("--name <text>", "only kernels whose name or node contains this")
    .option("--ir", "the tile IR instead of the vendor's C++")
    .action(async (...args) => finish(await (await import("./kernel.js")).kernelShow(...call(args))));

  program
    .command("doctor")
    .summary("what is installed, and what each missing thing disables")
    .option("--evidence", "instead: which vendor symbols no independent public source confirms, for each target")
    .action(async (...args) => finish(await (await import("./doctor.js")).doctorCommand(...call(args))));
  program
    .command("explain")
    .summary("what a diagnostic means and what to do about it")
    .argument("[code]", "the word in brackets behind error, warning or note; without one, all are listed")
    .action(async (...args) => finish(await (await import("./explain.js")).explain(...call(args))));

  finishCommand(program);
  return program;
}

async function targets(name: string, to: CommandCall): Promise<number> {
  return to.options["compare"]
    ? (await import("./compare.js")).compareCommand(name, to)
    : (await import("./lists.js")).targetsCommand(name, to);
}

/** What a user adds stays in the user's configuration folder. */
function chipsCommands(chips: Command): void {
  chips
    .command("add")
    .summary("keep a file's measurements and prices under its label")
    .argument("<file>", "JSON as docs/cli.md describes it")
    .action(async (...args) => finish(await (await import("./chips.js")).chipsAdd(...call(args))));
  chips
    .command("list")
    .summary("the sets that are kept")
    .option("--all", "instead: the chips that are known, and for which of them there is a generator")
    .action(async (...args) => finish(await (await import("./chips.js")).chipsList(...call(args))));
  chips
    .command("remove")
    .summary("forget a set")
    .argument("<label>", "as chips list prints it")
    .action(async (...args) => finish(await (await import("./chips.js")).chipsRemove(...call(args))));
  chips
    .command("export")
    .summary("write a set to a file, as chips add takes it")
    .argument("<label>", "as chips list prints it")
    .requiredOption("-o, --output <file.json>", "file to write")
    .action(async (...args) => finish(await (await import("./chips.js")).chipsExport(...call(args))));
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

/** Commander hands over arguments, then options, then the command; commands here take one operand and all options merged. */
function call(args: unknown[]): [string, CommandCall] {
  const command = args[args.length - 1] as Command;
  const operand = typeof args[0] === "string" ? args[0] : "";
  return [operand, { options: command.optsWithGlobals(), abort: abort.signal }];
}

function callOfMany(args: unknown[]): [readonly string[], CommandCall] {
  return [args[0] as string[], call(args)[1]];
}

/** The command as it is for one model; several, and what is only for several, make a fleet. */
async function oneOrMany(
  kind: "assess" | "compile" | "verify",
  args: unknown[],
  one: (model: string, call: CommandCall) => Promise<number>,
): Promise<number> {
  const [models, given] = callOfMany(args);
  const { isFleet } = await import("./fleet-asked.js");
  if (!isFleet(models, given)) return one(models[0], given);
  return (await import("./fleet.js")).fleetCommand(kind, models, given);
}

async function assessed(args: unknown[]): Promise<number> {
  const [operands, given] = callOfMany(args);
  const { isOneCheckpoint } = await import("./fleet-asked.js");
  if (isOneCheckpoint(operands, given)) return (await import("./assess-checkpoint.js")).assessCheckpointCommand(operands[0], given);
  return oneOrMany("assess", args, async (...one) => (await import("./assess.js")).assessCommand(...one));
}

const abort = new AbortController();

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
