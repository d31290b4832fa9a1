import { dimKey, isConst, symbol, type Dim } from "../../base/dim.js";
import type { Value } from "../../ir/graph.js";
import { argumentsFit, type Caps } from "../caps.js";
import { dtypeOf, elementsOf } from "../group/build.js";
import { scratchTiles, type ScratchNeed } from "../lower/scratch.js";
import type { Expr, Kernel, KernelBuffer, Stmt, Tile } from "../tile.js";
import { bufferType, sizeOf, type TileType } from "./lanes.js";

/**
 * Elements of a tile: so many times those of a full tile (rows * pitch), of its columns (one a row), and a constant. A
 * turned tile holds every column of a full one with its rows rounded up to granules: see geometry.ts.
 */
export interface TileSize {
  readonly lanes?: number;
  readonly columns?: number;
  readonly elements?: number;
  readonly turned?: boolean;
}

export function scaleSize(size: TileSize, by: number): TileSize {
  const times = (n: number | undefined) => (n ?? 0) * by;
  return { ...size, lanes: times(size.lanes), columns: times(size.columns), elements: times(size.elements) };
}

interface TileSpec {
  readonly name: string;
  readonly type: TileType;
  readonly pitch: Dim;
  readonly size: TileSize;
  readonly pipelined: boolean;
}

export interface KernelText {
  readonly name: string;
  readonly origin: readonly string[];
  readonly summary: string;
  readonly schedule: Kernel["schedule"];
  readonly parallelism: Dim;
}

/** "granule": learn the types of the tiles; "weigh": learn their sizes and the scratch; "write": the kernel itself. */
type Purpose = "granule" | "weigh" | "write";

interface DraftOptions {
  readonly caps: Caps;
  readonly lanes: number;
  readonly granule: number;
  readonly purpose: Purpose;
  /** Begins the names of host integers; no symbol of the model is this and a number. */
  readonly intStem: string;
  readonly overlapping: boolean;
}

export class Draft {
  readonly caps: Caps;
  /** Lanes of a full tile. */
  readonly lanes: number;
  /** Elements a row's pitch is a multiple of, the same for every type so that all tiles share one pitch. */
  readonly granule: number;
  readonly #purpose: Purpose;
  readonly #intStem: string;
  /** False when double buffering leaves too little room: loops run load, compute and store one after the other. */
  readonly overlapping: boolean;
  readonly #buffers = new Map<Value, KernelBuffer>();
  readonly #ints = new Map<string, { readonly name: string; readonly value: Dim; readonly meaning: string[] }>();
  readonly #tiles: TileSpec[] = [];
  #scratch: ScratchNeed = { full: 0, masks: 0, row: 0, col: 0 };
  #loops = 0;

  constructor(options: DraftOptions) {
    this.caps = options.caps;
    this.lanes = options.lanes;
    this.granule = options.granule;
    this.#purpose = options.purpose;
    this.#intStem = options.intStem;
    this.overlapping = options.overlapping;
  }

  /** A host integer as the kernel sees it: constants stay, anything symbolic becomes a parameter, or is one already. */
  int(value: Dim, meaning?: string): Dim {
    if (isConst(value)) return value;
    const key = dimKey(value);
    const int = [...this.#ints.values()].find((i) => i.name === key) ?? this.#ints.get(key) ?? this.#newInt(key, value);
    if (meaning !== undefined && !int.meaning.includes(meaning)) int.meaning.push(meaning);
    return symbol(int.name);
  }

  #newInt(key: string, value: Dim) {
    const int = { name: `${this.#intStem}${this.#ints.size}`, value, meaning: [] };
    this.#ints.set(key, int);
    return int;
  }

  /** A fresh name for a loop or a let. */
  fresh(stem: string): string {
    return `${stem}${this.#loops++}`;
  }

  buffer(value: Value, access: "read" | "write" | "readwrite"): string {
    const had = this.#buffers.get(value);
    const name = had?.name ?? `${access === "read" ? "x" : "y"}${this.#buffers.size}`;
    const both = had && had.access !== access ? "readwrite" : access;
    const elements = this.int(elementsOf(value), `elements of ${name}`);
    this.#buffers.set(value, { name, type: bufferType(dtypeOf(value)), access: both, elements });
    return name;
  }

  tile(stem: string, type: TileType, pitch: Dim, size: TileSize, pipelined: boolean): string {
    const name = `${stem}${this.#tiles.length}`;
    this.#tiles.push({ name, type, pitch, size, pipelined });
    return name;
  }

  /** The granule in elements of the smallest type among the tiles so far. */
  finestGranule(): number {
    const sizes = this.#tiles.filter((t) => !isConstantSize(t.size)).map((t) => sizeOf(t.type));
    return Math.max(1, Math.ceil(this.caps.local.granule / Math.min(4, ...sizes)));
  }

  /** True while tiles are only being weighed. */
  get probing(): boolean {
    return this.#purpose !== "write";
  }

  /** Sets scratch aside for a vector map of this value, or for a reduction. */
  note(value: Expr, use: "map" | "reduce" = "map"): void {
    if (this.#purpose !== "weigh") return;
    const need = scratchTiles([value], this.caps, use);
    const had = this.#scratch;
    this.#scratch = {
      full: Math.max(had.full, need.full),
      masks: Math.max(had.masks, need.masks),
      row: Math.max(had.row, need.row),
      col: Math.max(had.col, need.col),
    };
  }

