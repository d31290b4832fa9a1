/**
 * The figures of the house: lines by room, how long functions and files are, what a change touches, what is copied, and how
 * often code asks questions of text. Counts only; nothing is run.
 *
 *   node bench/house.mjs
 *   node bench/house.mjs --since REV     also: which committed samples' kernels and model.cpp differ from those of REV
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Project, SyntaxKind } from "ts-morph";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({ options: { since: { type: "string" } } });
const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 });
const tracked = git("ls-files")
  .trim()
  .split("\n")
  .filter((f) => existsSync(join(root, f)));
const read = (f) => readFileSync(join(root, f), "utf8");
const isText = (f) => !/\.(onnx|npz|pb|safetensors|png)$/.test(f);
const linesOf = (f) => read(f).split("\n").length - 1;

const say = (what, value, wanted) =>
  console.log(`${what.padEnd(58)} ${String(value).padStart(10)}${wanted ? `   (wanted ${wanted})` : ""}`);
const share = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;
const quantile = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))];

// ---- lines ----------------------------------------------------------------------------------------------------------

const rooms = new Map();
for (const f of tracked.filter(isText)) {
  const parts = f.split("/");
  const room = parts.length === 1 ? "(top)" : ["src", "targets"].includes(parts[0]) ? parts.slice(0, 2).join("/") : parts[0];
  rooms.set(room, (rooms.get(room) ?? 0) + linesOf(f));
}
for (const [room, lines] of [...rooms].sort((a, b) => b[1] - a[1])) say(`lines in ${room}`, lines);
/** What tests read: cases, corpora, kernels in the vendors' languages. */
const isData = (f) => /^test\/.*\.(?:txt|json|mlu|xpu|cpp|c|h)$|^samples\/|package-lock\.json$/.test(f);
const lineSum = (files) => [...files].reduce((n, f) => n + linesOf(f), 0);
const total = lineSum(tracked.filter(isText));
const outside = tracked.filter((f) => isText(f) && !isData(f));
say("lines outside test data", lineSum(outside), "< 100000");
/** Rooms that the plan of the house did not have: they came with quantising, with assessing and with fleets. */
const later = "assess|checkpoint|chips|code|estimate|fleet|quant|quantise|report|serve|words";
const isLater = (f) => new RegExp(`^(?:(?:src|test|passes|test/passes|bench)/(?:${later})/|bench/digits/)`).test(f);
say("  of them in rooms that came after the plan", lineSum(outside.filter(isLater)));
say("  of them tests", lineSum(outside.filter((f) => f.startsWith("test/") && !isLater(f))));
say("  of them generated", lineSum(outside.filter((f) => /\.gen\.(?:ts|h)$/.test(f))));
const seen = new Map();
for (const f of tracked.filter(isText)) {
  const hash = createHash("sha256").update(read(f)).digest("hex");
  seen.set(hash, [...(seen.get(hash) ?? []), f]);
}
const copies = [...seen.values()].flatMap((list) => list.slice(1)).reduce((n, f) => n + linesOf(f), 0);
say("lines of files that are copies of another", `${copies} = ${share(copies, total)}`, "< 1 %");

// ---- functions and files --------------------------------------------------------------------------------------------

