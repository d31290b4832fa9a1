/**
 * Builds the MLU twin once, then runs kernels of one batch on it: every case has its own buffers (files), its own
 * process, and ends with numbers or with a named violation.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { cacheFolder } from "../../../src/host/toolchain.js";
import { watchFlags } from "../../../src/verify/twin-library.js";

export type Bytes = Float32Array | Int32Array | Uint16Array | Uint8Array | Int8Array | Int16Array | Uint32Array | BigInt64Array;

export interface Launch {
  readonly kernel: string;
  /** The text of `<kernel>.mlu`. */
  readonly source: string;
  /** Which of the case's buffers, in the order of the launcher's pointers. */
  readonly buffers: readonly number[];
  readonly ints: readonly number[];
  readonly work: number;
}

export interface Case {
  readonly name: string;
  /** Inputs as given; others by their size in bytes. */
  readonly buffers: readonly (Bytes | number)[];
  readonly launches: readonly Launch[];
}

/** A case of one launch over all its buffers. */
export function single(
  name: string,
  kernel: string,
  source: string,
  buffers: Case["buffers"],
  ints: readonly number[],
  work: number,
): Case {
  return { name, buffers, launches: [{ kernel, source, buffers: buffers.map((_, i) => i), ints, work }] };
}

export interface Outcome {
  readonly status: number | null;
  /** Contents of every buffer afterwards. */
  readonly buffers: readonly Uint8Array[];
  readonly violation?: { readonly violation: string; readonly line: number; readonly detail: string; readonly kernel: string };
  readonly profile: Readonly<Record<string, number>>;
  readonly stderr: string;
}

const twin = "targets/bang/twin";
const common = "targets/common/twin";
/** A call at every load and store of the kernels. */
const watched = watchFlags("");
const flags = ["-std=c++17", "-Wall", "-Wextra", "-Werror", `-I${twin}/include`, `-I${twin}`, `-I${common}`];

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((f) => f.endsWith(".cpp") || f.endsWith(".h"))
    .map((f) => join(folder, f))
    .sort();
}

/** Headers that lie beside kernels of others. */
const foreignHeaders = "-Itest/targets/bang/foreign";

