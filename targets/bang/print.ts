/** A tile kernel as a .mlu file: what it computes, the device function, and the launcher that needs the vendor's `<<<>>>`. */
import { fail } from "../../src/base/diagnostic.js";
import type { TextWriter } from "../../src/base/text-writer.js";
import type { KeptConstant } from "../../src/kernel/lower/draft.js";
import type { ScratchSlot } from "../../src/kernel/lower/memory-form.js";
import { lowerMemory } from "../../src/kernel/lower/memory.js";
import type { Kernel, KernelBuffer } from "../../src/kernel/tile.js";
import { witnessRemark } from "../../src/claim/witness.js";
import type { Chip, Emitted, LaunchSite, PrintedKernel } from "../../src/claim/target.js";
import {
  deviceFunction,
  fileHead,
  helpersOf,
  intsSaid,
  launcherHead,
  launchThrough,
  pointerTo,
  printedKernel,
  usingHelpers,
} from "../kit/file.js";
import { writes } from "../kit/sheet.js";
import { slotName } from "../kit/vector.js";
import { helperBytes } from "./caps.js";
import { intrinsics, runtimeCalls } from "./intrinsics.js";
import { printBlock, type Lowered } from "./print/block.js";
import { PrintContext } from "./print/context.js";
import { helperNames, helperText } from "./print/helpers.js";
import { helperLanes } from "./print/helpers/helper.js";
import { cType, sizeOf, spellConst } from "./print/spell.js";
import { scratchName } from "./print/vector.js";

export interface LoweredKernel extends Lowered {
  readonly slots: readonly ScratchSlot[];
  readonly constants: readonly KeptConstant[];
}

function header(kernel: Kernel, chip: Chip, remark: string | undefined): string {
  const nodes = kernel.origin.map((o) => JSON.stringify(o)).join(", ");
  const made = `From the ONNX nodes ${nodes}. Schedule: ${kernel.schedule}, for ${chip.caps.chip}.`;
  const comments = [kernel.summary, made, remark, `cncc -O3 -std=c++17 --bang-mlu-arch=${chip.arch}`];
  return fileHead(comments, ["#include <bang.h>", "#include <cnrt.h>"]);
}

/** A kernel whose tiles and scratch do not fit is a defect of its schedule: better told here than by the vendor's linker. */
function checkRoom(p: PrintContext, slots: readonly ScratchSlot[]): void {
  const tiles = p.kernel.tiles.reduce((sum, t) => sum + t.capacity * sizeOf(t.type) * (p.doubled.has(t.name) ? 2 : 1), 0);
  const scratch = slots.reduce((sum, s) => sum + 4 * s.capacity, 0);
  const room = p.chip.caps.local.bytes + helperBytes;
  if (tiles + scratch + (p.needsHelperNram ? helperBytes : 0) <= room) return;
  fail(
    "scratchpad-overflow",
    `${p.kernel.name} needs ${tiles + scratch} B of NRAM (tiles ${tiles}, scratch ${scratch}); ${p.chip.caps.chip} has ${room}`,
    {
      why: `the ${p.kernel.schedule} schedule sized its tiles without all of its scratch`,
      location: { node: p.kernel.origin[0] },
    },
  );
}

/** Tiles by name, twice where a pipeline alternates between halves; then the vector unit's scratch. */
function printNram(p: PrintContext, head: TextWriter, slots: readonly ScratchSlot[]): void {
  for (const t of p.kernel.tiles) {
    // Every tile begins on the vector granule, because the one before it fills whole granules.
    const step = p.chip.caps.local.granule / sizeOf(t.type);
    const elements = Math.max(1, Math.ceil(t.capacity / step)) * step;
    head.line(`__nram__ ${cType(t.type)} ${p.array(t.name)}${p.doubled.has(t.name) ? "[2]" : ""}[${elements}];`);
  }
  slots.forEach((s, k) => head.line(`__nram__ float ${scratchName(k)}[${s.capacity}];`));
}

