/**
 * The text form of operator cases: a graph in the text form of `src/ir`, its inputs, and the outputs wanted or what the
 * refusal says.
 *
 *     case gelu-tanh within 1e-5
 *       y = Gelu(x: f32[3], approximate="tanh")
 *     in x f32[3] -1 0 1
 *     out y f32[3] -0.158808 0 0.841192
 *     view open same
 *
 * `within` is the error allowed, absolute and relative; `signed` that zeros keep their signs. A view shows the graph
 * symbols where the case has numbers, and says what must become of it: the same outputs with extents in those symbols, or a refusal. Elements are
 * numbers, `v*n` for n equal ones, texts in quotes.
 */
import { isDType, dtypes, type DType } from "../../src/base/dtype.js";
import { fromNumbers, roundTo, toNumbers } from "../../src/base/float-formats.js";
import { elementCount, type Tensor } from "../../src/base/tensor.js";

export interface NamedTensor {
  readonly name: string;
  readonly value: Tensor;
}

/**
 * What stands as symbols. "open": extents of inputs. "sized": also elements of operands that shape the program, their
 * signs known. "loose": the same, signs unknown. "shaped": only those elements, signs unknown.
 */
export const views = ["open", "sized", "loose", "shaped"] as const;
export type View = (typeof views)[number];

export interface OpCase {
  readonly name: string;
  /** The graph, in the brief or the whole text form. */
  readonly text: string;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
  /** What the refusal says, its code first; there are no outputs then. */
  readonly fails?: string;
  readonly within: number;
  readonly signed: boolean;
  /** What becomes of it in the views that are tried: "same" and the extents, or what the refusal says. */
  readonly views: ReadonlyMap<View, string>;
}

/** The fewest digits that read back to the same element. */
function spellNumber(dtype: DType, x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x < 0 ? "-inf" : "inf";
  if (Object.is(x, -0)) return "-0";
  const float = dtypes[dtype].kind === "float";
  for (let digits = 1; float && digits < 17; digits++) {
    const text = `${Number(x.toPrecision(digits))}`;
    if (roundTo(dtype, Number(text)) === x) return text;
  }
  return `${x}`;
}

function spellElements(t: Tensor): string[] {
  if (Array.isArray(t.data)) return t.data.map((s) => JSON.stringify(s));
  if (t.dtype === "i64" || t.dtype === "u64") return Array.from(t.data as BigInt64Array, (x) => `${x}`);
  return Array.from(toNumbers(t), (x) => spellNumber(t.dtype, x));
}

/** Runs of four and more equal words as one. */
function packed(words: readonly string[]): string {
  const out: string[] = [];
  for (let i = 0; i < words.length;) {
    let n = 1;
    while (words[i + n] === words[i]) n++;
    if (n >= 4) out.push(`${words[i]}*${n}`);
    else out.push(...words.slice(i, i + n));
    i += n;
  }
  return out.join(" ");
}

function spellTensor(kind: "in" | "out", { name, value }: NamedTensor): string {
  return `${kind} ${JSON.stringify(name)} ${value.dtype}[${value.shape.join(",")}] ${packed(spellElements(value))}`.trimEnd();
}

export function writeCase(c: OpCase): string {
  const head = [`case ${c.name}`, ...(c.within === 0 ? [] : [`within ${c.within}`]), ...(c.signed ? ["signed"] : [])].join(" ");
  const body = c.text
    .trim()
    .split("\n")
    .map((l) => `  ${l.trim()}`);
  const end = c.fails === undefined ? c.outputs.map((o) => spellTensor("out", o)) : [`fails ${c.fails}`];
  const seen = Array.from(c.views, ([view, fate]) => `view ${view} ${fate}`);
  return [head, ...body, ...c.inputs.map((i) => spellTensor("in", i)), ...end, ...seen].join("\n") + "\n";
}

const word = /"(?:[^"\\]|\\.)*"(?:\*\d+)?|[^\s"]+/g;

/** Throws with the line where a case cannot be read. */
function readTensor(line: string): NamedTensor {
  const head = /^(?:in|out) ("(?:[^"\\]|\\.)*") (\w+)\[([\d,]*)\] ?/.exec(line);
  if (!head || !isDType(head[2])) throw new Error(`not a tensor: ${line.slice(0, 80)}`);
  const dtype = head[2];
  const shape = head[3] === "" ? [] : head[3].split(",").map(Number);
  const words = (line.slice(head[0].length).match(word) ?? []).flatMap((w) => {
    const run = /^(.*)\*(\d+)$/.exec(w);
    return run ? new Array<string>(Number(run[2])).fill(run[1]) : [w];
  });
  const count = elementCount(shape) * (dtypes[dtype].kind === "complex" ? 2 : 1);
  if (words.length !== count) throw new Error(`${words.length} elements for ${dtype}[${shape.join(",")}]: ${line.slice(0, 80)}`);
  return { name: JSON.parse(head[1]) as string, value: elements(dtype, shape, words) };
}

function elements(dtype: DType, shape: readonly number[], words: readonly string[]): Tensor {
  if (dtype === "string") return { dtype, shape, data: words.map((w) => JSON.parse(w) as string) };
  if (dtype === "i64") return { dtype, shape, data: BigInt64Array.from(words, BigInt) };
  if (dtype === "u64") return { dtype, shape, data: BigUint64Array.from(words, BigInt) };
  const numbers = words.map((w) => Number(w.replace("inf", "Infinity").replace("nan", "NaN")));
  return fromNumbers(dtype, shape, numbers);
}

export function readCases(text: string): OpCase[] {
  return text
    .split(/^case /m)
    .slice(1)
    .map(readCase);
}

/** `view NAME FATE`. */
function readView(line: string): [View, string] {
  const [, name] = line.split(" ", 2);
  return [name as View, line.slice("view ".length + name.length + 1)];
}

function readCase(text: string): OpCase {
  const [head, ...lines] = text.split("\n");
  const [name, ...marks] = head.split(" ");
  const tensors = (kind: string) => lines.filter((l) => l.startsWith(`${kind} `)).map(readTensor);
  const fails = lines.find((l) => l.startsWith("fails "))?.slice(6);
  return {
    name,
    text: lines.filter((l) => l.startsWith("  ")).join("\n"),
    inputs: tensors("in"),
    outputs: tensors("out"),
    ...(fails !== undefined && { fails }),
    within: marks.includes("within") ? Number(marks[marks.indexOf("within") + 1]) : 0,
    signed: marks.includes("signed"),
    views: new Map(lines.filter((l) => l.startsWith("view ")).map(readView)),
  };
}
