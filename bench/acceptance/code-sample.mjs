/**
 * Prints findings and lines that speak of CUDA and were not found, drawn at random, to be read by a person:
 *
 *   node bench/acceptance/code-sample.mjs FOLDER [--seed N] [--count N]
 *
 * What is read by `assess-code` alone is drawn from: copies of other projects and generated files are left out.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { folderLeftOut, mostBytes } from "../../dist/src/code/left-out.js";
import { scan } from "../../dist/src/code/scan.js";
import { foldersWith, textOf, treeFiles } from "../../dist/src/host/tree.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" }, count: { type: "string", default: "100" } },
});
const [root] = positionals;
const count = Number(values.count);
let state = Number(values.seed) >>> 0;

function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

/** Keeps `count` of all that pass by, each with the same chance. */
class Drawn {
  kept = [];
  seen = 0;
  offer(make) {
    this.seen++;
    const place = this.seen <= count ? this.seen - 1 : Math.floor(random() * this.seen);
    if (place < count) this.kept[place] = make();
  }
}

const found = new Drawn();
const missed = new Drawn();
const speaks = /cuda|nvidia|nccl/i;
const ownPackages = new Set(foldersWith(root, "__init__.py", 3));
for (const met of treeFiles(root, folderLeftOut)) {
  if (met.kind !== "file" || met.bytes > mostBytes) continue;
  const read = textOf(join(root, met.path));
  const scanned = typeof read === "string" ? undefined : scan(met.path, read.text, { ownPackages });
  if (typeof scanned !== "object") continue;
  const at = new Set(scanned.findings.map((f) => f.line));
  for (const f of scanned.findings)
    found.offer(
      () =>
        `${met.path}:${f.line}:${f.column} ${f.rule.category}/${f.rule.id} ${f.severity} "${f.name}"\n      ${scanned.lineOf(f.line).trim()}`,
    );
  for (let n = 1; n <= scanned.lines; n++)
    if (!at.has(n) && speaks.test(scanned.lineOf(n)))
      missed.offer(() => `${met.path}:${n}\n      ${scanned.lineOf(n).trim().slice(0, 200)}`);
}
const print = (title, { kept, seen }) =>
  console.log(`\n== ${title} (${kept.length} of ${seen})\n${kept.map((x, i) => `${i + 1}. ${x}`).join("\n")}`);
print("findings", found);
print("lines that speak of CUDA and are no finding", missed);
