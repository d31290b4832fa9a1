/** Statements of a kernel's body: loops and their partition over cores, pipelines as queues, everything else by its own printer. */
import { dimKey } from "../../../src/base/dim.js";
import type { MemoryKernel } from "../../../src/kernel/lower/memory.js";
import type { Stmt } from "../../../src/kernel/tile.js";
import { tilesWithin } from "../../../src/kernel/walk.js";
import { reads, writes } from "../../kit/sheet.js";
import { printStatement, type Of, type StatementPrinter } from "../../kit/statements.js";
import { printLoad, printLoadRows, printLookup, printMove, printStore } from "./copies.js";
import { queueNames, type Layout, type QueuedTile, type QueueKind } from "./layout.js";
import { cType, tileVariable, type Page } from "./page.js";
import type { Pipe } from "./pipes.js";
import { printReduce } from "./reduce.js";
import { printScalarMap, printScalarReduce, printScatter } from "./scalar.js";
import { printMap } from "./vector.js";

/** Names already declared in the C++ scope being written, with the value they were given. */
type Scope = Map<string, string>;

export class BodyPrinter {
  readonly page: Page;
  readonly memory: MemoryKernel;
  readonly layout: Layout;

  constructor(page: Page, memory: MemoryKernel, layout: Layout) {
    this.page = page;
    this.memory = memory;
    this.layout = layout;
  }

  print(body: readonly Stmt[], scope: Scope = new Map()): void {
    const printer = this.#printerIn(scope);
    body.forEach((s) => printStatement(s, printer));
  }

  #printerIn(scope: Scope): StatementPrinter<void> {
    const { page, memory } = this;
    return {
      for: (s) => this.#loop(s, () => this.print(s.body, new Map(scope))),
      pipeline: (s) => this.#loop(s, () => this.#pipeline(s, new Map(scope))),
      when: (s) => page.when(s, (body) => this.print(body, new Map(scope))),
      let: (s) => this.#let(s, scope),
      load: (s) => printLoad(page, s),
      loadrows: (s) => printLoadRows(page, s),
      store: (s) => printStore(page, s),
      move: (s) => printMove(page, s),
      lookup: (s) => printLookup(page, s),
      vectorMap: (s) => printMap(page, lowered(memory.maps.get(s))),
      scalarMap: (s) => printScalarMap(page, s),
      scatter: (s) => printScatter(page, s),
      reduce: (s) => (memory.reduces.has(s) ? printReduce(page, lowered(memory.reduces.get(s))) : printScalarReduce(page, s)),
    };
  }

  /** The phases of a pipeline repeat their lets; in one C++ scope each is written once. */
  #let(s: Of<"let">, scope: Scope): void {
    if (scope.get(s.name) === dimKey(s.value)) return;
    scope.set(s.name, dimKey(s.value));
    this.page.let(s.name, s.value);
  }

  #loop(s: Of<"for"> | Of<"pipeline">, body: () => void): void {
    const { page } = this;
    const { index } = s;
    const id = page.freshId();
    if (s.over === "serial") return void page.out.loop(page.loopHead(index, page.dim(s.count)), body, { id });
    const [begin, end] = [`${index}Begin`, `${index}End`];
    const count = page.dim(s.count);
    if (s.count === 1)
      return void page.out.branch(`if (${page.api("GetBlockIdx")} == 0)`, () => {
        page.let(index, 0);
        body();
      });
    page.out.comment("This core's share: a contiguous block.");
    page.out.line(`const int64_t ${index}Count = ${count};`);
    page.out.line(`const int64_t ${begin} = ${index}Count * ${page.api("GetBlockIdx")} / ${page.api("GetBlockNum")};`);
    page.out.line(`const int64_t ${end} = ${index}Count * (${page.api("GetBlockIdx")} + 1) / ${page.api("GetBlockNum")};`);
    page.out.loop(page.loopHead(index, end, begin), body, { id });
  }

  #pipeline(s: Of<"pipeline">, scope: Scope): void {
    const [into, through, out] = (["in", "through", "out"] as const).map((kind) => this.#queued(kind, s));
    if (into) this.#take("in");
    if (through) this.#take("through");
    this.print(s.load, scope);
    if (into) this.#pass("in", "MTE2", "V");
    if (through) this.#pass("through", "MTE2", "MTE3");
    if (out) this.#take("out");
    this.print(s.compute, scope);
    if (into) this.#give("in", "V");
    if (out) this.#pass("out", "V", "MTE3");
    this.print(s.store, scope);
    if (out) this.#give("out", "MTE3");
    if (through) this.#give("through", "MTE3");
  }

  /** Whether a pipeline has tiles in a queue. */
  #queued(kind: QueueKind, s: Of<"pipeline">): boolean {
    const named = tilesWithin([s]);
    return this.layout.queues[kind].some((q) => named.has(q.tile));
  }

  #only(kind: QueueKind): string | undefined {
    const { queues } = this.layout;
    return queues[kind].length === 1 ? queues[kind][0].tile : undefined;
  }

  /** The tensor a queue hands round: its only tile, or bytes from which the tiles are cut. */
  #tensor(kind: QueueKind): { readonly name: string; readonly type: string } {
    const only = this.#only(kind);
    return only ? { name: this.page.tileName(only), type: cType(this.page.tile(only).type) } : { name: `${kind}Bytes`, type: "uint8_t" };
  }

  #resources(kind: QueueKind): readonly string[] {
    return this.layout.queues[kind].map((q) => q.tile);
  }

  #take(kind: QueueKind): void {
    const { page, layout } = this;
    page.uses.add("AllocTensor", "LocalTensor");
    const { name, type } = this.#tensor(kind);
    page.out.mark({ kind: "fresh", on: this.#resources(kind), by: kind === "out" ? "V" : "MTE2" });
    page.out.line(`LocalTensor<${type}> ${name} = ${queueNames[kind]}.AllocTensor<${type}>();`);
    if (!this.#only(kind)) layout.queues[kind].forEach((q) => this.#view(name, q));
  }

  /** A tile cut from a queue's bytes. */
  #view(bytes: string, { tile, byteOffset }: QueuedTile): void {
    const { page } = this;
    page.uses.add("ReinterpretCast");
    const type = cType(page.tile(tile).type);
    const from = byteOffset ? `${bytes}[${byteOffset}]` : bytes;
    const name = tileVariable(tile);
    page.out.declare(name, () => `LocalTensor<${type}> ${name} = ${from}.ReinterpretCast<${type}>();`);
  }

  #pass(kind: QueueKind, from: Pipe, to: Pipe): void {
    const { page } = this;
    page.uses.add("EnQue", "DeQue");
    const { name, type } = this.#tensor(kind);
    const queue = queueNames[kind];
    page.out.mark({ kind: "operation", unit: from, touches: reads(...this.#resources(kind)), handover: true });
    page.order(from, to, `${queue}.EnQue(${name});`, `${name} = ${queue}.DeQue<${type}>();`);
  }

  #give(kind: QueueKind, unit: Pipe): void {
    const { page } = this;
    page.uses.add("FreeTensor");
    page.out.mark({ kind: "operation", unit, touches: writes(...this.#resources(kind)), handover: true });
    page.out.line(`${queueNames[kind]}.FreeTensor(${this.#tensor(kind).name});`);
  }
}

function lowered<T>(x: T | undefined): T {
  if (x === undefined) throw new Error("internal: a statement was not lowered");
  return x;
}
