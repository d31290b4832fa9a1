import type { Cond } from "../../base/cond.js";
import { dimKey } from "../../base/dim.js";
import { elementCount } from "../../base/tensor.js";
import type { Attr, ConstData, Graph, Node, Value } from "../graph.js";
import { contentHash } from "../hash.js";
import { quote, spellElements, spellFloat, spellName, spellOp, spellType } from "./spelling.js";

interface PrintOptions {
  /** Constants of up to this many elements are spelled out; 16 unless told. */
  readonly inline?: number;
}

/** The whole graph. Constants that are not spelled out appear as their sha256, for which they are read in pieces. */
export function print(graph: Graph, options: PrintOptions = {}): string {
  return `${graphText(graph, "", options.inline ?? 16)}\n`;
}

/** The text with a sha256 in place of every constant: equal for graphs that mean the same bit by bit. */
export function canonical(graph: Graph): string {
  return print(graph, { inline: -1 });
}

/** Only the nodes, without types, constants or origins: how a test states what it expects. */
export function sketch(graph: Graph): string {
  return graph.nodes.map((n) => nodeText(n, "", 16, true)).join("\n");
}

function graphText(graph: Graph, indent: string, inline: number): string {
  const deeper = `${indent}  `;
  const lines = [
    ...Object.entries(graph.metadata).map(([k, v]) => `meta ${quote(k)} = ${quote(v)}`),
    ...graph.symbols.map((s) => `symbol ${spellName(s.name)} in ${bound(s.range.lo)}..${bound(s.range.hi)}`),
    ...graph.guards.map((g) => `guard ${condText(g.when)} ${quote(g.message)}`),
    ...[...graph.constants].map(([v, data]) => `const ${definition(v)} = ${constText(data, inline)}`),
    ...graph.nodes.map((n) => nodeText(n, deeper, inline, false)),
  ];
  const head = `graph ${spellName(graph.name)}(${graph.inputs.map(definition).join(", ")}) -> (${graph.outputs.map((v) => spellName(v.name)).join(", ")})`;
  return `${head} {\n${lines.map((l) => `${deeper}${l}\n`).join("")}${indent}}`;
}

function bound(x: number): string {
  return Number.isFinite(x) ? `${x}` : x < 0 ? "-inf" : "inf";
}

function definition(v: Value): string {
  return `${spellName(v.name)}: ${spellType(v.type)}`;
}

/** `N == 4`, or `all(...)` and `any(...)`. */
export function condText(c: Cond): string {
  if ("all" in c) return `${c.op === "and" ? "all" : "any"}(${c.all.map(condText).join(", ")})`;
  const sign = { eq: "==", ne: "!=", lt: "<", le: "<=" }[c.op];
  return `(${dimKey(c.a)} ${sign} ${dimKey(c.b)})`;
}

function constText(data: ConstData, inline: number): string {
  if (elementCount(data.shape) > inline) return `sha256:${contentHash(data)}`;
  return `{${spellElements(data.dtype, data.load().data)}}`;
}

function nodeText(node: Node, indent: string, inline: number, brief: boolean): string {
  const name = (v: Value | undefined): string => (v ? spellName(v.name) : "_");
  const { inputs: reads, outputs: makes } = node.call ?? { inputs: [], outputs: [] };
  const outputs = node.outputs.map((v, i) => `${v && !brief ? definition(v) : name(v)}${orderText(makes[i])}`).join(", ");
  const own = node.call ? reads.length : node.inputs.length;
  const inputs = node.inputs.slice(0, own).map((v, i) => `${name(v)}${orderText(reads[i])}`);
  const besides = node.inputs.length > own ? ` beside (${node.inputs.slice(own).map(name).join(", ")})` : "";
  const attrs = Object.entries(node.attrs).map(([k, a]) => `${spellName(k)}=${attrText(a, indent, inline)}`);
  const then = node.call?.then === undefined ? "" : ` then ${spellOp(node.call.then)}`;
  const line = `${outputs} = ${operatorText(node)}(${[...inputs, ...attrs].join(", ")})${besides}${then}`;
  return brief || isOwnOrigin(node) ? line : `${line} from (${node.origin.map(quote).join(", ")})`;
}

/** `Conv`, `Foo@13`, or `call target::Row`, with the operator where the row is called otherwise: `call target::Row for Conv`. */
function operatorText({ op, version, call }: Node): string {
  if (!call) return `${spellOp(op)}${version === undefined ? "" : `@${version}`}`;
  return `call ${spellOp(`${call.target}::${call.row}`)}${call.row === call.op ? "" : ` for ${spellOp(call.op)}`}`;
}

/** How a call's operand lies: ` as [0, 2, 3, 1]`. */
function orderText(order: readonly number[] | undefined): string {
  return order ? ` as [${order.join(", ")}]` : "";
}

/** The origin that a parsed node has when its text names none. */
export function isOwnOrigin(node: Node): boolean {
  const first = node.outputs.find((v) => v)?.name;
  return first === undefined ? node.origin.length === 0 : node.origin.length === 1 && node.origin[0] === first;
}

function attrText(a: Attr, indent: string, inline: number): string {
  switch (a.kind) {
    case "int":
      return `${a.value}`;
    case "float":
      return spellFloat(a.value);
    case "text":
      return quote(a.value);
    case "ints":
      return a.value.length === 0 ? "ints[]" : `[${a.value.join(", ")}]`;
    case "floats":
      return a.value.length === 0 ? "floats[]" : `[${a.value.map(spellFloat).join(", ")}]`;
    case "texts":
      return a.value.length === 0 ? "texts[]" : `[${a.value.map(quote).join(", ")}]`;
    case "tensor":
      return `tensor ${a.value.dtype}[${a.value.shape.join(",")}] ${constText(a.value, inline)}`;
    case "graph":
      return graphText(a.value, indent, inline);
    case "graphs":
      return a.value.length === 0 ? "graphs[]" : `[${a.value.map((g) => graphText(g, indent, inline)).join(", ")}]`;
    case "dims":
      return `dims[${a.value.map(dimKey).join(", ")}]`;
    case "opaque":
      return `opaque(${quote(a.tag)}, ${quote(Buffer.from(a.bytes).toString("base64"))})`;
    default:
      throw a satisfies never;
  }
}
