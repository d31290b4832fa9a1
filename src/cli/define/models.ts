/** Commands that read one model and say what it holds, or write it anew. Each module loads when its command runs. */
import { Option, type Command } from "commander";
import { choice, count, modelCommand, repeated, shapedCommand } from "../command.js";
import { call } from "../command-call.js";
import { finish } from "../exit.js";

export function defineInspect(program: Command): void {
  shapedCommand(program, "inspect", "what a model holds: inputs, outputs, operators, sizes")
    .option("--ops", "all operators and how often each occurs")
    .addOption(new Option("--tensors", "every tensor with its type").conflicts("ops"))
    .addOption(new Option("--text", "the graph in Portolan's text form").conflicts(["ops", "tensors"]))
    .action(async (...args) => finish(await (await import("../inspect.js")).inspectCommand(...call(args))));
}

export function defineOptimize(program: Command): void {
  modelCommand(program, "optimize", "run the passes and write ONNX")
    .requiredOption("-o, --output <file.onnx>", "file to write")
    .option("--passes <list>", "passes to run: names, +name, -name, with commas")
    .addOption(repeated("--print-after <pass>", "print the graph after a pass"))
    .option("--external-data", "weights in a file of their own beside the model")
    .option("--opset <n>", "opset of ai.onnx to write; absent keeps the model's own", count)
    .option("--check", "run original and result in onnxruntime on seeded inputs")
    .action(async (...args) => finish(await (await import("../optimize.js")).optimizeCommand(...call(args))));
}

export function defineQuantize(program: Command): void {
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
    .action(async (...args) => finish(await (await import("../quantize.js")).quantizeCommand(...call(args))));
}

export function defineRepack(program: Command): void {
  program
    .command("repack")
    .summary("write a checkpoint's quantised layers in a target's own layout, bit for bit")
    .argument("<folder>", "config.json or quantize_config.json, and .safetensors files")
    .requiredOption("-t, --target <target>", "as compile takes one; or onnx, for MatMulNBits")
    .requiredOption("-o, --output <file.safetensors>", "file to write; <file>.json beside it describes it")
    .option("--partial", "layers that the target cannot say stay as they are, with a warning each")
    .option("--only-quantised", "leave out all tensors that are not repacked")
    .option("--widen", "hold levels of fewer bits than the target's call takes in its next width")
    .action(async (...args) => finish(await (await import("../repack.js")).repackCommand(...call(args))));
}
