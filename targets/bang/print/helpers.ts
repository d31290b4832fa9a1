/** Small device functions that some kernels need, printed in this order into the file of each kernel that does. */
import { conversions } from "./helpers/conversions.js";
import { folds } from "./helpers/folds.js";
import type { Bang, Helper } from "./helpers/helper.js";
import { integers } from "./helpers/integers.js";
import { lanes } from "./helpers/lanes.js";

const { turn, turn_int64, ...made } = lanes;

const helpers = { ...integers, ...made, ...conversions, ...folds, turn, turn_int64 };

export type HelperName = keyof typeof helpers;

export const helperNames = Object.keys(helpers) as readonly HelperName[];

/** Whether a helper works through `helper_nram`. */
export function usesWorkspace(name: HelperName): boolean {
  return (helpers[name] as Helper).workspace ?? false;
}

/** The text of one helper. */
export function helperText(name: HelperName, bang: Bang): readonly string[] {
  return helpers[name].text(bang).trim().split("\n");
}
