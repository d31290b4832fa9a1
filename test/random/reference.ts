/**
 * onnxruntime's word on a program. Where it has no kernel for an operator in some element type, or its binding takes no
 * such tensors, the operator runs between conversions to a wider type that holds every value; which those are,
 * onnxruntime itself says.
 */
import { dtypes, type DType } from "../../src/base/dtype.js";
import { toNumbers } from "../../src/base/float-formats.js";
import type { Tensor } from "../../src/base/tensor.js";
import { tensorValue } from "../../src/ir/build.js";
import { rankedType, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { loadOnnxruntime } from "../../src/verify/onnxruntime.js";
import { tensorOf } from "./values.js";

type Ort = NonNullable<Awaited<ReturnType<typeof loadOnnxruntime>>>;

/** Wider types in the order in which they are tried; f64 only where nothing wraps. */
const wider: Readonly<Partial<Record<DType, readonly DType[]>>> = {
  f16: ["f32"],
  bf16: ["f32"],
  bool: ["i32", "f32"],
  u8: ["i32", "i64", "f64"],
  i8: ["i32", "i64", "f64"],
  u16: ["i32", "i64", "f64"],
  i16: ["i32", "i64", "f64"],
  u32: ["i64", "f64"],
  i32: ["i64", "f64"],
};

/** Operators that give one of their operands' elements, or what a double holds. */
const wrapsNowhere = new Set(
  "Relu OneHot Max Min Clip ScatterND ScatterElements PRelu TopK Sign Abs Where Pad Trilu ReduceMax ReduceMin ArgMax ArgMin".split(" "),
);

const names: Readonly<Partial<Record<DType, string>>> = {
  f32: "float32",
  f16: "float16",
  i64: "int64",
  i32: "int32",
  u32: "uint32",
  i16: "int16",
  u16: "uint16",
  i8: "int8",
  u8: "uint8",
  bool: "bool",
};

/** How many types were found to have no kernel, for "Add i16". */
const missing = new Map<string, number>();

function widerFor(n: Node): DType | undefined {
  const type = mainType(n);
  const level = missing.get(keyOf(n)) ?? 0;
  // Its extremes of int64 are wrong beyond 32 bits.
  const types = type === "u32" && /^Reduce(Max|Min)$/.test(n.op) ? (["f64"] as const) : type && wider[type];
  const to = level > 0 ? types?.[level - 1] : undefined;
  return to === "f64" && !wrapsNowhere.has(n.op) ? undefined : to;
}

const mainType = (n: Node): DType | undefined =>
  n.inputs.map((v) => rankedType(v)?.dtype).find((t) => t !== undefined && t !== "bool") ?? rankedType(n.inputs[0])?.dtype;
const keyOf = (n: Node): string => `${n.op} ${mainType(n) ?? ""}`;

/** The graph with the nodes of `missing` kernels between conversions, and no bf16 at its border. */
function widened(graph: Graph): Graph {
  const nodes: Node[] = [];
  // Conversions that meet are merged even where that changes numbers (microsoft/onnxruntime issue 13418).
  const cast = (given: Value, to: Value): void => {
    const from = other(given, rankedType(given)?.dtype ?? "f32", `i${nodes.length}`);
    nodes.push({ op: "Identity", inputs: [given], outputs: [from], attrs: {}, origin: [from.name] });
    const code = BigInt(dtypes[rankedType(to)?.dtype ?? "f32"].onnx);
    nodes.push({ op: "Cast", inputs: [from], outputs: [to], attrs: { to: { kind: "int", value: code } }, origin: [to.name] });
  };
  const other = (v: Value, dtype: DType, mark: string): Value => tensorValue(`${v.name}_${mark}`, dtype, rankedType(v)?.shape);
  const isBrain = (v: Value): boolean => rankedType(v)?.dtype === "bf16";
  const inputs = graph.inputs.map((v) => {
    if (!isBrain(v)) return v;
    const given = other(v, "f32", "in");
    cast(given, v);
    return given;
  });
  graph.nodes.forEach((n, k) => {
    const type = mainType(n);
    const wide = widerFor(n);
    if (!wide) return void nodes.push(named(n, k));
    const operands = n.inputs.map((v, i) => {
      if (!v || rankedType(v)?.dtype !== type || (n.op === "Where" && i === 0)) return v;
      const w = other(v, wide, `w${k}_${i}`);
      cast(v, w);
      return w;
    });
    const results = n.outputs.map((v, i) => (v && rankedType(v)?.dtype === type ? other(v, wide, `r${k}_${i}`) : v));
    nodes.push(named({ ...n, inputs: operands, outputs: results }, k));
    n.outputs.forEach((v, i) => v && results[i] && results[i] !== v && cast(results[i] as Value, v));
  });
  const outputs = graph.outputs.map((v) => {
    if (!isBrain(v)) return v;
    const taken = other(v, "f32", "out");
    cast(v, taken);
    return taken;
  });
  return { ...graph, inputs, outputs, nodes };
}

const named = (n: Node, k: number): Node => ({ ...n, origin: [`node_${k}`] });

export type Answer = ReadonlyMap<Value, Tensor> | { readonly refused: string };

/** The graph's outputs as onnxruntime computes them, or why it does not. */
export async function reference(
  graph: Graph,
  inputs: ReadonlyMap<Value, Tensor>,
  level: "disabled" | "basic" = "disabled",
): Promise<Answer> {
  const ort = await loadOnnxruntime();
  if (!ort) throw new Error("onnxruntime-node is not installed");
  for (;;) {
    const wide = widened(graph);
    // The binding ends the process over a result that it has no array for.
    const odd = wide.outputs.find((v) => !((rankedType(v)?.dtype ?? "f32") in names));
    if (odd) return { refused: `its binding gives out no tensors like "${odd.name}"` };
    const bytes = Buffer.concat([...exportOnnx(wide)]);
    try {
      return await answer(ort, graph, wide, bytes, inputs, level);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const node = graph.nodes[lacking(said)] ?? graph.nodes.find((n) => inner(n, said));
      if (!node) return { refused: said.split("\n")[0] };
      missing.set(keyOf(node), (missing.get(keyOf(node)) ?? 0) + 1);
      if (!widerFor(node)) return { refused: said.split("\n")[0] };
    }
  }
}

/** The position of the node that has no kernel for its types, or whose operator the standard does not define on them. */
function lacking(said: string): number {
  const line = said.replaceAll("\n", " ");
  const at =
    /could not find an implementation for .*node with name '?node_(\d+)/i.exec(line) ??
    /Type '.*' of input parameter .* node \(node_(\d+)\)/.exec(line);
  return at ? Number(at[1]) : -1;
}

/** Some operators are functions of others, and the nodes inside have no name: "Less(13) node with name ''". */
const functions: Readonly<Record<string, readonly string[]>> = { Less: ["LessOrEqual"], Greater: ["GreaterOrEqual"] };

function inner(n: Node, said: string): boolean {
  const op = /implementation for (\w+)\(\d+\) node with name ''/.exec(said)?.[1];
  return op !== undefined && (functions[op]?.includes(n.op) ?? false) && mainType(n) !== "f32" && !missing.has(keyOf(n));
}

async function answer(
  ort: Ort,
  graph: Graph,
  wide: Graph,
  bytes: Buffer,
  inputs: ReadonlyMap<Value, Tensor>,
  level: "disabled" | "basic",
): Promise<Answer> {
  const session = await ort.InferenceSession.create(bytes, {
    graphOptimizationLevel: level,
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
  });
  try {
    const feeds: Record<string, InstanceType<Ort["Tensor"]>> = {};
    graph.inputs.forEach((v, i) => {
      const given = inputs.get(v);
      if (!given) throw new Error(`no value for ${v.name}`);
      const t = given.dtype === "bf16" ? tensorOf("f32", given.shape, Array.from(toNumbers(given))) : given;
      feeds[wide.inputs[i].name] = new ort.Tensor(names[t.dtype] as "float32", t.data as Float32Array, t.shape);
    });
    const results = await session.run(feeds, { logSeverityLevel: 4 });
    return new Map(graph.outputs.map((v, i) => [v, taken(results[wide.outputs[i].name] as OrtTensor, v)]));
  } finally {
    await session.release();
  }
}

interface OrtTensor {
  readonly dims: readonly number[];
  readonly data: unknown;
}

function taken(t: OrtTensor, v: Value): Tensor {
  const dtype = rankedType(v)?.dtype ?? "f32";
  const data = t.data as Uint8Array;
  if (dtype === "bf16") return tensorOf("bf16", t.dims, Array.from(data));
  if (dtype !== "f16") return { dtype, shape: [...t.dims], data };
  return { dtype, shape: [...t.dims], data: new Uint16Array(data.buffer, data.byteOffset, data.length) };
}
