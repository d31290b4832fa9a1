/**
 * Runs a tile kernel on typed arrays, one core after another. It is the judge of schedules: it checks that tiles and all
 * that lives beside them fit the scratchpad (room.ts), that every access stays inside its buffer and its tile as the chip
 * lays it out (bounds.ts), and that no undefined lane is stored or reduced.
 */
import { invariant } from "../../base/diagnostic.js";
import { evaluateDim, type Dim } from "../../base/dim.js";
import { decodeFloat, encodeFloat } from "../../base/float-formats.js";
import type { TensorData } from "../../base/tensor.js";
import { checkBounds, type Ground } from "./bounds.js";
import { argumentsFit, type Caps } from "../caps.js";
import { combineLanes, compileExpr, dimValue, type Lane, type LaneMachine } from "./expr.js";
import { checkRoom, elementBytes } from "../room.js";
import { holds, intsOf } from "./survey.js";
import type { Kernel, KernelBuffer, Region, Stmt, Tile } from "../tile.js";

type Store = Extract<Stmt, { op: "store" }>;
type Of<O extends Stmt["op"]> = Extract<Stmt, { op: O }>;

interface TileState {
  readonly spec: Tile;
  readonly pitch: number;
  readonly data: { [element: number]: Lane };
  readonly defined: Uint8Array;
}

/** Room for a tile's lanes: a kernel allots far more than a small launch fills. */
function lanesOf({ type, capacity }: Tile): TileState["data"] {
  return type === "i64" ? new BigInt64Array(capacity) : new Float64Array(capacity);
}

/** Buffers by name, host symbols by name. Buffers are changed in place. Throws on any broken rule. */
export function interpret(
  kernel: Kernel,
  buffers: Readonly<Record<string, TensorData>>,
  symbols: Readonly<Record<string, number>>,
  caps: Caps,
): void {
  new Machine(kernel, buffers, symbols, caps).run();
}

class Machine implements LaneMachine, Ground {
  readonly caps: Caps;
  readonly #kernel: Kernel;
  readonly #buffers: Readonly<Record<string, TensorData>>;
  readonly #specs: ReadonlyMap<string, KernelBuffer>;
  readonly #tiles = new Map<string, TileState>();
  readonly #scope: Map<string, number>;
  readonly #granuleBytes: number;
  /** Independent work items: of none a launch does nothing. */
  readonly #items: number;
  /** Elements that stores in whole granules spilled over and no later store mended, by buffer. */
  readonly #spilled = new Map<string, Set<number>>();

