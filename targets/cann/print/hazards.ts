/**
 * Finds the synchronisation a body needs: an event where one pipe must wait for another, a barrier between vector
 * instructions that depend on each other (arch 2201 does not order them). A data-flow analysis over the statements:
 * for every recent access it knows which pipes have waited for it. Loops are followed until nothing changes; what an
 * access before a loop requires is waited for once, in front of it.
 */
import type { Access, Code, Pipe } from "./code.js";

/** "MTE2_V" waits with an event, "V" with PipeBarrier<PIPE_V>. */
export type Sync = string;

interface Recent {
  readonly on: string;
  readonly pipe: Pipe;
  readonly write: boolean;
  readonly row: number | undefined;
  /** Made by an earlier iteration of the row loop it belongs to. */
  readonly previous: boolean;
  /** Made before the loop under examination. */
  readonly entry: boolean;
  readonly known: ReadonlySet<Pipe>;
}

type State = ReadonlyMap<string, Recent>;

const keyOf = (r: Recent) => `${r.on}|${r.pipe}|${r.write}|${r.row ?? ""}|${r.previous}`;

function put(state: Map<string, Recent>, r: Recent): void {
  state.delete(keyOf(r));
  state.set(keyOf(r), r);
}

/** The syncs to print in front of each statement. */
export function findSyncs(body: readonly Code[]): ReadonlyMap<Code, ReadonlySet<Sync>> {
  const flow = new Flow();
  flow.run(body, new Map());
  return flow.needs;
}

class Flow {
  readonly needs = new Map<Code, Set<Sync>>();

  run(body: readonly Code[], start: State): State {
    return body.reduce<State>((state, code) => this.#step(code, state), start);
  }

  #step(code: Code, state: State): State {
    switch (code.kind) {
      case "text":
      case "comment":
      case "name":
      case "said":
        return state;
      case "fresh":
        return renewed(code, state);
      case "order":
        return applySync(state, `${code.from}_${code.to}`);
      case "op":
        return this.#operation(code, state);
      case "branch":
        return join(this.run(code.then, state), this.run(code.otherwise, state));
      case "loop":
        return this.#loop(code, state);
      default:
        throw code satisfies never;
    }
  }

  #demand(code: Code, sync: Sync): void {
    const had = this.needs.get(code) ?? new Set<Sync>();
    this.needs.set(code, had.add(sync));
  }

  #operation(code: Extract<Code, { kind: "op" }>, start: State): State {
    let state = [...(this.needs.get(code) ?? [])].reduce<State>(applySync, start);
    for (;;) {
      const sync = syncWanted(code, state);
      if (!sync) break;
      this.#demand(code, sync.sync);
      state = applySync(state, sync.sync);
    }
    return record(code, state);
  }

  #loop(code: Extract<Code, { kind: "loop" }>, entry: State): State {
    const hoisted = hoistable(code, entry);
    hoisted.forEach((sync) => this.#demand(code, sync));
    const start = [...(this.needs.get(code) ?? [])].reduce<State>(applySync, entry);
    let state = start;
    for (let before = "", round = 0; round < 16; round++) {
      const end = this.run(code.body, state);
      state = join(
        start,
        rename(end, (r) => (r.row === code.id ? { ...r, previous: true } : r)),
      );
      const after = `${[...this.needs.values()].reduce((n, s) => n + s.size, 0)};${serialise(state)}`;
      if (after === before) break;
      before = after;
    }
    return rename(state, (r) => (r.row === code.id ? { ...r, row: undefined, previous: false } : r));
  }
}

/** A buffer as its queue gives it: as if the pipe that waited for it had written it. */
function renewed({ on, by }: Extract<Code, { kind: "fresh" }>, state: State): State {
  const next = new Map([...state].filter(([, r]) => !on.includes(r.on)));
  for (const name of on)
    put(next, { on: name, pipe: by, write: true, row: undefined, previous: false, entry: false, known: new Set([by]) });
  return next;
}

/** What the accesses before a loop make its body wait for. */
function hoistable(loop: Extract<Code, { kind: "loop" }>, entry: State): ReadonlySet<Sync> {
  const found = new Set<Sync>();
  const visit = (body: readonly Code[], start: State): State =>
    body.reduce<State>((state, code) => {
      if (code.kind === "order") return applySync(state, `${code.from}_${code.to}`);
      if (code.kind === "fresh") return renewed(code, state);
      if (code.kind === "loop") return visit(code.body, state);
      if (code.kind === "branch") return join(visit(code.then, state), visit(code.otherwise, state));
      if (code.kind !== "op") return state;
      let now = state;
      for (;;) {
        const wanted = syncWanted(code, now);
        if (!wanted) return record(code, now);
        if (wanted.entry) found.add(wanted.sync);
        now = applySync(now, wanted.sync);
      }
    }, start);
  visit(
    loop.body,
    rename(entry, (r) => ({ ...r, entry: true })),
  );
  return found;
}

/** The sync the latest conflicting access asks for, if any. */
function syncWanted(code: Extract<Code, { kind: "op" }>, state: State): { readonly sync: Sync; readonly entry: boolean } | undefined {
  for (const recent of [...state.values()].reverse()) {
    if (!code.touches.some((touch) => conflicts(touch, recent)) || recent.known.has(code.pipe)) continue;
    if (recent.pipe !== code.pipe) return { sync: `${recent.pipe}_${code.pipe}`, entry: recent.entry };
    if (code.pipe === "S" || code.handover) continue;
    return { sync: code.pipe, entry: recent.entry };
  }
  return undefined;
}

function conflicts(touch: Access, recent: Recent): boolean {
  if (touch.on !== recent.on || (!touch.write && !recent.write)) return false;
  return !(recent.previous && touch.row !== undefined && recent.row === touch.row);
}

/** After "A_B", pipe B knows all that A did or knew; after "A", A knows all it did itself. */
function applySync(state: State, sync: Sync): State {
  const [from, to] = sync.includes("_") ? sync.split("_") : [sync, sync];
  const barrier = from === to;
  return new Map(
    [...state].map(([key, r]) => {
      const reaches = r.pipe === from || (!barrier && r.known.has(from as Pipe));
      return [key, reaches ? { ...r, known: new Set([...r.known, to as Pipe]) } : r];
    }),
  );
}

function record(code: Extract<Code, { kind: "op" }>, state: State): State {
  const next = new Map(state);
  for (const { on, write, row } of code.touches)
    put(next, { on, pipe: code.pipe, write, row, previous: false, entry: false, known: new Set() });
  return next;
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
  return { ...a, entry: a.entry && b.entry, known: new Set([...a.known].filter((p) => b.known.has(p))) };
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
