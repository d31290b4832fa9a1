import { add, isConst, mul, product, sameDim, symbol, type Dim } from "../../../src/base/dim.js";
import { fail } from "../../../src/base/diagnostic.js";
import type { Region } from "../../../src/kernel/tile.js";
import { reads, writes, type Access } from "../../kit/sheet.js";
import type { Of } from "../../kit/statements.js";
import { bytesOf, type Page } from "./page.js";

const spareResource = "spare buffer";

/** Global memory is followed only where a kernel reads what it wrote. */
function globalAccess(page: Page, buffer: string, write: boolean): readonly Access[] {
  const shared = page.kernel.buffers.find((b) => b.name === buffer)?.access === "readwrite";
  return shared ? [{ on: `global ${buffer}`, write }] : [];
}

/** This chip copies whole granules only. */
const inGranules = (page: Page) => page.caps.dma.unitBytes > 1;

/** The ends of a copy: both as the buffer's elements, or as words of 32 bits where DataCopyPad takes no wider ones. */
interface Ends {
  /** Words an element is. */
  readonly words: number;
  readonly global: string;
  /** Behind the local tensor's name. */
  readonly view: string;
}

function endsOf(page: Page, buffer: string): Ends {
  const words = bytesOf(page.buffer(buffer).type) / (page.chip.widestPad || 8);
  if (words <= 1) return { words: 1, global: page.globalName(buffer), view: "" };
  page.uses.add("ReinterpretCast");
  return { words, global: page.wordsName(buffer), view: ".ReinterpretCast<uint32_t>()" };
}

export function printLoad(page: Page, { from, to }: Of<"load">): void {
  eachBlock(page, from, page.tile(to).pitch, (block) => {
    const touches = [...writes(to), ...globalAccess(page, from.buffer, false)];
    const ends = endsOf(page, from.buffer);
    const local = page.at(page.tileName(to), block.tileOffset) + ends.view;
    const remote = page.at(ends.global, mul(ends.words, block.offset));
    loadBlock(page, touches, local, remote, page.tile(to).pitch, block, ends.words);
  });
}

function loadBlock(page: Page, touches: readonly Access[], local: string, remote: string, pitch: Dim, b: Block, words: number): void {
  const run = inGranules(page) ? "LoadGranules" : "LoadRun";
  const inWords = (d: Dim) => page.dim(mul(words, d));
  if (b.rows === 1) return page.op("MTE2", touches, `${page.helper(run, local, remote, inWords(b.cols))};`);
  const args = [inWords(pitch), remote, inWords(b.stride), page.dim(b.rows), inWords(b.cols)];
  const rows = page.known.atMost(b.cols, b.stride) ? "LoadRows" : "LoadOverlapping";
  if (!inGranules(page)) return page.op("MTE2", touches, `${page.helper(rows, local, ...args)};`);
  rowLoop(page, b.rows, (r) => {
    const [to, from] = [`${local}[${page.times(pitch, r)}]`, `${remote}[${page.times(b.stride, r)}]`];
    page.op("MTE2", touches, `${page.helper("LoadGranules", to, from, page.dim(b.cols))};`);
  });
}

export function printStore(page: Page, { from, to }: Of<"store">): void {
  eachBlock(page, to, page.tile(from).pitch, (block) => {
    const touches = [...reads(from), ...globalAccess(page, to.buffer, true), ...(inGranules(page) ? spareTouch(page) : [])];
    const ends = endsOf(page, to.buffer);
    const local = page.at(page.tileName(from), block.tileOffset) + ends.view;
    const remote = page.at(ends.global, mul(ends.words, block.offset));
    storeBlock(page, touches, local, remote, page.tile(from).pitch, block, ends.words);
  });
}

