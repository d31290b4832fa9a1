/** A kernel as text: `parse.ts` reads it back. What several read of one statement's expressions stands before it as %0, %1, ... */
import type { Cond } from "../../base/cond.js";
import { dimKey, type Dim } from "../../base/dim.js";
import { quote, spellName } from "../../ir/text/spelling.js";
import type { Expr, Kernel, Region, Stmt } from "../tile.js";

export function printKernel(k: Kernel): string {
  const lines = [
    `kernel ${spellName(k.name)} ${k.schedule} ${quote(k.summary)}`,
    `  from ${k.origin.map(quote).join(", ")}`,
    ...k.buffers.map((b) => `  ${b.access} ${spellName(b.name)}: ${b.type}[${dimKey(b.elements)}]`),
    ...k.ints.map((i) => `  int ${spellName(i.name)} = ${dimKey(i.value)}${(i.meaning ?? []).map((m) => ` ${quote(m)}`).join("")}`),
    ...k.tiles.map((t) => `  tile ${spellName(t.name)}: ${t.type}[${t.capacity}] pitch ${dimKey(t.pitch)} ${t.space}`),
    `  items ${dimKey(k.parallelism)}`,
    "{",
    ...new Printer(k).block(k.body, 1),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

class Printer {
  readonly #types: ReadonlyMap<string, string>;

  constructor({ tiles }: Kernel) {
    this.#types = new Map(tiles.map((t) => [t.name, t.type]));
  }

  block(stmts: readonly Stmt[], depth: number): readonly string[] {
    const pad = "  ".repeat(depth);
    return stmts.flatMap((s) => this.#stmt(s, depth).map((l) => pad + l));
  }

  /** Lines without the indentation of their block. */
  #stmt(s: Stmt, depth: number): readonly string[] {
    const inside = (head: string, body: readonly Stmt[]): readonly string[] => {
      const pad = "  ".repeat(depth).length;
      return [`${head} {`, ...this.block(body, depth + 1).map((l) => l.slice(pad)), "}"];
    };
    switch (s.op) {
      case "for":
        return inside(`for ${spellName(s.index)} < ${dimKey(s.count)} over ${s.over}`, s.body);
      case "pipeline": {
        const phases = (["load", "compute", "store"] as const).flatMap((phase) => inside(phase, s[phase]));
        return [`pipeline ${spellName(s.index)} < ${dimKey(s.count)} over ${s.over} {`, ...phases.map((l) => `  ${l}`), "}"];
      }
      case "when":
        return [...inside(`when ${printCond(s.cond)}`, s.then), ...(s.otherwise.length > 0 ? inside("otherwise", s.otherwise) : [])];
      case "let":
        return [`let ${spellName(s.name)} = ${dimKey(s.value)}`];
      case "load":
        return [`load ${spellName(s.to)} <- ${printRegion(s.from)}`];
      case "loadrows":
        return [
          `loadrows ${spellName(s.to)} <- ${spellName(s.buffer)}[${dimKey(s.offset)}; ${spellName(s.index)} by ${dimKey(s.rowStride)}] ${box(s)}`,
        ];
      case "store":
        return [`store ${spellName(s.from)} -> ${printRegion(s.to)}`];
      case "move": {
        const place = [s.offset, s.rowStride, s.colStride].map(dimKey).join("; ");
        return [`move ${spellName(s.to)} <- ${spellName(s.from)}[${place}] ${box(s)}`];
      }
      case "lookup":
        return [`lookup ${spellName(s.to)} <- ${spellName(s.from)}[${spellName(s.index)}] ${box(s)}`];
      case "map": {
        const { shared, text } = this.#exprs(s.out.map((o) => o.value));
        return [...shared, `map ${s.mode} ${box(s)} {`, ...s.out.map((o, i) => `  ${spellName(o.tile)} = ${text[i]}`), "}"];
      }
      case "scatter": {
        const { shared, text } = this.#exprs([s.index, s.value]);
        return [...shared, `scatter ${s.combine} ${spellName(s.buffer)}[${text[0]}] = ${text[1]} ${box(s)}`];
      }
      case "reduce": {
        const { shared, text } = this.#exprs([s.value]);
        return [...shared, `reduce ${s.fn} ${s.along}${s.carry ? " carry" : ""} ${spellName(s.out)} = ${text[0]} ${box(s)}`];
      }
      default:
        throw s satisfies never;
    }
  }

  /** The texts of a statement's expressions, and what several of them read, in the order in which it is named. */
  #exprs(roots: readonly Expr[]): { readonly shared: readonly string[]; readonly text: readonly string[] } {
    const uses = new Map<Expr, number>();
    roots.forEach((r) => countUses(r, uses));
    const names = new Map<Expr, string>();
    const shared: string[] = [];
    const text = (e: Expr): string => {
      const named = names.get(e);
      if (named !== undefined) return named;
      const own = this.#expr(e, text);
      if ((uses.get(e) ?? 0) < 2 || operandsOf(e).length === 0) return own;
      const name = `%${names.size}`;
      names.set(e, name);
      shared.push(`${name} = ${own}`);
      return name;
    };
    return { text: roots.map(text), shared };
  }

  #expr(e: Expr, text: (e: Expr) => string): string {
    const call = (head: string, args: readonly string[]): string => `${head}(${args.join(", ")})`;
    switch (e.op) {
      case "tile": {
        const spread = e.as === "full" ? "" : `@${e.as}`;
        return `${spellName(e.tile)}${this.#types.get(e.tile) === e.type ? "" : `:${e.type}`}${spread}`;
      }
      case "const":
        return call(`const.${e.type}`, [typeof e.value === "bigint" ? `${e.value}n` : Object.is(e.value, -0) ? "-0" : `${e.value}`]);
      case "int":
        return call(`int.${e.type}`, [dimKey(e.value)]);
      case "index":
        return call(`${e.axis}.${e.type}`, [dimKey(e.base), dimKey(e.step)]);
      case "fn":
        return call(`${e.fn}.${e.type}`, e.args.map(text));
      case "cmp":
        return call(`${e.fn}.cmp`, e.args.map(text));
      case "select":
        return call(`select.${e.type}`, e.args.map(text));
      case "cast":
        return call(`cast.${e.type}.${e.round}.${e.overflow}`, e.args.map(text));
      case "load":
        return call(`at.${e.type}`, [spellName(e.buffer), text(e.index)]);
      default:
        throw e satisfies never;
    }
  }
}

export function operandsOf(e: Expr): readonly Expr[] {
  if (e.op === "load") return [e.index];
  return "args" in e ? e.args : [];
}

function countUses(e: Expr, uses: Map<Expr, number>): void {
  const had = uses.get(e) ?? 0;
  uses.set(e, had + 1);
  if (had === 0) operandsOf(e).forEach((x) => countUses(x, uses));
}

function box({ rows, cols }: { readonly rows: Dim; readonly cols: Dim }): string {
  return `(${dimKey(rows)} x ${dimKey(cols)})`;
}

function printRegion(r: Region): string {
  return `${spellName(r.buffer)}[${dimKey(r.offset)}; ${r.dims.map((d) => `${dimKey(d.size)} by ${dimKey(d.stride)}`).join(", ")}]`;
}

function printCond(c: Cond): string {
  return "all" in c ? `${c.op}(${c.all.map(printCond).join(", ")})` : `${c.op}(${dimKey(c.a)}, ${dimKey(c.b)})`;
}