  constructor(kernel: Kernel, buffers: Readonly<Record<string, TensorData>>, symbols: Readonly<Record<string, number>>, caps: Caps) {
    this.#kernel = kernel;
    this.#buffers = buffers;
    this.#specs = new Map(kernel.buffers.map((b) => [b.name, b]));
    this.caps = caps;
    this.#scope = intsOf(kernel, symbols);
    const known = new Map([...Object.entries(symbols), ...this.#scope]);
    this.#granuleBytes = caps.dma.unitBytes;
    this.#items = evaluateDim(kernel.parallelism, known);
    checkRoom(kernel, caps);
    this.#layOut();
    const [pointers, ints] = [kernel.buffers.length, kernel.ints.length];
    invariant(argumentsFit(caps, pointers, ints), `${kernel.name} takes ${pointers} pointers and ${ints} ints`);
    for (const b of kernel.buffers) {
      const length = this.#buffers[b.name]?.length ?? -1;
      invariant(length === this.dim(b.elements), `buffer ${b.name} has ${length} elements, the kernel says ${this.dim(b.elements)}`);
    }
  }

  #layOut(): void {
    for (const t of this.#kernel.tiles) {
      const pitch = this.dim(t.pitch);
      this.#tiles.set(t.name, { spec: t, pitch, data: lanesOf(t), defined: new Uint8Array(t.capacity) });
    }
  }

  run(): void {
    if (this.#items <= 0) return;
    this.#block(this.#kernel.body);
    this.#checkSpills();
  }

  dim(d: Dim): number {
    const value = dimValue(d, this.#scope);
    invariant(Number.isInteger(value) && Math.abs(value) < 2 ** 31, `${value} is no 32-bit integer`);
    return value;
  }

  pitch(tile: string): number {
    return this.tile(tile).pitch;
  }

  tile(name: string): TileState {
    const t = this.#tiles.get(name);
    invariant(t, `no tile ${name}`);
    return t;
  }

  elements(buffer: string): number {
    return this.#buffers[buffer].length;
  }

  read(tile: string, element: number): Lane {
    const t = this.tile(tile);
    invariant(element >= 0 && element < t.spec.capacity, `read of ${tile}[${element}], which holds ${t.spec.capacity}`);
    invariant(t.defined[element], `read of the undefined lane ${tile}[${element}]`);
    return t.data[element];
  }

  #write(t: TileState, element: number, value: Lane): void {
    invariant(element >= 0 && element < t.spec.capacity, `write of ${t.spec.name}[${element}], which holds ${t.spec.capacity}`);
    t.data[element] = value;
    t.defined[element] = 1;
  }

  load(buffer: string, index: number): Lane {
    const { spec, data } = this.#buffer(buffer, "read");
    invariant(index >= 0 && index < data.length, `load of ${buffer}[${index}], which holds ${data.length}`);
    const raw = data[index] as Lane;
    return spec.type === "f16" || spec.type === "bf16" ? decodeFloat(spec.type, raw as number) : raw;
  }

  #put(buffer: string, index: number, value: Lane): void {
    const { spec, data } = this.#buffer(buffer, "write");
    invariant(index >= 0 && index < data.length, `store to ${buffer}[${index}], which holds ${data.length}`);
    const raw = spec.type === "f16" || spec.type === "bf16" ? encodeFloat(spec.type, value as number) : value;
    (data as { [index: number]: Lane })[index] = raw;
    this.#spilled.get(buffer)?.delete(index);
  }

  /** A chip that stores whole granules overwrites what follows a run of `count` elements that does not end on one. */
  #spill(buffer: string, from: number, count: number): void {
    const { spec, data } = this.#buffer(buffer, "write");
    const size = elementBytes[spec.type];
    const whole = (Math.ceil((count * size) / this.#granuleBytes) * this.#granuleBytes) / size;
    const marked = this.#spilled.get(buffer) ?? new Set();
    this.#spilled.set(buffer, marked);
    for (let at = from + count; at < Math.min(from + whole, data.length); at++) {
      (data as { [index: number]: Lane })[at] = spec.type === "i64" ? 99n : 99;
      marked.add(at);
    }
  }

  #checkSpills(): void {
    for (const [buffer, marked] of this.#spilled)
      for (const at of marked)
        invariant(false, `a work item of ${this.#kernel.name} spills over ${buffer}[${at}], which another core may own`);
  }

  #buffer(name: string, use: "read" | "write"): { spec: KernelBuffer; data: TensorData } {
    const spec = this.#specs.get(name);
    invariant(spec && (spec.access === use || spec.access === "readwrite"), `${name} is not for ${use}`);
    return { spec, data: this.#buffers[name] };
  }

  #block(stmts: readonly Stmt[]): void {
    const lets: string[] = [];
    for (const s of stmts) {
      if (s.op === "let") {
        invariant(!this.#scope.has(s.name), `${s.name} is already in scope`);
        this.#scope.set(s.name, this.dim(s.value));
        lets.push(s.name);
      } else this.#statement(s);
    }
    lets.forEach((name) => this.#scope.delete(name));
  }

  #loop({ index, count: times, over }: Of<"for"> | Of<"pipeline">, body: () => void): void {
    const count = this.dim(times);
    invariant(!this.#scope.has(index), `${index} is already in scope`);
    for (let i = 0; i < count; i++) {
      this.#scope.set(index, i);
      body();
      if (over === "cores" && this.#items > 1) this.#checkSpills();
    }
    this.#scope.delete(index);
  }

  #statement(s: Exclude<Stmt, { op: "let" }>): void {
    switch (s.op) {
      case "for":
        return this.#loop(s, () => this.#block(s.body));
      case "pipeline":
        return this.#loop(s, () => [s.load, s.compute, s.store].forEach((b) => this.#block(b)));
      case "when":
        return this.#block(holds(s.cond, (d) => this.dim(d)) ? s.then : s.otherwise);
      default:
        checkBounds(s, this);
        return this.#carryOut(s);
    }
  }

  #carryOut(s: Exclude<Stmt, { op: "let" | "for" | "pipeline" | "when" }>): void {
    switch (s.op) {
      case "load":
        return this.#dmaIn(s);
      case "loadrows":
        return this.#dmaRows(s);
      case "store":
        return this.#dmaOut(s);
      case "move":
        return this.#move(s);
      case "lookup":
        return this.#lookup(s);
      case "map":
        return this.#map(s);
      case "scatter":
        return this.#scatter(s);
      case "reduce":
        return this.#reduce(s);
      default:
        throw s satisfies never;
    }
  }

  /** Calls `visit` with (element of the buffer, row, column) for every element of a region, in order. */
  #walk(region: Region, visit: (at: number, row: number, col: number) => void): void {
    const dims = region.dims.map((d) => ({ size: this.dim(d.size), stride: this.dim(d.stride) }));
    const cols = dims[dims.length - 1];
    invariant(cols.size <= 1 || cols.stride === 1, "a region's last dim is contiguous");
    let rows = 0;
    const go = (d: number, at: number): void => {
      if (d === dims.length - 1) {
        for (let c = 0; c < cols.size; c++) visit(at + c, rows, c);
        rows++;
      } else for (let i = 0; i < dims[d].size; i++) go(d + 1, at + i * dims[d].stride);
    };
    go(0, this.dim(region.offset));
  }

  #dmaIn(s: Of<"load">): void {
    const t = this.tile(s.to);
    t.defined.fill(0);
    this.#walk(s.from, (at, row, col) => this.#write(t, row * t.pitch + col, this.load(s.from.buffer, at)));
  }

