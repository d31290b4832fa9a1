/**
 * Builds kernels with the Ascend twin and runs them: the prepared sources and a generated table of launches become one
 * program a batch; every case is a process of its own, so that a violation ends nothing else.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TensorData } from "../../../src/base/tensor.js";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
const flags = ["-std=c++17", "-Wall", "-Wextra", "-Werror"];
const common = join(root, "targets/common/twin");
const twin = join(root, "targets/cann/twin");
const cache = join(root, "node_modules/.cache/portolan-test-cann");

export function hasCompiler(): boolean {
  return spawnSync("g++", ["--version"]).status === 0;
}

function newest(...paths: readonly string[]): number {
  return Math.max(...paths.map((p) => (existsSync(p) ? statSync(p).mtimeMs : 0)));
}

const kernelSources = ["device", "vector", "copy", "runtime"].map((n) => join(twin, `${n}.cpp`));
const headers = [
  "instructions.gen",
  "kernel_operator",
  "kernel_tensor",
  "kernel_tpipe",
  "kernel_operator_vec_intf",
  "kernel_operator_data_copy_intf",
].map((n) => join(twin, "include", `${n}.h`));

function compiled(source: string, options: readonly string[]): string {
  mkdirSync(cache, { recursive: true });
  const out = join(cache, `${basename(source, ".cpp")}.o`);
  const age = newest(
    source,
    ...["device.h", "chips.gen.h"].map((n) => join(twin, n)),
    ...["core.h", "half.h"].map((n) => join(common, n)),
    ...headers,
  );
  if (!existsSync(out) || statSync(out).mtimeMs < age) {
    const fresh = `${out}.${process.pid}`;
    execFileSync("g++", [...flags, "-O2", ...options, "-c", source, "-o", fresh]);
    execFileSync("mv", [fresh, out]);
  }
  return out;
}

/** The twin's objects, compiled when their sources changed. `library` adds the aclnn half. */
export function twinObjects(extra: readonly string[] = []): string[] {
  const shared = ["core", "fiber"].map((n) => join(common, `${n}.cpp`));
  return [...kernelSources, ...shared, ...extra].map((s) => compiled(s, [`-I${join(twin, "include")}`, `-I${common}`]));
}

function prepareTool(): string {
  mkdirSync(cache, { recursive: true });
  const source = join(common, "prepare.cpp");
  const out = join(cache, "prepare");
  if (!existsSync(out) || statSync(out).mtimeMs < newest(source)) {
    execFileSync("g++", ["-std=c++17", "-O1", source, "-o", `${out}.${process.pid}`]);
    execFileSync("mv", [`${out}.${process.pid}`, out]);
  }
  return out;
}

/** A kernel file's text and how many pointers and ints its kernel takes. */
export interface KernelText {
  readonly name: string;
  readonly text: string;
  readonly pointers: number;
  readonly ints: number;
}

export interface Outcome {
  readonly outputs: readonly Uint8Array[];
  /** The rule broken, when one was. */
  readonly violation?: { readonly violation: string; readonly line: number; readonly detail: string };
  readonly status: number | null;
}

const harness = `
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <vector>
#include "acl/acl.h"
LAUNCHES
struct Kernel { const char* name; int pointers, ints; uint32_t (*run)(uint32_t, aclrtStream, void**, const int32_t*); };
static const Kernel kernels[] = {TABLE};
static std::vector<char> slurp(const char* path) {
  FILE* in = fopen(path, "rb");
  std::vector<char> out;
  char part[65536];
  for (size_t n; (n = fread(part, 1, sizeof part, in)) > 0;) out.insert(out.end(), part, part + n);
  fclose(in);
  return out;
}
// harness kernel blocks folder pointers... : each pointer is a byte count, "in" from folder/N.in; then the ints.
int main(int argc, char** argv) {
  const char* name = argv[1];
  const Kernel* k = nullptr;
  for (const Kernel& x : kernels) if (!strcmp(x.name, name)) k = &x;
  if (!k || argc != 4 + k->pointers + k->ints) return 2;
  const std::string folder = argv[3];
  aclInit(nullptr);
  aclrtSetDevice(0);
  aclrtStream stream;
  aclrtCreateStream(&stream);
  std::vector<void*> device(k->pointers);
  std::vector<size_t> sizes(k->pointers);
  for (int i = 0; i < k->pointers; ++i) {
    sizes[i] = strtoull(argv[4 + i] + 1, nullptr, 10);
    if (aclrtMalloc(&device[i], sizes[i] ? sizes[i] : 1, ACL_MEM_MALLOC_HUGE_FIRST)) return 3;
    if (argv[4 + i][0] == 'i' && sizes[i]) {
      const std::vector<char> bytes = slurp((folder + "/" + std::to_string(i) + ".in").c_str());
      if (aclrtMemcpy(device[i], sizes[i], bytes.data(), bytes.size(), ACL_MEMCPY_HOST_TO_DEVICE)) return 4;
    }
  }
  std::vector<int32_t> ints;
  for (int i = 0; i < k->ints; ++i) ints.push_back(atoi(argv[4 + k->pointers + i]));
  if (k->run((uint32_t)atoi(argv[2]), stream, device.data(), ints.data())) return 5;
  for (int i = 0; i < k->pointers; ++i) {
    std::vector<char> bytes(sizes[i]);
    if (sizes[i] && aclrtMemcpy(bytes.data(), sizes[i], device[i], sizes[i], ACL_MEMCPY_DEVICE_TO_HOST)) return 6;
    FILE* out = fopen((folder + "/" + std::to_string(i) + ".out").c_str(), "wb");
    fwrite(bytes.data(), 1, bytes.size(), out);
    fclose(out);
    aclrtFree(device[i]);
  }
  return 0;
}
`;

