/**
 * Prints reductions. Sums, maxima and minima of f32 rows use the vendor's reductions, everything else folds rows in half;
 * down columns the rows are combined one after the other.
 */
import { sub, type Dim } from "../../../src/base/dim.js";
import type { MemoryReduce } from "../../../src/kernel/lower/memory-form.js";
import type { ReduceFn } from "../../../src/kernel/tile.js";
import { isWord } from "../../kit/page.js";
import { reads, writes, type Access } from "../../kit/sheet.js";
import { nameOf, slotName } from "../../kit/vector.js";
import type { Intrinsic } from "../intrinsics.js";
import { spareName, spareTouch } from "./copies.js";
import type { HelperName } from "./helpers.js";
import { cType, type Page } from "./page.js";
import { printMap, spellVector } from "./vector.js";

const combiners: Readonly<Record<ReduceFn, Intrinsic>> = { sum: "Add", prod: "Mul", max: "Max", min: "Min" };

export function printReduce(page: Page, r: MemoryReduce): void {
  printMap(page, r);
  if (r.along === "cols") reduceRows(page, r);
  else reduceDown(page, r);
}

/** The reduction's operands, as the helpers take them. */
interface Operands {
  readonly src: string;
  readonly out: string;
  /** One row. */
  readonly work: () => string;
  readonly sizes: readonly string[];
  /** Of source and result. */
  readonly ends: readonly Access[];
  /** These, and the workspace. */
  readonly touches: readonly Access[];
}

function pitchOf(page: Page, r: MemoryReduce): Dim {
  return r.src.kind === "tile" ? page.tile(r.src.tile).pitch : r.pitch;
}

function operandsOf(page: Page, r: MemoryReduce): Operands {
  const { type } = r.src;
  const place = { page, map: r, block: { over: "full", each: "tile", body: [] } } as const;
  if (type !== "f32") page.uses.add("ReinterpretCast");
  const out = page.tileName(r.out);
  const ends = [...reads(nameOf(r.src)), ...writes(r.out), ...(r.carry ? reads(r.out) : [])];
  return {
    src: spellVector(place, r.src),
    out: page.tile(r.out).type === type ? out : `${out}.ReinterpretCast<${cType(type)}>()`,
    work: () => (type === "f32" ? page.slotName(r.work) : `${page.slotName(r.work)}.ReinterpretCast<${cType(type)}>()`),
    sizes: [page.dim(r.rows), page.dim(r.cols), page.dim(pitchOf(page, r))],
    ends,
    touches: [...ends, ...writes(slotName(r.work))],
  };
}

function reduceRows(page: Page, r: MemoryReduce): void {
  const { src, out, work, sizes, touches } = operandsOf(page, r);
  const { fn } = r;
  if (r.src.type === "f32" && fn === "sum") return sumRows(page, r);
  if (r.src.type === "f32" && fn !== "prod") {
    const how = r.carry ? "OntoRows" : "OfRows";
    const name = `${fn === "max" ? "Max" : "Min"}${how}${page.chip.extremesInPairs ? "InPairs" : ""}` as const;
    page.vector([...touches, ...spareTouch(page)], `${page.helper(name, out, src, work(), spareName(page), ...sizes)};`);
    page.settled();
    return lastAdd(page, r);
  }
  page.vector(touches, ...foldLines(page, r, { src, out, work, sizes }));
  // Inside, the scalar unit waits for the folds and writes the results, and the vector unit waits for it.
  page.order("V", "S");
  page.op("S", writes(r.out));
  page.order("S", "V");
}

/** What a helper does last, after its last barrier: adds what lies in the spare buffer to the result. */
function lastAdd(page: Page, r: MemoryReduce): void {
  page.vector([...writes(r.out), ...spareTouch(page)]);
}

function sumRows(page: Page, r: MemoryReduce): void {
  const { src, out, sizes, ends } = operandsOf(page, r);
  const all = [...ends, ...spareTouch(page)];
  const spare = spareName(page);
  if (r.carry) {
    page.settled();
    page.vector(all, `${page.helper("SumOntoRows", out, src, spare, ...sizes)};`);
    page.settled();
    return lastAdd(page, r);
  }
  if (r.rows === 1) return page.vector(all, `${page.api("ReduceSum", out, src, `${spare}[1024]`, page.dim(r.cols))};`);
  page.vector(all, `${page.helper("SumOfRows", out, src, spare, ...sizes)};`);
  page.settled();
}

const lastSteps: Readonly<Record<ReduceFn, string>> = { sum: "a + b", prod: "a * b", max: "a > b ? a : b", min: "a < b ? a : b" };

function foldLines(page: Page, { fn, src: from, carry }: MemoryReduce, o: Pick<Operands, "src" | "out" | "work" | "sizes">): string[] {
  const type = cType(from.type);
  const tensor = `LocalTensor<${type}>`;
  const call = page.api(combiners[fn], "d", "a", "b", "n");
  const helper = page.chip.copiesInside ? "FoldRows" : "FoldRowsOfWords";
  page.need(helper);
  return [
    `${helper}(${[o.out, o.src, o.work(), ...o.sizes, carry].join(", ")},`,
    `         [](${tensor} d, ${tensor} a, ${tensor} b, int64_t n) __aicore__ { ${call}; },`,
    `         [](${type} a, ${type} b) __aicore__ -> ${type} { return ${lastSteps[fn]}; });`,
  ];
}

function reduceDown(page: Page, r: MemoryReduce): void {
  const { src, out, work, sizes, touches } = operandsOf(page, r);
  const [rows, cols, pitch] = sizes;
  if (!r.carry) page.vector(touches, `${page.copyInside(out, src, `static_cast<uint32_t>(${page.helper("RoundUp", cols, "8")})`)};`);
  if (r.src.type === "f32" && (r.fn === "max" || r.fn === "min")) {
    const name: HelperName = r.fn === "max" ? "MaxOntoRow" : "MinOntoRow";
    if (!r.carry && r.rows === 1) return;
    const rest = r.carry ? [src, rows] : [`${src}[${pitch}]`, page.dim(sub(r.rows, 1))];
    const all = [...touches, ...reads(r.out), ...spareTouch(page)];
    return page.vector(all, `${page.helper(name, out, rest[0], work(), spareName(page), rest[1], cols, pitch)};`);
  }
  const [index, id] = [page.fresh("r"), page.freshId()];
  const row = `${src}[${index} * ${isWord(pitchOf(page, r)) ? pitch : `(${pitch})`}]`;
  const line = `${page.api(combiners[r.fn], out, out, row, cols)};`;
  const head = page.loopHead(index, rows, r.carry ? "0" : "1");
  page.out.loop(head, () => page.vector([...touches, ...reads(r.out)], line), { id });
}
