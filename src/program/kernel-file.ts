/** A kernel's file put together from its sections, with the lines that each of them takes: what map.json leads to. */

/** `kernel` is the device function, `helpers` the inline functions it calls, `launcher` the host function that starts it. */
export type KernelPartName = "helpers" | "kernel" | "launcher";

/** Lines [first, last], 1-based, of one part of a kernel's file. */
export interface KernelPart {
  readonly part: KernelPartName;
  readonly first: number;
  readonly last: number;
}

/** Sections in their order, an empty line between two; empty ones are left out, `header` is no part. */
export function kernelFile(sections: readonly (readonly [part: KernelPartName | "header", text: string])[]): {
  readonly text: string;
  readonly parts: readonly KernelPart[];
} {
  const parts: KernelPart[] = [];
  const texts: string[] = [];
  let next = 1;
  for (const [part, whole] of sections) {
    const text = whole.trimEnd();
    if (text === "") continue;
    const count = text.split("\n").length;
    if (part !== "header") parts.push({ part, first: next, last: next + count - 1 });
    texts.push(text);
    next += count + 1;
  }
  return { text: `${texts.join("\n\n")}\n`, parts };
}
