/**
 * No command talks to a network: each runs where the making of an internet socket is seen, by strace where this machine
 * has it and by a guard in front of libc everywhere. Nothing that onnxruntime's telemetry writes stays behind either.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { info, modelBytes, node } from "../onnx/build-model.js";
import { binary } from "./portolan.js";

/** Records AF_INET (2) and AF_INET6 (10) and refuses them. */
const guard = `
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
extern "C" int socket(int domain, int type, int protocol) {
  if (domain == 2 || domain == 10) {
    if (FILE* f = fopen(getenv("SOCKET_REPORT"), "a")) { fprintf(f, "AF_INET %d\\n", domain); fclose(f); }
    errno = EACCES;
    return -1;
  }
  using Socket = int (*)(int, int, int);
  return reinterpret_cast<Socket>(dlsym(RTLD_NEXT, "socket"))(domain, type, protocol);
}
`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-socket-"));
  const graph = { input: [info("x", [4])], output: [info("y", [4])], node: [node("Relu", ["x"], ["y"])] };
  writeFileSync(join(folder, "m.onnx"), modelBytes({ graph }));
  writeFileSync(join(folder, "guard.cpp"), guard);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs node with `args` and TMPDIR to itself; answers with what was seen and what lies in TMPDIR. */
type Watch = (args: readonly string[]) => { readonly sockets: string; readonly left: readonly string[]; readonly code: number | null };

function watched(
  name: string,
  command: (report: string, args: readonly string[]) => { words: readonly string[]; env: NodeJS.ProcessEnv },
): Watch {
  let runs = 0;
  return (args) => {
    const [report, temporary] = [join(folder, `${name}-${++runs}.txt`), join(folder, `${name}-${runs}.tmp`)];
    mkdirSync(temporary);
    const { words, env } = command(report, args);
    const clean = Object.fromEntries(Object.entries(process.env).filter(([key]) => key !== "ORT_DISABLE_TELEMETRY"));
    const ran = spawnSync(words[0], words.slice(1), { env: { ...clean, ...env, TMPDIR: temporary }, encoding: "utf8" });
    const text = existsSync(report) ? readFileSync(report, "utf8") : "";
    const sockets = text.split("\n").filter((line) => line.includes("AF_INET"));
    return { sockets: sockets.join("\n"), left: readdirSync(temporary), code: ran.status };
  };
}

function guarded(): Watch | undefined {
  const library = join(folder, "guard.so");
  const built = spawnSync("g++", ["-shared", "-fPIC", "-o", library, join(folder, "guard.cpp"), "-ldl"]);
  if (built.status !== 0) return undefined;
  return watched("guard", (report, args) => ({ words: [process.execPath, ...args], env: { LD_PRELOAD: library, SOCKET_REPORT: report } }));
}

function traced(): Watch | undefined {
  if (spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status !== 0) return undefined;
  return watched("strace", (report, args) => ({
    words: ["strace", "-f", "-qq", "-e", "trace=socket", "-o", report, process.execPath, ...args],
    env: {},
  }));
}

const commands = (): readonly (readonly string[])[] => {
  const [model, bundle] = [join(folder, "m.onnx"), join(folder, "bundle")];
  return [
    ["inspect", model],
    ["optimize", model, "-o", join(folder, "o.onnx")],
    ["compile", model, "-t", "bang", "-o", bundle],
    ["run", bundle, "--inputs", "seed:1"],
    ["verify", model, "-t", "bang"],
    ["compile", folder, "-t", "bang", "--dry-run", "--jobs", "2"],
    ["plan", folder, "--kind", "compile", "-t", "bang", "-o", join(folder, "tasks.json")],
    ["worker", "--tasks", join(folder, "tasks.json"), "--root", folder, "--index", "0", "--of", "1", "-o", join(folder, "parts")],
    ["doctor"],
  ];
};

test.each([
  ["a guard in front of libc", guarded],
  ["strace", traced],
])("no command makes an internet socket, as seen by %s", (name, make) => {
  const watch = make();
  if (!watch) return console.log(`skipped: ${name} does not work here`);
  const connecting = ["-e", `require("net").connect(9, "127.0.0.1").on("error", () => {})`];
  expect(watch(connecting).sockets).toContain("AF_INET");
  for (const words of commands()) {
    const { sockets, left, code } = watch([binary, ...words]);
    expect({ words: words[0], sockets, code }).toEqual({ words: words[0], sockets: "", code: words[0] === "doctor" ? code : 0 });
    expect(left.filter((f) => f.endsWith(".ses") || /^mat-debug-.*\.log$/.test(f))).toEqual([]);
  }
});
