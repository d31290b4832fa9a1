/** Sizes chosen for open extents: moderate, distinct, and only such as every condition allows. */
import { expect, test } from "vitest";
import { parseDim } from "../../src/base/dim-text.js";
import { allowedExtents, refuseExtents, type Extents, type ExtentRules } from "../../src/verify/extents.js";

const any = { lo: 0, hi: Infinity };
const open = (names: string, range = any): ExtentRules["open"] =>
  names.split(" ").map((name) => ({ name, range, batch: name.startsWith("n") }));

function first(rules: Partial<ExtentRules>): Record<string, number> | undefined {
  const found = allowedExtents({ open: [], guards: [], extents: [], ...rules }).next();
  return found.done ? undefined : Object.fromEntries(found.value as Extents);
}

test("without conditions: two of a batch, distinct lengths with a rest", () => {
  expect(first({ open: open("n h w") })).toEqual({ n: 2, h: 29, w: 37 });
});

test("a guard decides, whatever it asks for", () => {
  const equal = (a: string, b: string): ExtentRules["guards"][number] => ({
    when: { op: "eq", a: parseDim(a), b: parseDim(b) },
    message: `${a} is not ${b}`,
  });
  expect(first({ open: open("h w"), guards: [equal("h", "w")] })).toEqual({ h: 29, w: 29 });
  expect(first({ open: open("h w"), guards: [equal("mod(h, 32)", "0"), equal("mod(w, 32)", "0")] })).toEqual({ h: 32, w: 64 });
  expect(first({ open: open("h"), guards: [equal("mod(h, 7)", "0"), equal("mod(h, 11)", "0")] })).toEqual({ h: 77 });
});

test("a window that needs more than usual gets it", () => {
  expect(first({ open: open("t"), extents: [parseDim("floordiv(t - 400, 160) + 1")] })).toEqual({ t: 512 });
});

test("empty tensors only where nothing else is possible", () => {
  expect(first({ open: open("h"), extents: [parseDim("max(0, 20 - h)")] })).toEqual({ h: 19 });
  expect(first({ open: open("h"), extents: [parseDim("max(0, -h)")] })).toEqual({ h: 29 });
});

test("ranges bound the choice", () => {
  expect(first({ open: open("n h", { lo: 5, hi: 7 }) })).toEqual({ n: 8 - 1, h: 6 });
  expect(first({ open: open("h", { lo: 70000, hi: Infinity }) })).toEqual({ h: 70000 });
  expect(first({ open: open("n h", { lo: 0, hi: 0 }), extents: [parseDim("n")] })).toEqual({ n: 0, h: 0 });
});

test("where nothing is allowed, the refusal names the extent, the condition and the way out", () => {
  const guards = [{ when: { op: "eq", a: parseDim("h*h"), b: 2 } as const, message: "h*h is not 2" }];
  const search = allowedExtents({ open: open("n h"), guards, extents: [] }).next();
  expect(search.done && search.value).toEqual({ name: "h", message: "h*h is not 2" });
  expect(() => refuseExtents(search.done ? search.value : undefined, "--dim h=64")).toThrow(/"h".*h\*h is not 2/);
});
