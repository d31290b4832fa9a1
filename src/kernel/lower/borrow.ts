import { constantsOf, inPlace, mapVectors, operandsRead, vectorOf, type DraftInstr, type Virtual } from "./draft.js";
import type { Operand, VectorOperand } from "./memory-form.js";
import { laneBytes } from "./prepare.js";

interface Life {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

/** Virtual vectors of whole 32-bit lanes move into the tiles, as many as fit one after the other. */
export function borrowOutputs(
  draft: readonly DraftInstr[],
  virtuals: readonly Virtual[],
  tiles: readonly string[],
  keepConstants: boolean,
): DraftInstr[] {
  let out = [...draft];
  const kept = keepConstants ? new Set(constantsOf(draft, virtuals).keys()) : new Set<number>();
  for (const tile of tiles) {
    const written = writtenAt(out, tile);
    if (written === undefined) continue;
    const hosted = new Set(schedule(out, lives(out, virtuals, kept), written));
    const moved = (v: VectorOperand): VectorOperand =>
      v.kind === "scratch" && hosted.has(v.slot) ? { kind: "tile", tile, type: v.type, as: "full" } : v;
    out = out.map((d) => ({ ...d, instr: mapVectors(d.instr, moved) }));
  }
  return out;
}

const names = (o: Operand | VectorOperand, tile: string): boolean => {
  const v = vectorOf(o);
  return v?.kind === "tile" && v.tile === tile;
};

/** Where the tile is written, when that happens once and nothing reads the tile up to there. */
function writtenAt(draft: readonly DraftInstr[], tile: string): number | undefined {
  const at = draft.findIndex((d) => names(d.instr.dst, tile));
  if (at < 0 || draft.slice(at + 1).some((d) => names(d.instr.dst, tile))) return undefined;
  return draft.slice(0, at + 1).some((d) => operandsRead(d.instr).some((o) => names(o, tile))) ? undefined : at;
}

/** From definition to last reader, of the vectors whose every view is of 32-bit numbers. */
function lives(draft: readonly DraftInstr[], virtuals: readonly Virtual[], kept: ReadonlySet<number>): Life[] {
  const spans = new Map<number, { from: number; to: number }>();
  const unfit = new Set<number>(kept);
  draft.forEach(({ instr }, i) => {
    for (const v of [instr.dst, ...operandsRead(instr)].map(vectorOf)) {
      if (v?.kind !== "scratch") continue;
      spans.set(v.slot, { from: spans.get(v.slot)?.from ?? i, to: i });
      if (v.type === "mask" || laneBytes(v.type) !== 4) unfit.add(v.slot);
    }
  });
  return [...spans].flatMap(([id, span]) =>
    virtuals[id].shape === "full" && virtuals[id].form === "lanes" && !unfit.has(id) ? [{ id, ...span }] : [],
  );
}

/** One after the other; two meet in one instruction only where the result may lie over its operand. */
function schedule(draft: readonly DraftInstr[], all: readonly Life[], written: number): number[] {
  const meets = (i: number) => inPlace(draft[i].instr);
  const picked: number[] = [];
  let free = -1;
  for (const { id, from, to } of [...all].sort((a, b) => a.from - b.from)) {
    if (from < free || (from === free && !meets(from)) || to > written || (to === written && !meets(to)) || from === written) continue;
    picked.push(id);
    free = to;
  }
  return picked;
}
