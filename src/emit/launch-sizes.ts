/** The int parameters of a kernel's launch as C++ of the step's function: literals, and locals that build on each other. */
import { boundsOf, tighten, type Range, type Ranges } from "../base/dim-bounds.js";
import { isConst, substitute, symbol, symbolsOf, type Dim } from "../base/dim.js";
import type { Kernel } from "../kernel/tile.js";

interface LaunchSizes {
  /** Declarations, in the order in which they build on each other. */
  readonly locals: readonly string[];
  /** What is handed over for the kernel's parameters `taken`: a literal, or a local's name. */
  readonly ints: readonly string[];
  /** The number of independent work items. */
  readonly parallelism: string;
}

interface Size {
  readonly name: string;
  readonly text: string;
  /** Sizes and symbols that the text says. */
  readonly reads: readonly string[];
  readonly constant: boolean;
  /** Said beside its declaration. */
  readonly meaning: readonly string[];
}

/**
 * One int may be computed from those before it, so they become locals where sizes are open, with those that only other
 * locals read. What the ranges of the symbols decide is not asked again at run time.
 */
export function launchSizes(kernel: Kernel, taken: readonly string[], spell: (d: Dim) => string, ranges: Ranges): LaunchSizes {
  const own = new Map<string, Dim>();
  const bounds = new Map<string, Range>();
  const rangeOf: Ranges = (name) => bounds.get(name) ?? ranges(name);
  const known = (d: Dim): Dim => {
    const constant = (name: string): Dim | undefined => (isConst(own.get(name) ?? symbol(name)) ? own.get(name) : undefined);
    return tighten(substitute(d, constant), rangeOf);
  };
  const sizes = kernel.ints.map(({ name, value, meaning = [] }): Size => {
    const size = known(value);
    own.set(name, isConst(size) ? size : symbol(name));
    bounds.set(name, boundsOf(size, rangeOf));
    return { name, text: spell(size), reads: symbolsOf(size), constant: isConst(size), meaning };
  });
  const ints = sizes.filter((i) => taken.includes(i.name)).map((i) => (i.constant ? i.text : i.name));
  const work = known(kernel.parallelism);
  const items = spell(work);
  const same = sizes.find((i) => !i.constant && i.text === items && ints.includes(i.name));
  return { locals: localsFor([...ints, ...(same ? [] : symbolsOf(work))], sizes), ints, parallelism: same?.name ?? items };
}

/** Declarations of sizes that are needed, and of what those declarations read. */
function localsFor(names: readonly string[], sizes: readonly Size[]): string[] {
  const needed = new Set(names);
  const locals: string[] = [];
  for (const { name, text, reads, constant, meaning } of [...sizes].reverse()) {
    if (constant || !needed.has(name)) continue;
    locals.unshift(`const int64_t ${name} = ${text};${meaning.length > 0 ? `  // ${meaning.join(", ")}` : ""}`);
    for (const read of reads) needed.add(read);
  }
  return locals;
}