/** The twin's library and the prepare tool, kept by the hash of their sources. */
export function buildTwin(): { readonly library: string; readonly prepare: string } {
  const files = [...sources(twin), ...sources(common)];
  const hash = createHash("sha256");
  for (const f of files) hash.update(f).update(readFileSync(f));
  const folder = join(cacheFolder(), `test-bang-${hash.digest("hex").slice(0, 16)}`);
  const [library, prepare] = [join(folder, "libtwin.a"), join(folder, "prepare")];
  if (existsSync(library)) return { library, prepare };
  const work = mkdtempSync(join(cacheFolder(), "build-"));
  try {
    const units = files.filter((f) => f.endsWith(".cpp") && basename(f) !== "prepare.cpp");
    const objects = units.map((f, k) => {
      const object = join(work, `${k}.o`);
      execFileSync("g++", [...flags, "-O3", "-c", f, "-o", object], { stdio: "inherit" });
      return object;
    });
    execFileSync("ar", ["rcs", join(work, "libtwin.a"), ...objects]);
    execFileSync("g++", ["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", join(common, "prepare.cpp"), "-o", join(work, "prepare")], {
      stdio: "inherit",
    });
    mkdirSync(folder, { recursive: true });
    renameSync(join(work, "prepare"), prepare);
    renameSync(join(work, "libtwin.a"), library);
    return { library, prepare };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const preamble = `
#include <stdio.h>
#include <stdlib.h>
#include <vector>
#include "cnrt.h"
static cnrtQueue_t queue;
static std::vector<char> read_file(const char* path) {
  FILE* f = fopen(path, "rb");
  if (!f) exit(9);
  fseek(f, 0, SEEK_END);
  std::vector<char> out(ftell(f));
  rewind(f);
  if (fread(out.data(), 1, out.size(), f) != out.size()) exit(9);
  fclose(f);
  return out;
}
static void* upload(const char* path) {
  auto bytes = read_file(path);
  void* p = nullptr;
  if (cnrtMalloc(&p, bytes.size() ? bytes.size() : 1)) exit(8);
  if (bytes.size() && cnrtMemcpyAsync_V2(p, bytes.data(), bytes.size(), queue, cnrtMemcpyHostToDev)) exit(8);
  return p;
}
static void* room(size_t bytes) {
  void* p = nullptr;
  if (cnrtMalloc(&p, bytes ? bytes : 1)) exit(8);
  return p;
}
static void download(void* p, size_t bytes, const char* path) {
  std::vector<char> out(bytes);
  if (bytes && cnrtMemcpyAsync_V2(out.data(), p, bytes, queue, cnrtMemcpyDevToHost)) exit(8);
  FILE* f = fopen(path, "wb");
  if (!f || fwrite(out.data(), 1, bytes, f) != bytes) exit(9);
  fclose(f);
  cnrtFree(p);
}
`;

const declaration = ({ kernel, buffers, ints }: Launch) =>
  `extern "C" int ${kernel}_launch(${["cnrtQueue_t", "int", ...buffers.map(() => "void*"), ...ints.map(() => "int")].join(", ")});`;

const sizeOf = (b: Bytes | number) => (typeof b === "number" ? b : b.byteLength);

function caseText(c: Case, k: number, folder: string): string {
  const file = (i: number, end: string) => JSON.stringify(join(folder, `${k}-${i}.${end}`));
  const names = c.buffers.map((_, i) => `b${i}`);
  const make = c.buffers.map((b, i) => (typeof b === "number" ? `room(${b})` : `upload(${file(i, "in")})`));
  return `static int case${k}() {
${names.map((n, i) => `  void* ${n} = ${make[i]};`).join("\n")}
${c.launches.map((l) => `  if (${l.kernel}_launch(${["queue", Math.min(l.work, 32), ...l.buffers.map((i) => names[i]), ...l.ints].join(", ")}) || cnrtQueueSync(queue)) return 7;`).join("\n")}
${names.map((n, i) => `  download(${n}, ${sizeOf(c.buffers[i])}, ${file(i, "out")});`).join("\n")}
  return 0;
}
`;
}

/**
 * Compiles all cases' kernels as one program and runs each case in a process of its own. Files `ofOthers` are units of their
 * own, with the names and the warnings they have.
 */
export function runCases(cases: readonly Case[], env: Readonly<Record<string, string>> = {}, { ofOthers = false } = {}): Outcome[] {
  const { library, prepare } = buildTwin();
  const folder = mkdtempSync(join(tmpdir(), "bang-run-"));
  // Kernels of one file come in one source.
  const files = new Map(cases.flatMap((c) => c.launches).map((l) => [l.source, l.kernel]));
  const prepared = [...files].map(([source, name]) => {
    const [from, to] = [join(folder, `${name}.mlu`), join(folder, `${name}.cpp`)];
    writeFileSync(from, source);
    execFileSync(prepare, ["bang", from, to, foreignHeaders]);
    return to;
  });
  cases.forEach((c, k) =>
    c.buffers.forEach(
      (b, i) => typeof b !== "number" && writeFileSync(join(folder, `${k}-${i}.in`), new Uint8Array(b.buffer, b.byteOffset, b.byteLength)),
    ),
  );
  const main = [
    ...(ofOthers ? ['#include "bang.h"'] : prepared.map((f) => `#include ${JSON.stringify(f)}`)),
    preamble,
    ...(ofOthers ? cases.flatMap((c) => c.launches).map(declaration) : []),
    ...cases.map((c, k) => caseText(c, k, folder)),
    "int main(int, char** argv) {",
    "  if (cnrtQueueCreate(&queue)) return 6;",
    "  switch (atoi(argv[1])) {",
    ...cases.map((_, k) => `    case ${k}: return case${k}() || cnrtQueueDestroy(queue);`),
    "  }",
    "  return 5;",
    "}",
  ].join("\n");
  const [cpp, program] = [join(folder, "main.cpp"), join(folder, "main")];
  writeFileSync(cpp, main);
  const given = [...(ofOthers ? flags.filter((f) => !f.startsWith("-W")) : flags), ...watched, "-O1"];
  const objects = [cpp, ...(ofOthers ? prepared : [])].map((unit, k) => {
    const object = join(folder, `${k}.o`);
    execFileSync("g++", [...given, "-c", unit, "-o", object], { stdio: "inherit" });
    return object;
  });
  execFileSync("g++", [...objects, library, "-pthread", "-o", program], { stdio: "inherit" });
  return cases.map((c, k) => runOne(c, k, program, folder, env));
}

function runOne(c: Case, k: number, program: string, folder: string, env: Readonly<Record<string, string>>): Outcome {
  const profilePath = join(folder, `${k}.profile`);
  const { status, stderr } = spawnSync(program, [`${k}`], {
    encoding: "utf8",
    timeout: 60000,
    env: { ...process.env, ...env, PORTOLAN_PROFILE: profilePath },
  });
  const buffers = status === 0 ? c.buffers.map((_, i) => new Uint8Array(readFileSync(join(folder, `${k}-${i}.out`)))) : [];
  const profile = status === 0 ? (JSON.parse(readFileSync(profilePath, "utf8")) as { total: Record<string, number> }).total : {};
  const line = stderr.split("\n").find((l) => l.startsWith('{"violation"'));
  return { status, buffers, profile, stderr, ...(line ? { violation: JSON.parse(line) as NonNullable<Outcome["violation"]> } : {}) };
}

export function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}
