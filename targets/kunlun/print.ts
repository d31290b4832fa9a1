/** Prints a tile kernel as an .xpu file: the kernel, and the launcher that only the device compiler can spell. */
import { invariant } from "../../src/base/diagnostic.js";
import { TextWriter } from "../../src/base/text-writer.js";
import { intsRead, meaningsOf } from "../../src/kernel/lower/ints-read.js";
import type { Kernel } from "../../src/kernel/tile.js";
import { doubledTiles } from "../../src/kernel/walk.js";
import { kernelFile } from "../../src/program/kernel-file.js";
import type { Chip, Emitted, LaunchSite, PrintedKernel } from "../../src/claim/target.js";
import { witnessRemark } from "../../src/claim/witness.js";
import { coresPerCluster, kunlunChip } from "./caps.js";
import { intrinsics, Spelling, type Intrinsic } from "./intrinsics.js";
import { freshNames, variable, type Printing } from "./print/context.js";
import { declareSlots } from "./print/loops.js";
import { declaredLength } from "./print/pipeline.js";
import { cType } from "./print/spell.js";
import { printBlock } from "./print/statements.js";

export function printKernel(kernel: Kernel, chip: Chip): PrintedKernel {
  const [header, out] = [new TextWriter(), new TextWriter()];
  const spell = new Spelling();
  const fresh = freshNames(kernel);
  const p: Printing = {
    kernel,
    caps: chip.caps,
    out,
    spell,
    fresh,
    tiles: new Map(kernel.tiles.map((t) => [t.name, t])),
    buffers: new Map(kernel.buffers.map((b) => [b.name, b])),
    at: new Map(kernel.tiles.map((t) => [t.name, fresh(`${t.name}_t`)])),
  };
  out.indented(() => printBody(p));
  const body = out.text();
  const ints = intsRead(kernel, body);
  const launcher = launcherText(p, ints, kunlunChip(chip).clusters);
  printHeader(kernel, chip, spell.uses(), header);
  const device = new TextWriter();
  for (const meaning of meaningsOf(kernel, ints)) device.comment(meaning);
  device.line(`__global__ void ${kernel.name}(${parameters(kernel, ints).join(", ")}) {`);
  return {
    path: `kernels/${kernel.name}.xpu`,
    ...kernelFile([
      ["header", header.text()],
      ["kernel", `${device.text()}${body}}`],
      ["launcher", launcher],
    ]),
    declaration: `${launcherHead(kernel, ints)};`,
    ints,
    uses: spell.uses(),
  };
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
  const pointers = kernel.buffers.map((b) => `${b.access === "read" ? "const " : ""}${cType(b.type)}* ${b.name}`);
  return [...pointers, ...ints.map((name) => `int ${name}`)];
}

function printBody(p: Printing): void {
  const { out, spell, kernel } = p;
  // Neighbouring work items go to different clusters, so that few items use all of them.
  out.declare("core", `const int core = ${spell.call("core_id")} * ${spell.call("cluster_num")} + ${spell.call("cluster_id")};`);
  out.declare("cores", `const int cores = ${spell.call("core_num")} * ${spell.call("cluster_num")};`);
  const doubled = doubledTiles(kernel.body);
  for (const t of kernel.tiles) {
    // Shared memory has copies, loads, stores and fences of its own, which nothing here prints.
    invariant(t.space === "local", `kernel ${kernel.name} has a tile in ${t.space} memory, and Kunlun kernels keep theirs in local memory`);
    out.line(`__simd__ ${cType(t.type)} ${variable(p, t.name)}[${declaredLength(t.capacity, doubled.has(t.name))}];`);
  }
  declareSlots(p);
  out.line();
  printBlock(p, kernel.body);
}

// ---- the launcher -----------------------------------------------------------------------------------------------------

function launcherHead(kernel: Kernel, named: readonly string[]): string {
  const pointers = kernel.buffers.map((b) => `void* ${b.name}`);
  const ints = named.map((name) => `int ${name}`);
  return `extern "C" int ${kernel.name}_launch(${["void* stream", "int work", ...pointers, ...ints].join(", ")})`;
}

function launcherText({ kernel, spell }: Printing, ints: readonly string[], clusters: number): string {
  const out = new TextWriter();
  spell.note("kernel<<<>>>");
  out.block(launcherHead(kernel, ints), () => {
    out.line("if (work <= 0) return 0;");
    const args = [...kernel.buffers.map((b) => `static_cast<${b.access === "read" ? "const " : ""}${cType(b.type)}*>(${b.name})`), ...ints];
    out.line(`const int clusters = work < ${clusters} ? work : ${clusters};`);
    out.line(`return ${kernel.name}<<<clusters, ${coresPerCluster}, static_cast<XPUStream>(stream)>>>(${args.join(", ")});`);
  });
  return out.text();
}

/** The launch of a kernel from model.cpp: its launcher is plain C. */
export function launch(site: LaunchSite): Emitted {
  const args = ["r.stream", site.parallelism, ...site.pointers, ...site.ints];
  return { lines: [`PTL_TRY(${site.kernel.name}_launch(${args.join(", ")}));`], uses: ["kernel<<<>>>"] };
}
