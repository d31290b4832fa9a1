/** `portolan kernel show`: the kernels a model gets, as the vendor's C++ or as tile IR. */
import { compile } from "../api/compile.js";
import { printKernel } from "../kernel/print.js";
import { commonOptions, targetOption } from "./compile.js";
import { exitCodes } from "./exit.js";
import { endProgress, failWith, say, sayJson, wantsJson, type CommandCall } from "./io.js";

export async function kernelShow(model: string, call: CommandCall): Promise<number> {
  const result = await compile(model, { ...commonOptions(call), target: targetOption(call) });
  endProgress();
  if (!result.ok || !result.compiled) return failWith(result.diagnostics, call);
  const { plan } = result.compiled;
  const part = String(call.options["name"] ?? "");
  const wanted = plan.tileKernels.filter((k) => k.name.includes(part) || k.origin.some((o) => o.includes(part)));
  const texts = wanted.map((k) => ({
    name: k.name,
    origin: k.origin,
    schedule: k.schedule,
    text: call.options["ir"] ? printKernel(k) : (plan.kernels.find((p) => p.name === k.name)?.text ?? ""),
  }));
  if (wantsJson(call)) sayJson({ schemaVersion: 1, kernels: texts });
  else say(texts.map((t) => t.text).join("\n"));
  return exitCodes.ok;
}
