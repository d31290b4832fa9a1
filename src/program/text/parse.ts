/** Reads what `print.ts` writes. */
import type { Cond } from "../../base/cond.js";
import type { Dim } from "../../base/dim.js";
import { isDType, type DType } from "../../base/dtype.js";
import { Scanner } from "../../ir/text/scanner.js";
import { readKernel } from "../../kernel/text/parse.js";
import type { Kernel } from "../../kernel/tile.js";
import type {
  Act,
  CallAttr,
  Home,
  Program,
  ProgramBuffer,
  ProgramGuard,
  ProgramSymbol,
  ProgramWeight,
  Step,
  SymbolSource,
} from "../program.js";

/** Throws `text-syntax` with line and column. */
export function parseProgram(text: string): Program {
  const scanner = new Scanner(text);
  const program = new Reader(scanner).program();
  if (!scanner.done) scanner.error("expected the end");
  return program;
}

const word = /[A-Za-z_][\w-]*/y;
const bareName = /[A-Za-z_/][\w./']*/y;
const integer = /-?\d+/y;
const float = /-?(?:nan|inf|\d+(?:\.\d+)?(?:e[+-]?\d+)?)/y;
const signs = { "==": "eq", "!=": "ne", "<=": "le", "<": "lt" } as const;

class Reader {
  readonly #s: Scanner;

  constructor(scanner: Scanner) {
    this.#s = scanner;
  }

  program(): Program {
    const s = this.#s;
    s.expect("program");
    const name = this.#text();
    s.expect("prefix");
    const prefix = this.#word();
    s.expect("for");
    const [target, chip, sdk] = [this.#word(), this.#word(), this.#text()];
    const precision = this.#word() as Program["precision"];
    const allowHf32 = s.accept("hf32");
    s.expect("{");
    const head = { schemaVersion: 2, name, prefix, target, chip, sdk, precision, allowHf32 } as const;
    const symbols = this.#while("symbol", () => this.#symbol());
    const guards = this.#while("guard", (): ProgramGuard => ({ when: this.#cond(), message: this.#text() }));
    const buffers = this.#while("buffer", () => this.#buffer());
    const weights = this.#while("weight", () => this.#weight());
    s.expect("inputs");
    const inputs = this.#ids();
    s.expect("outputs");
    const outputs = this.#ids();
    const kernels: Kernel[] = [];
    while (s.looksAt(/kernel(?=\s)/y)) kernels.push(readKernel(s));
    const steps: Step[] = [];
    while (!s.accept("}")) steps.push(this.#step());
    return { ...head, symbols, guards, buffers, inputs, outputs, weights, kernels, steps };
  }

  #while<T>(opening: string, item: () => T): T[] {
    const out: T[] = [];
    while (this.#s.match(new RegExp(`${opening}(?=\\s)`, "y"))) out.push(item());
    return out;
  }

  #symbol(): ProgramSymbol {
    const name = this.#name();
    this.#s.expect("=");
    const source = this.#source();
    this.#s.expect("in");
    const lo = this.#whole();
    this.#s.expect("..");
    return { name, source, lo, hi: this.#s.accept("inf") ? Infinity : this.#whole() };
  }

  #source(): SymbolSource {
    if (this.#s.accept("step")) return { kind: "step" };
    this.#s.expect("extent");
    const axis = this.#whole();
    this.#s.expect("of");
    return { kind: "extent", input: this.#text(), axis };
  }

  #buffer(): ProgramBuffer {
    const [id, name] = [this.#id(), this.#text()];
    this.#s.expect(":");
    const dtype = this.#dtype();
    const stored = this.#s.match(/as(?=\s)/y) ? this.#dtype() : dtype;
    this.#s.expect("[");
    const shape = this.#s.list("]", () => this.#s.dim());
    const home = this.#word() as Home;
    const base = { id, name, dtype, stored, shape, home };
    return this.#s.match(/of(?=\s)/y) ? { ...base, aliasOf: this.#id() } : base;
  }

  #weight(): ProgramWeight {
    const buffer = this.#id();
    const pack = this.#word() as ProgramWeight["pack"];
    this.#s.expect("from");
    const [file, offset] = [this.#text(), this.#whole()];
    this.#s.expect("+");
    return { buffer, from: { file, offset, length: this.#whole() }, pack };
  }

  #step(): Step {
    const s = this.#s;
    const op = this.#word() as Step["op"];
    const id = this.#text();
    s.expect("from");
    s.expect("(");
    const named = { id, origin: s.list(")", () => this.#text()) };
    switch (op) {
      case "compute": {
        const act = this.#act();
        const alternate = s.match(/or(?=\s)/y) ? { alternate: this.#act() } : {};
        const alone = s.accept("one way:") ? { oneWay: this.#text() } : {};
        return { op, ...named, act, ...alternate, ...alone };
      }
      case "read": {
        const from = this.#id();
        s.expect("to");
        return {
          op,
          ...named,
          from,
          to: this.#id(),
          symbols: this.#pairs(
            () => this.#name(),
            () => this.#whole(),
          ).map(([name, at]) => ({ name, at })),
        };
      }
      case "write": {
        const to = this.#id();
        s.expect("=");
        return { op, ...named, to, value: s.dim() };
      }
      case "let":
        return {
          op,
          ...named,
          symbols: this.#pairs(
            () => this.#name(),
            () => s.dim(),
          ).map(([name, value]) => ({ name, value })),
        };
      case "bind":
        return {
          op,
          ...named,
          pairs: this.#pairs(
            () => this.#id(),
            () => this.#id(),
          ),
        };
      case "branch": {
        s.expect("when");
        const [when, then] = [this.#cond(), this.#body()];
        s.expect("otherwise");
        return { op, ...named, when, then, otherwise: this.#body() };
      }
      case "loop":
        s.expect("when");
        return { op, ...named, when: this.#cond(), body: this.#body() };
      default:
        return s.error(`"${op satisfies never}" opens no step`);
    }
  }

  #body(): readonly Step[] {
    this.#s.expect("{");
    const steps: Step[] = [];
    while (!this.#s.accept("}")) steps.push(this.#step());
    return steps;
  }

  #pairs<A, B>(a: () => A, b: () => B): readonly (readonly [A, B])[] {
    this.#s.expect("{");
    return this.#s.list("}", () => {
      const first = a();
      this.#s.expect("=");
      return [first, b()] as const;
    });
  }

  #act(): Act {
    const s = this.#s;
    if (s.accept("{")) {
      const body: Act[] = [];
      while (!s.accept("}")) body.push(this.#act());
      return { op: "region", body };
    }
    const op = this.#word();
    if (op === "call") return this.#call();
    if (op === "launch") {
      const kernel = this.#name();
      const buffers = this.#operands().filter((id) => id !== null);
      s.expect("[");
      const ints = s.list("]", () => s.dim());
      s.expect("items");
      return { op, kernel, buffers, ints, parallelism: s.dim() };
    }
    if (op !== "copy") return s.error(`"${op}" is no act`);
    const from = this.#id();
    s.expect("to");
    const to = this.#id();
    s.expect("at");
    const at = s.dim();
    s.expect("bytes");
    return { op, from, to, at, bytes: s.dim() };
  }

  #call(): Act {
    const s = this.#s;
    const row = this.#text();
    const operator = s.match(/for(?=\s)/y) ? this.#text() : row;
    const then = s.match(/then(?=\s)/y) ? { then: this.#text() } : {};
    const inputs = this.#operands();
    s.expect("->");
    const outputs = this.#operands();
    const orders = s.match(/orders(?=\s)/y) ? { orders: this.#orders() } : {};
    const attrs = Object.fromEntries(
      this.#pairs(
        () => this.#name(),
        () => this.#attr(),
      ),
    );
    return { op: "call", row, operator, ...then, attrs, inputs, outputs, ...orders };
  }

  #attr(): CallAttr {
    const list = <T>(item: () => T): T[] => {
      this.#s.expect("[");
      return this.#s.list("]", item);
    };
    const kind = this.#word() as CallAttr["kind"];
    switch (kind) {
      case "int":
        return { kind, value: this.#bigint() };
      case "float":
        return { kind, value: this.#float() };
      case "text":
        return { kind, value: this.#text() };
      case "ints":
        return { kind, value: list(() => this.#bigint()) };
      case "floats":
        return { kind, value: list(() => this.#float()) };
      case "texts":
        return { kind, value: list(() => this.#text()) };
      case "dims":
        return { kind, value: list((): Dim => this.#s.dim()) };
      default:
        return this.#s.error(`"${kind satisfies never}" is no kind of attribute`);
    }
  }

  #cond(): Cond {
    const many = this.#s.match(/(?:all|any)(?=\()/y);
    this.#s.expect("(");
    if (many) return { op: many === "all" ? "and" : "or", all: this.#s.list(")", () => this.#cond()) };
    const a = this.#s.dim();
    const sign = this.#s.match(/==|!=|<=|</y) as keyof typeof signs | undefined;
    if (!sign) return this.#s.error("expected a comparison");
    const b = this.#s.dim();
    this.#s.expect(")");
    return { op: signs[sign], a, b };
  }

  #operands(): (number | null)[] {
    this.#s.expect("(");
    return this.#s.list(")", () => (this.#s.accept("_") ? null : this.#id()));
  }

  #orders(): (readonly number[] | null)[] {
    this.#s.expect("(");
    return this.#s.list(")", () => {
      if (this.#s.accept("_")) return null;
      this.#s.expect("[");
      return this.#s.list("]", () => this.#whole());
    });
  }

  #ids(): number[] {
    const out: number[] = [];
    while (this.#s.looksAt(/%/y)) out.push(this.#id());
    return out;
  }

  #id(): number {
    this.#s.expect("%");
    return this.#whole();
  }

  #whole(): number {
    return Number(this.#s.match(integer) ?? this.#s.error("expected a whole number"));
  }

  #bigint(): bigint {
    return BigInt(this.#s.match(integer) ?? this.#s.error("expected a whole number"));
  }

  #float(): number {
    const text = this.#s.match(float) ?? this.#s.error("expected a number");
    return Number(text.replace("nan", "NaN").replace("inf", "Infinity"));
  }

  #dtype(): DType {
    const name = this.#word();
    return isDType(name) ? name : this.#s.error(`"${name}" is no element type`);
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
