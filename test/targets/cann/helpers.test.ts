/** What a helper is said to use is what its text says: a bundle's evidence follows from it. */
import { expect, test } from "vitest";
import { intrinsics } from "../../../targets/cann/intrinsics.js";
import { helperNames, helperOn } from "../../../targets/cann/print/helpers.js";

const wordsOf = (lines: readonly string[]): readonly string[] => {
  const code = lines.filter((line) => !line.trim().startsWith("//")).join("\n");
  return [...new Set(code.match(/[A-Za-z_]\w*/g))].sort();
};

test.each(helperNames.flatMap((name) => [true, false].map((eventIds) => [name, eventIds] as const)))(
  "%s, ids of events: %s",
  (name, eventIds) => {
    const { lines, uses, needs } = helperOn(name, { eventIds });
    const words = wordsOf(lines).filter((word) => word !== name);
    expect([...needs].sort()).toEqual(words.filter((word) => helperNames.some((n) => n === word)));
    expect([...new Set(uses)].sort()).toEqual(words.filter((word) => word in intrinsics));
  },
);
