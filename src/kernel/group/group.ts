/**
 * Cuts a graph of primitives and library calls into units: calls left alone, reshapes that are mere views, and groups
 * of primitives that become kernels. A producer joins the group of its users when all of them are there, when the
 * group's loops can address its operands, and when nothing is computed many times for it.
 */
import { listIn } from "../../base/maps.js";
import type { Range } from "../../base/dim-bounds.js";
import { fail, invariant } from "../../base/diagnostic.js";
import { finishNow, type Steps } from "../../base/steps.js";
import { dimsAttr, type Graph, type Node, type Value } from "../../ir/graph.js";
import { movementOps } from "./access.js";
import { Alike } from "./alike.js";
import type { Caps } from "../caps.js";
import { buildGroup, dtypeOf, isEmpty, isFusible, splatOf } from "./build.js";
import { topological, type GroupBody } from "./expr.js";
import { apartFrom, identifier, stemApartFrom } from "./names.js";
import { simplifyPrimitives } from "./simplify.js";
import type { ScheduleContext, Scheduled } from "../schedule/context.js";
import { modeOf } from "../schedule/lanes.js";
import { withForms } from "../forms.js";
import { scheduleNode } from "../schedule/node.js";
import { isWorthwhile, scheduleGroup } from "../schedule/schedule.js";
import { isMovement, storedHalves, type Role } from "../storage.js";
import type { Kernel } from "../tile.js";

export interface KernelUnit {
  readonly kind: "kernels";
  /** In launch order, with the value behind every buffer name. */
  readonly kernels: readonly { readonly kernel: Kernel; readonly bind: Readonly<Record<string, Value>> }[];
  /** Values that live between these kernels only. */
  readonly temps: readonly Value[];
  /** The graph's nodes it stands for. */
  readonly nodes: readonly Node[];
}

interface NodeUnit {
  readonly kind: "node";
  readonly node: Node;
}

/** The same bytes under another shape. */
interface AliasUnit {
  readonly kind: "alias";
  readonly value: Value;
  readonly of: Value;
}

export type Unit = KernelUnit | NodeUnit | AliasUnit;

export interface PlanOptions {
  readonly caps: Caps;
  readonly isLibrary: (n: Node) => boolean;
  readonly ranges: (symbol: string) => Range | undefined;
  /** Begins the name of every kernel: a C identifier or empty. */
  readonly prefix: string;
  /** Whole names that are taken by others. */
  readonly reserved?: readonly string[];
  /** The half form in which an f32 value may lie in memory; undefined where it stays f32. */
  readonly storedAs?: (v: Value) => Value | undefined;
}

interface Group {
  readonly root: Node;
  readonly nodes: Set<Node>;
}

/** Largest groups: more operands than this leave too little scratchpad a tile. */
const mostReads = 8;
const mostExprs = 96;

/** Units in an order in which every value is made before it is read. */
export function planUnits(graph: Graph, options: PlanOptions): readonly Unit[] {
  return finishNow(unitSteps(graph, options));
}

/** `planUnits` with a pause after each node. */
export function* unitSteps(graph: Graph, options: PlanOptions): Steps<readonly Unit[]> {
  return yield* new Planner(graph, options).plan();
}

class Planner {
  readonly #graph: Graph;
  readonly #options: PlanOptions;
  readonly #nodes: readonly Node[];
  readonly #originals: ReadonlyMap<Node, Node>;
  readonly #constants: Graph["constants"];
  readonly #apart: ReadonlySet<Value>;
  readonly #producer = new Map<Value, Node>();
  readonly #users = new Map<Value, Node[]>();
  /** The groups a node is computed in; none: it stands alone. */
  readonly #groups = new Map<Node, Set<Group>>();
  readonly #rooted = new Map<Node, Group>();
  /** Names that a kernel bears or that are reserved for others. */
  readonly #taken: Set<string>;
  readonly #intStem: string;
  /** Values that lie in memory as halves, and their half forms. */
  #stored: ReadonlyMap<Value, Value> = new Map();
  #halves: ReadonlySet<Value> = new Set();
  /** Where a node stands among all. */
  readonly #places: ReadonlyMap<Node, number>;
  readonly #alike = new Alike();
  readonly #splats = new Map<Value, number | bigint | undefined>();

