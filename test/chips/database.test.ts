/** The table of chips: its form, and that it and the generators' own figures cannot part. */
import { expect, test } from "vitest";
import { chipRows } from "../../src/chips/chips.js";
import { adviceOn, resolveChip } from "../../src/chips/resolve.js";
import type { ChipRow } from "../../src/chips/row.js";
import { chipRowSchema } from "../../src/chips/schema.js";
import { sources } from "../../src/chips/sources.js";
import { traps } from "../../src/chips/traps.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { chooseTarget, chooseTargets, type ChosenTarget } from "../../src/driver/targets.js";

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

test.each(chipRows.map((row) => [row.name, row] as const))("%s has the form of a row", (_, row) => {
  expect(chipRowSchema.parse(row)).toEqual(row);
});

test("each name and alias stands for one chip, and no trap is one", () => {
  const names = [...chipRows.flatMap((r) => [r.name, ...r.aliases]), ...traps.flatMap((t) => t.given)].map(plain);
  expect(names.filter((n, i) => names.indexOf(n) !== i)).toEqual([]);
  expect(traps.filter((t) => !chipRows.some((r) => r.name === t.means))).toEqual([]);
});

test("each source is cited, none is named twice", () => {
  const claims = chipRows.flatMap((r) => [...Object.values(r.figures).flat(), ...(r.links ?? []).flatMap((l) => l.rate)]);
  const cited = new Set(claims.flatMap((c) => c.source.split("; ")));
  const titles = Object.values(sources).map((s) => s.title);
  expect(titles.filter((t) => !cited.has(t))).toEqual([]);
  expect(titles.filter((t, i) => titles.indexOf(t) !== i)).toEqual([]);
  expect(claims.length).toBeGreaterThan(450);
});

/** What runs the code of a chip: its dies, where a module of several stands beside them. */
function rowsOf(chip: string): ChipRow[] {
  const all = chipRows.filter((r) => r.generator === chip);
  const dies = all.filter((r) => r.per === "die");
  return dies.length > 0 ? dies : all;
}

const valueOf = (row: ChipRow, key: "memory" | "cores"): number | undefined => row.figures[key]?.[0].value as number | undefined;

const generated = (await chooseTargets("all")).flatMap(({ target }) =>
  Object.entries(target.chips).map(([name, chip]) => [name, { target, chip }] as [string, ChosenTarget]),
);

test.each(generated)("%s is the same here as for its generator", (name, { chip }) => {
  const rows = rowsOf(name);
  expect(rows.length).toBeGreaterThan(0);
  const memory = rows.flatMap((r) => valueOf(r, "memory") ?? []);
  // A generator counts with the most that a card gives the chip (an S8 gives one what an X8 gives two); of one whose memory no file names, neither knows it.
  expect(memory.length === 0 ? Infinity : Math.max(...memory)).toBe(chip.memoryBytes);
  expect(new Set(rows.flatMap((r) => valueOf(r, "cores") ?? []))).toEqual(new Set([chip.caps.cores]));
  expect(new Set(rows.map((r) => r.arch))).toEqual(new Set([chip.arch]));
});

test.each(generated)("%s and its architecture mean the same chip here and to --target", async (name, { target, chip }) => {
  expect(resolveChip(name).row.generator).toBe(name);
  const chosen = await chooseTarget(`${target.name}:${chip.arch}`);
  expect(resolveChip(chip.arch).row.generator).toBe(chosen.chip.caps.chip);
});

test("no row names a generator that there is not", () => {
  const names = generated.map(([name]) => name);
  expect(chipRows.filter((r) => r.generator !== undefined && !names.includes(r.generator))).toEqual([]);
});

test("what is announced or rumoured says so, and what has no generator stands there without one", () => {
  const of = (name: string): string => {
    const { status, generator } = resolveChip(name).row;
    return `${status} ${generator ?? "none"}`;
  };
  expect(
    Object.fromEntries(
      ["950PR", "960", "970", "920", "M100", "M300", "PPU", "Hanguang 800", "C500", "S5000", "A100"].map((n) => [n, of(n)]),
    ),
  ).toEqual({
    "950PR": "shipping none",
    "960": "announced none",
    "970": "announced none",
    "920": "rumoured none",
    M100: "announced none",
    M300: "announced none",
    PPU: "shipping none",
    "Hanguang 800": "shipping none",
    C500: "shipping none",
    S5000: "shipping none",
    A100: "shipping none",
  });
});

test.each([
  ["910B", "Ascend910B2", "B4 (20, 1.5 GHz, 32 GB)"],
  ["Ascend910B", "Ascend910B2", "first-generation part"],
  ["910C", "Ascend910C", "two dies"],
  ["910_93", "Ascend910C", "those of Ascend910_9392 one die's"],
  ["a3", "Ascend910C", "module has two"],
  ["Atlas 300I Duo", "Ascend310P3", "carries two"],
  ["MLU370", "MLU370-X8", "24 GB"],
])("%s is taken to be %s and says why", (given, name, says) => {
  const { row, diagnostics } = resolveChip(given);
  expect([row.name, diagnostics[0].code]).toEqual([name, "chip-alias"]);
  expect(diagnostics[0].message).toContain(says);
});

test.each(["910B2", "ascend 910b2", "ASCEND910_9392", "h20", "rtx 4090 d", "r200", "mlu370-x8"])(
  "%s is a spelling that needs no word",
  (given) => {
    expect(resolveChip(given).diagnostics).toEqual([]);
  },
);

test.each([
  ["Ascend910B9", 'did you mean "'],
  ["MLU59", 'did you mean "MLU590"?'],
  ["H2O", 'did you mean "H20"?'],
  ["zzzzzz", 'a chip "zzzzzz"'],
  ["", 'a chip ""'],
  ["__proto__", 'a chip "__proto__"'],
])("%s is unknown, and the nearest is named", (given, says) => {
  expect(() => resolveChip(given)).toThrow(DiagnosticError);
  expect(() => resolveChip(given)).toThrow(`unknown-chip: nothing is known of ${says.startsWith("did") ? "" : says}`);
  expect(() => resolveChip(given)).toThrow(says);
});

test("--target tells what is known of a name that it does not take", async () => {
  const why = async (given: string): Promise<string | undefined> =>
    chooseTarget(given).then(
      () => "taken",
      (e: unknown) => (e as DiagnosticError).diagnostics[0].why,
    );
  expect(await why("cann:910C")).toContain("two dies");
  expect(await why("cann:950PR")).toContain("no code is generated for it");
  expect(await why("h20")).toContain("NVIDIA H20");
  expect(adviceOn("zzz")).toBeUndefined();
});
