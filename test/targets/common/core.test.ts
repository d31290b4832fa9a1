/** The shared half of the twins: each kind of violation is caught and named, and correct use is silent. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "twin-core-"));
const program = join(folder, "check");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function build(to: string, sources: readonly string[], flags: readonly string[]): void {
  execFileSync("g++", ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-Itargets/common/twin", ...flags, ...sources, "-o", to, "-pthread"]);
}

const coreCheck = [...["core.cpp", "fiber.cpp"].map((f) => `targets/common/twin/${f}`), "test/targets/common/core-check.cpp"];

beforeAll(() => build(program, coreCheck, ["-O1"]));

test("correct use passes", () => {
  expect(spawnSync(program, ["ok"], { encoding: "utf8" })).toMatchObject({ status: 0, stdout: "ok\n" });
});

test.each([
  "divergent-barrier",
  "race",
  "uninitialised-read",
  "out-of-bounds",
  "use-after-free",
  "misaligned",
  "in-flight-read",
  "wrong-device",
])("%s is caught", (rule) => {
  const { status, stderr } = spawnSync(program, [rule], { encoding: "utf8" });
  expect(status).toBe(86);
  expect(JSON.parse(stderr)).toMatchObject({ violation: rule });
});

test("device memory ends where PORTOLAN_TWIN_MEMORY says", () => {
  const full = (mib: string): string =>
    spawnSync(program, ["full"], { encoding: "utf8", env: { ...process.env, PORTOLAN_TWIN_MEMORY: mib } }).stdout;
  expect([full("1"), full("2")]).toEqual(["full\n", "room\n"]);
});

test("two threads launch at once, without a race and with both counted", () => {
  const watched = join(folder, "watched");
  build(watched, coreCheck, ["-O1", "-g", "-fsanitize=thread"]);
  const profile = join(folder, "profile.json");
  const { status, stdout, stderr } = spawnSync(watched, ["threads"], {
    encoding: "utf8",
    env: { ...process.env, PORTOLAN_PROFILE: profile },
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "ok\n", stderr: "" });
  const { total, kernels } = JSON.parse(readFileSync(profile, "utf8")) as Record<string, Record<string, unknown>>;
  expect(total).toMatchObject({ dmaBytes: 2 * 20 * 8 * 8, launches: 2 * 20 * 2, barriers: 2 * 20 * 16 * 2 });
  expect(kernels["both"]).toMatchObject({ dmaBytes: 2 * 20 * 8 * 8, launches: 2 * 20 });
});

test("a half of our own holds and computes what the compiler's does", () => {
  const told = ["theirs", "own"].map((kind) => {
    const to = join(folder, kind);
    build(to, ["test/targets/common/half-check.cpp"], ["-O2", ...(kind === "own" ? ["-DPORTOLAN_OWN_HALF"] : [])]);
    return spawnSync(to, { encoding: "utf8" }).stdout;
  });
  const kinds = told.map((t) => t.split("\n")[0]);
  expect(kinds[1]).toBe("own");
  // A compiler without _Float16 has nothing to compare with.
  if (kinds[0] !== "own") expect(told[1].split("\n").slice(1)).toEqual(told[0].split("\n").slice(1));
});
