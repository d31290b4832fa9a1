/** The tables of model.cpp by which the runtime walks a program that branches, loops or whose sizes some step decides. */
import { symbolsIn, type Cond } from "../base/cond.js";
import { symbolsOf, type Dim } from "../base/dim.js";
import { cString, type TextWriter } from "../base/text-writer.js";
import { lateBuffers } from "../program/arena.js";
import { stepSymbols, symbolOrder } from "../program/flow.js";
import type { Program, ProgramGuard, Step } from "../program/program.js";
import { spellCond } from "./spell.js";

/** Whether the steps are more than a list of what is computed at sizes that are set before. */
export function isPlain({ steps, symbols }: Pick<Program, "steps" | "symbols">): boolean {
  return steps.every((s) => s.op === "compute") && stepSymbols({ symbols }).length === 0;
}

/** Guards that ask for symbols of steps, and the others. */
export function guardsByTime(program: Pick<Program, "guards" | "symbols">): {
  readonly early: readonly ProgramGuard[];
  readonly late: readonly ProgramGuard[];
} {
  const late = new Set(stepSymbols(program).map((s) => s.name));
  const isLate = (g: ProgramGuard): boolean => symbolsIn(g.when).some((s) => late.has(s));
  return { early: program.guards.filter((g) => !isLate(g)), late: program.guards.filter(isLate) };
}

type Spell = (d: Dim) => string;

/** Lines of the tables, by the kind of their steps. */
class Tables {
  readonly items: string[] = [];
  /** Arrays that entries of the other tables point to. */
  readonly parts: string[] = [];
  readonly entries = { read: [], write: [], let: [], bind: [], branch: [], loop: [] } as Record<Exclude<Step["op"], "compute">, string[]>;
  readonly #order: ReadonlyMap<string, number>;
  readonly #spell: Spell;
  #computes = 0;

  constructor(program: Program, spell: Spell) {
    this.#order = new Map(symbolOrder(program).map((name, i) => [name, i]));
    this.#spell = spell;
    this.#steps(program.steps);
  }

  symbol(name: string): number {
    return this.#order.get(name) ?? -1;
  }

  #steps(steps: readonly Step[]): void {
    for (const step of steps) this.#step(step);
  }

  #step(step: Step): void {
    const at = this.items.length;
    this.items.push("");
    const kind = step.op === "compute" ? "step" : step.op;
    const entry = step.op === "compute" ? this.#computes++ : this.#entry(step);
    this.items[at] = `{Item::${kind}, ${entry}, ${this.items.length}},`;
  }

  /** Its place in the table of its kind. */
  #entry(step: Exclude<Step, { op: "compute" }>): number {
    const table = this.entries[step.op];
    const at = table.length;
    table.push("");
    table[at] = `{${[cString(step.id), ...this.#fields(step, `${step.op}_${at}`)].join(", ")}},`;
    return at;
  }

  #fields(step: Exclude<Step, { op: "compute" }>, name: string): readonly string[] {
    switch (step.op) {
      case "read":
        return [
          `${step.from}`,
          `${step.to}`,
          ...this.#array(
            "Read::Element",
            name,
            step.symbols.map((s) => `{${this.symbol(s.name)}, ${s.at}}`),
          ),
        ];
      case "write":
        return [`${step.to}`, this.#value(step.value)];
      case "let":
        return this.#array(
          "Let::Value",
          name,
          step.symbols.map((s) => `{${this.symbol(s.name)}, ${this.#value(s.value)}}`),
        );
      case "bind":
        return this.#array(
          "int32_t",
          name,
          step.pairs.map(([a, b]) => `{${a}, ${b}}`),
          "[2]",
        );
      case "branch": {
        this.#steps(step.then);
        const otherwise = this.items.length;
        this.#steps(step.otherwise);
        return [this.#cond(step.when), `${otherwise}`];
      }
      case "loop":
        this.#steps(step.body);
        return [this.#cond(step.when)];
      default:
        throw step satisfies never;
    }
  }

  #array(type: string, name: string, items: readonly string[], inner = ""): readonly [name: string, count: string] {
    this.parts.push(`const ${type} ${name}[]${inner} = {${items.join(", ")}};`);
    return [name, `${items.length}`];
  }

  #value(d: Dim): string {
    return `[](const Size* dims) { (void)dims; return Size(${this.#spell(d)}); }`;
  }

  #cond(c: Cond): string {
    return `[](const Size* dims) { (void)dims; return ${spellCond(c, this.#spell)}; }`;
  }

  /** Symbols of steps that something depends on, as an array. */
  needs(name: string, symbols: readonly string[], given: number): readonly [name: string, count: string] {
    const own = [...new Set(symbols.map((s) => this.symbol(s)))].filter((at) => at >= given).sort((a, b) => a - b);
    return this.#array("int32_t", name, own.map(String));
  }

  guard(g: ProgramGuard): string {
    return `{${this.#cond(g.when)}, ${cString(g.message)}}`;
  }
}

/** Prints the tables and the tree over them; `the_model` names it. */
export function printTree(w: TextWriter, program: Program, spell: Spell): void {
  const tables = new Tables(program, spell);
  const own = stepSymbols(program);
  const given = program.symbols.length - own.length;
  const late = [...lateBuffers(program)].map(
    (id) =>
      `{${[
        id,
        ...tables.needs(
          `late_${id}`,
          program.buffers[id].shape.flatMap((d) => symbolsOf(d)),
          given,
        ),
      ].join(", ")}},`,
  );
  const guards = guardsByTime(program).late.map(
    (g, i) => `{${[tables.guard(g), ...tables.needs(`guard_${i}`, symbolsIn(g.when), given)].join(", ")}},`,
  );
  const hi = (x: number): string => (Number.isFinite(x) ? `${x}` : "INT64_MAX");
  const symbols = own.map((s) => `{${[cString(s.name), -1, 0, s.lo, hi(s.hi)].join(", ")}},`);
  w.line().comment("What is done between the steps that compute: bodies follow what has them.");
  w.lines(tables.parts);
  const table = (type: string, name: string, lines: readonly string[]): string => {
    if (lines.length === 0) return "nullptr";
    w.block(`const ${type} ${name}[] =`, () => w.lines(lines), "};");
    return name;
  };
  const kinds = { read: "Read", write: "Write", let: "Let", bind: "Bind", branch: "Branch", loop: "Loop" } as const;
  const names = Object.entries(kinds).map(([op, type]) => table(type, `${op}_table`, tables.entries[op as keyof typeof kinds]));
  const fields = [
    table("Item", "items", tables.items),
    tables.items.length,
    ...names,
    table("Symbol", "step_symbols", symbols),
    symbols.length,
    table("Late", "late_buffers", late),
    late.length,
    table("LateGuard", "late_guards", guards),
    guards.length,
  ];
  w.line(`const Tree the_tree = {${fields.join(", ")}};`);
}
