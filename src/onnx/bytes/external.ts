/** External data: resolves a tensor's `location`, `offset` and `length` beside the model, and never outside its folder. */
import type { ByteSource, OpenBeside } from "../../base/byte-source.js";
import { fail, problem, type Diagnostic } from "../../base/diagnostic.js";
import type { OnnxTensor } from "./schema.js";
import type { ByteRange } from "./wire.js";

/** Opens each file once for a whole import and collects what is worth telling. */
export class ExternalFiles {
  readonly notes: Diagnostic[] = [];
  readonly #open: OpenBeside;
  readonly #opened = new Map<string, ByteSource | undefined>();

  constructor(open: OpenBeside) {
    this.#open = open;
  }

  open(path: string): ByteSource | undefined {
    if (!this.#opened.has(path)) this.#opened.set(path, this.#open(path));
    return this.#opened.get(path);
  }
}

/** `need` is what dims and element type ask for. Throws `external-data-missing`, `-escapes`, `-short` or `-malformed`. */
export function externalRange(
  t: OnnxTensor,
  entries: ReadonlyMap<string, string>,
  need: number,
  files: ExternalFiles,
): ByteRange & { readonly source: ByteSource } {
  const path = insideFolder(entries.get("location") ?? "", t.name);
  const offset = byteCount(entries.get("offset") ?? "0", "offset", t.name);
  const length = byteCount(entries.get("length") ?? `${need}`, "length", t.name);
  const location = { tensor: t.name, path };
  const source =
    files.open(path) ??
    fail(
      "external-data-missing",
      `tensor ${JSON.stringify(t.name)} keeps its ${need} bytes in ${JSON.stringify(path)}, which is not beside the model`,
      {
        location,
        fix: `Put ${JSON.stringify(path)} into the model's folder.`,
      },
    );
  if (offset + length > source.size)
    fail(
      "external-data-short",
      `tensor ${JSON.stringify(t.name)} needs bytes ${offset} to ${offset + length} of ${path}, which has ${source.size}`,
      {
        location: { ...location, byteOffset: offset },
        why: "A download or copy that stopped early leaves such a file.",
        fix: `Fetch ${path} again and compare its size or checksum.`,
      },
    );
  if (offset % 4 !== 0) files.notes.push(misaligned(t.name, path, offset));
  return { source, offset, length };
}

function misaligned(tensor: string, path: string, byteOffset: number): Diagnostic {
  return problem(
    "external-data-misaligned",
    `tensor ${JSON.stringify(tensor)} starts at byte ${byteOffset} of ${path}, no multiple of 4; its weights are copied`,
    {
      severity: "warning",
      location: { tensor, path, byteOffset },
      why: "The ONNX standard recommends offsets that are multiples of 4096 so that files can be mapped.",
    },
  );
}

/** The path with "." and ".." resolved. Throws `external-data-escapes`. */
function insideFolder(location: string, tensor: string): string {
  const refuse = (what: string): never =>
    fail("external-data-escapes", `tensor ${JSON.stringify(tensor)} keeps its data at ${JSON.stringify(location)}, ${what}`, {
      location: { tensor, path: location },
      why: "A model may read files of its own folder only; otherwise opening one could read any file of yours.",
      fix: "Save the model again with relative paths (onnx.save with location=NAME).",
    });
  if (/^[/\\]|^[A-Za-z]:/.test(location)) refuse("an absolute path");
  if (location.includes("\0")) refuse("a path with a zero byte");
  const parts: string[] = [];
  for (const part of location.split(/[/\\]/)) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) refuse("outside the model's folder");
  }
  if (parts.length === 0) refuse("which names no file");
  return parts.join("/");
}

function byteCount(text: string, what: string, tensor: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    fail(
      "external-data-malformed",
      `tensor ${JSON.stringify(tensor)} has ${what} ${JSON.stringify(text)} for its external data, not a byte count`,
      {
        location: { tensor },
      },
    );
  return value;
}