export interface Program {
  run(
    kernel: string,
    blocks: number,
    buffers: readonly { readonly data: TensorData; readonly output?: boolean }[],
    ints: readonly number[],
  ): Outcome;
  dispose(): void;
}

/** The flag that says which chip a program is for. */
export function chipFlag(chip: string): string {
  return `-DPORTOLAN_CHIP="${chip}"`;
}

/** Prepares, compiles (without a warning) and links the kernels. */
export function build(kernels: readonly KernelText[], more: readonly string[] = []): Program {
  const folder = mkdtempSync(join(tmpdir(), "portolan-cann-"));
  const tool = prepareTool();
  const sources = kernels.map((k) => {
    const [from, to] = [join(folder, `${k.name}.cpp`), join(folder, `${k.name}.prepared.cpp`)];
    writeFileSync(from, k.text);
    execFileSync(tool, ["cann", from, to, join(folder, `aclrtlaunch_${k.name}.h`)]);
    return to;
  });
  const launches = kernels.map((k) => {
    const args = [...Array.from({ length: k.pointers }, (_, i) => `p[${i}]`), ...Array.from({ length: k.ints }, (_, i) => `n[${i}]`)];
    return `#include "aclrtlaunch_${k.name}.h"\nstatic uint32_t run_${k.name}(uint32_t blocks, aclrtStream s, void** p, const int32_t* n) { (void)p; (void)n; return ACLRT_LAUNCH_KERNEL(${k.name})(${["blocks", "s", ...args].join(", ")}); }`;
  });
  const table = kernels.map((k) => `{"${k.name}", ${k.pointers}, ${k.ints}, run_${k.name}}`).join(", ");
  writeFileSync(
    join(folder, "main.cpp"),
    harness.replace("LAUNCHES", () => launches.join("\n")).replace("TABLE", () => table),
  );
  const program = join(folder, "program");
  execFileSync(
    "g++",
    [
      ...flags,
      ...more,
      "-O1",
      `-I${join(twin, "include")}`,
      `-I${common}`,
      `-I${folder}`,
      join(folder, "main.cpp"),
      ...sources,
      ...twinObjects(),
      "-o",
      program,
    ],
    {
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  return {
    run: (kernel, blocks, buffers, ints) => runCase(program, folder, kernel, blocks, buffers, ints),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function bytesOf(data: TensorData): Uint8Array {
  if (Array.isArray(data)) throw new Error("strings have no bytes");
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function runCase(
  program: string,
  folder: string,
  kernel: string,
  blocks: number,
  buffers: Parameters<Program["run"]>[2],
  ints: readonly number[],
): Outcome {
  buffers.forEach((b, i) => !b.output && writeFileSync(join(folder, `${i}.in`), bytesOf(b.data)));
  const sizes = buffers.map((b) => `${b.output ? "o" : "i"}${bytesOf(b.data).length}`);
  const ran = spawnSync(program, [kernel, `${blocks}`, folder, ...sizes, ...ints.map(String)], { encoding: "utf8" });
  if (ran.status === 86)
    return { outputs: [], status: 86, violation: JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "{}") as Outcome["violation"] };
  if (ran.status !== 0) return { outputs: [], status: ran.status };
  return { status: 0, outputs: buffers.map((_, i) => new Uint8Array(readFileSync(join(folder, `${i}.out`)))) };
}

/** The bytes of an output in the same kind of array as `like`. */
export function as<T extends Float32Array | Uint16Array | Int32Array | Uint8Array | BigInt64Array>(
  bytes: Uint8Array,
  like: new (b: ArrayBuffer) => T,
): T {
  return new like(bytes.slice().buffer);
}