function storeBlock(page: Page, touches: readonly Access[], local: string, remote: string, pitch: Dim, b: Block, words: number): void {
  const inWords = (d: Dim) => page.dim(mul(words, d));
  const granules = (to: string, from: string) => page.helper("StoreGranules", to, from, spareName(page), page.dim(b.cols));
  if (b.rows === 1) {
    const line = inGranules(page) ? granules(remote, local) : page.helper("StoreRun", remote, local, inWords(b.cols));
    return page.op("MTE3", touches, `${line};`);
  }
  if (!inGranules(page)) {
    const args = [remote, inWords(b.stride), local, inWords(pitch), page.dim(b.rows), inWords(b.cols)];
    return page.op("MTE3", touches, `${page.helper("StoreRows", ...args)};`);
  }
  rowLoop(page, b.rows, (r) => {
    const [to, from] = [`${remote}[${page.times(b.stride, r)}]`, `${local}[${page.times(pitch, r)}]`];
    page.op("MTE3", touches, `${granules(to, from)};`);
  });
}

/** The helpers' workspace, as a tensor of floats. */
export function spareName(page: Page): string {
  page.spare = true;
  return "spare";
}

export function spareTouch(page: Page): readonly Access[] {
  page.spare = true;
  return writes(spareResource);
}

function rowLoop(page: Page, rows: Dim, body: (row: string) => void): void {
  const index = page.fresh("r");
  page.freshId();
  page.out.loop(page.loopHead(index, page.dim(rows)), () => body(index));
}

/** Two dims of a region and where they begin, in elements of the buffer and of the tile. */
interface Block {
  readonly offset: Dim;
  readonly tileOffset: Dim;
  readonly rows: Dim;
  readonly stride: Dim;
  readonly cols: Dim;
}

/** Loops over all but the last two dims of a region. */
function eachBlock(page: Page, region: Region, pitch: Dim, print: (block: Block) => void): void {
  const dims = [...region.dims];
  const cols = dims.pop() ?? fail("internal-kernel", `a region of ${region.buffer} has no dims`);
  if (cols.stride !== 1 && cols.size !== 1)
    return fail("internal-kernel", `a copy of ${region.buffer} in ${page.kernel.name} has elements ${page.dim(cols.stride)} apart`, {
      why: "a DMA descriptor moves runs of neighbours; the schedule stages other steps",
    });
  const row = dims.pop() ?? { size: 1, stride: 0 };
  const indexes = dims.map(() => page.fresh("d"));
  const walked = (start: Dim, step: (at: number) => Dim) =>
    dims.reduce((sum: Dim, _, i) => add(sum, mul(symbol(indexes[i]), step(i))), start);
  const tileStep = (at: number) => mul(row.size, product(dims.slice(at + 1).map((d) => d.size)), pitch);
  const offset = walked(region.offset, (i) => dims[i].stride);
  const heads = dims.map(({ size }, i) => page.loopHead(indexes[i], page.dim(size)));
  page.out.loops(heads, () => print({ offset, tileOffset: walked(0, tileStep), rows: row.size, stride: row.stride, cols: cols.size }));
  dims.forEach(() => page.freshId());
}

/** Rows chosen by an index tile: the scalar unit reads each index, one run is copied for it. */
export function printLoadRows(page: Page, s: Of<"loadrows">): void {
  const [id, index, row] = [page.freshId(), page.fresh("r"), page.fresh("row")];
  page.uses.add("GetValue");
  const { words, global, view } = endsOf(page, s.buffer);
  const offset = [...(s.offset === 0 ? [] : [page.dim(mul(words, s.offset))]), page.times(mul(words, s.rowStride), row)].join(" + ");
  const run = page.helper(
    inGranules(page) ? "LoadGranules" : "LoadRun",
    `${page.tileName(s.to)}[${page.times(page.tile(s.to).pitch, index)}]${view}`,
    `${global}[${offset}]`,
    page.dim(mul(words, s.cols)),
  );
  const touches = [{ on: s.to, write: true, row: id }, ...globalAccess(page, s.buffer, false)];
  const head = page.loopHead(index, page.dim(s.rows));
  const body = () => {
    page.op("S", reads(s.index), `const int64_t ${row} = ${page.tileName(s.index)}.GetValue(${index});`);
    page.op("MTE2", touches, `${run};`);
  };
  page.out.loop(head, body, { id });
}

