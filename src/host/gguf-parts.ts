/** Files of llama.cpp's format that are one model: `NAME-00001-of-00003.gguf` and those after it (ggml-org/llama.cpp tools/gguf-split). */

const split = /^(.*)-(\d{5})-of-(\d{5})(\.gguf)$/i;

/** The name of the first file of those that a file goes with; its own where it is whole. */
export const firstPart = (name: string): string => name.replace(split, "$1-00001-of-$3$4");

/** Names of all files that a first one goes with. */
export function allParts(first: string): string[] {
  const [, name, , of, ending] = split.exec(first) ?? [];
  if (of === undefined) return [first];
  return Array.from({ length: Number(of) }, (_, i) => `${name}-${String(i + 1).padStart(5, "0")}-of-${of}${ending}`);
}
