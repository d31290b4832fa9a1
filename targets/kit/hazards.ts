/**
 * Finds where the units of a core must wait for each other: a data-flow analysis over a kernel's body. For every recent access
 * it knows which units have waited for it. Loops are followed until nothing changes.
 */
import type { Access, Entry, Fresh, InFront, Loop, Operation } from "./sheet.js";

/** How the units of a chip are kept in order. A sync is known by its name. */
export interface Ordering {
  /** What an operation waits for where it touches what `unit` did last; nothing where the hardware keeps their order. */
  readonly wants: (unit: string, operation: Operation) => string | undefined;
  /** The units that have waited for an access of `unit` once the sync is done; those of `known` had before. */
  readonly reaches: (sync: string, unit: string, known: ReadonlySet<string>) => readonly string[];
  /** Whether an access may still be under way when the next operation begins. */
  readonly lasts: (unit: string, access: Access) => boolean;
  /** Whether waits of a loop's body for what came before the loop stand in front of it. */
  readonly hoists: boolean;
}

interface Recent extends Access {
  readonly unit: string;
  /** Made by an earlier iteration of the row loop it belongs to. */
  readonly previous: boolean;
  /** Made before the loop under examination. */
  readonly entry: boolean;
  readonly known: ReadonlySet<string>;
}

type State = ReadonlyMap<string, Recent>;

const keyOf = (r: Recent) => `${r.on}|${r.unit}|${r.write}|${r.row ?? ""}|${r.previous}`;

function put(state: Map<string, Recent>, r: Recent): void {
  state.delete(keyOf(r));
  state.set(keyOf(r), r);
}

/** The lines of the syncs that stand in front of entries. */
export function findSyncs(body: readonly Entry[], ordering: Ordering, spell: (syncs: readonly string[]) => readonly string[]): InFront {
  const flow = new Flow(ordering);
  flow.run(body, new Map());
  return new Map([...flow.needs].map(([entry, syncs]) => [entry, spell([...syncs])]));
}

class Flow {
  readonly needs = new Map<Entry, Set<string>>();
  readonly #ordering: Ordering;

  constructor(ordering: Ordering) {
    this.#ordering = ordering;
  }

  run(body: readonly Entry[], start: State): State {
    return body.reduce<State>((state, entry) => this.#step(entry, state), start);
  }

  #step(entry: Entry, state: State): State {
    if (entry.kind === "operation") return this.#operation(entry, state);
    if (entry.kind === "loop") return this.#loop(entry, state);
    if (entry.kind === "branch") return join(this.run(entry.then, state), this.run(entry.otherwise, state));
    return this.#told(entry, state);
  }

