/** HTML as values: what is put between the tags of a template is text unless it is markup itself. */
import { createHash } from "node:crypto";

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | undefined | readonly Part[];

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Names come from models: controls would be shown as nothing, and those of direction would turn what stands around them. */
const unseen = /[\p{Cc}\u{61c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu;

const visible = (text: string): string => text.replace(unseen, "\u{fffd}");

function textOf(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "object") return part.map(textOf).join("");
  return visible(`${part}`).replace(/[&<>"']/g, (c) => escapes[c]);
}

/** Markup and lists of it go in as they are, anything else as text; undefined is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((s, i) => (i < parts.length ? s + textOf(parts[i]) : s)).join(""));
}

/** What a script reads of a page: it runs nothing, and nothing in it ends it. */
export function dataBlock(id: string, value: unknown): Markup {
  const text = JSON.stringify(value, (_, v: unknown) => (typeof v === "string" ? visible(v) : v)).replaceAll("<", "\\u003c");
  return html`<script type="application/json" id="${id}">${new Markup(text)}</script>`;
}

interface Page {
  readonly title: string;
  readonly language: string;
  readonly style: string;
  readonly script?: string;
  readonly body: Markup;
}

const hashed = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** One file that asks for nothing: the policy lets in its own style and script alone. */
export function page({ title, language, style, script, body }: Page): string {
  const runs = script === undefined ? "" : ` script-src ${hashed(script)};`;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(`default-src 'none'; style-src ${hashed(style)};${runs} base-uri 'none'; form-action 'none'`)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
${body}
${script === undefined ? undefined : html`<script>${new Markup(script)}</script>`}
</body>
</html>
`.text;
}
