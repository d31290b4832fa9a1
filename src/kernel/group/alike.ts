/**
 * Groups that compute the same of values of the same types: the layers of a model are alike, and each of its groups is
 * scheduled once. The kernel of the first serves the others under names of their own.
 */
import { dimKey } from "../../base/dim.js";
import { spellType } from "../../ir/text/spelling.js";
import type { Value } from "../../ir/graph.js";
import type { ScheduleContext, Scheduled } from "../schedule/context.js";
import type { Kernel } from "../tile.js";
import type { Affine, Axis } from "./access.js";
import { argsOf, topological, type GroupBody, type GroupExpr } from "./expr.js";

type Naming = Pick<ScheduleContext, "name" | "origin">;

interface Model {
  readonly kernel: Kernel;
  /** For each buffer, which of the group's values it stands for. */
  readonly bind: readonly (readonly [buffer: string, place: number])[];
}

/** What has been scheduled so far, for one chip and one set of ranges. */
export class Alike {
  readonly #models = new Map<string, Model>();

  /** The kernels of a group: those of one like it, else what `make` gives. */
  scheduled(body: GroupBody, { name, origin }: Naming, make: () => readonly Scheduled[] | undefined): readonly Scheduled[] | undefined {
    const { text, values } = described(body);
    const model = this.#models.get(text);
    if (model) return [{ kernel: { ...model.kernel, name, origin }, bind: boundTo(model, values) }];
    const made = make();
    const first = made && modelOf(made, values, name);
    if (first) this.#models.set(text, first);
    return made;
  }
}

function boundTo({ bind }: Model, values: readonly Value[]): Scheduled["bind"] {
  return Object.fromEntries(bind.map(([buffer, place]) => [buffer, values[place]]));
}

/** Nothing where there are several kernels, which share values and names that belong to this group alone. */
function modelOf(made: readonly Scheduled[], values: readonly Value[], name: string): Model | undefined {
  const [{ kernel, bind }] = made;
  const places = Object.entries(bind).map(([buffer, v]) => [buffer, values.indexOf(v)] as const);
  const whole = values.every((_, i) => places.some(([, place]) => place === i)) && places.every(([, place]) => place >= 0);
  return made.length === 1 && kernel.name === name && whole ? { kernel, bind: places } : undefined;
}

/** All that the schedules see of a group: its loops, its expressions by number, its values by their order and type. */
function described({ parallel, reduced, outputs }: GroupBody): { readonly text: string; readonly values: readonly Value[] } {
  const values = new Map<Value, number>();
  const place = (v: Value): number => values.get(v) ?? (values.set(v, values.size), values.size - 1);
  const ids = new Map<GroupExpr, number>();
  const lines: string[] = [];
  for (const e of topological(outputs.map((o) => o.expr))) {
    lines.push(
      `${e.op} ${e.dtype} ${ownText(e, place)} ${argsOf(e)
        .map((a) => ids.get(a))
        .join(" ")}`,
    );
    ids.set(e, ids.size);
  }
  const stores = outputs.map((o) => `${place(o.value)} ${affineText(o.at)} ${ids.get(o.expr)}`);
  const types = [...values.keys()].map((v) => spellType(v.type));
  const text = [...loops(parallel), "reduced", ...loops(reduced), ...lines, "stores", ...stores, ...types].join("\n");
  return { text, values: [...values.keys()] };
}

function ownText(e: GroupExpr, place: (v: Value) => number): string {
  switch (e.op) {
    case "read":
      return `${place(e.value)} ${affineText(e.at)}`;
    case "const":
      return `${typeof e.value} ${Object.is(e.value, -0) ? "-0" : e.value}`;
    case "position":
      return affineText(e.at);
    case "host":
      return dimKey(e.value);
    case "point":
      return `${e.fn} ${e.round} ${e.overflow}`;
    case "reduce":
    case "scan":
      return e.fn;
    default:
      throw e satisfies never;
  }
}

function loops(axes: readonly Axis[]): string[] {
  return axes.map((a) => `${a.name} ${dimKey(a.extent)}`);
}

function affineText({ offset, terms }: Affine): string {
  return `${dimKey(offset)} ${terms.map((t) => `${t.axis.name}*${dimKey(t.step)}`).join(" ")}`;
}
