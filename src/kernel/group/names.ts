import { textHash } from "../../base/text-writer.js";

/** Longest name that a kernel takes from a tensor: file systems end at 255 bytes, and parts of a name come behind it. */
const longestName = 80;

/** The text without what a C identifier cannot hold; a long one ends in a hash of what was cut off. */
export function identifier(text: string): string {
  const plain = text
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/_+$/, "")
    .replace(/^(?=[0-9]|$)/, "k");
  return plain.length <= longestName ? plain : `${plain.slice(0, longestName - 9)}_${textHash(text)}`;
}

/** `plain`, or with the first number behind it that makes it free. */
export function apartFrom(plain: string, taken: ReadonlySet<string>): string {
  let name = plain;
  for (let k = 2; taken.has(name); k++) name = `${plain}_${k}`;
  return name;
}

/** "n", or as many of them as it takes to differ from every symbol spelled so. */
export function stemApartFrom(symbols: readonly string[]): string {
  let stem = "n";
  while (symbols.some((s) => s.startsWith(stem) && /^\d+$/.test(s.slice(stem.length)))) stem += "n";
  return stem;
}