/** A tile's lanes in another order: a plain copy where rows stay rows, a Gather a row elsewhere. */
export function printMove(page: Page, s: Of<"move">): void {
  const [to, from] = [page.tile(s.to), page.tile(s.from)];
  const touches = [...reads(s.from), ...writes(s.to)];
  const [target, source] = [page.tileName(s.to), page.tileName(s.from)];
  const granule = 32 / bytesOf(to.type);
  const rounded = (n: Dim) =>
    `static_cast<uint32_t>(${isConst(n) ? Math.ceil(n / granule) * granule : page.helper("RoundUp", page.dim(n), `${granule}`)})`;
  if (s.colStride === 1 && s.offset === 0 && (s.rows === 1 || sameDim(s.rowStride, to.pitch))) {
    const lanes = s.rows === 1 ? s.cols : mul(s.rows, to.pitch);
    return page.vector(touches, `${page.copyInside(target, source, rounded(lanes))};`);
  }
  if (s.colStride === 1 && s.offset === 0 && s.rowStride === 0)
    return rowLoop(page, s.rows, (r) =>
      page.vector(touches, `${page.copyInside(`${target}[${page.times(to.pitch, r)}]`, source, rounded(s.cols))};`),
    );
  if (bytesOf(to.type) !== 2 && bytesOf(to.type) !== 4) return moveByLane(page, s);
  const numbers = [s.rows, s.cols, s.offset, s.rowStride, s.colStride].map((d) => page.dim(d));
  const as = gatherView(page, from.type);
  const backwards = isConst(s.colStride) && s.colStride < 0;
  const name = backwards ? "MoveLanesBack" : "MoveLanes";
  const line = page.helper(name, target + as, page.dim(to.pitch), source + as, spareName(page), ...numbers);
  spareIndex(page);
  page.vector([...touches, ...spareTouch(page)], `${line};`);
}

/** The helper begins by letting the scalar unit wait for the vector unit, and the other way round: with what CreateVecIndex does. */
function spareIndex(page: Page): void {
  page.order("V", "S");
  page.op("S", spareTouch(page));
  page.order("S", "V");
}

/** Gather knows no bfloat16_t: its bits go as uint16_t. */
function gatherView(page: Page, type: string): string {
  if (type !== "bf16") return "";
  page.uses.add("ReinterpretCast");
  return ".ReinterpretCast<uint16_t>()";
}

/** Bytes and 64-bit lanes have no Gather: the scalar unit moves them. */
function moveByLane(page: Page, s: Of<"move">): void {
  const [r, c] = [page.fresh("r"), page.fresh("c")];
  page.uses.add("GetValue", "SetValue");
  const offset = [page.dim(s.offset), page.times(s.rowStride, r), page.times(s.colStride, c)].filter((t) => t !== "0").join(" + ") || "0";
  const to = [page.times(page.tile(s.to).pitch, r), c].join(" + ");
  page.op(
    "S",
    [...reads(s.from), ...writes(s.to)],
    page.loopHead(r, page.dim(s.rows)),
    `  ${page.loopHead(c, page.dim(s.cols))}`,
    `    ${page.tileName(s.to)}.SetValue(${to}, ${page.tileName(s.from)}.GetValue(${offset}));`,
  );
}

/** to[r][c] = from[index[r][c]]. */
export function printLookup(page: Page, s: Of<"lookup">): void {
  const [to, index] = [page.tile(s.to), page.tile(s.index)];
  const touches = [...reads(s.from, s.index), ...writes(s.to)];
  if (bytesOf(to.type) === 2 || bytesOf(to.type) === 4) {
    const as = gatherView(page, to.type);
    const args = [page.tileName(s.to) + as, page.dim(to.pitch), page.tileName(s.from) + as, page.tileName(s.index), page.dim(index.pitch)];
    const line = page.helper("LookUp", ...args, spareName(page), page.dim(s.rows), page.dim(s.cols));
    page.vector([...touches, ...spareTouch(page)], `${line};`);
    return page.settled();
  }
  const [r, c] = [page.fresh("r"), page.fresh("c")];
  page.uses.add("GetValue", "SetValue");
  const at = `${page.tileName(s.index)}.GetValue(${page.times(index.pitch, r)} + ${c})`;
  page.op(
    "S",
    touches,
    page.loopHead(r, page.dim(s.rows)),
    `  ${page.loopHead(c, page.dim(s.cols))}`,
    `    ${page.tileName(s.to)}.SetValue(${page.times(to.pitch, r)} + ${c}, ${page.tileName(s.from)}.GetValue(${at}));`,
  );
}
