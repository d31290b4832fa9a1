/**
 * Kernel -> one Ascend C file. The body is written with what each line touches and on which pipe, where pipes wait for each
 * other is found, and the whole is put together with its queues, buffers and the helpers it uses.
 */
import { cIdentifier, TextWriter } from "../../src/base/text-writer.js";
import { fail } from "../../src/base/diagnostic.js";
import { lowerMemory, type MemoryKernel } from "../../src/kernel/lower/memory.js";
import type { Kernel } from "../../src/kernel/tile.js";
import type { Chip, PrintedKernel } from "../../src/claim/target.js";
import { intsSaid, meaningsOf, printedKernel } from "../kit/file.js";
import { ascendChip, spareBytes } from "./caps.js";
import { layOut, type Layout } from "./print/layout.js";
import { bufferBytes, cType, Page } from "./print/page.js";
import { BodyPrinter } from "./print/body.js";

/** The kernel's file, kernels/<name>.cpp. Throws `scratchpad-overflow` when its buffers do not fit the chip. */
export function printKernel(kernel: Kernel, chip: Chip): PrintedKernel {
  const page = new Page(kernel, ascendChip(chip));
  const memory = lowerMemory(kernel, chip.caps);
  const layout = layOut(kernel);
  new BodyPrinter(page, memory, layout).print(kernel.body);
  const body = page.out.read(1, (entries) => page.waits(entries));
  const [header, helpers, w] = [new TextWriter(), new TextWriter(), new TextWriter()];
  writeHeader(header, kernel, chip);
  writeHelpers(helpers, page);
  const slots = slotsIn(page, body.names, memory);
  const ints = intsSaid(kernel, body.names);
  for (const meaning of meaningsOf(kernel, ints)) w.comment(meaning);
  w.block(signature(kernel, ints), () => writeDeclarations(w, page, slots, layout, body.names), "");
  return printedKernel(
    kernel,
    "cpp",
    [
      ["header", header.text()],
      ["helpers", helpers.text()],
      ["kernel", `${w.text().trimEnd()}\n\n${body.text}}`],
    ],
    { declaration: `#include "aclrtlaunch_${kernel.name}.h"`, ints, uses: page.uses.list() },
  );
}

/** In a namespace of the kernel's own: several kernel files may become one translation unit or one program. */
function writeHelpers(w: TextWriter, page: Page): void {
  const used = page.helpersUsed();
  if (used.length === 0) return;
  w.line(`namespace ${page.kernel.name}_parts {`).line();
  for (const helper of used) w.lines(helper.lines).line();
  w.line(`}  // namespace ${page.kernel.name}_parts`).line();
}

function writeHeader(w: TextWriter, kernel: Kernel, chip: Chip): void {
  w.comment(kernel.summary);
  w.comment(`From ${kernel.origin.join(", ")}.`);
  w.comment(`Ascend C for ${chip.caps.chip}: --npu-arch=${chip.arch}, -DSOC_VERSION=${chip.caps.chip}.`);
  w.line('#include "kernel_operator.h"').line();
  w.line("using namespace AscendC;").line();
}

function signature(kernel: Kernel, taken: readonly string[]): string {
  const pointers = kernel.buffers.map((b) => `GM_ADDR ${cIdentifier(b.name)}`);
  const ints = taken.map((name) => `int32_t ${name}`);
  return `extern "C" __global__ __aicore__ void ${kernel.name}(${[...pointers, ...ints].join(", ")})`;
}

/** Spelled as the vendor spells queues. */
const queueTypes = {
  in: "TQue<TPosition::VECIN, 1>",
  out: "TQue<TPosition::VECOUT, 1>",
  through: "TQueBind<TPosition::VECIN, TPosition::VECOUT, 1>",
} as const;

const queueNames = { in: "inQueue", out: "outQueue", through: "throughQueue" } as const;

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
  if (page.helpersUsed().length > 0) w.line(`using namespace ${kernel.name}_parts;`);
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
