/** What stands beside numbers. */
import type { Words } from "./words.js";

export const units = {
  "unit.unknown": { en: "unknown", zh: "未知" },
  "unit.cards": { en: "{n|card|cards}", zh: "{n} 张卡" },
  "unit.dies": { en: "{n|die|dies}", zh: "{n} 个裸片" },
} as const satisfies Readonly<Record<string, Words>>;
