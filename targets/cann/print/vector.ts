import { ceilDiv, isConst, mul, roundUp, type Dim } from "../../../src/base/dim.js";
import { fail } from "../../../src/base/diagnostic.js";
import type { MemoryMap, Operand, ScalarOperand, VectorFn, VectorOperand } from "../../../src/kernel/lower/memory-form.js";
import type { LaneType } from "../../../src/kernel/tile.js";
import { compareFns } from "../../../src/ops/primitive.js";
import { namesOf } from "../../kit/instruction.js";
import { reads, type Access } from "../../kit/sheet.js";
import {
  inRows,
  isVector,
  lanesOf,
  nameOf,
  printBlocks,
  printInstr,
  startsAtRow,
  type InstrOf,
  type InstrPrinter,
  type Place as VectorPlace,
} from "../../kit/vector.js";
import { instructions, type InstructionName } from "../instructions.js";
import { bytesOf, cType, type Page } from "./page.js";

type Place = VectorPlace<Page>;

export function printMap(page: Page, map: MemoryMap): void {
  printBlocks(page, map, (at, instr) => printInstr(at, instr, printer));
}

/** Of one row no more than its columns, where they are a known number. */
function lanesIn(at: Place): Dim {
  const { cols, pitch } = at.map;
  return lanesOf(at, isConst(cols) ? cols : pitch);
}

/** A tensor operand, read as `type`; in a loop over rows a full one starts at its row. */
export function spellVector(place: Place, x: VectorOperand, as: LaneType = x.type): string {
  const { page } = place;
  const stored = x.kind === "tile" ? page.tile(x.tile).type : as === "mask" ? "mask" : "f32";
  const base = x.kind === "tile" ? page.tileName(x.tile) : page.slotName(x.slot);
  if (stored !== as) page.uses.add("ReinterpretCast");
  const view = stored === as ? base : `${base}.ReinterpretCast<${cType(as)}>()`;
  return startsAtRow(place, x) && x.type !== "mask" ? `${view}[${rowOffset(place, x, as)}]` : view;
}

/** Counted in elements of the view: 32-bit lanes are two of a view of halves. */
function rowOffset(place: Place, x: VectorOperand, as: LaneType): string {
  const pitch = x.kind === "tile" ? place.page.tile(x.tile).pitch : place.map.pitch;
  const wider = (x.type === "i32" || x.type === "u32") && as === "u16" ? 2 : 1;
  return place.page.times(mul(wider, pitch), place.row?.index ?? "0");
}

function touch(place: Place, x: VectorOperand, write: boolean): Access {
  const disjoint = startsAtRow(place, x) && x.type !== "mask";
  return { on: nameOf(x), write, ...(disjoint ? { row: place.row?.id } : {}) };
}

/** A scalar operand as an expression of the lane type's C++ type. */
function spellScalar(place: Place, x: ScalarOperand, type: LaneType): string {
  const { page } = place;
  if (x.kind === "const") return page.literal(type, x.value);
  if (x.kind === "int") return `static_cast<${cType(type)}>(${page.dim(x.value)})`;
  page.uses.add("GetValue");
  return `${x.negated ? "-" : ""}${spellVector({ ...place, row: undefined }, x.from, type)}.GetValue(${x.at === "row" ? (place.row?.index ?? "0") : "0"})`;
}

/** An operand's text. Reading a scalar out of a tile is the scalar unit's work, in front of the instruction that takes it. */
function spellOperand(place: Place, x: Operand, type: LaneType): string {
  if (isVector(x)) return spellVector(place, x, type);
  if (x.kind !== "read") return spellScalar(place, x, type);
  const name = place.page.fresh("s");
  place.page.op("S", reads(nameOf(x.from)), `const ${cType(type)} ${name} = ${spellScalar(place, x, type)};`);
  return name;
}

const binaryNames = namesOf(instructions, "binary");
const scalarNames = namesOf(instructions, "scalar");
const unaryNames = namesOf(instructions, "unary");
const roundings: Readonly<Partial<Record<VectorFn, string>>> = {
  floor: "CAST_FLOOR",
  ceil: "CAST_CEIL",
  round: "CAST_RINT",
  trunc: "CAST_TRUNC",
};
/** Of lanes and of masks, which are packed bits. */
const bitwise: Readonly<Partial<Record<VectorFn, InstructionName>>> = {
  bitand: "And",
  bitor: "Or",
  bitnot: "Not",
  and: "And",
  or: "Or",
  not: "Not",
};
const comparisons: ReadonlySet<VectorFn> = new Set(compareFns);

type Apply = InstrOf<"apply">;