const sources = tracked.filter((f) => /^(src|passes|targets)\/.*\.ts$/.test(f) && !f.endsWith(".gen.ts"));
const project = new Project({ useInMemoryFileSystem: true });
const functions = [];
for (const f of sources) {
  const file = project.createSourceFile(f, read(f));
  const kinds = [SyntaxKind.FunctionDeclaration, SyntaxKind.MethodDeclaration, SyntaxKind.ArrowFunction, SyntaxKind.FunctionExpression];
  for (const kind of kinds)
    for (const node of file.getDescendantsOfKind(kind)) {
      const body = node.getBody?.();
      // An arrow without braces is an expression, and counts where it has a name of its own.
      if (!body || (kind === SyntaxKind.ArrowFunction && !node.getParentIfKind(SyntaxKind.VariableDeclaration))) continue;
      functions.push({
        f,
        name: node.getName?.() ?? node.getParent().getName?.() ?? "",
        lines: node.getEndLineNumber() - node.getStartLineNumber() + 1,
      });
    }
}
const lengths = functions.map((x) => x.lines);
say("functions", functions.length);
say("median lines of a function", quantile(lengths, 0.5), "<= 5");
say("95 % of functions are shorter than", quantile(lengths, 0.95), "<= 25");
for (const x of [...functions].sort((a, b) => b.lines - a.lines).slice(0, 5)) say(`  long: ${x.name} in ${x.f}`, x.lines);
const isTable = (f) => /\/(?:rows|rules|measured|words)\/|\/(calls|intrinsics|caps)\.ts$|\.formula\.ts$|versions\.ts$/.test(f);
for (const f of sources.filter((f) => !isTable(f) && linesOf(f) > 350)) say(`  file of logic over 350 lines: ${f}`, linesOf(f), "none");

// ---- targets --------------------------------------------------------------------------------------------------------

/** Rows of data: what a vendor's chips and symbols are, each with its source. */
const isRows = (f) => /\/(?:calls|caps|documented|instructions|intrinsics|library|limits|others|sources|weights)\.ts$/.test(f);
for (const target of ["cann", "bang", "kunlun"]) {
  const own = sources.filter((f) => f.startsWith(`targets/${target}/`));
  say(`lines of TypeScript in targets/${target}`, lineSum(own), "<= 2400");
  say("  without the rows of data of its chips and symbols", lineSum(own.filter((f) => !isRows(f))));
}

/** Files of targets/kit that a file imports, and those that they import. */
function kitBehind(f, found = new Set()) {
  for (const [, path] of read(f).matchAll(/from "(\.[^"]+)\.js"/g)) {
    const file = `${join(dirname(f), path)}.ts`;
    if (!file.startsWith("targets/kit/") || found.has(file)) continue;
    found.add(file);
    kitBehind(file, found);
  }
  return found;
}
const printers = ["cann", "bang", "kunlun"].map((name) => {
  const own = sources.filter((f) => f.startsWith(`targets/${name}/print`));
  return { name, own, kit: new Set(own.flatMap((f) => [...kitBehind(f)])) };
});
const ofAll = [...printers[0].kit].filter((f) => printers.every(({ kit }) => kit.has(f)));
say("lines of targets/kit that all printers use", lineSum(ofAll));
for (const { name, own, kit } of printers) {
  const shared = lineSum(ofAll);
  const some = lineSum(kit);
  say(`share of all printers' lines in what ${name} prints with`, share(shared, shared + lineSum(own)), ">= 33 %");
  if (some > shared) say(`  with what it shares with one other`, share(some, some + lineSum(own)));
}
const matches = (list, pattern) => list.reduce((n, f) => n + (read(f).match(pattern) ?? []).length, 0);
say(
  "questions of an architecture outside caps",
  matches(
    sources.filter((f) => !f.endsWith("/caps.ts")),
    /\barch\s*[!=]==/g,
  ),
  "0",
);
const printing = sources.filter((f) => /^(src\/(plan|emit)|targets)\//.test(f));
say(
  "regular expressions in plan, emit and targets",
  matches(printing, /\/(?:[^/\n\\ *]|\\.)(?:[^/\n\\]|\\.)*\/[gimsuy]*\.(?:test|exec)\(|\.(?:match|matchAll|replace|replaceAll)\(\//g),
  "0",
);

// ---- samples --------------------------------------------------------------------------------------------------------

if (values.since) {
  const kept = git("ls-tree", "-r", "--name-only", values.since, "samples")
    .trim()
    .split("\n")
    .filter((f) => /\/(kernels\/[^/]+|model\.cpp)$/.test(f));
  const changed = kept.filter((f) => !existsSync(join(root, f)) || read(f) !== git("show", `${values.since}:${f}`));
  for (const f of changed) console.log(`  differs: ${f}`);
  say(`kernels and model.cpp of samples that differ from ${values.since}`, `${changed.length} of ${kept.length}`, "0");
}
