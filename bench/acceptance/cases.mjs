/**
 * Line 18: small models that were once got wrong, refused wrongly or explained wrongly (../shared/cases). Each is checked on
 * three twins, with the library first, with kernels preferred, and in fp16 where it computes in floats.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { figure, root } from "./measure.mjs";

const folder = join(dirname(root), "shared/cases/t2");
const dist = (path) => import(join(root, "dist", path));

/** What a refusal must name, where one is wanted: the numbers, or the way out. */
const refused = { u24_conv_negpad: /-1/, d01_convtr_outshape_neg: /\d/, g10_declared_rank_throws: /declared .*but / };
/** Models whose condition is an input: refused with the way out, and compiled with it. */
const frozen = { g06_if_dead_branch: { freeze: "sr" } };
/** The standard's own reference and onnxruntime differ: verify names that. */
const disputed = new Set(["b06_resize_9"]);

const ways = [
  { how: "library first", options: {} },
  { how: "--prefer kernels", options: { prefer: "kernels" } },
  { how: "fp16", options: { precision: "fp16" } },
];

export async function cases(check, { only } = {}) {
  if (!existsSync(folder)) return console.log("skip 18  cases: no ../shared/cases beside the clone");
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((e) => e.isDirectory() && !e.name.startsWith("ms_"))
    .map((e) => e.name)
    .filter((name) => !only || only.some((o) => name.startsWith(o)));
  for (const name of names) {
    try {
      await one(check, name);
    } catch (error) {
      check(figure(18, name, error.message.split("\n")[0], "a result", false));
    }
  }
}

async function one(check, name) {
  const model = join(folder, name, "model.onnx");
  if (frozen[name]) return conditional(check, name, model);
  if (refused[name]) return refusal(check, name, model);
  const inputs = [await feed(join(folder, name, "inputs.npz"))];
  const isFloat = [...inputs[0].values()].some((t) => ["f32", "f16"].includes(t.dtype));
  for (const { how, options } of ways)
    if (how !== "fp16" || isFloat) await verified(check, `${name}, ${how}`, name, model, inputs, options);
}

async function feed(file) {
  const { readNpz } = await dist("src/verify/npz-read.js");
  return readNpz(readFileSync(file));
}

async function verified(check, what, name, model, inputs, options) {
  const { verify } = await dist("src/api/verify.js");
  const { ok, verdicts, diagnostics } = await verify(model, { target: "all", inputs, ...options });
  if (!verdicts) return check(figure(18, what, told(diagnostics), "checked", false));
  const bad = verdicts.filter((v) => !v.ok).map((v) => `${v.target}: ${told(v.diagnostics) || worst(v.outputs)}`);
  const named = [...diagnostics, ...verdicts.flatMap((v) => v.diagnostics)].some((d) => /disput/.test(d.code));
  const good = ok && (!disputed.has(name) || named);
  check(
    figure(18, what, bad.join("; ") || (disputed.has(name) && !named ? "no word of the dispute" : "3 of 3"), "right on three twins", good),
  );
}

function told(diagnostics) {
  return diagnostics
    .filter((d) => d.severity === "error")
    .map((d) => `${d.code}: ${d.message}`)
    .slice(0, 1)
    .join()
    .slice(0, 160);
}

function worst(outputs) {
  return outputs.map((o) => `${o.name} max ${o.maxAbs} cosine ${o.cosine} ${o.reason ?? ""}`).join(", ");
}

async function refusal(check, name, model) {
  const { compile } = await dist("src/api/compile.js");
  const results = await Promise.all(["cann", "bang", "kunlun"].map((target) => compile(model, { target })));
  const errors = results.flatMap((r) => r.diagnostics.filter((d) => d.severity === "error"));
  const clear =
    errors.length >= 3 && errors.every((d) => !d.code.startsWith("internal") && refused[name].test(`${d.message} ${d.why ?? ""}`));
  check(figure(18, name, told(errors) || "compiles", "refused with the numbers", clear));
}

async function conditional(check, name, model) {
  const { compile } = await dist("src/api/compile.js");
  const { parseFreezes, parseShapes } = await dist("src/cli/model-options.js");
  const shapes = parseShapes(["x:1,512"]);
  for (const target of ["cann", "bang", "kunlun"]) {
    const plain = await compile(model, { target, shapes });
    const error = plain.diagnostics.find((d) => d.severity === "error");
    const way = /--freeze/.test(`${error?.message} ${error?.fix}`);
    check(figure(18, `${name} ${target}`, error ? `${error.code}: ${error.message}`.slice(0, 120) : "compiles", "says --freeze", way));
    const fixed = await compile(model, { target, shapes, freeze: parseFreezes([`${frozen[name].freeze}=16000`]) });
    check(figure(18, `${name} ${target} frozen`, fixed.ok ? "compiles" : told(fixed.diagnostics), "compiles", fixed.ok));
  }
}
