/** Sizes as they are spelled for C++: what ranges decide is left out, a quotient rounded up reads as one. */
import { expect, test } from "vitest";
import { boundsOf, tighten, truncDiv, type Range } from "../../src/base/dim-bounds.js";
import { evaluateDim, isConst } from "../../src/base/dim.js";
import { parseDim, spellDim } from "../../src/base/dim-text.js";

const range = (name: string): Range => (name === "n" ? { lo: 1, hi: 1000 } : { lo: 0, hi: Infinity });

test.each([
  ["max(1, min(8, min(10752, max(256, 8*m))))", "8"],
  ["max(1, min(min(112, max(8, floordiv(m + 47, 48))), n))", "min(n, min(112, max(8, floordiv(m + 47, 48))))"],
  ["floordiv(max(1, n) + 7, 8)", "floordiv(n + 7, 8)"],
  ["max(1, m)", "max(1, m)"],
])("%s is %s", (text, tight) => {
  const [d, t] = [parseDim(text), tighten(parseDim(text), range)];
  expect(`${t}`).toBe(`${parseDim(tight)}`);
  const value = (x: typeof d, values: Record<string, number>) => (isConst(x) ? x : evaluateDim(x, values));
  for (const n of [1, 7, 8, 9, 1000]) for (const m of [0, 1, 47, 48, 5000]) expect(value(t, { n, m })).toBe(value(d, { n, m }));
});

test.each([
  ["floordiv(n + 47, 48)", "ceildiv(n, 48)"],
  ["floordiv(n + m - 1, m)", "ceildiv(n, m)"],
  ["floordiv(n + 3, 48)", "floordiv(n + 3, 48)"],
  ["floordiv(n - 1, 32)", "floordiv(n - 1, 32)"],
])("%s is spelled %s", (text, spelled) => {
  const call = (op: string, a: string, b: string) => `${op}(${a}, ${b})`;
  expect(spellDim(parseDim(text), { name: (s) => s, call, ceil: (a, b) => `ceildiv(${a}, ${b})` })).toBe(spelled);
});

test.each([
  ["floordiv(h - 1, 8)*floordiv(w - 1, 8) + floordiv(h - 1, 8) + floordiv(w - 1, 8) + 1", 0],
  ["h*w - h", -Infinity],
  ["2*floordiv(h - 3, 2)*w + 4*w", 0],
  ["mod(h, 4)*floordiv(w - 1, 2) + mod(h, 4)", 0],
])("%s is at least %d for any sizes", (text, lo) => {
  const d = parseDim(text);
  expect(boundsOf(d).lo).toBe(lo);
  for (let h = 0; h < 20; h++)
    for (let w = 0; w < 20; w++) expect(isConst(d) ? d : evaluateDim(d, { h, w })).toBeGreaterThanOrEqual(boundsOf(d).lo);
});

test.each([
  ["floordiv(128*B*P + 128*B*S, 32*B*P + 32*B*S)", "4"],
  ["floordiv(B*P*C + B*S*C, B*P + B*S)", "C"],
  ["floordiv(n*n + 2*n*m + m*m, n + m)", "n + m"],
  ["floordiv(6*n*m, 4*n*k)", "floordiv(3*m, 2*k)"],
  ["floordiv(n*m + 1, n*k)", "floordiv(n*m + 1, n*k)"],
  ["floordiv(128*B*P + 128*B*S, 32*B*P + 33*B*S)", "floordiv(128*P + 128*S, 32*P + 33*S)"],
  ["mod(n*m + m, n + 1)", "0"],
])("%s is %s, whatever the symbols are", (text, simple) => {
  expect(`${parseDim(text)}`).toBe(`${parseDim(simple)}`);
  for (const x of [1, 2, 5, 7]) {
    const values = { B: x, P: 3, S: 9 - x, C: 4, n: x, m: 11, k: 3 };
    // The quotient as it is written: its names are numbers before anything is divided.
    const written = text.replace(/\b[A-Za-z]\b/g, (name) => `${values[name as keyof typeof values]}`);
    expect(evaluateDim(parseDim(simple), values)).toBe(parseDim(written));
  }
});

test.each([
  ["n - 1", 8, "floordiv(max(0, n - 1), 8)"],
  ["n", 3, "floordiv(n, 3)"],
  ["n - 9", 8, "-floordiv(max(-n + 9, 0), 8) + floordiv(max(0, n - 9), 8)"],
])("(%s) / %d towards zero is %s", (text, by, spelled) => {
  const quotient = truncDiv(parseDim(text), by);
  expect(`${quotient}`).toBe(spelled);
  const value = (d: typeof quotient, n: number) => (isConst(d) ? d : evaluateDim(d, { n }));
  for (let n = 0; n < 40; n++) expect(value(quotient, n)).toBe(Math.trunc(value(parseDim(text), n) / by) + 0);
});