  constructor(graph: Graph, options: PlanOptions) {
    this.#graph = graph;
    this.#options = options;
    this.#taken = new Set(options.reserved);
    const simple = simplifyPrimitives(graph, options.isLibrary, options.caps);
    this.#nodes = simple.nodes;
    this.#originals = simple.originals;
    this.#constants = simple.constants;
    this.#apart = simple.apart;
    this.#intStem = stemApartFrom(graph.symbols.map((s) => s.name));
    this.#places = new Map(this.#nodes.map((n, i) => [n, i]));
    for (const n of this.#nodes) {
      for (const v of n.outputs) if (v) this.#producer.set(v, n);
      for (const v of n.inputs) if (v) listIn(this.#users, v).push(n);
    }
  }

  *plan(): Steps<readonly Unit[]> {
    for (const n of [...this.#nodes].reverse()) {
      this.#assign(n);
      yield;
    }
    this.#stored = storedHalves({
      graph: this.#graph,
      nodes: this.#nodes,
      storedAs: this.#options.storedAs ?? (() => undefined),
      roleOf: (n) => this.#roleOf(n),
    });
    this.#halves = new Set(this.#stored.values());
    const units: Unit[] = [];
    for (const n of this.#nodes) {
      units.push(...this.#unitsOf(n));
      yield;
    }
    return units;
  }

  /** What becomes of a node, for the forms in which values lie in memory. */
  #roleOf(n: Node): Role {
    if (!this.#isGrouped(n)) return this.#options.isLibrary(n) || !isMovement(n) ? "other" : "movement";
    if (this.#isAlias(n)) return "movement";
    return this.#rooted.has(n) ? "root" : "inner";
  }

  #placeOf(n: Node): number {
    return this.#places.get(n) ?? 0;
  }

  #lying(v: Value): Value {
    return this.#stored.get(v) ?? v;
  }

