/** Prints a tile kernel as an .xpu file: the kernel, and the launcher that only the device compiler can spell. */
import { invariant } from "../../src/base/diagnostic.js";
import { TextWriter } from "../../src/base/text-writer.js";
import type { Kernel, KernelBuffer } from "../../src/kernel/tile.js";
import { doubledTiles } from "../../src/kernel/walk.js";
import type { Chip, Emitted, LaunchSite, PrintedKernel } from "../../src/claim/target.js";
import { witnessRemark } from "../../src/claim/witness.js";
import { deviceFunction, fileHead, intsSaid, launcherHead, launchThrough, pointerTo, printedKernel } from "../kit/file.js";
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
  const body = p.body();
  const ints = intsSaid(kernel, body.names);
  const launcher = launcherText(p, ints, kunlunChip(chip).clusters);
  const uses = p.uses.list();
  return printedKernel(
    kernel,
    "xpu",
    [
      ["header", header(kernel, chip, uses)],
      ["kernel", deviceFunction(kernel, ints, deviceForm, body.text)],
      ["launcher", launcher],
    ],
    { declaration: `${launcherHead(kernel, ints, launcherForm)};`, ints, uses },
  );
}

function header({ summary, origin, schedule }: Kernel, chip: Chip, uses: readonly Intrinsic[]): string {
  const from = origin.length > 0 ? `From ONNX: ${origin.join(", ")}` : undefined;
  const comments = [summary, from, `${chip.caps.chip} (--xpu-arch=${chip.arch}), schedule "${schedule}".`, witnessRemark(uses, intrinsics)];
  return fileHead(comments, [`#include "runtime/portolan_xpu.h"`]);
}

const deviceForm = { returns: "__global__ void", pointer: (b: KernelBuffer) => `${pointerTo(b, cType)} ${b.name}`, int: "int" } as const;

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
