import { add, mul, type Dim } from "../../../src/base/dim.js";
import type { Region } from "../../../src/kernel/tile.js";
import { inLoops, walkedDims, type Walked } from "../../kit/region.js";
import { reads, writes } from "../../kit/sheet.js";
import type { Of } from "../../kit/statements.js";
import type { PrintContext } from "./context.js";
import { sizeOf } from "./spell.js";

/** `text * bytes`, folded where it can be. */
export function bytesOf(p: PrintContext, elements: Dim, size: number): string {
  return p.dim(mul(elements, size));
}

export function offsetPointer(base: string, offset: string): string {
  return offset === "0" ? base : offset.startsWith("-") ? `${base} - ${offset.slice(1)}` : `${base} + ${offset}`;
}

interface Walk {
  readonly loops: readonly Walked[];
  /** Contiguous elements on both sides. */
  readonly run: Dim;
}

/** Loops that do something, outermost first; a run of packed single elements is contiguous on both sides. */
function walkOf(region: Region, pitch: Dim): Walk {
  const run = region.dims[region.dims.length - 1].size;
  const loops = walkedDims(region, pitch).filter((l) => l.size !== 1);
  const last = loops.at(-1);
  const packed = last?.stride === 1 && last.pitch === 1 && run === 1;
  return packed ? { loops: loops.slice(0, -1), run: last.size } : { loops, run };
}

/** A box whose inner loops go through one descriptor, those that walk forward; the others are printed around it, in any order. */
function printWalk(p: PrintContext, walk: Walk, offset: Dim, copy: (buffer: Dim, tile: Dim, loops: readonly Walked[]) => void): void {
  const inner = walk.loops.filter((l) => p.known.atMost(1, l.stride)).slice(1 - p.caps.dma.rank);
  const outer = walk.loops.filter((l) => !inner.includes(l));
  inLoops(p, outer, offset, "k", (buffer, tile) => copy(buffer, tile, inner));
}

/** One call: `to` and `from` with their strides, innermost loop last in `loops`. */
function copyCall(
  p: PrintContext,
  async: boolean,
  dir: "GDRAM2NRAM" | "NRAM2GDRAM",
  buffer: string,
  tile: string,
  run: Dim,
  loops: readonly Walked[],
  size: number,
): void {
  const name = async ? "__memcpy_async" : "__memcpy";
  const [dst, src] = dir === "GDRAM2NRAM" ? [tile, buffer] : [buffer, tile];
  const strides = (l: Walked): readonly [string, string] => {
    const [b, t] = [bytesOf(p, l.stride, size), bytesOf(p, l.pitch, size)];
    return dir === "GDRAM2NRAM" ? [t, b] : [b, t];
  };
  const last = (l: Walked) => p.dim(add(l.size, -1));
  const bytes = bytesOf(p, run, size);
  if (loops.length === 0) return p.call(name, dst, src, bytes, dir);
  const [inner, outer] = [loops[loops.length - 1], loops[loops.length - 2]];
  const [dst0, src0] = strides(inner);
  if (!outer) return p.call(name, dst, src, bytes, dir, dst0, src0, last(inner));
  const [dst1, src1] = strides(outer);
  p.call(name, dst, src, bytes, dir, dst0, last(inner), dst1, last(outer), src0, last(inner), src1, last(outer));
}

function printCopy(p: PrintContext, region: Region, tileName: string, dir: "GDRAM2NRAM" | "NRAM2GDRAM", async: boolean): void {
  const tile = p.tile(tileName);
  const size = sizeOf(tile.type);
  const walk = walkOf(region, tile.pitch);
  printWalk(p, walk, region.offset, (buffer, at, loops) =>
    copyCall(p, async, dir, offsetPointer(region.buffer, p.dim(buffer)), offsetPointer(p.at(tileName), p.dim(at)), walk.run, loops, size),
  );
}

export function printLoad(p: PrintContext, s: Of<"load">, async: boolean): void {
  p.touch("copies", writes(s.to));
  printCopy(p, s.from, s.to, "GDRAM2NRAM", async);
}

export function printStore(p: PrintContext, s: Of<"store">, async: boolean): void {
  p.touch("copies", reads(s.from));
  printCopy(p, s.to, s.from, "NRAM2GDRAM", async);
}

/** Rows chosen by an index tile: the scalar unit reads each index and issues that row's copy. */
export function printLoadRows(p: PrintContext, s: Of<"loadrows">, async: boolean): void {
  const tile = p.tile(s.to);
  const size = sizeOf(tile.type);
  p.touch("scalar", reads(s.index));
  p.touch("copies", writes(s.to));
  const r = p.fresh("r");
  p.out.loop(p.loopHead(r, p.dim(s.rows)), () => {
    const row = p.fresh("row");
    const { type } = p.tile(s.index);
    const index = p.load("nram", type, `${p.at(s.index)} + ${r} * ${p.atom(p.tile(s.index).pitch)}`);
    p.out.line(`const int32_t ${row} = ${type === "i32" ? index : `(int32_t)${index}`};`);
    const from = `${offsetPointer(s.buffer, p.dim(s.offset))} + ${row} * ${p.atom(s.rowStride)}`;
    p.call(
      async ? "__memcpy_async" : "__memcpy",
      `${p.at(s.to)} + ${r} * ${p.atom(tile.pitch)}`,
      from,
      bytesOf(p, s.cols, size),
      "GDRAM2NRAM",
    );
  });
}