  #isGrouped(n: Node): boolean {
    return isFusible(n) && !this.#options.isLibrary(n);
  }

  /** Joins the users' groups where possible, else begins a group. */
  #assign(n: Node): void {
    if (!this.#isGrouped(n)) return;
    const joined = this.#joinable(n);
    if (joined) {
      joined.forEach((g) => g.nodes.add(n));
      this.#groups.set(n, new Set(joined));
      return;
    }
    const group: Group = { root: n, nodes: new Set([n]) };
    this.#groups.set(n, new Set([group]));
    this.#rooted.set(n, group);
  }

  #joinable(n: Node): readonly Group[] | undefined {
    const [out] = n.outputs;
    invariant(out, `${n.op} has an output`);
    const users = this.#users.get(out) ?? [];
    if (this.#graph.outputs.includes(out) || this.#apart.has(out) || users.length === 0 || isEmpty(out)) return undefined;
    if (users.some((u) => !this.#isGrouped(u) || this.#isAlias(u))) return undefined;
    const groups = new Set(users.flatMap((u) => [...(this.#groups.get(u) ?? [])]));
    if (groups.size > 1 && !movementOps.has(n.op) && n.op !== "iota") return undefined;
    const all = [...groups];
    return all.every((g) => this.#accepts(g, n)) ? all : undefined;
  }

  /** A reshape that roots its group shows its operand's bytes; a number of a kernel's own has none. */
  #isAlias(n: Node): boolean {
    const [of] = n.inputs;
    return n.op === "reshape" && this.#rooted.has(n) && of !== undefined && !this.#isOwn(of);
  }

  /** A constant that simplifying made: kernels hold it, and it lies nowhere. */
  #isOwn(v: Value): boolean {
    return this.#constants.has(v) && !this.#graph.constants.has(v);
  }

  #accepts(group: Group, n: Node): boolean {
    const built = this.#build(group.root, new Set([...group.nodes, n]));
    if (!built) return false;
    const all = topological(built.outputs.map((o) => o.expr));
    const reads = new Set(all.flatMap((e) => (e.op === "read" ? [e] : [])));
    return reads.size <= mostReads && all.length <= mostExprs && isWorthwhile(built, this.#options.caps) && this.#staysVector(group, built);
  }

  /** A 64-bit mask would take all that it is multiplied with to the scalar unit: it is converted apart. */
  #staysVector({ root, nodes }: Group, built: GroupBody): boolean {
    const { caps } = this.#options;
    if (modeOf(built, caps) === "vector") return true;
    const before = this.#build(root, nodes);
    return before !== undefined && modeOf(before, caps) === "scalar";
  }

  #build(root: Node, inlined: ReadonlySet<Node>): GroupBody | undefined {
    const [out] = root.outputs;
    invariant(out, `${root.op} has an output`);
    const [producer, stored] = [this.#producer, this.#stored];
    const built = buildGroup({ root: out, inlined, producer, stored, splat: this.#splat });
    return built.kind === "body" ? built.body : undefined;
  }

  readonly #splat = (v: Value): number | bigint | undefined => {
    const c = this.#constants.get(v);
    if (!c) return undefined;
    if (!this.#splats.has(v)) this.#splats.set(v, splatOf(c, dtypeOf(v)));
    return this.#splats.get(v);
  };

  /** An extents tensor of one element that only groups read: they take the number from the host. */
  #isHostOnly(n: Node): boolean {
    const [out] = n.outputs;
    if (n.op !== "dims" || !out || dimsAttr(n, "value")?.length !== 1 || this.#graph.outputs.includes(out)) return false;
    return (this.#users.get(out) ?? []).every((u) => this.#isGrouped(u) && !this.#isAlias(u));
  }

  #unitsOf(n: Node): readonly Unit[] {
    if (this.#options.isLibrary(n) || n.op === "if" || n.op === "loop") return [{ kind: "node", node: this.#originals.get(n) ?? n }];
    if (this.#isHostOnly(n)) return [];
    if (!this.#isGrouped(n)) {
      const lying = { ...n, inputs: n.inputs.map((v) => v && this.#lying(v)), outputs: n.outputs.map((v) => v && this.#lying(v)) };
      return [
        this.#kernels(
          [n],
          withForms([n], () => scheduleNode(lying, this.#constants, this.#context(n, [n]))),
          n,
        ),
      ];
    }
    const group = this.#rooted.get(n);
    return group ? this.#groupUnits(group) : [];
  }

  #groupUnits(group: Group): readonly Unit[] {
    const { root } = group;
    const [value] = root.outputs;
    const [of] = root.inputs;
    if (value && of && this.#isAlias(root)) return this.#view(value, of);
    const nodes = [...group.nodes].sort((a, b) => this.#placeOf(a) - this.#placeOf(b));
    if (value && isEmpty(value)) return [this.#kernels(nodes, [], root)];
    const body = this.#build(root, group.nodes);
    const whole = body && this.#asView(body);
    if (whole) return this.#view(...whole);
    const scheduled = body && this.#scheduled(body, root, nodes);
    if (scheduled || nodes.length === 1) return [this.#kernels(nodes, scheduled, root)];
    const before = this.#beforeRoot(group);
    return before ? [...this.#groupUnits(before), ...this.#alone(root)] : nodes.flatMap((n) => this.#alone(n));
  }

  /** What a group is without its root, where one node of it makes all that the root reads of them. */
  #beforeRoot({ root, nodes }: Group): Group | undefined {
    const made = [...new Set(root.inputs)].flatMap((v) => (v && this.#producer.get(v)) ?? []);
    const [before, ...more] = made.filter((n) => nodes.has(n));
    return before && more.length === 0 ? { root: before, nodes: new Set([...nodes].filter((n) => n !== root)) } : undefined;
  }

  /** Nothing where the form in which the value lies is the other's own: an input's f32 reading that lies as the half it comes from. */
  #view(v: Value, source: Value): readonly AliasUnit[] {
    const [value, of] = [this.#lying(v), this.#lying(source)];
    return value === of ? [] : [{ kind: "alias", value, of }];
  }

  /** A copy that changes nothing shows what it copies. */
  #asView({ outputs: [o], elements }: GroupBody): readonly [value: Value, of: Value] | undefined {
    if (o.expr.op !== "read") return undefined;
    const same = `${elements(o.value)}` === `${elements(o.expr.value)}` && describe(o.at) === describe(o.expr.at);
    return same ? [o.value, o.expr.value] : undefined;
  }

  #alone(n: Node): readonly Unit[] {
    const [value] = n.outputs;
    const [of] = n.inputs;
    const made = of && this.#producer.get(of);
    const lies = of && !this.#isOwn(of) && (made === undefined || !this.#isHostOnly(made));
    if (n.op === "reshape" && value && lies && this.#stored.has(value) === this.#stored.has(of)) return this.#view(value, of);
    const body = this.#build(n, new Set([n]));
    return [this.#kernels([n], body && this.#scheduled(body, n, [n]), n)];
  }

  #scheduled(body: GroupBody, root: Node, nodes: readonly Node[]): readonly Scheduled[] | undefined {
    const context = this.#context(root, nodes);
    return this.#alike.scheduled(body, context, () => withForms(nodes, () => scheduleGroup(body, context)));
  }

  #context(root: Node, nodes: readonly Node[]): ScheduleContext {
    const { caps, ranges, prefix } = this.#options;
    const intStem = this.#intStem;
    const origin = [...new Set(nodes.flatMap((n) => n.origin))];
    const name = apartFrom(identifier(`${prefix}${root.outputs[0]?.name ?? root.op}`), this.#taken);
    return { caps, ranges, intStem, name, origin };
  }

  /** A name derived from a group's may be another group's own: of an output y, axis 4, and of an output y_4. */
  #uniquelyNamed({ kernel, bind }: Scheduled): Scheduled {
    const name = apartFrom(kernel.name, this.#taken);
    this.#taken.add(name);
    return { kernel: { ...kernel, name }, bind };
  }

  #kernels(nodes: readonly Node[], scheduled: readonly Scheduled[] | undefined, root: Node): KernelUnit {
    if (!scheduled)
      return fail("no-schedule", `${root.op} "${root.outputs[0]?.name ?? ""}" fits no schedule on ${this.#options.caps.chip}`, {
        why: `its tiles do not fit ${this.#options.caps.local.bytes} bytes of scratchpad, or it takes more arguments than a launch does`,
        fix: "give the dimensions it depends on constant values, or let the library claim the operator",
        location: { node: root.origin[0] },
      });
    const written = scheduled.flatMap(({ kernel, bind }) => kernel.buffers.filter((b) => b.access !== "read").map((b) => bind[b.name]));
    const temps = [...new Set(written)].filter((v) => !this.#producer.has(v) && !this.#halves.has(v));
    const originals = [...new Set(nodes.map((n) => this.#originals.get(n) ?? n))];
    return { kind: "kernels", kernels: scheduled.map((s) => this.#uniquelyNamed(s)), temps, nodes: originals };
  }
}

function describe(at: GroupBody["outputs"][number]["at"]): string {
  return [`${at.offset}`, ...at.terms.map((t) => `${t.axis.name}:${t.step}`).sort()].join(" ");
}
