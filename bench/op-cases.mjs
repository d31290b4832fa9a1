/**
 * Writes test/ops/cases: for every operator of the catalogue the smallest of the standard's own cases (../shared/onnx-tests)
 * that together reach every branch of its formula, and those of op-cases/own.mjs, whose numbers come from onnxruntime or
 * stand beside them. By hand, when operators are added or formulas grow branches:
 *
 *   node bench/op-cases.mjs            all operators
 *   node bench/op-cases.mjs Gelu Pad   some
 *   node bench/op-cases.mjs --views    what the views of the cases come to, when extents are spelled otherwise
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BlockCoverage } from "./op-cases/coverage.mjs";
import { ownCases } from "./op-cases/own.mjs";
import { truthOf } from "./op-cases/truth.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "test/ops/cases");
const most = { elements: 4000, tolerances: [0, 1e-6, 1e-5, 1e-4, 1e-3] };
const head = "# Written by bench/op-cases.mjs from the standard's cases and onnxruntime. Form: test/ops/case-text.ts.\n\n";

/** The engine is TypeScript beside the tests; it is compiled apart from the product. */
execFileSync("node", [join(root, "node_modules/typescript-7/bin/tsc"), "-p", join(root, "test/ops/mutants/tsconfig.json")], {
  stdio: "inherit",
});
const engine = (path) => import(join(root, ".cache/op-cases", path));
const dist = (path) => import(join(root, "dist/src", path));
const [{ signatureOf }, { readCases, writeCase }, { errorOf, faultOf, outputsOf, said, viewFate, viewsOf }, { catalogue }, { parse }] =
  await Promise.all([
    engine("test/ops/signatures.js"),
    engine("test/ops/case-text.js"),
    engine("test/ops/case-run.js"),
    engine("src/ops/catalogue.js"),
    engine("src/ir/text/parse.js"),
  ]);

/** Codes by which a formula says that it needs fixed extents. */
const refusals = new Set(["dynamic-extent", "formula-condition", "shaping-operand-unknown"]);

const sizeOf = (c) => [...c.inputs, ...c.outputs].reduce((n, t) => n + t.value.data.length, 0) + c.text.length / 10;

/** The standard's cases of single operators, as they are imported. */
async function standardCases() {
  const [{ importOnnx }, { bytesSource }, { readTensorProto }, { readTarGz }, { print }] = await Promise.all([
    dist("onnx/import/import.js"),
    dist("base/byte-source.js"),
    dist("onnx/bytes/tensor-proto.js"),
    dist("base/tar.js"),
    dist("ir/text/print.js"),
  ]);
  const packs = join(root, "../shared/onnx-tests");
  const files = new Map([...readTarGz(readFileSync(join(packs, "node.tar.gz")), "node.tar.gz")].map((f) => [f.path, f.bytes]));
  const entries = JSON.parse(readFileSync(join(packs, "index.json"), "utf8")).tests.filter(
    (e) =>
      e.suite === "node" &&
      !e.name.includes("_expanded") &&
      !e.tags?.includes("random") &&
      [...e.inputs, ...e.outputs].every((v) => v.kind === "tensor"),
  );
  return entries.flatMap((e) => {
    const read = (name) => readTensorProto(files.get(`${e.path}/test_data_set_0/${name}.pb`));
    try {
      const { graph } = importOnnx(bytesSource(files.get(`${e.path}/model.onnx`)), { catalogue, openBeside: () => undefined });
      const named = (values, kind) => values.map((v, k) => ({ name: v.name, value: read(`${kind}_${k}`) }));
      const plain = {
        ...graph,
        name: "g",
        metadata: {},
        nodes: graph.nodes.map((n) => ({ ...n, origin: [n.outputs.find((v) => v)?.name ?? ""] })),
      };
      const c = {
        op: e.operator,
        name: e.name.replace(/^test_/, ""),
        text: print(plain, { inline: 1e6 }),
        inputs: named(graph.inputs, "input"),
        outputs: named(graph.outputs, "output"),
        within: 0,
        signed: false,
        views: new Map(),
      };
      return graph.nodes.every((n) => catalogue.has(n.op)) && sizeOf(c) <= most.elements ? [c] : [];
    } catch {
      return [];
    }
  });
}

