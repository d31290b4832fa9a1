/**
 * What is said of an operator that no chip carries out: what stands in its way and what the user can do, by the kind of
 * operator. Advice is given only where following it helps.
 */
import { problem, type Diagnostic } from "../base/diagnostic.js";
import { closest } from "../base/suggest.js";
import type { Graph, Node, Value } from "../ir/graph.js";
import { sourcesOf } from "../ir/sources.js";
import { eachGraph, subgraphsOf } from "../ir/walk.js";
import type { Catalogue } from "../ops/op.js";

interface Unsupported {
  /** What stands in the way, to follow the node's name. */
  readonly what: string;
  readonly why?: string;
  readonly fix: string;
  /** What would carry it out: a formula or kernel for the operator, or another model. */
  readonly needs: "kernel" | "rewrite";
}

/** Operators whose output has as many elements as the values say. */
const countedByValues: ReadonlySet<string> = new Set(["NonZero", "Unique", "Compress", "NonMaxSuppression"]);

/** Why a node of the graph cannot be compiled. The catalogue offers the names that a misspelt one may mean. */
export function unsupported(node: Node, graph: Graph, catalogue: Catalogue): Unsupported {
  if (node.op === "If")
    return {
      what: "its condition is not known when compiling, and one of its branches does not fit these shapes",
      why: "A condition that is known leaves one branch, which is compiled.",
      fix: frozen(node.inputs[0], graph, "true"),
      needs: "rewrite",
    };
  if (subgraphsOf(node).length > 0)
    return {
      what: "its body is not run here",
      why: "Bodies of If, Loop and Scan are compiled; of other operators, and of a Scan that takes or collects rows of unknown rank, they are not.",
      fix: "Export the model with the body written out or with ranks that are known, or run this part on the host.",
      needs: "rewrite",
    };
  if (countedByValues.has(node.op))
    return {
      what: "the extents of its output depend on the values of its input",
      why: "Memory is laid out from the shapes of the inputs, before any value is known.",
      fix: `${frozen(node.inputs[0], graph, "VALUE")} Otherwise end the model before this node and run the rest on the host.`,
      needs: "rewrite",
    };
  return withoutMeaning(node.op, catalogue);
}

/** Faults that hang on integers which the program would read back, and those that do where they name one. */
const hangOnReads: ReadonlySet<string> = new Set(["unknown-shape", "data-dependent-shape"]);
const mayHangOnReads: ReadonlySet<string> = new Set(["dynamic-extent", "shaping-operand-unknown"]);

/** Faults of a graph that reads integers back, with how to make those known. */
export function besideReads(faults: readonly Diagnostic[], graph: Graph): readonly Diagnostic[] {
  const read = new Set<Value>();
  eachGraph(graph, (g) => g.nodes.forEach((n) => n.op === "read" && n.inputs[0] && read.add(n.inputs[0])));
  if (read.size === 0) return faults;
  const names = [...read].map((v) => `"${v.name}"`).slice(0, mostNamed);
  const why = `Data decide ${names.join(", ")}${read.size > mostNamed ? " and more" : ""}, which the program reads back to know how large the rest is.`;
  const values = new Set([...read].flatMap((v) => sourcesOf(v, graph).values.map((x) => x.name)));
  const fix =
    values.size === 0 ? undefined : `Fix what they are computed from with ${[...values].map((x) => `--freeze ${x}=VALUE`).join(" ")}.`;
  const concerns = ({ code, message }: Diagnostic): boolean =>
    hangOnReads.has(code) || (mayHangOnReads.has(code) && [...read].some((v) => message.includes(`${v.name}[`)));
  return faults.map((d) => (concerns(d) ? { ...d, why, ...(fix && { fix }) } : d));
}

/** How many values a message names. */
const mostNamed = 3;

/** What is said of an If of which a branch cannot be compiled, before what is said of the branch. */
export function unsupportedBranch(node: Node, graph: Graph): Diagnostic {
  const name = node.origin[0] ?? node.op;
  return problem("unsupported-op", `If "${name}": its condition is not known when compiling, and one of its branches cannot be compiled`, {
    location: { node: name },
    why: "A condition that is known leaves one branch, which is compiled; else both must be.",
    fix: frozen(node.inputs[0], graph, "true"),
  });
}

