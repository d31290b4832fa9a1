/** `portolan explain CODE`: a page a diagnostic, from the pages in docs/diagnostics.md, so that code and page cannot part. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../base/diagnostic.js";
import { packageRoot } from "../api/package.js";
import { closest } from "../base/suggest.js";
import { exitCodes } from "./exit.js";
import { say, sayJson, wantsJson, type CommandCall } from "./io.js";

export async function explain(code: string, call: CommandCall): Promise<number> {
  const pages = readPages();
  const page = pages.get(code);
  if (page === undefined)
    return fail("unknown-code", `there is no diagnostic "${code}"${closest(code, [...pages.keys()])}`, {
      fix: `Codes: ${[...pages.keys()].join(", ")}.`,
    });
  if (wantsJson(call)) sayJson({ schemaVersion: 1, code, page });
  else say(`${code}\n\n${page}`);
  return exitCodes.ok;
}

/** Sections of the document by their heading `## code`. */
export function readPages(): ReadonlyMap<string, string> {
  const text = readFileSync(join(packageRoot, "docs/diagnostics.md"), "utf8");
  return new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((section): [string, string] => {
        const [head, ...body] = section.split("\n");
        return [head.trim(), body.join("\n").trim()];
      }),
  );
}
