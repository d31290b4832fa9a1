/** The chips that are known: those that `compile` writes for, those it does not, and the cards that a port is measured against. */
import type { ChipRow } from "./row.js";
import { ascend } from "./rows/ascend.js";
import { ascendCards } from "./rows/ascend-cards.js";
import { cambricon } from "./rows/cambricon.js";
import { kunlunxin } from "./rows/kunlunxin.js";
import { nvidia } from "./rows/nvidia.js";
import { others } from "./rows/others.js";

export const chipRows: readonly ChipRow[] = [...ascend, ...ascendCards, ...cambricon, ...kunlunxin, ...others, ...nvidia];
