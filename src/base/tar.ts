/** Reads plain ustar archives, gzip'ed or not, from memory: conformance packs and model collections lie in such files. */
import { gunzipSync } from "node:zlib";
import { fail } from "./diagnostic.js";

interface TarEntry {
  /** As the archive spells it, with "/" between folders. */
  readonly path: string;
  /** A view of the archive. */
  readonly bytes: Uint8Array;
}

const block = 512;

/** The regular files of an archive, in its order. Throws `archive-damaged`; `name` is for that message. */
export function* readTar(archive: Uint8Array, name: string): Generator<TarEntry> {
  let longPath: string | undefined;
  for (let at = 0; at + block <= archive.length;) {
    const header = archive.subarray(at, at + block);
    if (header.every((b) => b === 0)) return;
    const size = fieldNumber(header, 124, 12);
    if (!checksumHolds(header) || !Number.isSafeInteger(size) || at + block + size > archive.length)
      fail("archive-damaged", `${name} is no intact tar archive at byte ${at}`, { location: { path: name, byteOffset: at } });
    const bytes = archive.subarray(at + block, at + block + size);
    const type = String.fromCharCode(header[156] || 48);
    if (type === "L") longPath = fieldText(bytes, 0, bytes.length);
    else if (type === "x") longPath = paxPath(bytes) ?? longPath;
    else {
      if (type === "0") yield { path: longPath ?? headerPath(header), bytes };
      longPath = undefined;
    }
    at += block + Math.ceil(size / block) * block;
  }
}

/** The same for `.tar.gz` and `.tgz`. */
export function readTarGz(archive: Uint8Array, name: string): Generator<TarEntry> {
  return readTar(unzipped(archive, name), name);
}

function unzipped(archive: Uint8Array, name: string): Uint8Array {
  try {
    return gunzipSync(archive);
  } catch (error) {
    return fail("archive-damaged", `${name} cannot be unpacked: ${(error as Error).message}`, { location: { path: name } });
  }
}

function headerPath(header: Uint8Array): string {
  const prefix = fieldText(header, 257, 5) === "ustar" ? fieldText(header, 345, 155) : "";
  const name = fieldText(header, 0, 100);
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** `length key=value\n` records; only the path matters here. */
function paxPath(bytes: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(fieldText(bytes, 0, bytes.length))?.[1];
}

function fieldText(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits, or big-endian binary when the first bit is set (GNU, files over 8 GiB). */
function fieldNumber(header: Uint8Array, at: number, length: number): number {
  if (header[at] & 0x80) return header.subarray(at + 4, at + length).reduce((sum, b) => sum * 256 + b, 0);
  return Number.parseInt(fieldText(header, at, length).trim() || "0", 8);
}

function checksumHolds(header: Uint8Array): boolean {
  const sum = header.reduce((total, b, i) => total + (i >= 148 && i < 156 ? 32 : b), 0);
  return sum === fieldNumber(header, 148, 8);
}
