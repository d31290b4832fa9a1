/** Which of a kernel's integers its printed text needs (a schedule asks for more while it decides), and what they mean. */
import type { Kernel } from "../tile.js";

/** Names of the ints that the body's text says, in the kernel's order: the parameters of what is launched. */
export function intsRead(kernel: Kernel, body: string): readonly string[] {
  const words = new Set(body.match(/\w+/g));
  return kernel.ints.map((i) => i.name).filter((name) => words.has(name));
}

/** Those of the integers that say what they mean, for the comment before a kernel: `n3: rows of a tile`. */
export function meaningsOf(kernel: Kernel, ints: readonly string[]): readonly string[] {
  return kernel.ints.flatMap(({ name, meaning }) => (ints.includes(name) && meaning?.length ? [`${name}: ${meaning.join(", ")}`] : []));
}
