/** Builds the Kunlun twin once per content, compiles kernels against it and runs them. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { cacheFolder } from "../../../src/host/toolchain.js";
import { watchFlags } from "../../../src/verify/twin-library.js";

export const root = resolve(import.meta.dirname, "../../..");
const twin = join(root, "targets/kunlun/twin");
const common = join(root, "targets/common/twin");
const includes = [
  `${twin}/include`,
  common,
  `${root}/targets/common/runtime`,
  `${root}/targets/kunlun`,
  `${root}/targets/kunlun/runtime`,
].map((d) => `-I${d}`);
const watched = watchFlags("");
const strict = ["-std=c++17", "-Wall", "-Wextra", "-Werror"];

function must(command: string, args: readonly string[]): void {
  const done = spawnSync(command, [...args], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}\n${done.stdout}${done.stderr}${done.error?.message ?? ""}`);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name))
    .sort();
}

/** Folder with the twin's objects and the `prepare` tool, named after their sources' content. */
export function builtTwin(): string {
  const sources = [...filesUnder(twin), ...filesUnder(common)];
  const hash = createHash("sha256");
  for (const file of sources) hash.update(file).update(readFileSync(file));
  const folder = join(cacheFolder(), `test-kunlun-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  const building = mkdtempSync(join(cacheFolder(), "build-"));
  try {
    must("g++", [...strict, "-O1", "-o", join(building, "prepare"), join(common, "prepare.cpp")]);
    const units = sources.filter((f) => f.endsWith(".cpp") && !f.endsWith("prepare.cpp"));
    for (const [i, file] of units.entries()) must("g++", [...strict, "-O3", ...includes, "-c", file, "-o", join(building, `${i}.o`)]);
    if (!existsSync(folder)) renameSync(building, folder);
    return folder;
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

export interface TwinRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The rule of the violation that ended the run, with the kernel's line. */
  readonly violation?: { readonly violation: string; readonly line: number; readonly detail: string };
}

const deviceHeader = readFileSync(join(root, "targets/kunlun/runtime/portolan_xpu.h"), "utf8");

export interface Flags {
  /** More options of the compiler, -D and -I before its own. */
  readonly flags?: readonly string[];
  /** Headers that lie beside the sources, by name. */
  readonly beside?: Readonly<Record<string, string>>;
}

/** Compiles one source, once per content. */
function objectOf(folder: string, name: string, text: string, { flags = [], beside = {} }: Flags): string {
  const built = builtTwin();
  const hash = createHash("sha256").update(name).update(text).update(deviceHeader).update(flags.join(" "));
  const key = hash.update(JSON.stringify(beside)).digest("hex").slice(0, 24);
  const object = join(built, "objects", `${key}.o`);
  if (existsSync(object)) return object;
  const path = join(folder, name);
  writeFileSync(path, text);
  for (const [header, content] of Object.entries(beside)) writeFileSync(join(folder, header), content);
  if (name.endsWith(".xpu")) must(join(built, "prepare"), ["kunlun", path, `${path}.cpp`]);
  mkdirSync(join(built, "objects"), { recursive: true });
  const source = name.endsWith(".xpu") ? `${path}.cpp` : path;
  const own = name.endsWith(".xpu") ? watched : [];
  must("g++", [...strict, "-O0", ...flags, ...own, ...includes, "-c", source, "-o", `${path}.o`]);
  renameSync(`${path}.o`, object);
  return object;
}

/** The kernels' rewriter, built. */
export function preparedBy(text: string): string {
  const built = builtTwin();
  const folder = mkdtempSync(join(tmpdir(), "portolan-kunlun-prepare-"));
  writeFileSync(join(folder, "in.xpu"), text);
  must(join(built, "prepare"), ["kunlun", join(folder, "in.xpu"), join(folder, "out.cpp")]);
  return readFileSync(join(folder, "out.cpp"), "utf8");
}

/** A program of kernels (.xpu texts by name) and plain C++ units, built in a folder of its own. */
export function buildProgram(
  kernels: Readonly<Record<string, string>>,
  units: Readonly<Record<string, string>>,
  options: Flags = {},
): string {
  const built = builtTwin();
  const folder = mkdtempSync(join(tmpdir(), "portolan-kunlun-"));
  mkdirSync(folder, { recursive: true });
  const objects = readdirSync(built)
    .filter((f) => f.endsWith(".o"))
    .map((f) => join(built, f));
  for (const [name, text] of Object.entries(kernels)) objects.push(objectOf(folder, `${name}.xpu`, text, options));
  for (const [name, text] of Object.entries(units)) objects.push(objectOf(folder, name, text, options));
  must("g++", ["-o", join(folder, "run"), ...objects]);
  return join(folder, "run");
}

export function run(program: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): TwinRun {
  const done = spawnSync(program, [...args], { encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 1 << 28 });
  const found = /^\{"violation".*$/m.exec(done.stderr);
  const violation = found ? (JSON.parse(found[0]) as TwinRun["violation"]) : undefined;
  return { status: done.status, stdout: done.stdout, stderr: done.stderr, violation };
}
