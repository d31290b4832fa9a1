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

function textOf(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "object") return part.map(textOf).join("");
  // Names come from models: a control character would be shown as nothing.
  return `${part}`.replace(/[&<>"']/g, (c) => escapes[c]).replace(/\p{Cc}/gu, "\u{fffd}");
}

/** Markup and lists of it go in as they are, anything else as text; undefined is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((s, i) => (i < parts.length ? s + textOf(parts[i]) : s)).join(""));
}

interface Page {
  readonly title: string;
  readonly language: string;
  readonly style: string;
  readonly body: Markup;
}

/** One file that asks for nothing: the policy lets in its own style alone. */
export function page({ title, language, style, body }: Page): string {
  const hash = createHash("sha256").update(style).digest("base64");
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
${body}
</body>
</html>
`.text;
}
