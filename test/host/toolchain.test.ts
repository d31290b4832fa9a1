/** Programs end with all that they started: when cancelled, when late, and when the process that ran them is killed. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { faultOf, findCompiler, requireUsable, run } from "../../src/host/toolchain.js";
import { inParallel } from "../../src/verify/twin-library.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-toolchain-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a process that outlives the test unless it is ended, and tells its id in a file once it runs. */
const starts = (how: string): string => `${how} & echo $! > starting; mv starting started; wait`;

async function until(holds: () => boolean): Promise<void> {
  const last = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > last) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function started(): Promise<number> {
  const file = join(folder, "started");
  await until(() => existsSync(file));
  return Number(readFileSync(file, "utf8"));
}

/** One that has ended and waits to be asked for its status is not. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

test.each([
  ["asked to", starts("sleep 100")],
  ["killed where none listens", `trap "" TERM; ${starts("sleep 100")}`],
])("cancelling rejects after all that was started has ended, %s", async (_, script) => {
  const cancel = new AbortController();
  const running = run("sh", ["-c", script], { cwd: folder, signal: cancel.signal });
  const pid = await started();
  cancel.abort();
  await expect(running).rejects.toMatchObject({ name: "AbortError" });
  expect(lives(pid)).toBe(false);
});

test("a program that takes too long ends with what it started", async () => {
  const done = await run("sh", ["-c", starts("sleep 100")], { cwd: folder, timeoutMs: 500 });
  expect(done.signal).toBe("SIGTERM");
  expect(lives(await started())).toBe(false);
});

test("what a program leaves behind ends with it", async () => {
  const done = await run("sh", ["-c", "sleep 100 & echo $!"]);
  expect(done.status).toBe(0);
  expect(lives(Number(done.stdout))).toBe(false);
});

test("a process that is killed takes its programs with it", async () => {
  const toolchain = new URL("../../dist/src/host/toolchain.js", import.meta.url).href;
  const program = JSON.stringify(starts("sleep 100"));
  // Whoever is killed between a start and the next line has told nobody of it.
  const script = `import { writeFileSync } from "node:fs"; import { run } from ${JSON.stringify(toolchain)};
    const running = run("sh", ["-c", ${program}]); writeFileSync("told", ""); await running;`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: folder, stdio: "inherit" });
  const pid = await started();
  await until(() => existsSync(join(folder, "told")));
  parent.kill("SIGKILL");
  await until(() => !lives(pid));
});

test("tells status, signal and both streams; rejects only when there is no such program", async () => {
  expect(await run("sh", ["-c", "echo out; echo err >&2; exit 3"])).toEqual({ status: 3, signal: null, stdout: "out\n", stderr: "err\n" });
  expect(await run("sh", ["-c", "kill -s SEGV $$"])).toMatchObject({ status: 1, signal: "SIGSEGV" });
  await expect(run(join(folder, "none"), [])).rejects.toMatchObject({ code: "ENOENT" });
  await expect(run("sh", ["-c", "exit"], { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
});

test("work in parallel begins nothing after a failure, and fails when what had begun has ended", async () => {
  const ended: string[] = [];
  const slow = async (name: string): Promise<void> => {
    if (name === "bad") throw new Error("bad");
    await new Promise((resolve) => setTimeout(resolve, 50));
    ended.push(name);
  };
  await expect(inParallel(["slow", "bad", "next"], 2, slow)).rejects.toThrow("bad");
  expect(ended).toEqual(["slow"]);
});

test("a compiler is usable when it builds a small program that runs", { timeout: 60_000 }, async () => {
  expect(await faultOf(await findCompiler())).toBeUndefined();
  const broken = (name: string, script: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  expect(await faultOf(broken("refuses", "echo 'error: no <mutex>' >&2; exit 1"))).toBe("error: no <mutex>");
  const lies = broken("lies", 'while [ "$1" != -o ]; do shift; done; printf "#!/bin/sh\\nexit 7\\n" > "$2"; chmod +x "$2"');
  expect(await faultOf(lies)).toBe("what it builds does not run: exit code 7");
  await expect(requireUsable(lies)).rejects.toMatchObject({ diagnostics: [{ code: "compiler-unusable" }] });
});

test("CXX is taken or refused, never passed over", async () => {
  vi.stubEnv("CXX", join(folder, "none"));
  await expect(findCompiler()).rejects.toMatchObject({ diagnostics: [{ code: "compiler-missing" }] });
  vi.unstubAllEnvs();
});
