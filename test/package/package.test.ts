/** What npm would publish holds what the package, its documents and its messages name. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../cli/root.js";

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly scripts: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;

function packed(): ReadonlySet<string> {
  const said = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const [{ files }] = JSON.parse(said) as [{ files: { path: string }[] }];
  return new Set(files.map((f) => f.path));
}

test("the package carries what it names", () => {
  const files = packed();
  const has = (path: string): boolean => files.has(path) || [...files].some((f) => f.startsWith(`${path.replace(/\/$/, "")}/`));
  const entries = [...Object.values(manifest.bin), ...Object.values(manifest.exports).flatMap((e) => Object.values(e))];
  expect(entries.map((e) => e.replace("./", "")).filter((e) => !files.has(e))).toEqual([]);
  const documents = ["README.md", ...readdirSync(join(root, "docs")).map((f) => `docs/${f}`)];
  const named = documents.flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(/`((?:docs|samples|targets|src\/ops)\/[\w./-]+|[A-Z]+\.md)`/g)].map((m) => m[1]),
  );
  expect(named.length).toBeGreaterThan(5);
  // Only what is there: an example may name a file that a user would write.
  expect(named.filter((path) => existsSync(join(root, path)) && !has(path))).toEqual([]);
  // Messages point to the wording of a rule.
  expect([...files].filter((f) => /^src\/ops\/formulas\/\w+\.formula\.ts$/.test(f)).length).toBeGreaterThan(15);
  expect([...files].filter((f) => /(^|\/)(test|bench|node_modules|\.cache)\//.test(f))).toEqual([]);
});

test("an install from git builds", () => {
  expect(manifest.scripts["prepare"]).toBe("node bench/prepare.mjs");
  const script = readFileSync(join(root, "bench/build.mjs"), "utf8");
  const [, compiler] = /join\(root, "(node_modules[^"]+)"\)/.exec(script) ?? [];
  expect([existsSync(join(root, compiler)), existsSync(join(root, "dist/src/cli/main.js"))]).toEqual([true, true]);
});
