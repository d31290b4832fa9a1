/** Chips side by side, and sets of the user's own: kept, first in line, private, and refused one fault at a time. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { parseUserSet } from "../../src/chips/user-set.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { portolan, type Ran } from "./portolan.js";

const folder = mkdtempSync(join(tmpdir(), "portolan-chips-"));
afterAll(() => rmSync(folder, { recursive: true }));

let config: string;
let count = 0;
beforeEach(() => {
  config = join(folder, `config-${count++}`);
});

const run = (...args: string[]): Promise<Ran> => portolan(args, { env: { PORTOLAN_CONFIG: config } });

const lab = {
  schemaVersion: 1,
  label: "lab",
  chips: [
    {
      chip: "910b2",
      date: "2026-11-20",
      source: "copy kernel",
      figures: { bandwidth: { value: 1210 } },
      price: { value: 95000, currency: "CNY" },
      measurements: [{ what: "decode", workload: "batch 1", value: 41.5, unit: "tokens/s" }],
    },
  ],
};

function fileOf(content: unknown, name = "set.json"): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content));
  return path;
}

describe("targets --compare", () => {
  test("prints what is known, contested and unknown", async () => {
    const { stdout, code } = await run("targets", "--compare", "Ascend910B4", "H20", "M100");
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("compare.txt");
  });

  test("says with -v who says what, when and where", async () => {
    const { stdout } = await run("targets", "--compare", "T4", "-v");
    await expect(stdout).toMatchFileSnapshot("compare-sources.txt");
  });

  test("has in JSON every figure with its claims, and null for what is unknown", async () => {
    const { stdout } = await run("targets", "--compare", "910B2", "P800", "--json");
    const { chips, diagnostics } = JSON.parse(stdout) as {
      chips: { name: string; figures: Record<string, { value: unknown; source: string; date: string }[] | null> }[];
      diagnostics: unknown[];
    };
    expect(chips.map((c) => c.name)).toEqual(["Ascend910B2", "P800"]);
    expect(chips[1].figures["bandwidth"]).toBeNull();
    expect(chips[0].figures["bandwidth"]?.map((c) => c.value)).toEqual([1600, 1800, 1200]);
    expect(chips[0].figures["price"]).toBeNull();
    expect(diagnostics).toEqual([]);
  });

  test("tells of names that are traps and of dies beside cards, on stderr", async () => {
    const { stderr, code } = await run("targets", "--compare", "910_9392", "910B", "H20");
    expect(code).toBe(0);
    expect(stderr).toContain('note[chip-alias]: "910B" is taken to be Ascend910B2');
    expect(stderr).toContain("note[dies-beside-cards]: figures of Ascend910_9392 are those of one die");
  });

  test.each([
    [["--compare", "H20", "H2O"], "unknown-chip", 'did you mean "H20"'],
    [["cann", "--compare", "H20"], "bad-option", "stands before --compare"],
    [["--compare"], "bad-option", "argument missing"],
    [["--ops", "--compare", "H20"], "bad-option", "cannot be used with"],
  ])("%j is refused", async (words, code, says) => {
    const ran = await run("targets", ...words);
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toContain(`error[${code}]`);
    expect(ran.stderr).toContain(says);
  });
});

describe("chips", () => {
  test("keeps a set for the user alone, and it comes first under its label", async () => {
    expect((await run("chips", "add", fileOf(lab))).stdout).toContain('kept "lab": Ascend910B2');
    expect(statSync(join(config, "chips", "lab.json")).mode & 0o777).toBe(0o600);
    const { stdout } = await run("targets", "--compare", "910B2", "H20");
    expect(stdout).toMatch(/memory bandwidth, GB\/s +1210 \[lab\] \(contested: 1600, 1800\?, 1200\?\)/);
    expect(stdout).toMatch(/price +95000 CNY \[lab\] +unknown/);
    expect(stdout).toMatch(/Ascend910B2 +decode +41.5 +tokens\/s +batch 1 +2026-11-20 +\[lab\]/);
  });

  test("the newer of two sets comes first; one is exported, read again and removed", async () => {
    const newer = { ...lab, label: "Ж lab.2", chips: [{ chip: "910B2", date: "2026-11-21", figures: { bandwidth: { value: 1250 } } }] };
    for (const set of [lab, newer]) await run("chips", "add", fileOf(set));
    const compared = async (): Promise<string | undefined> =>
      (await run("targets", "--compare", "910B2")).stdout.split("\n").find((l) => l.startsWith("memory bandwidth"));
    expect(await compared()).toContain("1250 [Ж lab.2] (contested: 1210 [lab], 1600");
    const out = join(folder, "out.json");
    expect((await run("chips", "export", "lab", "-o", out)).code).toBe(0);
    expect(parseUserSet(readFileSync(out, "utf8"), out)).toEqual({ ...lab, chips: [{ ...lab.chips[0], chip: "Ascend910B2" }] });
    expect((await run("chips", "remove", "Ж lab.2")).code).toBe(0);
    expect(await compared()).toContain("1210 [lab] (contested: 1600");
    expect((await run("chips", "add", out)).stdout).toContain('replaced "lab"');
    expect(readdirSync(join(config, "chips"))).toEqual(["lab.json"]);
    const { sets } = JSON.parse((await run("chips", "list", "--json")).stdout) as { sets: object[] };
    expect(sets).toEqual([
      expect.objectContaining({ label: "lab", chips: ["Ascend910B2"], figures: 2, measurements: 1, date: "2026-11-20" }),
    ]);
  });

  test.each([
    ["XDG_CONFIG_HOME", (at: string) => ({ XDG_CONFIG_HOME: at }), "portolan"],
    ["HOME, where XDG_CONFIG_HOME is no absolute path", (at: string) => ({ HOME: at, XDG_CONFIG_HOME: "here" }), ".config/portolan"],
  ])("sets lie below %s", async (_, env, below) => {
    await portolan(["chips", "add", fileOf(lab)], { env: { PORTOLAN_CONFIG: "", ...env(config) } });
    expect(readdirSync(join(config, below, "chips"))).toEqual(["lab.json"]);
  });

  test("a folder that cannot be written is told", async () => {
    writeFileSync(config, "");
    const ran = await run("chips", "add", fileOf(lab));
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining("error[output-not-writable]")]);
  });

  test("a set under another name than its label is told", async () => {
    await run("chips", "add", fileOf(lab));
    copyFileSync(join(config, "chips", "lab.json"), join(config, "chips", "copy.json"));
    const listed = await run("chips", "list");
    expect([listed.code, listed.stdout]).toEqual([2, ""]);
    expect(listed.stderr).toContain('is kept as "copy", and its label is "lab"');
  });

  test("a damaged set is told, not passed over, and can be removed", async () => {
    mkdirSync(join(config, "chips"), { recursive: true });
    writeFileSync(join(config, "chips", "old.json"), "{");
    const compared = await run("targets", "--compare", "H20");
    expect([compared.code, compared.stdout]).toEqual([2, ""]);
    expect(compared.stderr).toContain("error[bad-chip-file]");
    expect((await run("chips", "remove", "old")).code).toBe(0);
    expect((await run("targets", "--compare", "H20")).code).toBe(0);
  });

  test.each([
    ["remove", "lab"],
    ["remove", "../../x"],
    ["export", "../lab"],
  ])("%s of %s is unknown", async (verb, label) => {
    const ran = await run("chips", verb, label, ...(verb === "export" ? ["-o", join(folder, "none.json")] : []));
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining("error[unknown-label]")]);
  });

  test("lists all chips that are known", async () => {
    const { chips } = JSON.parse((await run("chips", "list", "--all", "--json")).stdout) as { chips: object[] };
    expect(chips.length).toBeGreaterThan(70);
    expect((await run("chips", "list")).stdout).toContain("no set is kept");
  });

  test("files that are none are refused, and nothing is kept", async () => {
    symlinkSync("/dev/zero", join(folder, "zero.json"));
    const paths = [
      join(folder, "absent.json"),
      folder,
      join(folder, "zero.json"),
      fileOf(new Uint8Array(5 << 20), "large.json"),
      fileOf(new Uint8Array([0x22, 0xff, 0x22]), "latin.json"),
      fileOf("[".repeat(100_000), "deep.json"),
    ];
    for (const path of paths) {
      const ran = await run("chips", "add", path);
      expect([path, ran.code, ran.stdout]).toEqual([path, 2, ""]);
      expect(ran.stderr).toContain("error[bad-chip-file]");
    }
    expect((await run("chips", "list", "--json")).stdout).toContain('"sets": []');
  });
});

/** The messages of all faults of a set. */
function faults(set: unknown): string[] {
  try {
    parseUserSet(typeof set === "string" ? set : JSON.stringify(set), "f");
    return [];
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    expect(new Set(error.diagnostics.map((d) => d.code))).toEqual(new Set(["bad-chip-file"]));
    return error.diagnostics.map((d) => d.message);
  }
}

