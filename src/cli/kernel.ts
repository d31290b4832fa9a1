/** `portolan kernel show`: the kernels a model gets on each chip, as the vendor's C++ or as tile IR. */
import { compile } from "../api/compile.js";
import { kernelTexts, programTarget, type KernelText } from "../api/kernels.js";
import { chooseTargets } from "../api/targets.js";
import { fail } from "../base/diagnostic.js";
import { closest } from "../base/suggest.js";
import { commonOptions, targetOption } from "./compile.js";
import { exitCodes } from "./exit.js";
import { endProgress, escapeControls, failWith, say, sayJson, wantsJson, type CommandCall } from "./io.js";

export async function kernelShow(model: string, call: CommandCall): Promise<number> {
  const all: KernelText[][] = [];
  const titles: string[] = [];
  for (const { target, chip } of await chooseTargets(targetOption(call))) {
    const result = await compile(model, { ...commonOptions(call), target: `${target.name}:${chip.caps.chip}` });
    endProgress();
    if (!result.ok || !result.compiled) return failWith(result.diagnostics, call);
    all.push(kernelTexts(result.compiled.emitted, call.options["ir"] ? "ir" : "vendor"));
    titles.push(programTarget(result.compiled.plan.program));
  }
  const part = call.options["name"] as string | undefined;
  const kernels = all.map((list) =>
    list.filter((k) => part === undefined || k.name.includes(part) || k.origin.some((o) => o.includes(part))),
  );
  if (part !== undefined && kernels.every((list) => list.length === 0)) refuseName(part, all.flat());
  if (wantsJson(call)) sayJson({ schemaVersion: 1, ok: true, kernels: kernels.flat() });
  else titles.forEach((title, i) => person(title, kernels[i], titles.length > 1, part));
  return exitCodes.ok;
}

/** Throws `unknown-kernel` with the names there are. */
function refuseName(part: string, all: readonly KernelText[]): never {
  const names = [...new Set(all.flatMap((k) => [k.name, ...k.origin]))];
  const listed = names.slice(0, 20).map((n) => JSON.stringify(n));
  fail("unknown-kernel", `no kernel or node of one is named ${JSON.stringify(part)}${closest(part, names)}`, {
    fix: names.length === 0 ? noKernels : `Kernels and their nodes: ${listed.join(", ")}${names.length > listed.length ? ", ..." : ""}.`,
  });
}

const noKernels = "The model gets no kernel: library calls and copies carry out every step. --prefer kernels generates what can be.";

/** One section a target, under its name when there are several. */
function person(title: string, kernels: readonly KernelText[], several: boolean, part: string | undefined): void {
  if (several) say(`// ${"=".repeat(12)} ${title} ${"=".repeat(12)}`);
  if (kernels.length > 0) say(kernels.map((k) => k.text).join("\n"));
  else if (part === undefined) process.stderr.write(`${title}: ${noKernels}\n`);
  else process.stderr.write(`${title}: no kernel named "${escapeControls(part)}"\n`);
}
