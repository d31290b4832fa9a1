/** A file of a bundle: a path and bytes that are produced when they are written. */
import stringify from "json-stringify-pretty-compact";

export interface BundleFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly bytes: () => Iterable<Uint8Array>;
}

export function textFile(path: string, text: string): BundleFile {
  return { path, bytes: () => [new TextEncoder().encode(text)] };
}

/** Sorted keys would hide the order that a reader wants: objects print as they were built, on one line where they fit. */
export function jsonFile(path: string, value: unknown): BundleFile {
  return textFile(path, `${stringify(value, { maxLength: 140 })}\n`);
}
