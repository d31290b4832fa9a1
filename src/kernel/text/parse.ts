/** Reads what `print.ts` writes. Equal expressions of one statement become one, as they are in every kernel that is planned. */
import type { Cond } from "../../base/cond.js";
import type { Dim } from "../../base/dim.js";
import { Scanner } from "../../ir/text/scanner.js";
import type { LaneFn, BufferType, Expr, Kernel, KernelBuffer, KernelInt, LaneType, ReduceFn, Region, Spread, Stmt, Tile } from "../tile.js";
import type { CompareFn } from "../../ops/primitive.js";
import { Interner } from "./intern.js";

/** A kernel that stands in a longer text. */
export function readKernel(scanner: Scanner): Kernel {
  return new Reader(scanner).kernel();
}

/** Throws `text-syntax` with line and column. */
export function parseKernel(text: string): Kernel {
  const scanner = new Scanner(text);
  const kernel = readKernel(scanner);
  if (!scanner.done) scanner.error("expected the end");
  return kernel;
}

const word = /[A-Za-z_]\w*/y;
const bareName = /[A-Za-z_/][\w./']*/y;
const head = /[A-Za-z_]\w*(?:\.\w+)+(?=\()/y;
const number = /-?(?:NaN|Infinity|\d+n|\d+(?:\.\d+)?(?:e[+-]?\d+)?)/y;

class Reader {
  readonly #s: Scanner;
  readonly #types = new Map<string, Tile["type"]>();
  /** What stands before a statement as %0, %1, ..., for that statement. */
  #shared: Expr[] = [];
  #interner = new Interner();

  constructor(scanner: Scanner) {
    this.#s = scanner;
  }

  kernel(): Kernel {
    this.#s.expect("kernel");
    const name = this.#name();
    const schedule = this.#word() as Kernel["schedule"];
    const summary = this.#text();
    this.#s.expect("from");
    const origin: string[] = [];
    if (this.#s.looksAt(/"/y))
      do origin.push(this.#text());
      while (this.#s.accept(","));
    const [buffers, ints, tiles]: [KernelBuffer[], KernelInt[], Tile[]] = [[], [], []];
    let parallelism: Dim | undefined;
    while (parallelism === undefined) {
      const kind = this.#word();
      if (kind === "int") ints.push(this.#int());
      else if (kind === "tile") tiles.push(this.#tile());
      else if (kind === "items") parallelism = this.#s.dim();
      else if (kind === "read" || kind === "write" || kind === "readwrite") buffers.push(this.#buffer(kind));
      else this.#s.error(`"${kind}" opens no line of a kernel's head`);
    }
    return { name, origin, summary, schedule, buffers, ints, tiles, body: this.#block(), parallelism };
  }

  #buffer(access: KernelBuffer["access"]): KernelBuffer {
    const name = this.#name();
    this.#s.expect(":");
    const type = this.#word() as BufferType;
    this.#s.expect("[");
    const elements = this.#s.dim();
    this.#s.expect("]");
    return { name, type, access, elements };
  }

  #int(): KernelInt {
    const name = this.#name();
    this.#s.expect("=");
    const value = this.#s.dim();
    const meaning: string[] = [];
    while (this.#s.looksAt(/"/y)) meaning.push(this.#text());
    return meaning.length > 0 ? { name, value, meaning } : { name, value };
  }

  #tile(): Tile {
    const name = this.#name();
    this.#s.expect(":");
    const type = this.#word() as Tile["type"];
    this.#s.expect("[");
    const capacity = Number(this.#s.match(/\d+/y));
    this.#s.expect("]");
    this.#s.expect("pitch");
    const pitch = this.#s.dim();
    const space = this.#word() as Tile["space"];
    this.#types.set(name, type);
    return { name, type, capacity, pitch, space };
  }

  #block(): Stmt[] {
    this.#s.expect("{");
    const out: Stmt[] = [];
    while (!this.#s.accept("}")) {
      if (this.#s.accept("%")) this.#share();
      else {
        out.push(this.#stmt());
        this.#shared = [];
        this.#interner = new Interner();
      }
    }
    return out;
  }

  #share(): void {
    const at = Number(this.#s.match(/\d+/y));
    if (at !== this.#shared.length) this.#s.error(`%${at} comes out of turn`);
    this.#s.expect("=");
    this.#shared.push(this.#expr());
  }

  #stmt(): Stmt {
    const op = this.#word();
    switch (op) {
      case "for": {
        const head = this.#loopHead();
        return { op, ...head, body: this.#block() };
      }
      case "pipeline": {
        const head = this.#loopHead();
        this.#s.expect("{");
        const [load, compute, store] = ["load", "compute", "store"].map((phase) => (this.#s.expect(phase), this.#block()));
        this.#s.expect("}");
        return { op, ...head, load, compute, store };
      }
      case "when": {
        const cond = this.#cond();
        const then = this.#block();
        return { op, cond, then, otherwise: this.#s.accept("otherwise") ? this.#block() : [] };
      }
      case "let": {
        const name = this.#name();
        this.#s.expect("=");
        return { op, name, value: this.#s.dim() };
      }
      case "store": {
        const from = this.#name();
        this.#s.expect("->");
        return { op, from, to: this.#region() };
      }
      case "load":
      case "loadrows":
      case "move":
      case "lookup":
        return this.#transfer(op);
      case "map": {
        const mode = this.#word() as "vector" | "scalar";
        return { op, mode, ...this.#box(), out: this.#outs() };
      }
      case "scatter": {
        const combine = this.#word() as Extract<Stmt, { op: "scatter" }>["combine"];
        const buffer = this.#name();
        this.#s.expect("[");
        const index = this.#expr();
        this.#s.expect("]");
        this.#s.expect("=");
        const value = this.#expr();
        return { op, combine, buffer, index, value, ...this.#box() };
      }
      case "reduce": {
        const fn = this.#word() as ReduceFn;
        const along = this.#word() as "cols" | "rows";
        const carry = this.#s.accept("carry ");
        const out = this.#name();
        this.#s.expect("=");
        const value = this.#expr();
        return { op, out, fn, value, ...this.#box(), along, carry };
      }
      default:
        return this.#s.error(`"${op}" opens no statement`);
    }
  }

  #loopHead(): { readonly index: string; readonly count: Dim; readonly over: "cores" | "serial" } {
    const index = this.#name();
    this.#s.expect("<");
    const count = this.#s.dim();
    this.#s.expect("over");
    return { index, count, over: this.#word() as "cores" | "serial" };
  }

  #transfer(op: "load" | "loadrows" | "move" | "lookup"): Stmt {
    const to = this.#name();
    this.#s.expect("<-");
    if (op === "load") return { op, from: this.#region(), to };
    const from = this.#name();
    this.#s.expect("[");
    if (op === "lookup") {
      const index = this.#name();
      this.#s.expect("]");
      return { op, to, from, index, ...this.#box() };
    }
    const offset = this.#s.dim();
    this.#s.expect(";");
    if (op === "move") {
      const rowStride = this.#s.dim();
      this.#s.expect(";");
      const colStride = this.#s.dim();
      this.#s.expect("]");
      return { op, to, from, offset, rowStride, colStride, ...this.#box() };
    }
    const index = this.#name();
    this.#s.expect("by");
    const rowStride = this.#s.dim();
    this.#s.expect("]");
    return { op, buffer: from, offset, rowStride, index, to, ...this.#box() };
  }

  #outs(): { tile: string; value: Expr }[] {
    this.#s.expect("{");
    const out: { tile: string; value: Expr }[] = [];
    while (!this.#s.accept("}")) {
      const tile = this.#name();
      this.#s.expect("=");
      out.push({ tile, value: this.#expr() });
    }
    return out;
  }

  #box(): { readonly rows: Dim; readonly cols: Dim } {
    this.#s.expect("(");
    const rows = this.#s.dim();
    this.#s.expect("x");
    const cols = this.#s.dim();
    this.#s.expect(")");
    return { rows, cols };
  }

  #region(): Region {
    const buffer = this.#name();
    this.#s.expect("[");
    const offset = this.#s.dim();
    this.#s.expect(";");
    const dims = this.#s.list("]", () => {
      const size = this.#s.dim();
      this.#s.expect("by");
      return { size, stride: this.#s.dim() };
    });
    return { buffer, offset, dims };
  }

  #cond(): Cond {
    const op = this.#word() as Cond["op"];
    this.#s.expect("(");
    if (op === "and" || op === "or") return { op, all: this.#s.list(")", () => this.#cond()) };
    const a = this.#s.dim();
    this.#s.expect(",");
    const b = this.#s.dim();
    this.#s.expect(")");
    return { op, a, b };
  }

  #expr(): Expr {
    if (this.#s.accept("%")) {
      const at = Number(this.#s.match(/\d+/y));
      return this.#shared[at] ?? this.#s.error(`%${at} is not said before`);
    }
    const called = this.#s.match(head);
    return this.#interner.one(called === undefined ? this.#tileExpr() : this.#called(called.split(".")));
  }

  #tileExpr(): Expr {
    const tile = this.#name();
    const type = (this.#s.accept(":") ? this.#word() : this.#types.get(tile)) as Tile["type"] | undefined;
    if (type === undefined) return this.#s.error(`"${tile}" is no tile`);
    const as = (this.#s.accept("@") ? this.#word() : "full") as Spread;
    return { op: "tile", type, tile, as };
  }

  #called([what, type, ...more]: readonly string[]): Expr {
    this.#s.expect("(");
    const lane = type as LaneType;
    switch (what) {
      case "const":
        return this.#closed({ op: "const", type: lane, value: this.#number() });
      case "int":
        return this.#closed({ op: "int", type: type as "i32", value: this.#s.dim() });
      case "row":
      case "col": {
        const base = this.#s.dim();
        this.#s.expect(",");
        return this.#closed({ op: "index", type: type as "i32", axis: what, base, step: this.#s.dim() });
      }
      case "at": {
        const buffer = this.#name();
        this.#s.expect(",");
        return this.#closed({ op: "load", type: type as Tile["type"], buffer, index: this.#expr() });
      }
      default:
        return this.#computed(
          what,
          lane,
          more,
          this.#s.list(")", () => this.#expr()),
        );
    }
  }

  #computed(what: string, type: LaneType, more: readonly string[], args: readonly Expr[]): Expr {
    if (what === "cast") {
      const [round, overflow] = more as ["trunc", "wrap"];
      return { op: "cast", type, round, overflow, args: args as [Expr] };
    }
    if (what === "select") return { op: "select", type, args: args as [Expr, Expr, Expr] };
    if ((type as string) === "cmp") return { op: "cmp", type: "mask", fn: what as CompareFn, args: args as [Expr, Expr] };
    return { op: "fn", type, fn: what as LaneFn, args };
  }

  #closed(e: Expr): Expr {
    this.#s.expect(")");
    return e;
  }

  #number(): number | bigint {
    const text = this.#s.match(number) ?? this.#s.error("expected a number");
    return text.endsWith("n") ? BigInt(text.slice(0, -1)) : Number(text);
  }

  #name(): string {
    return this.#s.quoted() ?? this.#s.match(bareName) ?? this.#s.error("expected a name");
  }

  #word(): string {
    return this.#s.match(word) ?? this.#s.error("expected a word");
  }

  #text(): string {
    return this.#s.quoted() ?? this.#s.error("expected a text in quotes");
  }
}