/** Scratch that holds one number throughout. */
function printConstants(p: PrintContext, { slots, constants }: LoweredKernel): void {
  for (const { slot, type, value } of constants) {
    const name = type === "i32" ? `(int32_t*)${scratchName(slot)}` : scratchName(slot);
    p.touch("vector", writes(slotName(slot)));
    p.call("__bang_write_value", name, slots[slot].capacity, spellConst(type === "mask" ? "f32" : type, value));
  }
}

const deviceForm = {
  returns: "__mlu_global__ void",
  pointer: (b: KernelBuffer) => `${pointerTo(b, cType)} ${b.name}`,
  int: "int32_t",
} as const;

function printDevice(p: PrintContext, lowered: LoweredKernel): { readonly text: string; readonly ints: readonly string[] } {
  const { kernel } = p;
  printConstants(p, lowered);
  printBlock(p, lowered, kernel.body, new Set());
  const body = p.body();
  const ints = intsSaid(kernel, body.names);
  checkRoom(p, lowered.slots);
  const declare = (head: TextWriter) => {
    if (p.helpers.size > 0) head.line(usingHelpers(kernel));
    printNram(p, head, lowered.slots);
    if (p.needsHelperNram) head.line(`__nram__ int32_t helper_nram[${helperLanes}];`);
    head.line();
  };
  return { text: deviceFunction(kernel, ints, deviceForm, body.text, declare), ints };
}

const launcherForm = { stream: "void* queue", work: "int32_t tasks", int: "int32_t" } as const;

function launcher(kernel: Kernel, ints: readonly string[]): readonly string[] {
  const args = [...kernel.buffers.map((b) => `(${pointerTo(b, cType)})${b.name}`), ...ints];
  return [
    "// Block tasks: each runs on any free core and takes its share of the work. More than the card has cores are no gain.",
    `${launcherHead(kernel, ints, launcherForm)} {`,
    "  if (tasks <= 0) return 0;",
    "  const cnrtDim3_t dim = {(uint32_t)tasks, 1, 1};",
    `  ${kernel.name}<<<dim, cnrtFuncTypeBlock, (cnrtQueue_t)queue>>>(${args.join(", ")});`,
    "  return cnrtGetLastError();",
    "}",
  ];
}

export function printLoweredKernel(kernel: Kernel, chip: Chip, lowered: LoweredKernel): PrintedKernel {
  const p = new PrintContext(kernel, chip);
  p.uses.add("cnrtGetLastError");
  const { text, ints } = printDevice(p, lowered);
  const helpers = helperNames.filter((h) => p.helpers.has(h)).map((name) => helperText(name, p.bang));
  const uses = p.uses.list();
  return printedKernel(
    kernel,
    "mlu",
    [
      ["header", header(kernel, chip, witnessRemark(uses, { ...intrinsics, ...runtimeCalls }))],
      ["helpers", helpersOf(kernel, helpers)],
      ["kernel", text],
      ["launcher", launcher(kernel, ints).join("\n")],
    ],
    { declaration: `${launcherHead(kernel, ints, launcherForm)};`, ints, uses },
  );
}

/** The statement that launches a kernel from model.cpp: a task for each piece of work, as far as the card has cores. */
export function launch(site: LaunchSite): Emitted {
  return launchThrough(site, `portolan::bang::tasks(${site.parallelism})`, ["cnrtDeviceGetAttribute", "cnrtGetDevice", "cnrtGetLastError"]);
}

export function printKernel(kernel: Kernel, chip: Chip): PrintedKernel {
  const lowered = lowerMemory(kernel, chip.caps);
  return printLoweredKernel(kernel, chip, {
    slots: lowered.slots,
    constants: lowered.constants,
    map: (s) => lowered.maps.get(s) ?? missing(kernel, s.op),
    reduce: (s) => lowered.reduces.get(s),
  });
}

function missing(kernel: Kernel, op: string): never {
  throw new Error(`internal: ${kernel.name} has a ${op} that was not lowered`);
}
