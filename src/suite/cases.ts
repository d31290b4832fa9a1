/** ONNX backend tests as cases: from folders, or from .tar.gz packs read as they lie. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fail } from "../base/diagnostic.js";
import { readTarGz } from "../base/tar.js";

export interface SuiteCase {
  readonly name: string;
  readonly model: Uint8Array;
  /** TensorProto files by position; a missing one leaves a hole. */
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
  readonly limits: { readonly atol: number; readonly rtol: number };
  /** Values are one draw of a generator: only shape and type can be compared. */
  readonly random: boolean;
}

const defaultLimits = { atol: 1e-7, rtol: 1e-3 };

/** What an index.json beside the packs says of a test. */
interface IndexEntry {
  readonly name: string;
  readonly rtol?: number;
  readonly atol?: number;
  readonly tags?: readonly string[];
}

export function readCases(path: string): SuiteCase[] {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info)
    return fail("file-unreadable", `"${path}" does not exist`, {
      location: { path },
      fix: "Give a folder of packs, a pack, or a folder of cases.",
    });
  const index = new Map<string, IndexEntry>();
  const indexFile = join(path, "index.json");
  if (info.isDirectory() && existsSync(indexFile))
    for (const t of (JSON.parse(readFileSync(indexFile, "utf8")) as { tests: IndexEntry[] }).tests) index.set(t.name, t);
  const files = info.isDirectory() ? fromFolder(path) : fromPack(path);
  const cases: SuiteCase[] = [];
  for (const [name, parts] of files) {
    const model = parts.get("model.onnx");
    if (!model) continue;
    const entry = index.get(name);
    cases.push({
      name,
      model,
      inputs: numbered(parts, "input"),
      outputs: numbered(parts, "output"),
      limits: { atol: entry?.atol ?? defaultLimits.atol, rtol: entry?.rtol ?? defaultLimits.rtol },
      random: entry?.tags?.includes("random") ?? false,
    });
  }
  return cases.sort((a, b) => (a.name < b.name ? -1 : 1));
}

type Parts = Map<string, Map<string, Uint8Array>>;

function put(parts: Parts, path: string, bytes: Uint8Array): void {
  // SUITE/TEST/model.onnx, SUITE/TEST/test_data_set_0/input_0.pb
  const match = /([^/]+)\/(?:model\.onnx|test_data_set_0\/((?:input|output)_\d+\.pb))$/.exec(path);
  if (!match) return;
  const test = parts.get(match[1]) ?? new Map<string, Uint8Array>();
  test.set(match[2] ?? "model.onnx", bytes);
  parts.set(match[1], test);
}

function fromPack(path: string): Parts {
  const parts: Parts = new Map();
  for (const entry of readTarGz(readFileSync(path), basename(path))) put(parts, entry.path, entry.bytes);
  return parts;
}

function fromFolder(folder: string): Parts {
  const parts: Parts = new Map();
  const visit = (at: string): void => {
    for (const e of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, e.name);
      if (e.isDirectory()) visit(path);
      else if (e.name.endsWith(".tar.gz")) for (const [name, p] of fromPack(path)) parts.set(name, p);
      else if (e.name === "model.onnx" || e.name.endsWith(".pb")) put(parts, path, readFileSync(path));
    }
  };
  visit(folder);
  return parts;
}

function numbered(parts: ReadonlyMap<string, Uint8Array>, kind: "input" | "output"): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let i = 0; ; i++) {
    const bytes = parts.get(`${kind}_${i}.pb`);
    if (!bytes) return out;
    out.push(bytes);
  }
}