function printApply(place: Place, instr: Apply): void {
  const { page } = place;
  const { fn, type, dst } = instr;
  const count = page.dim(lanesIn(place));
  const args = instr.args.map((a) => spellOperand(place, a, type));
  const [a, b] = args;
  const emit = (line: string) =>
    page.vector([...instr.args.filter(isVector).map((x) => touch(place, x, false)), touch(place, dst, true)], line);
  if (comparisons.has(fn)) return emit(printCompare(place, instr, a, b));
  if (fn === "select") return emit(printSelect(place, instr));
  if (bitwise[fn]) return emit(printBits(place, instr, bitwise[fn]));
  const to = spellVector(place, dst, type);
  if (roundings[fn]) return emit(`${page.api("Cast", to, a, `RoundMode::${roundings[fn]}`, count)};`);
  const names = instr.args.length === 1 ? unaryNames : isVector(instr.args[1]) ? binaryNames : scalarNames;
  emit(`${page.api(names.get(fn) ?? missing(place, fn, type), to, ...args, count)};`);
}

function missing({ page }: Place, fn: string, type: string): never {
  return fail("internal-kernel", `Ascend C has no instruction for ${fn} on ${type} in kernel ${page.kernel.name}`, {
    why: "the lowering is expected to expand what caps.native does not list",
  });
}

/** Compare works on whole repeats: the lane count goes up to a multiple of 256 bytes. */
function printCompare(place: Place, { fn, type, dst, args }: Apply, a: string, b: string): string {
  const { page } = place;
  const count = page.dim(roundUp(lanesIn(place), 256 / bytesOf(type)));
  const mode = `CMPMODE::${fn.toUpperCase()}`;
  return `${page.api(isVector(args[1]) ? "Compare" : "CompareScalar", spellVector(place, dst, "mask"), a, b, mode, spellCount(place, type, count))};`;
}

/** A rounded count whose rounding is not known to the compiler goes through RoundUp, which reads better than its formula. */
function spellCount(place: Place, type: LaneType, rounded: string): string {
  const lanes = lanesIn(place);
  if (isConst(lanes)) return rounded;
  return place.page.helper("RoundUp", place.page.dim(lanes), `${256 / bytesOf(type)}`);
}

/** Only floats can be selected; integers of the same width pass as floats, bit for bit. */
function printSelect(place: Place, { type, dst, args }: Apply): string {
  const { page } = place;
  const as = bytesOf(type) === 4 ? "f32" : "f16";
  const [mask, a, b] = args;
  if (!isVector(mask) || !isVector(a)) return missing(place, "select", type);
  const mode = `SELMODE::${isVector(b) ? "VSEL_TENSOR_TENSOR_MODE" : "VSEL_TENSOR_SCALAR_MODE"}`;
  const other = isVector(b) ? spellVector(place, b, as) : selectScalar(place, b, type);
  return `${page.api("Select", spellVector(place, dst, as), spellVector(place, mask, "mask"), spellVector(place, a, as), other, mode, page.dim(lanesIn(place)))};`;
}

function selectScalar(place: Place, x: ScalarOperand, type: LaneType): string {
  const value = spellScalar(place, x, type);
  return type === "f32" ? value : place.page.helper("FloatOfBits", value);
}

/** And, Or and Not work on 16-bit lanes: masks are counted in words of sixteen bits, 32-bit lanes twice. */
function printBits(place: Place, { type, dst, args }: Apply, name: InstructionName): string {
  const { page } = place;
  const lanes = lanesIn(place);
  const count = page.dim(type === "mask" ? ceilDiv(lanes, 16) : mul(lanes, bytesOf(type) / 2));
  const operands = args.map((a) => (isVector(a) ? spellVector(place, a, "u16") : missing(place, `${name} with a scalar`, type)));
  return `${page.api(name, spellVector(place, dst, "u16"), ...operands, count)};`;
}

const roundModes = { exact: "CAST_NONE", rint: "CAST_RINT", trunc: "CAST_TRUNC" } as const;

function printCast(place: Place, { dst, src, round }: InstrOf<"cast">): void {
  const { page } = place;
  if (!place.page.caps.casts[`${src.type}->${dst.type}`]) missing(place, `a conversion to ${dst.type}`, src.type);
  const mode = `RoundMode::${castMode(place, src.type, dst.type, round)}`;
  const touches = [touch(place, src, false), touch(place, dst, true)];
  page.vector(touches, `${page.api("Cast", spellVector(place, dst), spellVector(place, src), mode, page.dim(lanesIn(place)))};`);
}

