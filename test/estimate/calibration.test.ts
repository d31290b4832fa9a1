/** The fit and the page of calibration: neither is stale, and the floors hold on documents that the fit never saw. */
import { readFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { expect, test } from "vitest";
import { calibrate, scoreOf } from "../../src/estimate/calibration.js";
import { calibrationPage } from "../../src/estimate/calibration-page.js";
import { fit } from "../../src/estimate/fit.js";
import { fitted } from "../../src/estimate/fitted.js";
import { fittedText } from "../../src/estimate/fitted-text.js";
import { halves } from "../../src/estimate/measured/documents.js";

const formatted = async (text: string, path: string): Promise<string> => format(text, { ...(await resolveConfig(path)), filepath: path });

test("what is kept of the fit is what the fit finds", async () => {
  expect(fit()).toEqual(fitted);
  expect(await formatted(fittedText(fitted), "src/estimate/fitted.ts")).toBe(readFileSync("src/estimate/fitted.ts", "utf8"));
}, 120_000);

test("no measured value of a document that is held out changes the fit", () => {
  const { fitted: told } = halves();
  const sources = new Set(halves().heldOut.map((d) => d.source));
  expect(told.some((d) => sources.has(d.source))).toBe(false);
});

test("the page is that of these measurements and this fit", async () => {
  expect(await formatted(calibrationPage(), "docs/calibration.md")).toBe(readFileSync("docs/calibration.md", "utf8"));
});

test("four of five held-out measurements on Ascend lie inside, at a width of three or less", () => {
  const { judged, uncovered } = calibrate();
  const { rows, inside, width } = scoreOf(judged.filter((j) => j.heldOut && j.ascend));
  expect(rows).toBeGreaterThan(45);
  expect(inside / rows).toBeGreaterThanOrEqual(0.8);
  expect(width).toBeLessThanOrEqual(3);
  expect(uncovered.length).toBeLessThanOrEqual(5);
  expect(judged.length + uncovered.length).toBe(138);
});
