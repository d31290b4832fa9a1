/** Types of, and facts about, one node's outputs, from the record of its operator or the rules of its primitive. */
import { DiagnosticError, fail, type Diagnostic } from "../../base/diagnostic.js";
import type { ValueType } from "../../base/value-type.js";
import type { Catalogue, Handle, OpRecord } from "../../ops/op.js";
import { isPrimitive, type PrimitiveName } from "../../ops/primitive.js";
import type { Fact, Knowledge } from "./facts.js";
import { rankedType, type Guard, type Node, type Value } from "../graph.js";
import { primitiveAttrs } from "../primitive-node.js";
import { nodeLabel, recordAttrs } from "../record-attrs.js";
import { SymbolicBuilder, type Emitter, type Symbolic } from "./symbolic-builder.js";

export interface NodeFacts {
  readonly types: readonly (ValueType | undefined)[];
  readonly facts: readonly (Fact | undefined)[];
  readonly guards: readonly Guard[];
  /** Why the node's meaning cannot be built here, where its types are known all the same. */
  readonly refused?: DiagnosticError;
}

/** Why nothing can be said: the operator is not described, or an operand's rank is unknown. */
export type Unknown = { readonly unknown: string };

const nowhere: Emitter<undefined> = { node: (_op, _inputs, _attrs, results) => results.map(() => undefined), constant: () => undefined };

/** Throws what the record or the primitive throws, with the node named. `if` and `loop` are the graph's business. */
export function inferNode(node: Node, catalogue: Catalogue, facts: Knowledge): NodeFacts | Unknown {
  const builder = new SymbolicBuilder(nowhere);
  try {
    return built(node, catalogue, facts, builder);
  } catch (e) {
    const { promised } = builder;
    if (!(e instanceof DiagnosticError) || !promised) throw e;
    const types = node.outputs.map((_, i) => promised[i] && ({ kind: "tensor", ...promised[i] } as const));
    return { types, facts: types.map((t) => t && followsFromData), guards: [], refused: e };
  }
}

function built(node: Node, catalogue: Catalogue, facts: Knowledge, builder: SymbolicBuilder<undefined>): NodeFacts | Unknown {
  const results = buildNode(node, catalogue, facts, builder, () => undefined);
  if ("unknown" in results) return results;
  return {
    types: results.map((h) => h && { kind: "tensor", dtype: h.dtype, shape: h.shape }),
    facts: results.map((h) => h && factOf(builder.own(h))),
    guards: builder.guards.map((g) => ({ ...g, message: `${node.op} "${nodeLabel(node)}": ${g.message}` })),
  };
}

function factOf({ elements, positions, known, sized }: Symbolic<undefined>): Fact {
  return elements || positions || known ? { elements, positions, known, sized } : sized ? followsFromSizes : followsFromData;
}

/** What is known of most values, one for all: the same knowledge is then the same object. */
const [followsFromSizes, followsFromData]: readonly Fact[] = [{ sized: true }, { sized: false }];

/** Runs a node's meaning against a builder. Shared by inference, which drops what is emitted, and decomposition. */
export function buildNode<T>(
  node: Node,
  catalogue: Catalogue,
  facts: Knowledge,
  builder: SymbolicBuilder<T>,
  behind: (v: Value) => T,
): readonly (Handle | undefined)[] | Unknown {
  const record = catalogue.get(node.op);
  if (!record && !isPrimitive(node.op)) return { unknown: `${node.op} has no record` };
  const operands: (Symbolic<T> | undefined)[] = [];
  for (const v of node.inputs) {
    const type = rankedType(v);
    if (v && !type) return { unknown: `the rank of "${v.name}" is not known` };
    operands.push(v && type && builder.operand(type.dtype, type.shape, behind(v), facts.constant(v), facts.fact(v)));
  }
  if (record?.constantsOnly && operands.some((x) => x && !x.known))
    return { unknown: `how much ${node.op} yields is known with its values` };
  return located(node, record, () =>
    record
      ? buildRecord(record, node, operands, builder)
      : builder.apply(node.op as PrimitiveName, operands as Symbolic<T>[], primitiveAttrs(node.attrs), true),
  );
}

function buildRecord<T>(record: OpRecord, node: Node, operands: readonly (Symbolic<T> | undefined)[], builder: SymbolicBuilder<T>) {
  const outputs = node.outputs.length;
  if (outputs > record.maxOutputs) fail("invalid-node", `it has ${outputs} outputs, ${record.op} has at most ${record.maxOutputs}`);
  const results = record.build(builder, padded(record, operands), recordAttrs(record, node), outputs);
  const missing = node.outputs.findIndex((v, i) => v && !results[i]);
  if (missing >= 0)
    fail(
      "invalid-node",
      `it names an output ${missing + 1}, "${node.outputs[missing]?.name}", which ${record.op} has not with these attributes`,
      {
        fix: "Correct the attribute that turns the output on (training_mode of BatchNormalization), or take the output away.",
      },
    );
  return results;
}

/** Trailing operands that the node leaves out, made explicit. */
function padded<T>(record: OpRecord, operands: readonly (T | undefined)[]): (T | undefined)[] {
  const fixed = record.inputs.filter((s) => !s.variadic).length;
  return operands.length >= fixed ? [...operands] : [...operands, ...new Array<undefined>(fixed - operands.length).fill(undefined)];
}

/** Puts the node's name into diagnostics thrown from inside its meaning, and words those of built-in formulas for the model's owner. */
function located<R>(node: Node, record: OpRecord | undefined, run: () => R): R {
  try {
    return run();
  } catch (e) {
    if (!(e instanceof DiagnosticError)) throw e;
    const label = nodeLabel(node);
    throw new DiagnosticError(
      e.diagnostics.map((raw) => {
        const d = record?.declaredAt ? raw : ofTheModel(raw);
        return d.location?.node !== undefined
          ? d
          : { ...d, message: `${node.op} "${label}": ${d.message}`, location: { ...d.location, node: label } };
      }),
    );
  }
}

/** What `formula-*` codes mean when the formula is Portolan's own: the model does not fit it, or hangs on open extents. */
const meanings: Readonly<Record<string, Pick<Diagnostic, "code" | "why" | "fix">>> = {
  "formula-type": {
    code: "type-mismatch",
    why: "ONNX converts no operand by itself: the operands of one node have the element types that its operator asks for.",
    fix: "Put a Cast in front of that operand in the model, or export it again.",
  },
  "formula-absent": {
    code: "operator-rule",
    why: "The operator reads its operands' axes and the entries of its lists by position, and there are too few of them.",
    fix: "Check the ranks of this node's operands and the lengths of its attributes; the model was written or edited wrongly.",
  },
  "formula-condition": {
    code: "dynamic-extent",
    why: "A limit of Portolan: the operator's code is chosen by this comparison when compiling.",
    fix: "Fix the extents with --dim or --shape.",
  },
};

function ofTheModel(d: Diagnostic): Diagnostic {
  const meaning = Object.hasOwn(meanings, d.code) ? meanings[d.code] : undefined;
  return meaning ? { ...d, ...meaning } : d;
}
