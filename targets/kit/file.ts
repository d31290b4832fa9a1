/** A kernel's file put together: its parameters, what its integers mean, the host function that launches it. */
import type { Emitted, LaunchSite, PrintedKernel } from "../../src/claim/target.js";
import type { BufferType, Kernel, KernelBuffer } from "../../src/kernel/tile.js";
import { kernelFile, type KernelPartName } from "../../src/program/kernel-file.js";

/** Names of the kernel's integers among those that its body says, in the kernel's order: what a launch hands over. */
export function intsSaid(kernel: Kernel, said: ReadonlySet<string>): readonly string[] {
  return kernel.ints.map((i) => i.name).filter((name) => said.has(name));
}

/** Those of the integers that say what they mean, for the comment before a kernel: `n3: rows of a tile`. */
export function meaningsOf(kernel: Kernel, ints: readonly string[]): readonly string[] {
  return kernel.ints.flatMap(({ name, meaning }) => (ints.includes(name) && meaning?.length ? [`${name}: ${meaning.join(", ")}`] : []));
}

/** `const float*` of a buffer that is only read. */
export function pointerTo({ access, type }: KernelBuffer, cType: (type: BufferType) => string): string {
  return `${access === "read" ? "const " : ""}${cType(type)}*`;
}

/** The parameters that the launcher has in C; the kernel's own follow them. */
interface LauncherForm {
  readonly stream: string;
  readonly work: string;
  readonly int: string;
}

/** A launcher's head: `extern "C" int name_launch(stream, work, pointers, integers)`. */
export function launcherHead(kernel: Kernel, ints: readonly string[], form: LauncherForm): string {
  const params = [form.stream, form.work, ...kernel.buffers.map((b) => `void* ${b.name}`), ...ints.map((name) => `${form.int} ${name}`)];
  return `extern "C" int ${kernel.name}_launch(${params.join(", ")})`;
}

/** The launch of a kernel from model.cpp through its launcher, which is plain C. */
export function launchThrough(site: LaunchSite, work: string, uses: readonly string[]): Emitted {
  const args = ["r.stream", work, ...site.pointers, ...site.ints];
  return { lines: [`PTL_TRY(${site.kernel.name}_launch(${args.join(", ")}));`], uses };
}

type Section = readonly [part: KernelPartName | "header", text: string];

/** kernels/<name>.<extension> of these sections. */
export function printedKernel(
  { name }: Kernel,
  extension: string,
  sections: readonly Section[],
  rest: Pick<PrintedKernel, "declaration" | "ints" | "uses">,
): PrintedKernel {
  return { path: `kernels/${name}.${extension}`, ...kernelFile(sections), ...rest };
}
