/** The targets, loaded when one is asked for. `cann`, `bang:MLU370`, `all`. */
import { fail } from "../base/diagnostic.js";
import type { Chip, Target } from "../plan/target.js";
import { closest } from "../base/suggest.js";

const loaders = {
  cann: async (): Promise<Target> => (await import("../../targets/cann/target.js")).cann,
  bang: async (): Promise<Target> => (await import("../../targets/bang/target.js")).bang,
  kunlun: async (): Promise<Target> => (await import("../../targets/kunlun/target.js")).kunlun,
} as const;

export type TargetName = keyof typeof loaders;
export const targetNames = Object.keys(loaders) as readonly TargetName[];

export interface ChosenTarget {
  readonly target: Target;
  readonly chip: Chip;
}

/** Reads `cann`, `cann:Ascend310P3`; fails with the nearest spelling. */
export async function chooseTarget(text: string): Promise<ChosenTarget> {
  const [name, chipName] = text.split(":", 2);
  if (!Object.hasOwn(loaders, name))
    return fail("unknown-target", `there is no target "${name}"${closest(name, targetNames)}`, {
      fix: `Targets: ${targetNames.join(", ")}; a chip follows a colon, as in cann:Ascend310P3.`,
    });
  const target = await loaders[name as TargetName]();
  const chips = Object.keys(target.chips);
  const wanted = chipName ?? target.defaultChip;
  const found = chips.find((c) => c.toLowerCase() === wanted.toLowerCase());
  if (!found)
    return fail("unknown-chip", `${target.title} has no chip "${wanted}" here${closest(wanted, chips)}`, {
      fix: `Chips of ${name}: ${chips.join(", ")}.`,
    });
  return { target, chip: target.chips[found] };
}

/** A comma-separated list; `all` is every target with its default chip. */
export async function chooseTargets(text: string): Promise<ChosenTarget[]> {
  const list = text === "all" ? targetNames : text.split(",").map((t) => t.trim());
  return Promise.all(list.map(chooseTarget));
}