/** The case with the smallest tolerance that it keeps with room to spare, and whether it holds with open extents; undefined where it does not hold. */
function judged(c) {
  try {
    const got = outputsOf(c, catalogue);
    if (c.fails) return undefined;
    const error = Math.max(...c.outputs.map((o, i) => errorOf(got[i], o.value)));
    const within = most.tolerances.find((t) => error <= t / 4);
    if (within === undefined) return undefined;
    const zeros = c.outputs.some((o) => Array.from(o.value.data).includes(0));
    const signed = zeros && c.outputs.every((o, i) => errorOf(got[i], o.value, true) <= within);
    const closed = { ...c, within, signed };
    return { ...closed, views: viewsThatHold(closed) };
  } catch (error) {
    return c.fails && error.diagnostics?.[0].code === c.fails ? { ...c, fails: said(error) } : undefined;
  }
}

/** The views in which the case gives the same or says that it needs fixed extents. */
function viewsThatHold(c) {
  const fates = viewsOf(c, catalogue).map((view) => [view, viewFate(c, catalogue, view)]);
  return new Map(fates.filter(([, fate]) => fate.startsWith("same ") || refusals.has(fate.split(":")[0])));
}

/** What a case shows besides the blocks it runs: names and words of attributes, which operands there are, element types, ranks. */
function featuresOf(c) {
  const graph = parse(c.text);
  return graph.nodes.flatMap((n) => [
    ...Object.entries(n.attrs).map(([k, a]) => `${n.op} ${k}=${a.kind === "text" ? a.value : a.kind}`),
    `${n.op}(${n.inputs.map((v) => (v ? 1 : 0)).join("")})->${n.outputs.map((v) => (v ? 1 : 0)).join("")}`,
    ...n.inputs.slice(0, 1).map((v) => `${n.op} ${v?.type.dtype}`),
  ]);
}

/** The smallest cases first; each that shows something new stays. */
function chosen(cases, coverage) {
  const seen = coverage.none();
  const features = new Set();
  return cases.filter((c) => {
    const ran = coverage.of(() => faultOf(c, catalogue));
    const more = coverage.add(seen, ran);
    const fresh = featuresOf(c).filter((f) => !features.has(f));
    fresh.forEach((f) => features.add(f));
    return more || fresh.length > 0;
  });
}

/** The cases as they stand with their views looked at again. */
function reviewed() {
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    const cases = readCases(readFileSync(path, "utf8")).map((c) => (c.fails ? c : { ...c, views: viewsThatHold(c) }));
    writeFileSync(path, head + cases.map(writeCase).join("\n"));
  }
}

if (process.argv.includes("--views")) {
  reviewed();
  process.exit(0);
}
const wanted = process.argv.slice(2);
const unknown = wanted.filter((op) => !catalogue.has(op));
if (unknown.length > 0) {
  console.error(`no operator of the catalogue: ${unknown.join(", ")} (outside ai.onnx with its domain: com.microsoft::NAME; built anew?)`);
  process.exit(1);
}
const standard = await standardCases();
const own = await truthOf(
  ownCases.filter((c) => wanted.length === 0 || wanted.includes(c.op)),
  { root, outputsOf: (c) => outputsOf(c, catalogue) },
);
const coverage = await BlockCoverage.start("/ops/formulas/");
mkdirSync(folder, { recursive: true });
if (wanted.length === 0) for (const f of readdirSync(folder)) rmSync(join(folder, f));
let [total, bytes] = [0, 0];
for (const op of wanted.length > 0 ? wanted : catalogue.keys()) {
  const byOp = standard
    .filter((c) => c.op === op)
    .map(judged)
    .filter((c) => c);
  byOp.sort((a, b) => sizeOf(a) - sizeOf(b) || (a.name < b.name ? -1 : 1));
  const mine = own.filter((c) => c.op === op);
  const kept = mine
    .map((c) => judged(c) ?? console.log(`${c.name} does not hold: ${faultOf(c, catalogue) ?? "too far off"}`))
    .filter((c) => c);
  const cases = [...chosen(byOp, coverage), ...kept];
  if (cases.length === 0) console.log(`${op} has no case`);
  const text = head + cases.map(writeCase).join("\n");
  if (readCases(text).length !== cases.length) throw new Error(`${op}: cases do not read back`);
  writeFileSync(join(folder, `${op.replace("::", ".")}.txt`), text);
  total += cases.length;
  bytes += text.length;
}
writeFileSync(join(root, "test/ops/signatures.txt"), `${[...catalogue.values()].map(signatureOf).sort().join("\n")}\n`);
console.log(`${total} cases, ${(bytes / 1024).toFixed(0)} KiB`);