  /** Bytes of scratch: slots hold the f32 lanes or packed bits of the largest tile, rounded up to the compare padding. */
  #scratchBytes(lanes: number, granule: number): number {
    const { full, masks, row, col } = this.#scratch;
    const columns = Math.ceil(lanes / granule);
    const whole = Math.max(
      lanes,
      ...this.#tiles.filter((t) => t.size.lanes === 1 && !t.size.turned).map((t) => this.#capacity(t, lanes, granule)),
    );
    return 4 * whole * (full + row) + 4 * columns * col + (whole / 8) * masks + (full + row + col + masks) * this.caps.comparePadBytes;
  }

  #capacity(t: TileSpec, lanes: number, granule: number): number {
    const { size } = t;
    const bytes = isConstantSize(size) ? this.caps.local.granule : Math.max(this.caps.local.granule, this.caps.comparePadBytes);
    const step = Math.max(1, Math.ceil(bytes / sizeOf(t.type)));
    const columns = (size.columns ?? 0) * Math.ceil(lanes / granule);
    const whole = size.turned ? Math.max(lanes, granule * granule) : lanes;
    return Math.ceil(((size.lanes ?? 0) * whole + columns + (size.elements ?? 0)) / step) * step;
  }

  #bytesFor(lanes: number, granule: number): number {
    const depth = (t: TileSpec) => (t.pipelined && this.overlapping ? this.caps.depth : 1);
    const tiles = this.#tiles.reduce((sum, t) => sum + depth(t) * this.#capacity(t, lanes, granule) * sizeOf(t.type), 0);
    return tiles + this.#scratchBytes(lanes, granule);
  }

  /** The most lanes that fit the scratchpad with the tiles asked for, a multiple of the granule; 0 when not even one granule does. */
  fittingLanes(granule: number): number {
    const fits = (n: number) => this.#bytesFor(n * granule, granule) <= this.caps.local.bytes;
    let [low, high] = [0, Math.ceil(mostLanes / granule)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (fits(middle)) low = middle;
      else high = middle - 1;
    }
    const pad = Math.max(granule, this.caps.comparePadBytes);
    const lanes = low * granule;
    return lanes >= 4 * pad ? Math.floor(lanes / pad) * pad : lanes;
  }

  /** Whether a launch of the chip takes all arguments. */
  argumentsFit(): boolean {
    return argumentsFit(this.caps, this.#buffers.size, this.#ints.size);
  }

  bind(): Readonly<Record<string, Value>> {
    return Object.fromEntries([...this.#buffers].map(([value, b]) => [b.name, value]));
  }

  nameOf = (value: Value): string => this.#buffers.get(value)?.name ?? value.name;

  finish(text: KernelText, body: readonly Stmt[]): Kernel {
    const tiles: Tile[] = this.#tiles.map((t) => ({
      name: t.name,
      type: t.type,
      capacity: this.#capacity(t, this.lanes, this.granule),
      pitch: t.pitch,
      space: "local",
    }));
    return { ...text, buffers: [...this.#buffers.values()], ints: [...this.#ints.values()], tiles, body };
  }
}

function isConstantSize(size: TileSize): boolean {
  return !size.lanes && !size.columns;
}

/** Longer tiles gain nothing and stretch the fill and drain of the pipeline. */
const mostLanes = 1 << 15;

/** Bytes of scratchpad that what was emitted takes; undefined where it is no kernel. */
type Weigh<T> = (draft: Draft, result: T) => number | undefined;

/**
 * Emits to weigh the tiles, then with the lanes that fit, fewer when the kernel's scratch turns out larger than foreseen;
 * without double buffering when they do not. undefined when nothing fits.
 */
export function fit<T>(
  caps: Caps,
  intStem: string,
  emit: (draft: Draft) => T,
  weigh: Weigh<T>,
): { readonly draft: Draft; readonly result: T } | undefined {
  for (const overlapping of [true, false]) {
    const draftOf = (lanes: number, granule: number, purpose: Purpose) =>
      new Draft({ caps, lanes, granule, purpose, intStem, overlapping });
    const first = draftOf(1 << 12, caps.local.granule, "granule");
    emit(first);
    const granule = first.finestGranule();
    const probe = draftOf(1 << 12, granule, "weigh");
    emit(probe);
    for (let lanes = probe.fittingLanes(granule); lanes >= granule;) {
      const draft = draftOf(lanes, granule, "write");
      const result = emit(draft);
      const bytes = weigh(draft, result) ?? 0;
      if (bytes <= caps.local.bytes) return { draft, result };
      lanes = Math.min(lanes - granule, Math.floor((lanes * caps.local.bytes) / bytes / granule) * granule);
    }
  }
  return undefined;
}

/** The phases of a loop: a pipeline, or one block where there is no room to overlap them. */
export interface Phases {
  readonly index: string;
  readonly count: Dim;
  readonly over: "cores" | "serial";
  readonly load: readonly Stmt[];
  readonly compute: readonly Stmt[];
  readonly store: readonly Stmt[];
}

export function loopOf(draft: Draft, phases: Phases): Stmt {
  const { index, count, over, load, compute, store } = phases;
  if (draft.overlapping) return { op: "pipeline", ...phases };
  const named = new Set<string>();
  const first = (s: Stmt) => s.op !== "let" || (!named.has(s.name) && named.add(s.name).size > 0);
  return { op: "for", index, count, over, body: [...load, ...compute, ...store].filter(first) };
}
