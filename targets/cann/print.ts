/**
 * Kernel -> one Ascend C file. The body is written with what each line touches and on which pipe, where pipes wait for each
 * other is found, and the whole is put together with its queues, buffers and the helpers it uses.
 */
import { cIdentifier, type TextWriter } from "../../src/base/text-writer.js";
import { fail } from "../../src/base/diagnostic.js";
import { lowerMemory, type MemoryKernel } from "../../src/kernel/lower/memory.js";
import type { Kernel, KernelBuffer } from "../../src/kernel/tile.js";
import type { Chip, PrintedKernel } from "../../src/claim/target.js";
import { deviceFunction, fileHead, helpersOf, intsSaid, printedKernel, usingHelpers } from "../kit/file.js";
import { ascendChip, spareBytes } from "./caps.js";
import { layOut, queueNames, type Layout } from "./print/layout.js";
import { bufferBytes, cType, Page } from "./print/page.js";
import { BodyPrinter } from "./print/body.js";

/** The kernel's file, kernels/<name>.cpp. Throws `scratchpad-overflow` when its buffers do not fit the chip. */
export function printKernel(kernel: Kernel, chip: Chip): PrintedKernel {
  const page = new Page(kernel, ascendChip(chip));
  const memory = lowerMemory(kernel, chip.caps);
  const layout = layOut(kernel);
  new BodyPrinter(page, memory, layout).print(kernel.body);
  const body = page.body();
  const slots = slotsIn(page, body.names, memory);
  const ints = intsSaid(kernel, body.names);
  const helpers = page.helpersUsed().map(({ lines }) => lines);
  const declare = (w: TextWriter) => writeDeclarations(w, page, slots, layout, body.names);
  return printedKernel(
    kernel,
    "cpp",
    [
      ["header", header(kernel, chip)],
      ["helpers", helpersOf(kernel, helpers)],
      ["kernel", deviceFunction(kernel, ints, deviceForm, body.text, declare)],
    ],
    { declaration: `#include "aclrtlaunch_${kernel.name}.h"`, ints, uses: page.uses.list() },
  );
}

const deviceForm = {
  returns: 'extern "C" __global__ __aicore__ void',
  pointer: (b: KernelBuffer) => `GM_ADDR ${cIdentifier(b.name)}`,
  int: "int32_t",
} as const;

function header(kernel: Kernel, chip: Chip): string {
  const made = `Ascend C for ${chip.caps.chip}: --npu-arch=${chip.arch}, -DSOC_VERSION=${chip.caps.chip}.`;
  const comments = [kernel.summary, `From ${kernel.origin.join(", ")}.`, made];
  return fileHead(comments, ['#include "kernel_operator.h"', "", "using namespace AscendC;"]);
}

/** Spelled as the vendor spells queues. */
const queueTypes = {
  in: "TQue<TPosition::VECIN, 1>",
  out: "TQue<TPosition::VECOUT, 1>",
  through: "TQueBind<TPosition::VECIN, TPosition::VECOUT, 1>",
} as const;

/** Scratch that the printed statements use: some reductions need less than the lowering offers. */
interface UsedSlot {
  readonly name: string;
  readonly bits: boolean;
  readonly bytes: number;
}

function slotsIn(page: Page, said: ReadonlySet<string>, memory: MemoryKernel): readonly UsedSlot[] {
  const slots = memory.slots.map((slot, i) => ({ name: page.slotName(i), bits: slot.form === "bits", bytes: slotBytes(slot) }));
  return slots.filter(({ name }) => said.has(name));
}

function writeDeclarations(w: TextWriter, page: Page, slots: readonly UsedSlot[], layout: Layout, said: ReadonlySet<string>): void {
  const { kernel } = page;
  const depth = bufferDepth(page, slots, layout);
  if (page.helpersUsed().length > 0) w.line(usingHelpers(kernel));
  page.uses.add("TPipe");
  w.line("TPipe pipe;");
  for (const kind of ["in", "out", "through"] as const) {
    if (layout.queues[kind].length === 0) continue;
    page.uses.add(kind === "through" ? "TQueBind" : "TQue", "InitBuffer");
    w.line(`${queueTypes[kind]} ${queueNames[kind]};`);
    w.line(`pipe.InitBuffer(${queueNames[kind]}, ${depth}, ${layout.queueBytes[kind]});`);
  }
  const own = (name: string, type: string, bytes: number) => {
    page.uses.add("TBuf", "InitBuffer", "Get", "LocalTensor");
    w.line(`TBuf<TPosition::VECCALC> ${name}Buffer;`);
    w.line(`pipe.InitBuffer(${name}Buffer, ${bytes});`);
    w.line(`LocalTensor<${type}> ${name} = ${name}Buffer.Get<${type}>();`);
  };
  for (const tile of layout.own)
    own(page.tileName(tile), cType(page.tile(tile).type), bufferBytes(page.tile(tile).capacity, page.tile(tile).type));
  for (const { name, bits, bytes } of slots) own(name, bits ? "uint8_t" : "float", bytes);
  if (page.spare) own("spare", "float", spareBytes);
  for (const b of kernel.buffers) {
    page.uses.add("GlobalTensor", "SetGlobalBuffer");
    const views = [
      [page.globalName(b.name), cType(b.type)],
      [page.wordsName(b.name), "uint32_t"],
    ].filter(([name]) => said.has(name));
    for (const [name, type] of views.length > 0 ? views : [[page.globalName(b.name), cType(b.type)]]) {
      w.line(`GlobalTensor<${type}> ${name};`);
      w.line(`${name}.SetGlobalBuffer(reinterpret_cast<__gm__ ${type}*>(${cIdentifier(b.name)}));`);
    }
  }
  w.line();
}

function slotBytes(slot: MemoryKernel["slots"][number]): number {
  return slot.form === "bits" ? Math.ceil(slot.capacity / 8 / 32) * 32 : bufferBytes(slot.capacity, "f32");
}

/** Buffers a queue gets: two, so that copies and computing overlap, or one where two do not fit. */
function bufferDepth(page: Page, slots: readonly UsedSlot[], layout: Layout): number {
  const queues = Object.values(layout.queueBytes).reduce((sum, bytes) => sum + bytes, 0);
  const own = layout.own.reduce((sum, t) => sum + bufferBytes(page.tile(t).capacity, page.tile(t).type), 0);
  const scratch = slots.reduce((sum, slot) => sum + slot.bytes, 0) + (page.spare ? spareBytes : 0);
  const { usableBytes: usable } = page.chip;
  const fitting = [page.caps.depth, 1].find((depth) => depth * queues + own + scratch <= usable);
  if (fitting !== undefined) return fitting;
  return fail(
    "scratchpad-overflow",
    `kernel ${page.kernel.name} needs ${queues + own + scratch} B of unified buffer; ${page.caps.chip} has ${usable} usable`,
    { why: `queues ${queues} B, tiles ${own} B, scratch ${scratch} B` },
  );
}
