/** What stands beside numbers. */
import type { Words } from "./words.js";

export const units = {
  "unit.unknown": { en: "unknown", zh: "未知" },
  "unit.cards": { en: "{n|card|cards}", zh: "{n} 张卡" },
  "unit.dies": { en: "{n|die|dies}", zh: "{n} 个裸片" },
  "cost.basis": {
    en: "at your price of a card, written off over {years} years of which it works {share} %, without hosts and power",
    zh: "按您给出的板卡价格，{years} 年折旧、利用率 {share} %，不含主机与电费",
  },
} as const satisfies Readonly<Record<string, Words>>;
