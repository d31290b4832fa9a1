import type { Cond } from "../../base/cond.js";
import { parseDim } from "../../base/dim-text.js";
import type { Dim } from "../../base/dim.js";
import { fail } from "../../base/diagnostic.js";
import { isDType, type DType } from "../../base/dtype.js";
import type { ValueType } from "../../base/value-type.js";
import { collectSymbols, constData, makeNode } from "../build.js";
import { parseElements, seededTensor } from "./elements.js";
import type { Attr, Call, ConstData, Graph, Guard, Node, SymbolInfo, Value } from "../graph.js";
import { hashOnly } from "../hash.js";
import { Scanner } from "./scanner.js";
import { readsOf } from "../walk.js";

interface ParseOptions {
  /** Finds the constant that the text names by hash. Without it such constants print and compare, but do not load. */
  readonly constants?: (hash: string) => ConstData | undefined;
}

/** Throws `text-syntax` with line and column, or `text-undefined-value`. */
export function parse(text: string, options: ParseOptions = {}): Graph {
  const reader = new Reader(new Scanner(text), options);
  return reader.whole();
}

/** What a graph collects while its statements are read. */
interface Draft {
  readonly inputs: Value[];
  readonly nodes: Node[];
  readonly constants: Map<Value, ConstData>;
  readonly guards: Guard[];
  readonly symbols: SymbolInfo[];
  readonly metadata: Record<string, string>;
  readonly scope: Map<string, Value>;
  readonly outer: Draft | undefined;
  returns?: Value[];
}

interface Operand {
  readonly value?: Value;
  readonly order?: readonly number[];
}