  /** Behind what is no operation. */
  #told(entry: Entry, state: State): State {
    if (entry.kind === "fresh") return renewed(entry, state);
    return entry.kind === "order" ? this.#synced(state, entry.sync) : state;
  }

  #demand(entry: Entry, sync: string): void {
    this.needs.set(entry, (this.needs.get(entry) ?? new Set<string>()).add(sync));
  }

  #withNeeds(entry: Entry, state: State): State {
    return [...(this.needs.get(entry) ?? [])].reduce<State>((s, sync) => this.#synced(s, sync), state);
  }

  #operation(op: Operation, start: State): State {
    return this.#waiting(op, this.#withNeeds(op, start), ({ sync }) => this.#demand(op, sync));
  }

  /** Behind an operation and all that it waits for. */
  #waiting(op: Operation, start: State, tell: (wanted: Wanted) => void): State {
    let state = start;
    for (let wanted = this.#wanted(op, state); wanted; wanted = this.#wanted(op, state)) {
      tell(wanted);
      state = this.#synced(state, wanted.sync);
    }
    return this.#recorded(op, state);
  }

  #loop(loop: Loop, entry: State): State {
    if (this.#ordering.hoists) this.#hoistable(loop, entry).forEach((sync) => this.#demand(loop, sync));
    const start = this.#withNeeds(loop, entry);
    let [state, end] = [start, start];
    for (let before = "", round = 0; round < 16; round++) {
      end = this.run(loop.body, state);
      state = join(
        start,
        rename(end, (r) => (r.row !== undefined && r.row === loop.id ? { ...r, previous: true } : r)),
      );
      const after = `${[...this.needs.values()].reduce((n, s) => n + s.size, 0)};${serialise(state)}`;
      if (after === before) break;
      before = after;
    }
    return rename(loop.always ? end : state, (r) =>
      r.row !== undefined && r.row === loop.id ? { ...r, row: undefined, previous: false } : r,
    );
  }

  /** What the accesses before a loop make its body wait for. */
  #hoistable(loop: Loop, entry: State): ReadonlySet<string> {
    const found = new Set<string>();
    const visit = (body: readonly Entry[], start: State): State =>
      body.reduce<State>((state, e) => {
        if (e.kind === "loop") return visit(e.body, state);
        if (e.kind === "branch") return join(visit(e.then, state), visit(e.otherwise, state));
        if (e.kind !== "operation") return this.#told(e, state);
        return this.#waiting(e, state, (wanted) => wanted.entry && found.add(wanted.sync));
      }, start);
    visit(
      loop.body,
      rename(entry, (r) => ({ ...r, entry: true })),
    );
    return found;
  }

  /** The sync the latest conflicting access asks for, if any. */
  #wanted(op: Operation, state: State): Wanted | undefined {
    for (const recent of [...state.values()].reverse()) {
      if (recent.known.has(op.unit) || !op.touches.some((touch) => conflicts(touch, recent))) continue;
      const sync = this.#ordering.wants(recent.unit, op);
      if (sync !== undefined) return { sync, entry: recent.entry };
    }
    return undefined;
  }

  #synced(state: State, sync: string): State {
    const after = (r: Recent): Recent => {
      const reached = this.#ordering.reaches(sync, r.unit, r.known);
      return reached.length > 0 ? { ...r, known: new Set([...r.known, ...reached]) } : r;
    };
    return new Map([...state].map(([key, r]) => [key, after(r)]));
  }

  #recorded({ unit, touches }: Operation, state: State): State {
    const next = new Map(state);
    for (const touch of touches.filter((t) => this.#ordering.lasts(unit, t)))
      put(next, { ...touch, unit, previous: false, entry: false, known: new Set() });
    return next;
  }
}

interface Wanted {
  readonly sync: string;
  /** For what came before the loop. */
  readonly entry: boolean;
}

/** A buffer as it is given: as if the unit that waited for it had written it. */
function renewed({ on, by }: Fresh, state: State): State {
  const next = new Map([...state].filter(([, r]) => !on.includes(r.on)));
  for (const name of on) put(next, { on: name, unit: by, write: true, previous: false, entry: false, known: new Set([by]) });
  return next;
}

function conflicts(touch: Access, recent: Recent): boolean {
  if (touch.on !== recent.on || (!touch.write && !recent.write)) return false;
  return !(recent.previous && touch.row !== undefined && recent.row === touch.row);
}

function rename(state: State, change: (r: Recent) => Recent): State {
  const next = new Map<string, Recent>();
  for (const r of state.values()) {
    const changed = change(r);
    const had = next.get(keyOf(changed));
    put(next, had ? meet(had, changed) : changed);
  }
  return next;
}

function meet(a: Recent, b: Recent): Recent {
  return { ...a, entry: a.entry && b.entry, known: new Set([...a.known].filter((unit) => b.known.has(unit))) };
}

function join(a: State, b: State): State {
  const next = new Map(a);
  for (const [key, r] of b) {
    const had = a.get(key);
    next.delete(key);
    next.set(key, had ? meet(had, r) : r);
  }
  return next;
}

function serialise(state: State): string {
  return [...state.values()]
    .map((r) => `${keyOf(r)}:${[...r.known].sort().join("")}`)
    .sort()
    .join(",");
}