function castMode({ page }: Place, from: LaneType, to: LaneType, round: keyof typeof roundModes): string {
  if (round === "rint" && page.chip.nearestByNone.includes(`${from}->${to}`)) return "CAST_NONE";
  return roundModes[round];
}

function printFill(place: Place, { dst, value }: InstrOf<"fill">): void {
  const { page } = place;
  const text = spellOperand(place, value, dst.type);
  const lanes = lanesIn(place);
  const write = [touch(place, dst, true)];
  if (bytesOf(dst.type) === 8) return fillWide(place, dst, text);
  if (bytesOf(dst.type) > 1) return page.vector(write, `${page.api("Duplicate", spellVector(place, dst), text, page.dim(lanes))};`);
  // Duplicate knows no bytes: two equal ones go as a word.
  const word = `static_cast<uint16_t>(static_cast<uint8_t>(${text}) * 257)`;
  page.vector(write, `${page.api("Duplicate", bytePairs(place, dst), word, page.dim(ceilDiv(lanes, 2)))};`);
}

/** A tensor of bytes from its place on, read as words. */
function bytePairs(place: Place, x: VectorOperand): string {
  place.page.uses.add("ReinterpretCast");
  return `${spellVector(place, x)}.ReinterpretCast<uint16_t>()`;
}

/** 64-bit lanes are the scalar unit's. */
function fillWide(place: Place, dst: VectorOperand, value: string): void {
  const { page } = place;
  const index = page.fresh("c");
  page.uses.add("SetValue");
  const head = page.loopHead(index, page.dim(lanesIn(place)));
  const lines = [head, `  ${spellVector(place, dst)}.SetValue(${index}, ${value});`];
  page.op("S", [touch(place, dst, true)], ...lines);
}

/** A copy inside the unified buffer, in granules of 32 bytes. */
function printCopy(place: Place, { dst, src }: InstrOf<"copy">): void {
  const { page } = place;
  const lanes = lanesIn(place);
  const perGranule = 32 / bytesOf(dst.type);
  const count = isConst(lanes) ? `${roundUp(lanes, perGranule)}` : page.helper("RoundUp", page.dim(lanes), `${perGranule}`);
  const line = `${page.copyInside(spellVector(place, dst), spellVector(place, src, dst.type), `static_cast<uint32_t>(${count})`)};`;
  page.vector([touch(place, src, false), touch(place, dst, true)], line);
}

type Iota = InstrOf<"iota">;

function printIota(place: Place, instr: Iota): void {
  const { page, block, map } = place;
  const run = (at: Place, count: Dim) => iotaRun(at, instr, spellVector(at, instr.dst), page.dim(count), at.row?.index);
  if (block.over !== "full" || block.each !== "tile") return run(place, lanesIn(place));
  inRows({ ...place, block: { ...block, each: "row" } }, (at) => run(at, map.pitch));
}

/** The scalar unit writes the first block, once the vector unit is done with it; the vector unit waits for that by itself. */
function vectorIndex(page: Page, write: readonly Access[], line: string): void {
  page.op("S", write);
  page.order("S", "V");
  page.vector(write, line);
}

/** One run of lanes: counting along it, or one value where the row number is what counts. */
function iotaRun(place: Place, { dst, axis, base, step }: Iota, to: string, count: string, row: string | undefined): void {
  const { page, block } = place;
  const write = [touch(place, dst, true)];
  const first = page.dim(base);
  if (axis === "row" && block.over === "full") {
    const value = `static_cast<int32_t>(${[...(base === 0 ? [] : [first]), page.times(step, row ?? "0")].join(" + ")})`;
    return page.vector(write, `${page.api("Duplicate", to, value, count)};`);
  }
  const alone = block.over === "scalar" || (axis === "row" ? block.over === "row" : block.over === "col");
  if (alone) return page.vector(write, `${page.api("Duplicate", to, `static_cast<int32_t>(${first})`, count)};`);
  const start = step === 1 ? `static_cast<int32_t>(${first})` : "static_cast<int32_t>(0)";
  vectorIndex(page, write, `${page.api("CreateVecIndex", to, start, count)};`);
  if (step === 1) return;
  const again = [...write, { ...write[0], write: false }];
  page.vector(again, `${page.api("Muls", to, to, `static_cast<int32_t>(${page.dim(step)})`, count)};`);
  if (base !== 0) page.vector(again, `${page.api("Adds", to, to, `static_cast<int32_t>(${first})`, count)};`);
}

const printer: InstrPrinter<Page> = { apply: printApply, cast: printCast, fill: printFill, copy: printCopy, iota: printIota };
