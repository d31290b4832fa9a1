/** A bundle runs on the weights it was compiled from and on no others: another file, four changed bytes and a short file are told apart. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/host/package.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { compile } from "../../src/api/compile.js";
import type { Program } from "../../src/program/program.js";
import { buildBundle } from "../../src/verify/build-bundle.js";
import { twinLibrary } from "../../src/verify/twin-library.js";

const folder = mkdtempSync(join(tmpdir(), "portolan-trusted-"));
const sample = join(packageRoot, "samples/attention-block");
const built: Record<string, { readonly program: string; readonly weights: Program["weights"]; readonly file: string }> = {};
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  for (const kind of ["referenced", "copied"]) {
    const output = join(folder, kind);
    const result = await compile(join(sample, "attention_block.onnx"), {
      target: "bang",
      output,
      withTwin: false,
      copyWeights: kind === "copied",
    });
    expect(result.ok).toBe(true);
    const { target } = await chooseTarget("bang");
    const program = await buildBundle(output, target, await twinLibrary(target, packageRoot, {}));
    const weights = (JSON.parse(readFileSync(join(output, "manifest.json"), "utf8")) as { program: Program }).program.weights;
    const own = "attention_block.safetensors";
    const file = kind === "copied" ? join(output, "weights", own) : join(sample, "attention_block.onnx");
    built[kind] = { program, weights: weights.filter((w) => (w.from.file === own) === (kind === "copied")), file };
    if (kind === "referenced") mkdirSync(join(output, "weights"), { recursive: true });
  }
}, 300_000);

function run(kind: string, name: string, change: (path: string) => void, env: NodeJS.ProcessEnv = {}, flags: readonly string[] = []) {
  const home = join(folder, name.replace(/\W+/g, "-"));
  mkdirSync(join(home, "weights"), { recursive: true });
  const { file, program } = built[kind];
  const copy = join(home, file.split("/").at(-1) ?? "");
  copyFileSync(file, copy);
  change(copy);
  const other = join(folder, kind);
  const args = ["--inputs", join(sample, "in.npz"), "--weights", `${home}:${other}`, ...flags];
  const done = spawnSync(program, args, { encoding: "utf8", env: { ...process.env, ...env } });
  return { status: done.status, stderr: done.stderr };
}

function changeFour(at: number) {
  return (path: string): void => {
    const bytes = readFileSync(path);
    for (let i = 0; i < 4; i++) bytes[at + i] ^= 0x40;
    writeFileSync(path, bytes);
  };
}

describe.each(["referenced", "copied"])("weights %s", (kind) => {
  test("the right file runs", () => {
    expect(run(kind, `${kind} right`, () => undefined)).toEqual({ status: 0, stderr: "" });
  });

  test("four changed bytes are a sentence with file and tensor, each tensor of them", () => {
    for (const w of built[kind].weights) {
      const { status, stderr } = run(kind, `${kind} bytes`, changeFour(w.from.offset + w.from.length - 4));
      expect(status).toBe(1);
      expect(stderr).toMatch(/holds other bytes for ".+" .*sha256.*\(status -6\)/);
      expect(stderr).toContain(w.from.file);
    }
  });

  test("a short file and a long one are told by their sizes", () => {
    const bytes = statSync(built[kind].file).size;
    for (const wrong of [bytes - 8, bytes + 8]) {
      const { status, stderr } = run(kind, `${kind} size`, (path) => truncateSync(path, wrong));
      expect(status).toBe(1);
      expect(stderr).toMatch(new RegExp(`has ${wrong} bytes and had ${bytes} .*wanted for ".+".*status -6`));
    }
  });

  test("the hash, not the size, is skipped when asked, by variable or flag, and the program says so", () => {
    const at = built[kind].weights[0].from.offset;
    const skipped = run(kind, `${kind} skipped`, changeFour(at), { PORTOLAN_SKIP_HASH: "1" });
    expect(skipped).toMatchObject({ status: 0, stderr: expect.stringMatching(/sha256 is not compared/) as string });
    expect(run(kind, `${kind} flag`, changeFour(at), {}, ["--skip-hash"])).toEqual(skipped);
    expect(run(kind, `${kind} zero`, changeFour(at), { PORTOLAN_SKIP_HASH: "0" }).status).toBe(1);
    expect(run(kind, `${kind} short`, (path) => truncateSync(path, 64), { PORTOLAN_SKIP_HASH: "1" }).status).toBe(1);
  });
});

test("sha256 of the runtime is node:crypto's, however the bytes come", () => {
  const source = join(folder, "sha.cpp");
  writeFileSync(
    source,
    `#include <cstdio>
#include <vector>
#include "sha256.h"
int main() {
  for (size_t n : {0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000, 100003})
    for (size_t piece : {1, 7, 64, 65, 4096}) {
      std::vector<unsigned char> bytes(n + 1);
      for (size_t i = 0; i < n; ++i) bytes[i] = (unsigned char)(i * 31 + n);
      portolan::Sha256 hash;
      for (size_t at = 0; at < n; at += piece) hash.update(bytes.data() + at, at + piece < n ? piece : n - at);
      std::printf("%zu %s\\n", n, hash.hex().c_str());
    }
}
`,
  );
  const runtime = join(packageRoot, "targets/common/runtime");
  execFileSync("g++", [
    "-std=c++17",
    "-O1",
    "-Wall",
    "-Wextra",
    "-Werror",
    `-I${runtime}`,
    source,
    join(runtime, "sha256.cpp"),
    "-o",
    join(folder, "sha"),
  ]);
  const lines = execFileSync(join(folder, "sha"), { encoding: "utf8" }).trim().split("\n");
  expect(lines).toHaveLength(15 * 5);
  for (const line of lines) {
    const [n, hex] = line.split(" ");
    const bytes = Uint8Array.from({ length: Number(n) }, (_, i) => i * 31 + Number(n));
    expect(hex, n).toBe(createHash("sha256").update(bytes).digest("hex"));
  }
});
