/** The shared half of the twins: each kind of violation is caught and named, and correct use is silent. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";

const program = join(mkdtempSync(join(tmpdir(), "twin-core-")), "check");

beforeAll(() => {
  const sources = ["core.cpp", "fiber.cpp"].map((f) => `targets/common/twin/${f}`);
  execFileSync("g++", [
    "-std=c++17",
    "-O1",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Itargets/common/twin",
    ...sources,
    "test/targets/common/core-check.cpp",
    "-o",
    program,
  ]);
});

test("correct use passes", () => {
  expect(spawnSync(program, ["ok"], { encoding: "utf8" })).toMatchObject({ status: 0, stdout: "ok\n" });
});

test.each(["divergent-barrier", "race", "uninitialised-read", "out-of-bounds", "use-after-free", "misaligned", "in-flight-read"])(
  "%s is caught",
  (rule) => {
    const { status, stderr } = spawnSync(program, [rule], { encoding: "utf8" });
    expect(status).toBe(86);
    expect(JSON.parse(stderr)).toMatchObject({ violation: rule });
  },
);
