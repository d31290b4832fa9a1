/** Commands that say what a port comes to. Each module loads when its command runs. */
import { Option, type Command } from "commander";
import { choice, count, fleetCommand, fleetOptions, repeated } from "../command.js";
import { call, callOfMany, oneOrMany } from "../command-call.js";
import { finish } from "../exit.js";

export function defineAssess(program: Command): void {
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
}

export function defineAssessCode(program: Command): void {
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
    .action(async (...args) => finish(await (await import("../assess-code.js")).assessCodeCommand(...call(args))));
}

async function assessed(args: unknown[]): Promise<number> {
  const [operands, given] = callOfMany(args);
  const { isOneCheckpoint } = await import("../fleet-asked.js");
  if (isOneCheckpoint(operands, given)) return (await import("../assess-checkpoint.js")).assessCheckpointCommand(operands[0], given);
  return oneOrMany("assess", args, async (...one) => (await import("../assess.js")).assessCommand(...one));
}
