/** `portolan explain [CODE]`: a page a diagnostic, or the list of them, from the pages in docs/diagnostics.md, so that code and page cannot part. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../base/diagnostic.js";
import { packageRoot } from "../api/machine.js";
import { closest } from "../base/suggest.js";
import { exitCodes } from "./exit.js";
import { say, sayJson, table, wantsJson, type CommandCall } from "./io.js";

export async function explain(code: string, call: CommandCall): Promise<number> {
  const pages = readPages();
  if (code === "") return listCodes(pages, call);
  const page = pages.get(code);
  if (page === undefined)
    return fail("unknown-code", `there is no diagnostic "${code}"${closest(code, [...pages.keys()])}`, {
      fix: "portolan explain lists the codes.",
    });
  if (wantsJson(call)) sayJson({ schemaVersion: 1, code, page });
  else say(`${code}\n\n${page}`);
  return exitCodes.ok;
}

function listCodes(pages: ReadonlyMap<string, string>, call: CommandCall): number {
  const rows = [...pages].map(([code, page]) => ({ code, about: page.split("\n")[0] })).sort((a, b) => (a.code < b.code ? -1 : 1));
  if (wantsJson(call)) sayJson({ schemaVersion: 1, codes: rows });
  else
    say(
      table(
        ["code", "meaning"],
        rows.map((r) => [r.code, r.about]),
      ),
    );
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