/** Operators that no formula of ours describes, by what keeps them from a chip. */
const undescribed: readonly (Pick<Unsupported, "what" | "fix" | "needs"> & { readonly ops: string })[] = [
  {
    ops: "SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength ConcatFromSequence SplitToSequence Optional OptionalGetElement OptionalHasElement",
    what: "sequences and optionals are not compiled",
    fix: "Export the model with tensors in their place: Concat and Split with a fixed number of parts.",
    needs: "rewrite",
  },
  {
    ops: "StringConcat StringNormalizer StringSplit RegexFullMatch TfIdfVectorizer ImageDecoder",
    what: "text and files are not read on a chip",
    fix: "End the model after this node or begin it there, and run it on the host.",
    needs: "rewrite",
  },
  {
    ops: "RandomNormal RandomNormalLike RandomUniform RandomUniformLike Bernoulli Multinomial",
    what: "random numbers are not drawn on a chip",
    fix: "Make what it draws an input of the model, and draw it on the host.",
    needs: "rewrite",
  },
  {
    ops: "BitCast DeformConv Det MaxRoiPool RoiAlign",
    what: "Portolan does not carry out this operator of ONNX yet",
    fix: "Run it on the host: end one model before this node and begin another after it.",
    needs: "kernel",
  },
  {
    ops: "com.microsoft::QAttention com.microsoft::QEmbedLayerNormalization",
    what: "Portolan does not carry out this operator, in which onnxruntime quantises a layer that its optimiser has fused",
    fix: "Quantise the model as it was exported, without onnxruntime's transformer optimiser: its products are then MatMulInteger, or DequantizeLinear in front of MatMul.",
    needs: "kernel",
  },
  {
    ops: "com.microsoft::DynamicQuantizeLSTM",
    what: "Portolan does not carry out an LSTM that quantises its state anew at every step",
    fix: "Leave LSTM out of what is quantised: quantize_dynamic(..., op_types_to_quantize=['MatMul', 'Gemm', 'Conv']).",
    needs: "kernel",
  },
  {
    ops: "com.microsoft::MatMulBnb4",
    what: "Portolan does not carry out products with weights in NF4 or FP4, whose levels do not lie evenly",
    fix: "Hold the weights in int4 instead: portolan quantize --scheme w4a16, or onnxruntime's MatMulNBits quantiser.",
    needs: "kernel",
  },
];

/** An operator that nobody describes: one of the standard's, one of onnxruntime's own, or a stranger that may be misspelt. */
function withoutMeaning(op: string, catalogue: Catalogue): Unsupported {
  const known = undescribed.find(({ ops }) => ops.split(" ").includes(op));
  if (known) return { what: known.what, fix: known.fix, needs: known.needs };
  const domain = op.slice(0, Math.max(0, op.lastIndexOf("::")));
  const near = closest(
    op,
    [...catalogue.keys()].filter((name) => name.slice(0, Math.max(0, name.lastIndexOf("::"))) === domain),
  );
  if (domain === "com.microsoft")
    return {
      what: `Portolan has no meaning for this operator of onnxruntime's own${near}`,
      fix: "Export the model without onnxruntime's optimiser, which puts it in place of standard operators, or describe it with --ops my-ops.ts.",
      needs: "kernel",
    };
  if (domain === "")
    return {
      what: `ONNX has no operator of this name${near}`,
      fix: "Correct the name, or describe what it means with --ops my-ops.ts.",
      needs: "kernel",
    };
  return {
    what: `Portolan has no meaning for this operator${near}`,
    fix: "If it computes numbers element by element or by sums, give it a formula: portolan compile ... --ops my-ops.ts",
    needs: "kernel",
  };
}

/** How to make a value known: by the names of the model's inputs that it is computed from. */
function frozen(v: Value | undefined, graph: Graph, value: string): string {
  if (v && graph.inputs.includes(v)) return `Fix it with --freeze ${v.name}=${value}.`;
  const { values, shapes } = v ? sourcesOf(v, graph) : { values: [], shapes: [] };
  const wanted = [...values.map((x) => `--freeze ${x.name}=VALUE`), ...shapes.map((x) => `--shape ${x.name}:SIZES`)];
  if (wanted.length === 0)
    return "Nothing that the model is given decides it: it is computed from random numbers or from a body of its own.";
  return `Fix what it is computed from with ${wanted.join(" ")}.`;
}
