/**
 * Kernels that are equal but for their name become one, also where they differ in nothing but where they begin to read
 * or write: those offsets become parameters of the launch. An unrolled layer of a hundred steps has the kernels of one.
 */
import { add, sub, symbol, symbolsOf, type Dim, DimExpr } from "../base/dim.js";
import { listIn } from "../base/maps.js";
import type { Caps } from "../kernel/caps.js";
import type { Expr, Kernel, KernelInt, Region, Stmt } from "../kernel/tile.js";
import { everyStmt } from "../kernel/walk.js";

/** The kernel to launch instead of each, with the launch's own integers; one that is like no other stands for itself. */
export function shareKernels(kernels: readonly Kernel[], caps: Caps): ReadonlyMap<Kernel, Kernel> {
  const out = new Map<Kernel, Kernel>();
  for (const alike of classesOf(kernels, skeletonOf)) {
    const shared = alike.length > 1 ? parametrised(alike, caps) : undefined;
    for (const same of shared ? [alike] : classesOf(alike, (k) => `${offsetsOf(k).join()}`)) {
      const model = { ...(shared ?? same[0]), origin: originsOf(same) };
      for (const kernel of same) out.set(kernel, same.length > 1 ? launchedAs(model, kernel) : kernel);
    }
  }
  return out;
}

function classesOf(kernels: readonly Kernel[], keyOf: (k: Kernel) => string): readonly (readonly Kernel[])[] {
  const byKey = new Map<string, Kernel[]>();
  for (const k of new Set(kernels)) {
    const key = keyOf(k);
    listIn(byKey, key).push(k);
  }
  return [...byKey.values()];
}

/** The first kernel with a parameter for every offset that is not the same in all; undefined where a launch takes no more. */
function parametrised(alike: readonly Kernel[], caps: Caps): Kernel | undefined {
  const [first] = alike;
  const all = alike.map(offsetsOf);
  const taken = namesIn(first);
  const names = all[0].map((_, hole): string | undefined => {
    if (all.every((offsets) => offsets[hole] === all[0][hole])) return undefined;
    let k = 0;
    while (taken.has(`at${k}`)) k++;
    taken.add(`at${k}`);
    return `at${k}`;
  });
  const added = names.filter((n) => n !== undefined);
  if (added.length > 0 && first.buffers.length + first.ints.length + added.length > caps.maxArgs) return undefined;
  let hole = 0;
  const body = mapOffsets(first.body, (offset) => {
    const name = names[hole++];
    return name === undefined ? offset : add(sub(offset, constantOf(offset)), symbol(name));
  });
  return added.length === 0 ? first : { ...first, body, ints: [...first.ints, ...offsetInts(names, all[0])] };
}

const meaning = ["where this launch begins"];

function offsetInts(names: readonly (string | undefined)[], offsets: readonly number[]): KernelInt[] {
  return names.flatMap((name, hole) => (name === undefined ? [] : [{ name, value: offsets[hole], meaning }]));
}

/** The shared kernel with the sizes of one of those it stands for. */
function launchedAs(model: Kernel, kernel: Kernel): Kernel {
  const added = model.ints.slice(kernel.ints.length);
  const offsets = offsetsOf(kernel);
  const holes = holesOf(model);
  const own = added.map((i) => ({ ...i, value: offsets[holes.indexOf(i.name)] }));
  return { ...model, ints: [...kernel.ints, ...own], parallelism: kernel.parallelism };
}

/** Names enough of what a shared kernel came from. */
function originsOf(all: readonly Kernel[]): readonly string[] {
  const origins = [...new Set(all.flatMap((k) => k.origin))];
  return origins.length <= 4 ? origins : [...origins.slice(0, 3), `${origins.length - 3} others`];
}

/** The parameter that each offset of a kernel begins with, "" where it has none. */
function holesOf(kernel: Kernel): readonly string[] {
  const names = new Set(kernel.ints.flatMap((i) => (i.meaning === meaning ? [i.name] : [])));
  const holes: string[] = [];
  mapOffsets(kernel.body, (offset) => {
    const own = typeof offset === "number" ? undefined : offset.terms.find((t) => t.factor === 1 && names.has(t.key));
    holes.push(own?.key ?? "");
    return offset;
  });
  return holes;
}

function constantOf(d: Dim): number {
  return typeof d === "number" ? d : (d.terms.find((t) => t.key === "")?.factor ?? 0);
}

function offsetsOf(kernel: Kernel): readonly number[] {
  const found: number[] = [];
  mapOffsets(kernel.body, (offset) => {
    found.push(constantOf(offset));
    return offset;
  });
  return found;
}

/** The body with the offset of every copy replaced, in order. */
function mapOffsets(body: readonly Stmt[], by: (offset: Dim) => Dim): readonly Stmt[] {
  const region = (r: Region): Region => ({ ...r, offset: by(r.offset) });
  const visit = (s: Stmt): Stmt => {
    switch (s.op) {
      case "for":
        return { ...s, body: s.body.map(visit) };
      case "pipeline":
        return { ...s, load: s.load.map(visit), compute: s.compute.map(visit), store: s.store.map(visit) };
      case "when":
        return { ...s, then: s.then.map(visit), otherwise: s.otherwise.map(visit) };
      case "load":
        return { ...s, from: region(s.from) };
      case "store":
        return { ...s, to: region(s.to) };
      case "loadrows":
        return { ...s, offset: by(s.offset) };
      default:
        return s;
    }
  };
  return body.map(visit);
}

/** A kernel's text but for its name, where it came from, the values of its integers and the constants in its offsets. */
function skeletonOf(kernel: Kernel): string {
  const { schedule, summary, tiles } = kernel;
  const buffers = kernel.buffers.map(({ name, type, access }) => ({ name, type, access }));
  const ints = kernel.ints.map((i) => ({ name: i.name, meaning: i.meaning }));
  const body = mapOffsets(kernel.body, (offset) => sub(offset, constantOf(offset)));
  return written({ schedule, summary, tiles, buffers, ints, body });
}

/** JSON in which an expression that several read is written once. */
function written(root: unknown): string {
  const ids = new Map<Expr, number>();
  return JSON.stringify(root, (_, x: unknown) => {
    if (typeof x === "bigint") return `${x}n`;
    if (typeof x === "number" && !Number.isFinite(x)) return `${x}`;
    if (Object.is(x, -0)) return "-0";
    if (typeof x !== "object" || x === null || x instanceof DimExpr || !("op" in x) || !("type" in x)) return x;
    const known = ids.get(x as Expr);
    if (known !== undefined) return `#${known}`;
    ids.set(x as Expr, ids.size);
    return x;
  });
}

/** All that a kernel's text may call by name. */
function namesIn({ buffers, ints, tiles, body }: Kernel): Set<string> {
  const inner = everyStmt(body).flatMap((s) => (s.op === "let" ? [s.name] : s.op === "for" || s.op === "pipeline" ? [s.index] : []));
  return new Set([...[...buffers, ...ints, ...tiles].map((x) => x.name), ...ints.flatMap((i) => symbolsOf(i.value)), ...inner]);
}
