/** What commands are made of: operands and options that several of them share, before any of their modules is loaded. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { closest } from "../base/suggest.js";
import { wholeNumber } from "./usage.js";

/** Options of every command that reads a model. */
export function modelCommand(parent: Command, name: string, summary: string): Command {
  return withFormulas(shapedCommand(parent, name, summary));
}

function withFormulas(command: Command): Command {
  return command.addOption(repeated("--ops <file.ts>", "formulas for operators Portolan does not know"));
}

export function shapedCommand(parent: Command, name: string, summary: string): Command {
  return withShapes(parent.command(name).summary(summary).argument("<model>", "the .onnx file"));
}

function withShapes(command: Command): Command {
  return command
    .addOption(
      repeated(
        "--shape <spec>",
        "shape of inputs: x:1,3,224,224 or x:1x3x224x224 or x:[1,3,224,224] or x[1,3,224,224]; several joined by ';'",
      ),
    )
    .addOption(repeated("--dim <name=value>", "value or range of a named extent: batch=4 or batch=1..32"))
    .addOption(repeated("--freeze <name=value>", "fix an input to a value: sr=16000"));
}

/** An option that may be given again, and is a list whether or not it was; the empty one is not worth a word of help. */
export function repeated(flags: string, description: string): Option {
  return new Option(flags, `${description}; repeatable`)
    .default([])
    .argParser((value: string, list: readonly string[]) => [...list, value]);
}

/** An option that takes one of a few words; a misspelt one is told the near one. */
export function choice(flags: string, description: string, words: readonly string[]): Option {
  return new Option(flags, description).choices(words).argParser((given: string) => {
    if (words.includes(given)) return given;
    throw new InvalidArgumentError(`Allowed choices are ${words.join(", ")}.${closest(given, words)}`);
  });
}

/** What an option does, then its words and its default where it has some. */
export function describeOption({ description, argChoices, defaultValue }: Option): string {
  const more = [...(argChoices ? [argChoices.join(", ")] : []), ...(typeof defaultValue === "string" ? [`default ${defaultValue}`] : [])];
  return more.length === 0 ? description : `${description} (${more.join("; ")})`;
}

/** An option's argument that counts something. */
export function count(given: string): number {
  return wholeNumber(given, (why) => new InvalidArgumentError(why));
}

export function compileOptions(command: Command): Command {
  return command
    .option("-t, --target <target>", "cann, bang or kunlun, a chip after a colon (cann:Ascend310P3); all, or a list with commas")
    .addOption(choice("--precision <p>", "storage type of float values", ["fp32", "fp16"]).default("fp32"))
    .option(
      "--allow-hf32",
      "let fp32 products and convolutions round their operands to HF32 where the chip has that (Ascend 910B and later)",
    )
    .addOption(choice("--prefer <way>", "what carries out a step that both can do", ["library", "kernels"]))
    .option("--passes <list>", "passes to run: names, +name, -name, with commas");
}

/** A command for one model, or for many of them: folders, lists of files, several paths. */
export function fleetCommand(parent: Command, name: string, summary: string): Command {
  const command = parent.command(name).summary(summary);
  command.argument("<model...>", "the .onnx file; several, folders of them and @LISTS of paths are worked on together");
  return withFormulas(withShapes(command));
}

/** What says how many models are worked on together. */
export function fleetOptions(command: Command): Command {
  return sharedOptions(command)
    .option("--shard <i/n>", "of several models: the first of three parts with 1/3; portolan merge joins what they write")
    .option("--queue <redis://...>", "have portolan worker carry the models out, wherever it runs")
    .option("--hash-weights", "know weight files by all their bytes, not by size, time of change, first and last MiB")
    .option("--results <file.json>", "of several models: write the document here");
}

/** Of this machine's part in it. */
function sharedOptions(command: Command): Command {
  return command
    .option("--jobs <n>", "models at a time; as many as there are processors unless told", count)
    .option("--timeout <seconds>", "give a model up after so long", count)
    .option("--memory <MiB>", "of the heap of each process", count)
    .option("--root <folder>", "models are named relative to it; the current folder unless told")
    .option("--timings <file.json>", "write here how long each model took");
}

export function workerOptions(command: Command): Command {
  return sharedOptions(command)
    .addOption(new Option("--tasks <file.json>", "what portolan plan wrote").conflicts("queue"))
    .option("--index <n>", "which share of the tasks, from 0; else as Slurm, Kubernetes or GitLab number it", natural)
    .option("--of <n>", "how many shares there are", count)
    .option("-o, --output <folder>", "where the share's results are written", ".")
    .option("--queue <redis://...>", "take tasks from here until it is told to end")
    .option("--rate <n>", "at most so many tasks a second, over all workers", count)
    .option("--stalled <seconds>", "take a task over from a worker that was silent so long; 30 unless told", count)
    .option("--idle <seconds>", "end when there was nothing to do for so long", count);
}

function natural(given: string): number {
  return given === "0" ? 0 : count(given);
}
