/** `portolan quantize`: samples in, what became of each layer, ONNX out. */
import { holdLittle } from "./engine.js";
import { fail } from "../base/diagnostic.js";
import { counted } from "../base/text-writer.js";
import { quantize, type Layer, type Preprocessing, type QuantizedModel, type SeededCalibration } from "../api/index.js";
import { seedIn } from "../api/quantize.js";
import { exitCodes } from "./exit.js";
import {
  colours,
  endProgress,
  escapeControls,
  failWith,
  printDiagnostics,
  say,
  sayJson,
  table,
  wantsJson,
  type CommandCall,
} from "./io.js";
import { modelOptions } from "./model-options.js";

export async function quantizeCommand(path: string, call: CommandCall): Promise<number> {
  holdLittle();
  const { options } = call;
  const output = String(options["output"]);
  const result = await quantize(path, {
    ...modelOptions(call),
    calibration: calibrationOf(options["calib"]),
    images: imagesOf(options["image"]),
    scheme: options["scheme"] as "w8a8",
    group: options["group"] as number | undefined,
    budget: options["budget"] as string | undefined,
    metric: options["metric"] as string | undefined,
    ranges: options["ranges"] as "mse" | undefined,
    skip: options["skip"] as string[],
    opset: options["opset"] as number | undefined,
    externalData: options["externalData"] === true,
    report: options["report"] as string | undefined,
    output,
  });
  endProgress();
  if (!result.quantized) return failWith(result.diagnostics, call);
  const { quantized, diagnostics } = result;
  const code = result.ok ? exitCodes.ok : exitCodes.no;
  if (wantsJson(call)) {
    const { scheme, layers, outputs, choices, scores, samples, written, speech } = quantized;
    sayJson({
      schemaVersion: 1,
      ok: result.ok,
      output,
      written,
      opset: speech.opset,
      scheme,
      samples,
      outputs,
      scores,
      choices,
      layers,
      diagnostics,
    });
    return code;
  }
  printDiagnostics(diagnostics, call);
  person(quantized, call);
  return code;
}

function calibrationOf(from: unknown): string | SeededCalibration | undefined {
  return typeof from === "string" ? (seedIn(from) ?? from) : undefined;
}

/** What becomes of pictures: `resize=256,crop=224x224,mean=0.485:0.456:0.406`. */
function imagesOf(text: unknown): Preprocessing | undefined {
  if (typeof text !== "string") return undefined;
  const refuse = (part: string): never =>
    fail("bad-calibration", `--image "${text}" says nothing with "${part}"`, {
      fix: "Write resize=256 or resize=224x320, crop=224, scale=0.0039, mean=0.485:0.456:0.406, std=0.229:0.224:0.225, order=BGR, layout=NHWC, with commas.",
    });
  const numbers = (value: string, by: string): number[] => value.split(by).map((n) => (n.trim() === "" ? NaN : Number(n)));
  const out: Record<string, unknown> = {};
  for (const part of text.split(",").filter((p) => p.trim() !== "")) {
    const [name, value = ""] = part.split("=").map((p) => p.trim());
    const read: Readonly<Record<string, () => unknown>> = {
      resize: () => sizeOf(numbers(value, "x")),
      crop: () => sizeOf(numbers(value, "x")),
      scale: () => Number(value),
      mean: () => numbers(value, ":"),
      std: () => numbers(value, ":"),
      order: () => value.toUpperCase(),
      layout: () => value.toUpperCase(),
    };
    if (!Object.hasOwn(read, name) || value === "") refuse(part);
    out[name] = read[name]();
    if ([out[name]].flat().some((x) => Number.isNaN(x))) refuse(part);
  }
  return out as Preprocessing;
}

const sizeOf = (sides: readonly number[]): unknown => (sides.length === 1 ? sides[0] : sides);

/** Layers that a person is shown: those that lose most. */
const shown = 10;

function person({ scheme, layers, outputs, scores, samples, written }: QuantizedModel, call: CommandCall): void {
  const c = colours(call);
  if (samples > 0) say(lossTable(layers));
  for (const [name, figures] of outputs)
    say(`output ${escapeControls(name)}: SQNR ${decibel(figures.sqnrDb)}, cosine ${figures.cosine.toFixed(6)}`);
  if (scores) say(`metric: ${scores.quantised}, and ${scores.float} in float`);
  const [from, to] = [sumOf(layers, (l) => l.weightBytes), sumOf(layers, (l) => l.heldBytes)];
  const held = layers.filter((l) => l.held !== "float").length;
  say(
    `${counted(held, "layer")} of ${layers.length} in integers (${scheme})${samples > 0 ? `, on ${counted(samples, "sample")}` : ""}; their weights ${from} B became ${to} B: ${[...written].reverse().map(c.bold).join(" and ")}`,
  );
}

/** The results that have lost most, by their layer and all before it; then what stays in float. */
function lossTable(layers: readonly Layer[]): string {
  const worst = layers
    .filter((l) => l.held !== "float")
    .sort((a, b) => (a.sqnrDb ?? Infinity) - (b.sqnrDb ?? Infinity))
    .slice(0, shown);
  const cells = worst.map((l) => [escapeControls(l.node), l.op, l.held, decibel(l.sqnrDb)]);
  const more =
    layers.length > worst.length
      ? `\nand ${counted(layers.length - worst.length, "layer")} that lose less or stay in float, which --json lists`
      : "";
  return `${table(["layer", "operator", "held as", "SQNR of its result"], cells)}${more}`;
}

const sumOf = (layers: readonly Layer[], of: (l: Layer) => number): number => layers.reduce((n, l) => n + of(l), 0);

const decibel = (x: number | undefined): string => (x === undefined ? "-" : x === Infinity ? "exact" : `${x.toFixed(1)} dB`);