  #dmaRows(s: Of<"loadrows">): void {
    const t = this.tile(s.to);
    t.defined.fill(0);
    const [offset, stride, rows, cols] = [s.offset, s.rowStride, s.rows, s.cols].map((d) => this.dim(d));
    for (let r = 0; r < rows; r++) {
      const from = offset + Number(this.read(s.index, r)) * stride;
      for (let c = 0; c < cols; c++) this.#write(t, r * t.pitch + c, this.load(s.buffer, from + c));
    }
  }

  #dmaOut(s: Store): void {
    const pitch = this.pitch(s.from);
    const last = this.dim(s.to.dims[s.to.dims.length - 1].size) - 1;
    this.#walk(s.to, (at, row, col) => {
      this.#put(s.to.buffer, at, this.read(s.from, row * pitch + col));
      if (col === last && this.#granuleBytes > 1) this.#spill(s.to.buffer, at - last, last + 1);
    });
  }

  #move(s: Of<"move">): void {
    const to = this.tile(s.to);
    invariant(s.to !== s.from, `${s.to} is moved onto itself`);
    invariant(to.spec.type === this.tile(s.from).spec.type, `move from ${s.from} to ${s.to} changes the type`);
    const [rows, cols, offset, rowStride, colStride] = [s.rows, s.cols, s.offset, s.rowStride, s.colStride].map((d) => this.dim(d));
    this.#lanes(rows, cols, (r, c) => this.#write(to, r * to.pitch + c, this.read(s.from, offset + r * rowStride + c * colStride)));
  }

  #lookup(s: Of<"lookup">): void {
    const [to, index] = [this.tile(s.to), this.tile(s.index)];
    invariant(index.spec.type === "i32", "a lookup's indices are i32");
    this.#lanes(this.dim(s.rows), this.dim(s.cols), (r, c) =>
      this.#write(to, r * to.pitch + c, this.read(s.from, Number(this.read(s.index, r * index.pitch + c)))),
    );
  }

  #lanes(rows: number, cols: number, visit: (r: number, c: number) => void): void {
    for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) visit(r, c);
  }

  #map(s: Of<"map">): void {
    const outs = s.out.map((o) => ({ tile: this.tile(o.tile), value: compileExpr(o.value, this) }));
    this.#lanes(this.dim(s.rows), this.dim(s.cols), (r, c) => {
      const values = outs.map((o) => o.value(r, c));
      outs.forEach((o, k) => this.#write(o.tile, r * o.tile.pitch + c, values[k]));
    });
  }

  #scatter(s: Of<"scatter">): void {
    const [index, value] = [compileExpr(s.index, this), compileExpr(s.value, this)];
    this.#lanes(this.dim(s.rows), this.dim(s.cols), (r, c) => {
      const at = Number(index(r, c));
      const v = value(r, c);
      if (s.combine === "none") return this.#put(s.buffer, at, v);
      const fn = s.combine === "add" ? "sum" : s.combine === "mul" ? "prod" : s.combine;
      const type = s.value.type === "f16" || s.value.type === "bf16" ? "f32" : s.value.type;
      this.#put(s.buffer, at, combineLanes(fn, type, this.load(s.buffer, at), v));
    });
  }

  #reduce(s: Of<"reduce">): void {
    const [rows, cols] = [this.dim(s.rows), this.dim(s.cols)];
    const out = this.tile(s.out);
    const value = compileExpr(s.value, this);
    const [lines, length] = s.along === "cols" ? [rows, cols] : [cols, rows];
    const step = s.along === "cols" ? out.pitch : 1;
    for (let i = 0; i < lines; i++) {
      let acc = s.carry ? this.read(s.out, i * step) : undefined;
      for (let k = 0; k < length; k++) {
        const x = s.along === "cols" ? value(i, k) : value(k, i);
        acc = acc === undefined ? x : combineLanes(s.fn, s.value.type, acc, x);
      }
      invariant(acc !== undefined, `a reduction of nothing without carry into ${s.out}`);
      this.#write(out, i * step, acc);
    }
  }
}
