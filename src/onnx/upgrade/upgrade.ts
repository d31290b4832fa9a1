/** Runs a node of any opset through its steps and appends it, with the nodes its upgrade needs, to the graph being built. */
import type { Tensor } from "../../base/tensor.js";
import type { ValueType } from "../../base/value-type.js";
import { constData } from "../../ir/build.js";
import type { Attr, ConstData, Node, Value } from "../../ir/graph.js";
import type { Draft, Maker } from "./draft.js";
import { hintsOf, type Hint, type HintReader } from "./hints.js";
import { upgrades } from "./table.js";

/** The opset whose forms the Graph uses; the newest one that the table knows. */
export const internalOpset = 28;

/** Constants above this are not looked into while importing. */
const smallConstant = 4096;

/** A graph under construction. */
export interface Body {
  readonly nodes: Node[];
  readonly constants: Map<Value, ConstData>;
}

/** What the importer lends to upgrades: fresh names, who reads what, constants of enclosing graphs. */
export interface UpgradeHost {
  freshValue(like: string, type: ValueType): Value;
  isRead(v: Value): boolean;
  constant(v: Value): ConstData | undefined;
}

export class Upgrader implements HintReader {
  readonly #host: UpgradeHost;
  readonly #hints = new Map<Value, Hint>();
  /** Constants that upgrades put in. */
  readonly #made = new Map<Value, ConstData>();

  constructor(host: UpgradeHost) {
    this.#host = host;
  }

  hint(v: Value | undefined): Hint {
    if (!v) return {};
    const { type } = v;
    const declared: Hint = type.kind === "tensor" ? { dtype: type.dtype, rank: type.shape?.length, length: fixedLength(type.shape) } : {};
    const derived = this.#hints.get(v) ?? {};
    return { dtype: declared.dtype ?? derived.dtype, rank: declared.rank ?? derived.rank, length: declared.length ?? derived.length };
  }

  constant(v: Value | undefined): ConstData | undefined {
    return v && (this.#made.get(v) ?? this.#host.constant(v));
  }

  /** Appends an ai.onnx node of opset `version` in its newest form. */
  add(draft: Draft, version: number, origin: readonly string[], body: Body): void {
    const steps = Object.hasOwn(upgrades, draft.op) ? upgrades[draft.op] : [];
    const step = steps.find((s) => version < s.before);
    if (!step) return this.append(draft, origin, body);
    const later: Draft[] = [];
    const next = step.rewrite(draft, this.#maker(origin, body, later));
    if (next) this.add(next, step.before, origin, body);
    for (const draft of later) this.append(draft, origin, body);
  }

  /** Appends a node as it stands. */
  append(draft: Draft, origin: readonly string[], body: Body, version?: number): void {
    const [inputs, outputs] = [trimmed(draft.inputs), trimmed(draft.outputs)];
    body.nodes.push({ ...draft, inputs, outputs, origin, ...(version === undefined ? {} : { version }) });
    if (version !== undefined) return;
    hintsOf(draft, this).forEach((hint, i) => {
      const v = draft.outputs[i];
      if (v) this.#hints.set(v, hint);
    });
  }

  #maker(origin: readonly string[], body: Body, later: Draft[]): Maker {
    const label = origin[0] ?? "";
    const fresh = (like?: Value, type: ValueType = { kind: "unknown" }): Value => this.#host.freshValue(like?.name ?? label, type);
    return {
      label,
      fresh,
      constant: (value: Tensor) => {
        const v = fresh(undefined, { kind: "tensor", dtype: value.dtype, shape: value.shape });
        const data = constData(value);
        body.constants.set(v, data);
        this.#made.set(v, data);
        return v;
      },
      before: (op, inputs, attrs: Readonly<Record<string, Attr>> = {}) => {
        const output = fresh();
        this.append({ op, inputs, outputs: [output], attrs }, origin, body);
        return output;
      },
      after: (op, inputs, outputs, attrs = {}) => void later.push({ op, inputs, outputs, attrs }),
      dtypeOf: (v) => this.hint(v).dtype,
      rankOf: (v) => this.hint(v).rank,
      known: (v) => {
        const data = this.constant(v);
        return data && data.shape.reduce((a, b) => a * b, 1) <= smallConstant ? data.load() : undefined;
      },
      isRead: (v) => v !== undefined && this.#host.isRead(v),
    };
  }
}

function fixedLength(shape: readonly unknown[] | undefined): number | undefined {
  return shape?.length === 1 && typeof shape[0] === "number" ? shape[0] : undefined;
}

/** Without the absent ones at the end, which say nothing. */
function trimmed<T>(list: readonly (T | undefined)[]): readonly (T | undefined)[] {
  return list.slice(0, list.findLastIndex((x) => x !== undefined) + 1);
}