const [entry] = lab.chips;
const withEntry = (more: object): object => ({ ...lab, chips: [{ ...entry, ...more }] });

test.each([
  ["a version to come", { ...lab, schemaVersion: 2 }, ["schemaVersion"]],
  [
    "a name misspelt",
    withEntry({ figures: { bandwith: { value: 1 } } }),
    ['"bandwith", which means nothing there (did you mean "bandwidth"?)'],
  ],
  [
    "several faults",
    withEntry({ date: "yesterday", figures: { power: { value: -1 } }, extra: 1 }),
    ["chips[0].date", "chips[0].figures.power.value", '"extra"'],
  ],
  ["a figure past all bounds", JSON.stringify(lab).replace("1210", "1e999"), ["chips[0].figures.bandwidth.value"]],
  ["half a core", withEntry({ figures: { cores: { value: 1.5 } } }), ["chips[0].figures.cores.value"]],
  ["a price without currency", withEntry({ price: { value: 1 } }), ["chips[0].price.currency"]],
  ["a currency in words", withEntry({ price: { value: 1, currency: "yuan" } }), ["three capital letters"]],
  ["a chip nobody knows", withEntry({ chip: "910B22" }), ["chips[0].chip is not known"]],
  ["a name of several chips", withEntry({ chip: "910B" }), ["chips[0].chip names no one chip"]],
  ["a chip twice", { ...lab, chips: [entry, { ...entry, chip: "Ascend910B2" }] }, ["chips[1].chip: Ascend910B2 stands there twice"]],
  ["a label that is a path", { ...lab, label: "../x" }, ["label"]],
  ["a label that hides", { ...lab, label: ".x" }, ["label"]],
  ["a label for terminals", { ...lab, label: "x\u001b[31m" }, ["label"]],
  ["text that turns around", withEntry({ source: "a\u202eb" }), ["chips[0].source: must be one line without control characters"]],
  ["a prototype", JSON.stringify(lab).replace('"label"', '"__proto__": {"a": 1}, "label"'), ['the file has "__proto__"']],
  ["no object", [], ["the file"]],
  ["no chip", { ...lab, chips: [] }, ["chips"]],
  ["no JSON", "{", ["is no JSON"]],
])("%s is told", (_, set, says) => {
  const told = faults(set);
  for (const part of says) expect(told.filter((t) => t.includes(part)).length, `${part} in ${told.join("; ")}`).toBeGreaterThan(0);
  if (says.length > 1) expect(told.length).toBe(says.length);
});

test("what the user keeps is read where chips are kept, compared and assessed alone", () => {
  const files = (at: string): string[] =>
    (readdirSync(at, { recursive: true }) as string[]).filter((f) => f.endsWith(".ts")).map((f) => join(at, f));
  const reading = ["src", "passes", "targets"]
    .flatMap(files)
    .filter((f) => /host\/config\.js|\.\/config\.js/.test(readFileSync(f, "utf8")));
  expect(reading).toEqual(["src/api/chips.ts"]);
  const asking = files("src").filter((f) => /\buserSets\b|\bcompareChips\b|\bexportedChips\b/.test(readFileSync(f, "utf8")));
  expect(asking.sort()).toEqual([
    ...["src/api/assess-checkpoint.ts", "src/api/assess-page.ts", "src/api/assess.ts", "src/api/chips.ts"],
    ...["src/cli/chips.ts", "src/cli/compare.ts", "src/cli/tasks.ts"],
  ]);
});
