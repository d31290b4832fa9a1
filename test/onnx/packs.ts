/** The conformance packs beside the repository, read as they lie. */
import { existsSync, readFileSync } from "node:fs";
import { readTarGz } from "../../src/base/tar.js";

const folder = new URL("../../../shared/onnx-tests/", import.meta.url);
export const havePacks = existsSync(folder);
export const packNames = ["node", "simple", "pytorch-converted", "pytorch-operator", "light"] as const;

export interface IndexedFile {
  readonly file: string;
  readonly name: string;
  readonly dims?: readonly number[];
}

export interface IndexEntry {
  readonly name: string;
  readonly path: string;
  readonly tags: readonly string[];
  readonly inputs: readonly { readonly name: string; readonly kind: "tensor" | "sequence" | "optional" }[];
  readonly outputs: readonly { readonly name: string; readonly kind: "tensor" | "sequence" | "optional" }[];
  readonly rtol: number;
  readonly atol: number;
  readonly dataSets: readonly { readonly inputs: readonly IndexedFile[]; readonly outputs: readonly IndexedFile[] }[];
}

export function packFiles(pack: (typeof packNames)[number]): Map<string, Uint8Array> {
  const file = `${pack}.tar.gz`;
  return new Map([...readTarGz(readFileSync(new URL(file, folder)), file)].map((e) => [e.path, e.bytes]));
}

export function readIndex(): readonly IndexEntry[] {
  return (JSON.parse(readFileSync(new URL("index.json", folder), "utf8")) as { tests: IndexEntry[] }).tests;
}

/** Paths of tests that onnxruntime passes as they stand. */
export function baselinePasses(): ReadonlySet<string> {
  const { tests } = JSON.parse(readFileSync(new URL("ort-baseline.json", folder), "utf8")) as { tests: { path: string; status: string }[] };
  return new Set(tests.filter((t) => t.status === "pass").map((t) => t.path));
}
