import type { Cond } from "../base/cond.js";
import { dimKey, type Dim } from "../base/dim.js";
import type { Expr, Kernel, Region, Stmt } from "./tile.js";

export function printKernel(k: Kernel): string {
  const lines = [
    `kernel ${k.name}  // ${k.schedule}: ${k.summary}`,
    ...k.buffers.map((b) => `  ${b.access} ${b.name}: ${b.type}[${dimKey(b.elements)}]`),
    ...k.ints.map((i) => `  int ${i.name} = ${dimKey(i.value)}${i.meaning?.length ? `  // ${i.meaning.join(", ")}` : ""}`),
    ...k.tiles.map((t) => `  tile ${t.name}: ${t.type}[${t.capacity}] pitch ${dimKey(t.pitch)}${t.space === "shared" ? " shared" : ""}`),
    `  work items ${dimKey(k.parallelism)}`,
    ...printBlock(k.body, 1),
  ];
  return `${lines.join("\n")}\n`;
}

function printBlock(stmts: readonly Stmt[], depth: number): string[] {
  return stmts.flatMap((s) => printStmt(s, depth));
}

function printStmt(s: Stmt, depth: number): string[] {
  const pad = "  ".repeat(depth);
  const inner = (b: readonly Stmt[]) => printBlock(b, depth + 1);
  const part = (name: string, b: readonly Stmt[]) => (b.length > 0 ? [`${pad}${name}`, ...inner(b)] : []);
  switch (s.op) {
    case "for":
      return [`${pad}for ${s.index} < ${dimKey(s.count)} over ${s.over}`, ...inner(s.body)];
    case "pipeline":
      return [
        `${pad}pipeline ${s.index} < ${dimKey(s.count)} over ${s.over}`,
        ...part("load:", s.load),
        ...part("compute:", s.compute),
        ...part("store:", s.store),
      ];
    case "when":
      return [`${pad}when ${printCond(s.cond)}`, ...inner(s.then), ...part("otherwise", s.otherwise)];
    case "let":
      return [`${pad}let ${s.name} = ${dimKey(s.value)}`];
    case "load":
      return [`${pad}${s.to} <- ${printRegion(s.from)}`];
    case "loadrows":
      return [
        `${pad}${s.to} <- ${s.buffer}[${dimKey(s.offset)} + ${s.index}[r] * ${dimKey(s.rowStride)}] ${dimKey(s.rows)} x ${dimKey(s.cols)}`,
      ];
    case "store":
      return [`${pad}${s.from} -> ${printRegion(s.to)}`];
    case "move":
      return [`${pad}${s.to}[r][c] = ${s.from}[${place(s.offset, s.rowStride, s.colStride)}] ${dimKey(s.rows)} x ${dimKey(s.cols)}`];
    case "lookup":
      return [`${pad}${s.to} = ${s.from}[${s.index}] ${dimKey(s.rows)} x ${dimKey(s.cols)}`];
    case "map":
      return s.out.map(
        (o) =>
          `${pad}${o.tile} = ${printExpr(o.value)}  // ${dimKey(s.rows)} x ${dimKey(s.cols)}${s.mode === "scalar" ? " lane by lane" : ""}`,
      );
    case "scatter":
      return [`${pad}${s.buffer}[${printExpr(s.index)}] ${s.combine}= ${printExpr(s.value)}  // ${dimKey(s.rows)} x ${dimKey(s.cols)}`];
    case "reduce":
      return [
        `${pad}${s.out} ${s.carry ? `${s.fn}=` : `= ${s.fn}`} ${printExpr(s.value)} along ${s.along}  // ${dimKey(s.rows)} x ${dimKey(s.cols)}`,
      ];
    default:
      throw s satisfies never;
  }
}

function place(offset: Dim, row: Dim, col: Dim): string {
  return [offset === 0 ? "" : dimKey(offset), row === 0 ? "" : `r * (${dimKey(row)})`, col === 0 ? "" : `c * (${dimKey(col)})`]
    .filter((x) => x !== "")
    .join(" + ");
}

function printRegion(r: Region): string {
  return `${r.buffer}[${dimKey(r.offset)}; ${r.dims.map((d) => `${dimKey(d.size)} by ${dimKey(d.stride)}`).join(", ")}]`;
}

function printCond(c: Cond): string {
  if ("all" in c) return c.all.length === 0 ? `${c.op === "and"}` : c.all.map((x) => `(${printCond(x)})`).join(` ${c.op} `);
  return `${dimKey(c.a)} ${c.op} ${dimKey(c.b)}`;
}

function printExpr(e: Expr): string {
  switch (e.op) {
    case "tile":
      return e.as === "full" ? e.tile : `${e.tile}.${e.as}`;
    case "const":
      return `${e.value}`;
    case "int":
      return `${e.type}(${dimKey(e.value)})`;
    case "index":
      return `(${dimKey(e.base)} + ${e.axis} * ${dimKey(e.step)})`;
    case "fn":
    case "cmp":
      return `${e.fn}(${e.args.map(printExpr).join(", ")})`;
    case "select":
      return `select(${e.args.map(printExpr).join(", ")})`;
    case "cast":
      return `${e.type}(${printExpr(e.args[0])})`;
    case "load":
      return `${e.buffer}[${printExpr(e.index)}]`;
    default:
      throw e satisfies never;
  }
}
