/** What holds of every page of an assessment, whatever it is of. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seriousFindings, sticksOut, type Browser } from "../../bench/browser.mjs";

const hashOf = (text: string): string => createHash("sha256").update(text).digest("base64");

/** Elements that nothing ends. */
const open = new Set(["meta", "input", "br", "wbr", "!doctype"]);

/** Tags in order, those in scripts and styles left out; the first that does not fit. */
function unbalanced(page: string): string | undefined {
  const text = page.replace(/(<(script|style)\b[^>]*>)[\s\S]*?<\/\2>/g, "$1</$2>");
  const within: string[] = [];
  for (const [whole, ends, tag, itself] of text.matchAll(/<(\/?)([a-z!][\w-]*)[^>]*?(\/?)>/g)) {
    if (open.has(tag) || itself === "/") continue;
    if (ends === "") within.push(tag);
    else if (within.pop() !== tag) return whole;
  }
  return within[0];
}

/** Tests of a page's text, which is asked for once they run. */
export function checkPage(textOf: () => string): void {
  test("asks for nothing, and its policy lets in its own style and script alone", () => {
    const text = textOf();
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? "";
    const script = /<script>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? "";
    expect(text).toContain(
      `content="default-src 'none'; style-src 'sha256-${hashOf(style)}'; script-src 'sha256-${hashOf(script)}'; base-uri 'none'; form-action 'none'"`,
    );
    expect(text).not.toMatch(/\b(?:src|srcset|action|style)=|url\(|@import|https?:|href="(?!#)/);
    expect(text).not.toMatch(/<link|<iframe|<img|<object|\son\w+="/);
    expect(text.match(/<script>/g)).toHaveLength(1);
    expect(text.match(/<\/style>/g)).toHaveLength(1);
  });

  test("opens and ends each element, and each id once", () => {
    const text = textOf();
    expect(unbalanced(text)).toBeUndefined();
    const ids = [...text.matchAll(/ id="([^"]*)"/g)].map((m) => m[1]);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    const meant = [...text.matchAll(/(?:href="#|aria-labelledby=")([^"]+)"/g)].map((m) => m[1]);
    expect(meant.filter((id) => !ids.includes(id))).toEqual([]);
  });

  test("says in Chinese what it says in English, and no gap is left", () => {
    const spans = [...textOf().matchAll(/<(?:span|tspan) lang="(en|zh)">([^<]*)<\//g)];
    const [en, zh] = ["en", "zh"].map((l) => spans.filter((s) => s[1] === l).map((s) => s[2]));
    expect(en.length).toBeGreaterThan(10);
    expect(zh).toHaveLength(en.length);
    expect(zh.filter((text) => !/\p{Script=Han}/u.test(text))).toEqual([]);
    expect([...en, ...zh].filter((text) => /^[a-z]+\.[a-z.-]+$|undefined|NaN|\[object|\{\w+[|}]/.test(text))).toEqual([]);
  });

  test("shows what names hold, and lets none of it act", () => {
    expect(textOf()).not.toContain("alert(1)</script>");
    expect(textOf()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  });
}

/** From wide to narrow, light and dark: nothing sticks out, axe-core finds nothing serious, nothing is asked for or complained of. */
export async function lookAt(browser: Browser, url: string): Promise<void> {
  const page = await browser.open(url, { bypassCSP: true });
  const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8");
  for (const [width, scheme] of [
    [1280, "light"],
    [390, "dark"],
  ] as const) {
    await page.show({ width, scheme });
    expect(await sticksOut(page), `at ${width}`).toEqual([]);
    expect(await seriousFindings(page, axe), `at ${width}, ${scheme}`).toEqual([]);
  }
  expect(page.requests()).toEqual([]);
  expect(page.complaints).toEqual([]);
  await page.close();
}
