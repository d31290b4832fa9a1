/** Statements of a kernel's body as `Code`: loops and their partition over cores, pipelines as queues, everything else by its own printer. */
import { dimKey } from "../../../src/base/dim.js";
import type { MemoryKernel } from "../../../src/kernel/lower/memory.js";
import type { Stmt } from "../../../src/kernel/tile.js";
import { tilesWithin } from "../../../src/kernel/walk.js";
import { printStatement, type Of, type StatementPrinter } from "../../kit/statements.js";
import { comment, text, type Code, type Pipe } from "./code.js";
import { printLoad, printLoadRows, printLookup, printMove, printStore, tileResource } from "./copies.js";
import type { Layout, QueuedTile, QueueKind } from "./layout.js";
import { cType, type Page } from "./page.js";
import { printReduce } from "./reduce.js";
import { printScalarMap, printScalarReduce, printScatter } from "./scalar.js";
import { printMap } from "./vector.js";

const queueNames = { in: "inQueue", out: "outQueue", through: "throughQueue" } as const;

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

  print(body: readonly Stmt[], scope: Scope = new Map()): Code[] {
    const printer = this.#printerIn(scope);
    return body.flatMap((s) => this.page.hear(() => printStatement(s, printer)));
  }

  #printerIn(scope: Scope): StatementPrinter<Code[]> {
    const { page, memory } = this;
    return {
      for: (s) => this.#loop(s, () => this.print(s.body, new Map(scope))),
      pipeline: (s) => this.#loop(s, () => this.#pipeline(s, new Map(scope))),
      when: (s) => [
        {
          kind: "branch",
          head: `if (${page.cond(s.cond)})`,
          then: this.print(s.then, new Map(scope)),
          otherwise: this.print(s.otherwise, new Map(scope)),
        },
      ],
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
  #let(s: Of<"let">, scope: Scope): Code[] {
    const had = scope.get(s.name);
    if (had === dimKey(s.value)) return [];
    scope.set(s.name, dimKey(s.value));
    return [this.page.naming(s.name, () => `const int64_t ${s.name} = ${this.page.dim(s.value)};`)];
  }

  #loop(s: Of<"for"> | Of<"pipeline">, body: () => Code[]): Code[] {
    const { page } = this;
    const { index } = s;
    const id = page.freshId();
    if (s.over === "serial") return [{ kind: "loop", id, head: page.loopHead(index, page.dim(s.count)), body: body() }];
    const [begin, end] = [`${index}Begin`, `${index}End`];
    const count = page.dim(s.count);
    if (s.count === 1) {
      const then = [page.naming(index, () => `const int64_t ${index} = 0;`), ...body()];
      return [{ kind: "branch", head: `if (${page.api("GetBlockIdx")} == 0)`, then, otherwise: [] }];
    }
    return [
      comment("This core's share: a contiguous block."),
      text(
        `const int64_t ${index}Count = ${count};`,
        `const int64_t ${begin} = ${index}Count * ${page.api("GetBlockIdx")} / ${page.api("GetBlockNum")};`,
        `const int64_t ${end} = ${index}Count * (${page.api("GetBlockIdx")} + 1) / ${page.api("GetBlockNum")};`,
      ),
      { kind: "loop", id, head: page.loopHead(index, end, begin), body: body() },
    ];
  }

  #pipeline(s: Of<"pipeline">, scope: Scope): Code[] {
    const [into, through, out] = (["in", "through", "out"] as const).map((kind) => this.#queued(kind, s));
    return [
      ...this.#take("in", into),
      ...this.#take("through", through),
      ...this.print(s.load, scope),
      ...this.#pass("in", into, "MTE2", "V"),
      ...this.#pass("through", through, "MTE2", "MTE3"),
      ...this.#take("out", out),
      ...this.print(s.compute, scope),
      ...this.#give("in", into, "V"),
      ...this.#pass("out", out, "V", "MTE3"),
      ...this.print(s.store, scope),
      ...this.#give("out", out, "MTE3"),
      ...this.#give("through", through, "MTE3"),
    ];
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
    return this.layout.queues[kind].map((q) => tileResource(q.tile));
  }

  #take(kind: QueueKind, present: boolean): Code[] {
    if (!present) return [];
    const { page, layout } = this;
    page.uses.add("AllocTensor", "LocalTensor");
    const { name, type } = this.#tensor(kind);
    const lines = [`LocalTensor<${type}> ${name} = ${queueNames[kind]}.AllocTensor<${type}>();`];
    const taken: Code = { kind: "fresh", on: this.#resources(kind), by: kind === "out" ? "V" : "MTE2", lines };
    return this.#only(kind) ? [taken] : [taken, ...layout.queues[kind].map((q) => this.#view(name, q))];
  }

  /** A tile cut from a queue's bytes. */
  #view(bytes: string, { tile, byteOffset }: QueuedTile): Code {
    const { page } = this;
    page.uses.add("ReinterpretCast");
    const type = cType(page.tile(tile).type);
    const from = byteOffset ? `${bytes}[${byteOffset}]` : bytes;
    const name = page.tileName(tile);
    return page.naming(name, () => `LocalTensor<${type}> ${name} = ${from}.ReinterpretCast<${type}>();`);
  }

  #pass(kind: QueueKind, present: boolean, from: Pipe, to: Pipe): Code[] {
    if (!present) return [];
    this.page.uses.add("EnQue", "DeQue");
    const { name, type } = this.#tensor(kind);
    const queue = queueNames[kind];
    const ready: Code = {
      kind: "op",
      pipe: from,
      lines: [],
      touches: this.#resources(kind).map((on) => ({ on, write: false })),
      handover: true,
    };
    return [ready, { kind: "order", from, to, lines: [`${queue}.EnQue(${name});`, `${name} = ${queue}.DeQue<${type}>();`] }];
  }

  #give(kind: QueueKind, present: boolean, pipe: Pipe): Code[] {
    if (!present) return [];
    this.page.uses.add("FreeTensor");
    const lines = [`${queueNames[kind]}.FreeTensor(${this.#tensor(kind).name});`];
    return [{ kind: "op", pipe, lines, touches: this.#resources(kind).map((on) => ({ on, write: true })), handover: true }];
  }
}

function lowered<T>(x: T | undefined): T {
  if (x === undefined) throw new Error("internal: a statement was not lowered");
  return x;
}
