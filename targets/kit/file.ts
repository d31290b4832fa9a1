/** A kernel's file put together: its parameters, what its integers mean, the host function that launches it. */
import type { Emitted, LaunchSite, PrintedKernel } from "../../src/claim/target.js";
import type { BufferType, Kernel, KernelBuffer } from "../../src/kernel/tile.js";
import { TextWriter } from "../../src/base/text-writer.js";
import { kernelFile, type KernelPartName } from "../../src/program/kernel-file.js";

/** Names of the kernel's integers among those that its body says, in the kernel's order: what a launch hands over. */
export function intsSaid(kernel: Kernel, said: ReadonlySet<string>): readonly string[] {
  return kernel.ints.map((i) => i.name).filter((name) => said.has(name));
}

/** Those of the integers that say what they mean, for the comment before a kernel: `n3: rows of a tile`. */
function meaningsOf(kernel: Kernel, ints: readonly string[]): readonly string[] {
  return kernel.ints.flatMap(({ name, meaning }) => (ints.includes(name) && meaning?.length ? [`${name}: ${meaning.join(", ")}`] : []));
}

/** How a kernel's own parameters are spelled. */
interface DeviceForm {
  /** What stands before its name: `__global__ void`. */
  readonly returns: string;
  readonly pointer: (buffer: KernelBuffer) => string;
  readonly int: string;
}

/** The kernel itself: what its integers mean, its head, what it declares, and its body as it stands on the sheet. */
export function deviceFunction(
  kernel: Kernel,
  ints: readonly string[],
  { returns, pointer, int }: DeviceForm,
  body: string,
  declare: (w: TextWriter) => void = () => undefined,
): string {
  const params = [...kernel.buffers.map(pointer), ...ints.map((name) => `${int} ${name}`)];
  const w = new TextWriter();
  for (const meaning of meaningsOf(kernel, ints)) w.comment(meaning);
  w.line(`${returns} ${kernel.name}(${params.join(", ")}) {`).indented(() => declare(w));
  return `${w.text()}${body}}`;
}

const partsOf = (kernel: Kernel): string => `${kernel.name}_parts`;

/** The functions that a kernel calls, in a namespace of its own: several kernel files may become one translation unit. */
export function helpersOf(kernel: Kernel, helpers: readonly (readonly string[])[]): string {
  if (helpers.length === 0) return "";
  const w = new TextWriter().line(`namespace ${partsOf(kernel)} {`).line();
  for (const lines of helpers) w.lines(lines).line();
  return w.line(`}  // namespace ${partsOf(kernel)}`).text();
}

/** Lets a kernel call them by their names. */
export function usingHelpers(kernel: Kernel): string {
  return `using namespace ${partsOf(kernel)};`;
}

/** Comments at the head of a kernel's file, and what it includes. */
export function fileHead(comments: readonly (string | undefined)[], lines: readonly string[]): string {
  const w = new TextWriter();
  for (const comment of comments) if (comment !== undefined) w.comment(comment);
  return w.lines(lines).text();
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
