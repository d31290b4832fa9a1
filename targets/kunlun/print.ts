/** Prints a tile kernel as an .xpu file: the kernel, and the launcher that only the device compiler can spell. */
import { invariant } from "../../src/base/diagnostic.js";
import { TextWriter } from "../../src/base/text-writer.js";
import type { Kernel } from "../../src/kernel/tile.js";
import { doubledTiles } from "../../src/kernel/walk.js";
import type { Chip, Emitted, LaunchSite, PrintedKernel } from "../../src/claim/target.js";
import { witnessRemark } from "../../src/claim/witness.js";
import { intsSaid, launcherHead, launchThrough, meaningsOf, pointerTo, printedKernel } from "../kit/file.js";
import { coresPerCluster, kunlunChip } from "./caps.js";
import { intrinsics, type Intrinsic } from "./intrinsics.js";
import { XpuPage } from "./print/context.js";
import { declareSlots } from "./print/loops.js";
import { declaredLength } from "./print/pipeline.js";
import { cType } from "./print/spell.js";
import { printBlock } from "./print/statements.js";

export function printKernel(kernel: Kernel, chip: Chip): PrintedKernel {
  const p = new XpuPage(kernel, chip);
  printBody(p);
  const body = p.out.read(1);
  const ints = intsSaid(kernel, body.names);
  const [launcher, header, device] = [launcherText(p, ints, kunlunChip(chip).clusters), new TextWriter(), new TextWriter()];
  const uses = p.uses.list();
  printHeader(kernel, chip, uses, header);
  for (const meaning of meaningsOf(kernel, ints)) device.comment(meaning);
  device.line(`__global__ void ${kernel.name}(${parameters(kernel, ints).join(", ")}) {`);
  return printedKernel(
    kernel,
    "xpu",
    [
      ["header", header.text()],
      ["kernel", `${device.text()}${body.text}}`],
      ["launcher", launcher],
    ],
    { declaration: `${launcherHead(kernel, ints, launcherForm)};`, ints, uses },
  );
}

function printHeader(kernel: Kernel, chip: Chip, uses: readonly Intrinsic[], out: TextWriter): void {
  out.comment(kernel.summary);
  if (kernel.origin.length > 0) out.comment(`From ONNX: ${kernel.origin.join(", ")}`);
  out.comment(`${chip.caps.chip} (--xpu-arch=${chip.arch}), schedule "${kernel.schedule}".`);
  const remark = witnessRemark(uses, intrinsics);
  if (remark !== undefined) out.comment(remark);
  out.line(`#include "runtime/portolan_xpu.h"`).line();
}

function parameters(kernel: Kernel, ints: readonly string[]): string[] {
  const pointers = kernel.buffers.map((b) => `${pointerTo(b, cType)} ${b.name}`);
  return [...pointers, ...ints.map((name) => `int ${name}`)];
}

function printBody(p: XpuPage): void {
  const { out, kernel } = p;
  // Neighbouring work items go to different clusters, so that few items use all of them.
  out.declare("core", () => `const int core = ${p.call("core_id")} * ${p.call("cluster_num")} + ${p.call("cluster_id")};`);
  out.declare("cores", () => `const int cores = ${p.call("core_num")} * ${p.call("cluster_num")};`);
  const doubled = doubledTiles(kernel.body);
  for (const t of kernel.tiles) {
    // Shared memory has copies, loads, stores and fences of its own, which nothing here prints.
    invariant(t.space === "local", `kernel ${kernel.name} has a tile in ${t.space} memory, and Kunlun kernels keep theirs in local memory`);
    out.line(`__simd__ ${cType(t.type)} ${p.variable(t.name)}[${declaredLength(t.capacity, doubled.has(t.name))}];`);
  }
  declareSlots(p);
  out.line();
  printBlock(p, kernel.body);
}

// ---- the launcher -----------------------------------------------------------------------------------------------------

const launcherForm = { stream: "void* stream", work: "int work", int: "int" } as const;

function launcherText({ kernel, uses }: XpuPage, ints: readonly string[], clusters: number): string {
  const out = new TextWriter();
  uses.add("kernel<<<>>>");
  out.block(launcherHead(kernel, ints, launcherForm), () => {
    out.line("if (work <= 0) return 0;");
    const args = [...kernel.buffers.map((b) => `static_cast<${pointerTo(b, cType)}>(${b.name})`), ...ints];
    out.line(`const int clusters = work < ${clusters} ? work : ${clusters};`);
    out.line(`return ${kernel.name}<<<clusters, ${coresPerCluster}, static_cast<XPUStream>(stream)>>>(${args.join(", ")});`);
  });
  return out.text();
}

export function launch(site: LaunchSite): Emitted {
  return launchThrough(site, site.parallelism, ["kernel<<<>>>"]);
}
