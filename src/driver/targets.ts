/** The targets, loaded when one is asked for. `cann`, `bang:MLU370`, `kunlun:xpu3`, `all`. */
import { fail } from "../base/diagnostic.js";
import type { Chip, Target } from "../claim/target.js";
import { closest, editDistance } from "../base/suggest.js";

const loaders = {
  cann: async (): Promise<Target> => (await import("../../targets/cann/target.js")).cann,
  bang: async (): Promise<Target> => (await import("../../targets/bang/target.js")).bang,
  kunlun: async (): Promise<Target> => (await import("../../targets/kunlun/target.js")).kunlun,
} as const;

export type TargetName = keyof typeof loaders;
export const targetNames = Object.keys(loaders) as readonly TargetName[];

/** What else users call a target: its product line. */
const aliases: Readonly<Record<string, TargetName>> = { ascend: "cann", cambricon: "bang", mlu: "bang", xpu: "kunlun" };

export interface ChosenTarget {
  readonly target: Target;
  readonly chip: Chip;
}

/**
 * Reads `cann`, `cann:Ascend310P3`, `ascend:Ascend310P3`, `bang:mtp_592`, in any case of letters. An architecture stands
 * for the target's default chip where that has it, else for its first chip that does. Throws `unknown-target` or
 * `unknown-chip` with the nearest spelling.
 */
export async function chooseTarget(text: string): Promise<ChosenTarget> {
  const at = text.indexOf(":");
  const [given, chipName] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  const name = targetNamed(given);
  if (name === undefined) return refuseTarget(given);
  const target = await loaders[name]();
  return { target, chip: chipName === undefined ? target.chips[target.defaultChip] : await chipNamed(target, chipName) };
}

/** The target of that name, in any spelling; undefined where there is none. */
export function targetNamed(given: string): TargetName | undefined {
  const lower = given.toLowerCase();
  return targetNames.find((n) => n === lower) ?? (Object.hasOwn(aliases, lower) ? aliases[lower] : undefined);
}

async function chipNamed(target: Target, given: string): Promise<Chip> {
  const same = (name: string): boolean => name.toLowerCase() === given.toLowerCase();
  const chips = Object.entries(target.chips);
  const byArch = chips.filter(([, c]) => same(c.arch));
  const found = chips.find(([name]) => same(name)) ?? byArch.find(([name]) => name === target.defaultChip) ?? byArch[0];
  if (found) return found[1];
  const near = nearChip(given, [target]);
  return fail("unknown-chip", `${target.title} has no chip "${given}" here${near === undefined ? "" : ` (did you mean "${near.chip}"?)`}`, {
    ...(await adviceOn(given)),
    fix: `Chips of ${target.name}: ${chips.map(([name, { arch }]) => `${name} (${arch})`).join(", ")}.`,
  });
}

/** What else is known of a chip by that name; its table is loaded only here. */
async function adviceOn(given: string): Promise<{ readonly why?: string }> {
  const why = (await import("../chips/resolve.js")).adviceOn(given);
  return why === undefined ? {} : { why };
}

/** Throws `unknown-target`, naming the target, or the target and chip, that are nearest to what was given. */
async function refuseTarget(given: string): Promise<never> {
  const targets = await Promise.all(targetNames.map((n) => loaders[n]()));
  const chip = nearChip(given, targets);
  const near = chip ? ` (did you mean "${chip.target}:${chip.chip}"?)` : closest(given, [...targetNames, ...Object.keys(aliases)]);
  return fail("unknown-target", `there is no target "${given}"${near}`, {
    ...(await adviceOn(given)),
    fix: `Targets: ${targetNames.join(", ")} (${targets.map((t) => t.title).join(", ")}); a chip follows a colon, as in cann:Ascend310P3.`,
  });
}

/** The chip, or the chip of the architecture, whose name holds what was given, begins it, or is a few letters off. */
function nearChip(given: string, targets: readonly Target[]): { readonly target: string; readonly chip: string } | undefined {
  const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  const asked = plain(given);
  if (asked === "") return undefined;
  const known = targets.flatMap((t) =>
    Object.entries(t.chips).flatMap(([chip, { arch }]) => [chip, arch].map((name) => ({ target: t.name, chip, name: plain(name) }))),
  );
  const within = asked.length < 3 ? undefined : known.find(({ name }) => name.includes(asked) || asked.includes(name));
  if (within) return within;
  const [best] = known.map((k) => ({ ...k, distance: editDistance(asked, k.name) })).sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(1, Math.floor(asked.length / 3)) ? best : undefined;
}

/** A comma-separated list, each chip once; `all` is every target with its default chip. */
export async function chooseTargets(text: string): Promise<ChosenTarget[]> {
  const list = text === "all" ? targetNames : text.split(",").map((t) => t.trim());
  const chosen = await Promise.all(list.map(chooseTarget));
  return [...new Map(chosen.map((one) => [one.chip, one])).values()];
}
