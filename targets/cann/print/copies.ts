import { isConst, mul, sameDim, type Dim } from "../../../src/base/dim.js";
import { fail } from "../../../src/base/diagnostic.js";
import type { Region } from "../../../src/kernel/tile.js";
import { inLoops, walkedDims } from "../../kit/region.js";
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

/** Into the unified buffer or out of it: the pipe, and what its helpers' names begin with. */
const ways = { in: { pipe: "MTE2", verb: "Load" }, out: { pipe: "MTE3", verb: "Store" } } as const;
type Way = keyof typeof ways;

/** A helper's operands as it takes them: where data goes to, then where they come from. */
const ordered = <T>(way: Way, local: T, remote: T): readonly [T, T] => (way === "in" ? [local, remote] : [remote, local]);

export function printLoad(page: Page, { from, to }: Of<"load">): void {
  printCopy(page, "in", to, from);
}

export function printStore(page: Page, { from, to }: Of<"store">): void {
  printCopy(page, "out", from, to);
}

/** Rows of runs: both ends as C++, and how far apart rows are in the buffer and in the tile. */
interface Block {
  readonly local: string;
  readonly remote: string;
  readonly rows: Dim;
  readonly stride: Dim;
  readonly pitch: Dim;
  readonly cols: Dim;
  /** Words of an element. */
  readonly words: number;
}

/** Loops over all but the last two dims of a region. */
function printCopy(page: Page, way: Way, tile: string, region: Region): void {
  const cols = runOf(page, region);
  const { pitch } = page.tile(tile);
  const dims = walkedDims(region, pitch);
  const { size: rows, stride } = dims.at(-1) ?? { size: 1, stride: 0 };
  const around = dims.slice(0, -1);
  inLoops(page, around, region.offset, "d", (offset, tileOffset) => {
    const own = way === "in" ? writes(tile) : [...reads(tile), ...(inGranules(page) ? spareTouch(page) : [])];
    const touches = [...own, ...globalAccess(page, region.buffer, way === "out")];
    const { words, global, view } = endsOf(page, region.buffer);
    const [local, remote] = [page.at(page.tileName(tile), tileOffset) + view, page.at(global, mul(words, offset))];
    copyBlock(page, way, touches, { local, remote, rows, stride, pitch, cols, words });
  });
  around.forEach(() => page.freshId());
}

/** Neighbours that a descriptor moves at once. */
function runOf(page: Page, { dims, buffer }: Region): Dim {
  const cols = dims.at(-1) ?? fail("internal-kernel", `a region of ${buffer} has no dims`);
  if (cols.stride === 1 || cols.size === 1) return cols.size;
  return fail("internal-kernel", `a copy of ${buffer} in ${page.kernel.name} has elements ${page.dim(cols.stride)} apart`, {
    why: "a DMA descriptor moves runs of neighbours; the schedule stages other steps",
  });
}

function copyBlock(page: Page, way: Way, touches: readonly Access[], b: Block): void {
  const { pipe, verb } = ways[way];
  const inWords = (d: Dim) => page.dim(mul(b.words, d));
  const emit = (call: string) => page.op(pipe, touches, `${call};`);
  const granules = (local: string, remote: string) => {
    const spare = way === "in" ? [] : [spareName(page)];
    emit(page.helper(`${verb}Granules`, ...ordered(way, local, remote), ...spare, page.dim(b.cols)));
  };
  if (b.rows === 1 && inGranules(page)) return granules(b.local, b.remote);
  if (b.rows === 1) return emit(page.helper(`${verb}Run`, ...ordered(way, b.local, b.remote), inWords(b.cols)));
  if (inGranules(page))
    return rowLoop(page, b.rows, (r) => granules(`${b.local}[${page.times(b.pitch, r)}]`, `${b.remote}[${page.times(b.stride, r)}]`));
  const ends = ordered(way, [b.local, inWords(b.pitch)], [b.remote, inWords(b.stride)]).flat();
  const rows = way === "in" && !page.known.atMost(b.cols, b.stride) ? "LoadOverlapping" : (`${verb}Rows` as const);
  emit(page.helper(rows, ...ends, page.dim(b.rows), inWords(b.cols)));
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
  if (bytesOf(to.type) !== 2 && bytesOf(to.type) !== 4) {
    const terms = (r: string, c: string) => [page.dim(s.offset), page.times(s.rowStride, r), page.times(s.colStride, c)];
    return byLane(
      page,
      s,
      [s.from],
      (r, c) =>
        terms(r, c)
          .filter((t) => t !== "0")
          .join(" + ") || "0",
    );
  }
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

/** Bytes and 64-bit lanes have no Gather: the scalar unit takes them one by one. */
function byLane(page: Page, s: Of<"move" | "lookup">, from: readonly string[], index: (r: string, c: string) => string): void {
  const [r, c] = [page.fresh("r"), page.fresh("c")];
  page.uses.add("GetValue", "SetValue");
  const to = `${page.times(page.tile(s.to).pitch, r)} + ${c}`;
  page.op(
    "S",
    [...reads(...from), ...writes(s.to)],
    page.loopHead(r, page.dim(s.rows)),
    `  ${page.loopHead(c, page.dim(s.cols))}`,
    `    ${page.tileName(s.to)}.SetValue(${to}, ${page.tileName(s.from)}.GetValue(${index(r, c)}));`,
  );
}

/** to[r][c] = from[index[r][c]]. */
export function printLookup(page: Page, s: Of<"lookup">): void {
  const [to, index] = [page.tile(s.to), page.tile(s.index)];
  const read = [s.from, s.index];
  if (bytesOf(to.type) !== 2 && bytesOf(to.type) !== 4)
    return byLane(page, s, read, (r, c) => `${page.tileName(s.index)}.GetValue(${page.times(index.pitch, r)} + ${c})`);
  const as = gatherView(page, to.type);
  const args = [page.tileName(s.to) + as, page.dim(to.pitch), page.tileName(s.from) + as, page.tileName(s.index), page.dim(index.pitch)];
  const line = page.helper("LookUp", ...args, spareName(page), page.dim(s.rows), page.dim(s.cols));
  page.vector([...reads(...read), ...writes(s.to), ...spareTouch(page)], `${line};`);
  page.settled();
}