const bareName = /[A-Za-z_/][\w./']*/y;
const opName = /[A-Za-z_][\w.]*(?:::[A-Za-z_][\w.]*)*/y;
const floatText = /-?(?:nan|inf|\d+(?:\.\d+)?e[+-]?\d+|\d+\.\d+)/y;
const intText = /-?\d+/y;

class Reader {
  readonly #s: Scanner;
  readonly #options: ParseOptions;

  constructor(scanner: Scanner, options: ParseOptions) {
    this.#s = scanner;
    this.#options = options;
  }

  whole(): Graph {
    const graph = this.#s.looksAt(/graph[\s"]/y) ? this.#graph(undefined) : this.#brief();
    if (!this.#s.done) this.#s.error("expected the end");
    return graph;
  }

  #brief(): Graph {
    const draft = newDraft(undefined);
    while (!this.#s.done) this.#statement(draft, true);
    const read = new Set(draft.nodes.flatMap(readsOf));
    const outputs = draft.returns ?? draft.nodes.flatMap((n) => n.outputs.filter((v): v is Value => v !== undefined && !read.has(v)));
    const graph = finish("main", draft, outputs);
    return { ...graph, symbols: collectSymbols(graph) };
  }

  #graph(outer: Draft | undefined): Graph {
    this.#s.match(/graph/y);
    const name = this.#name();
    const draft = newDraft(outer);
    this.#s.expect("(");
    for (const v of this.#s.list(")", () => this.#definition())) draft.inputs.push(this.#define(draft, v));
    this.#s.expect("->");
    this.#s.expect("(");
    const outputs = this.#s.list(")", () => this.#name());
    this.#s.expect("{");
    while (!this.#s.accept("}")) this.#statement(draft, false);
    return finish(
      name,
      draft,
      outputs.map((o) => this.#lookup(draft, o)),
    );
  }

  #statement(draft: Draft, brief: boolean): void {
    if (this.#s.match(/const(?=\s)/y)) return this.#constStatement(draft);
    if (this.#s.match(/symbol(?=\s)/y)) return this.#symbolStatement(draft);
    if (this.#s.match(/guard(?=\s)/y)) return void draft.guards.push({ when: this.#cond(), message: this.#string() });
    if (this.#s.match(/return(?=\s)/y)) {
      draft.returns = [];
      do draft.returns.push(this.#lookup(draft, this.#name()));
      while (this.#s.accept(","));
      return;
    }
    if (this.#s.match(/meta(?=\s)/y)) {
      const key = this.#string();
      this.#s.expect("=");
      draft.metadata[key] = this.#string();
      return;
    }
    this.#node(draft, brief);
  }

  #constStatement(draft: Draft): void {
    const v = this.#define(draft, this.#definition());
    this.#s.expect("=");
    draft.constants.set(v, this.#constant(v.type));
  }

  #symbolStatement(draft: Draft): void {
    const name = this.#name();
    this.#s.expect("in");
    const lo = this.#bound();
    this.#s.expect("..");
    draft.symbols.push({ name, range: { lo, hi: this.#bound() } });
  }

  #bound(): number {
    const text = this.#s.match(/-?(?:inf|\d+)/y) ?? this.#s.error("expected a bound");
    return text.endsWith("inf") ? (text.startsWith("-") ? -Infinity : Infinity) : Number(text);
  }

  #cond(): Cond {
    const many = this.#s.match(/(?:all|any)(?=\()/y);
    this.#s.expect("(");
    if (many) return { op: many === "all" ? "and" : "or", all: this.#s.list(")", () => this.#cond()) };
    const text = this.#s.raw(")");
    this.#s.expect(")");
    const parts = splitCompare(text) ?? this.#s.error("expected a comparison");
    return { op: parts.op, a: parseDim(parts.a), b: parseDim(parts.b) };
  }

  #node(draft: Draft, brief: boolean): void {
    const outputs: Operand[] = [];
    do outputs.push(this.#operand(() => this.#definition()));
    while (this.#s.accept(","));
    this.#s.expect("=");
    const named = this.#s.match(/call(?=\s+[\w"])/y) ? this.#called() : undefined;
    const op = named ? "call" : this.#operator();
    const version = this.#s.accept("@") ? Number(this.#s.match(intText)) : undefined;
    this.#s.expect("(");
    const inputs: Operand[] = [];
    const attrs: Record<string, Attr> = {};
    this.#s.list(")", () => this.#argument(draft, brief, inputs, attrs));
    const besides = named && this.#s.match(/beside(?=\s*\()/y) ? this.#besides(draft, brief) : [];
    const then = named && this.#s.match(/then(?=\s)/y) ? { then: this.#operator() } : {};
    const origin = this.#s.match(/from(?=\s*\()/y) ? (this.#s.expect("("), this.#s.list(")", () => this.#string())) : undefined;
    const values = (list: readonly Operand[]) => list.map((x) => x.value);
    const orders = (list: readonly Operand[]) => list.map((x) => x.order);
    for (const v of values(outputs)) if (v) this.#define(draft, v);
    const call = named && { ...named, ...then, inputs: orders(inputs), outputs: orders(outputs) };
    const more = { ...(origin && { origin }), ...(version !== undefined && { version }), ...(call && { call }) };
    draft.nodes.push(makeNode(op, values([...inputs, ...besides]), values(outputs), attrs, more));
  }

  /** What only the call reads: `beside (scale)`. */
  #besides(draft: Draft, brief: boolean): Operand[] {
    const read: Operand[] = [];
    this.#s.expect("(");
    this.#s.list(")", () => this.#argument(draft, brief, read, {}));
    return read;
  }

  #operator(): string {
    return this.#s.quoted() ?? this.#s.match(opName) ?? this.#s.error("expected an operator");
  }

  /** `target::Row`, or `target::Row for Conv`. */
  #called(): Pick<Call, "target" | "row" | "op"> {
    const [target, ...rest] = this.#operator().split("::");
    const row = rest.join("::") || this.#s.error("expected target::row");
    return { target, row, op: this.#s.match(/for(?=\s)/y) ? this.#operator() : row };
  }

  /** A value and how it lies, or `_` for none. */
  #operand(read: () => Value): Operand {
    if (this.#s.match(/_(?![\w./'])/y)) return {};
    const value = read();
    if (!this.#s.match(/as(?=\s*\[)/y)) return { value };
    this.#s.expect("[");
    return { value, order: this.#s.list("]", () => Number(this.#s.match(intText) ?? this.#s.error("expected an axis"))) };
  }

  #argument(draft: Draft, brief: boolean, inputs: Operand[], attrs: Record<string, Attr>): void {
    if (this.#s.looksAt(/_(?![\w./'])/y)) return void inputs.push(this.#operand(() => this.#definition()));
    const name = this.#name();
    if (this.#s.accept("=")) attrs[name] = this.#attr(draft);
    else inputs.push(this.#operand(() => (brief && this.#s.accept(":") ? this.#declared(draft, name) : this.#lookup(draft, name))));
  }

  #declared(draft: Draft, name: string): Value {
    const v = this.#define(draft, { name, type: this.#type() });
    const { type } = v;
    if (this.#s.looksAt(/\{/y)) draft.constants.set(v, this.#constant(type));
    else if (this.#s.accept("!")) draft.constants.set(v, this.#seeded(name, type));
    else draft.inputs.push(v);
    return v;
  }

  #seeded(name: string, type: ValueType): ConstData {
    const { dtype, shape } = this.#fixed(type);
    return constData(seededTensor(name, dtype, shape));
  }

  #definition(): Value {
    const name = this.#name();
    return { name, type: this.#s.accept(":") ? this.#type() : { kind: "unknown" } };
  }

  #define(draft: Draft, v: Value): Value {
    if (draft.scope.has(v.name)) this.#s.error(`"${v.name}" is defined twice`);
    draft.scope.set(v.name, v);
    return v;
  }

  #lookup(draft: Draft, name: string): Value {
    for (let d: Draft | undefined = draft; d; d = d.outer) {
      const v = d.scope.get(name);
      if (v) return v;
    }
    return fail("text-undefined-value", `"${name}" is read before any line defines it`);
  }

  #name(): string {
    return this.#s.quoted() ?? this.#s.match(bareName) ?? this.#s.error("expected a name");
  }

  #string(): string {
    return this.#s.quoted() ?? this.#s.error("expected a string in quotes");
  }

  #dtype(): DType {
    const word = this.#s.match(/\w+/y) ?? "";
    return isDType(word) ? word : this.#s.error(`"${word}" is no element type`);
  }

  #dims(): Dim[] {
    this.#s.expect("[");
    return this.#s.list("]", () => parseDim(this.#s.raw("]")));
  }

  #shaped(): { dtype: DType; shape: Dim[] | undefined } {
    const dtype = this.#dtype();
    return this.#s.match(/\[\*\]/y) ? { dtype, shape: undefined } : { dtype, shape: this.#dims() };
  }

  #type(): ValueType {
    if (this.#s.accept("?")) return { kind: "unknown" };
    const kind = this.#s.match(/(?:sparse|sequence|optional|map)(?=\()/y);
    if (!kind) return { kind: "tensor", ...this.#shaped() };
    this.#s.expect("(");
    const key = kind === "map" ? this.#dtype() : undefined;
    if (key) this.#s.expect(",");
    const inner = kind === "sparse" ? this.#shaped() : { of: known(this.#type()) };
    this.#s.expect(")");
    return { kind, ...(key && { key }), ...inner } as ValueType;
  }

  #fixed(type: ValueType): { dtype: DType; shape: readonly number[] } {
    if (type.kind === "tensor" && type.shape?.every((d) => typeof d === "number")) return { dtype: type.dtype, shape: type.shape };
    return this.#s.error("a constant needs a tensor type with fixed extents");
  }

  #constant(type: ValueType): ConstData {
    const { dtype, shape } = this.#fixed(type);
    const hash = this.#s.match(/sha256:[0-9a-f]{64}/y)?.slice(7);
    if (hash !== undefined) return this.#options.constants?.(hash) ?? hashOnly(dtype, shape, hash, () => missing(hash));
    this.#s.expect("{");
    const words = this.#s.list("}", () => this.#s.quoted() ?? this.#s.match(/[^\s,}]+/y) ?? this.#s.error("expected an element"));
    return constData(
      parseElements(dtype, shape, words) ?? this.#s.error(`${words.length} elements do not fill ${dtype}[${shape.join(",")}]`),
    );
  }

  #attr(draft: Draft): Attr {
    const s = this.#s;
    if (s.looksAt(/graph[\s"]/y)) return { kind: "graph", value: this.#graph(draft) };
    if (s.match(/tensor(?=\s)/y)) return { kind: "tensor", value: this.#constant({ kind: "tensor", ...this.#shaped() }) };
    if (s.match(/opaque(?=\()/y)) return this.#opaque();
    if (s.match(/dims(?=\[)/y)) return { kind: "dims", value: this.#dims() };
    const empty = s.match(/(?:ints|floats|texts|graphs)\[\]/y)?.slice(0, -2);
    if (empty) return { kind: empty as "ints", value: [] };
    if (s.accept("[")) return this.#listAttr(draft);
    const word = s.quoted();
    if (word !== undefined) return { kind: "text", value: word };
    return this.#number();
  }

  #opaque(): Attr {
    this.#s.expect("(");
    const tag = this.#string();
    this.#s.expect(",");
    const bytes = new Uint8Array(Buffer.from(this.#string(), "base64"));
    this.#s.expect(")");
    return { kind: "opaque", tag, bytes };
  }

  #listAttr(draft: Draft): Attr {
    const s = this.#s;
    if (s.looksAt(/graph[\s"]/y)) return { kind: "graphs", value: s.list("]", () => this.#graph(draft)) };
    if (s.looksAt(/"/y)) return { kind: "texts", value: s.list("]", () => this.#string()) };
    const items = s.list("]", () => this.#number());
    if (items.every((x) => x.kind === "int")) return { kind: "ints", value: items.map((x) => x.value as bigint) };
    return { kind: "floats", value: items.map((x) => Number(x.value)) };
  }

  #number(): Attr & { kind: "int" | "float" } {
    const real = this.#s.match(floatText);
    if (real !== undefined) return { kind: "float", value: Number(real.replace("inf", "Infinity").replace("nan", "NaN")) };
    const whole = this.#s.match(intText) ?? this.#s.error("expected an attribute's value");
    return { kind: "int", value: BigInt(whole) };
  }
}

function newDraft(outer: Draft | undefined): Draft {
  return { inputs: [], nodes: [], constants: new Map(), guards: [], symbols: [], metadata: {}, scope: new Map(), outer };
}

function finish(name: string, draft: Draft, outputs: Value[]): Graph {
  const { inputs, nodes, constants, guards, symbols, metadata } = draft;
  return { name, inputs, outputs, nodes, constants, guards, symbols, metadata };
}

function known(type: ValueType): ValueType | undefined {
  return type.kind === "unknown" ? undefined : type;
}

function missing(hash: string): never {
  return fail("text-constant-missing", `the text form carries only the hash ${hash.slice(0, 12)}... of this constant`, {
    fix: "Pass `constants` to parse, or print with a larger `inline`.",
  });
}

/** Splits at the comparison sign outside quotes. */
function splitCompare(text: string): { op: "eq" | "ne" | "lt" | "le"; a: string; b: string } | undefined {
  const parts = /^((?:"(?:[^"\\]|\\.)*"|[^"=!<])*?)(==|!=|<=|<)(.*)$/s.exec(text);
  const ops = { "==": "eq", "!=": "ne", "<": "lt", "<=": "le" } as const;
  return parts ? { op: ops[parts[2] as keyof typeof ops], a: parts[1].trim(), b: parts[3].trim() } : undefined;
}
