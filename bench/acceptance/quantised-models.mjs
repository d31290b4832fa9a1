/**
 * Line 23: quantised models as others write them. The conformance cases tagged "quantized" on all targets, and with --peers small
 * nets as onnxruntime's quantisers write them (bench/export/quantised.py, kept in .cache/quantised): compiled and verified on all
 * targets, library and kernels first, within one step of the output's levels of what onnxruntime gives.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { figure, firstLine, portolan, root } from "./measure.mjs";

const line = 23;
const dist = (path) => import(join(root, "dist/src", path));
const tests = join(dirname(root), "shared/onnx-tests");
const folder = join(root, ".cache/quantised");
const python = process.env.PORTOLAN_PYTHON ?? "python3";

export async function quantisedModels(check, { peers, only } = {}) {
  if (!only) conformance(check);
  if (peers) {
    const made = spawnSync(python, [join(root, "bench/export/quantised.py"), folder], { encoding: "utf8", maxBuffer: 1 << 26 });
    if (made.status !== 0) console.log(`quantised.py: ${firstLine(made.stderr ?? "") || `${python} cannot be started`}`);
  }
  const names = existsSync(folder) ? readdirSync(folder).sort().filter((name) => !only || only.some((o) => name.startsWith(o))) : []; // prettier-ignore
  if (names.length === 0)
    console.log(`skip ${line}  quantised nets: none in .cache/quantised; run with --peers and a Python that has onnx and onnxruntime`);
  for (const name of names) for (const prefer of ["library", "kernels"]) await compared(check, name, prefer);
}

/** The tagged cases alone, out of their pack. */
function conformance(check) {
  if (!existsSync(tests)) return check(figure(line, "conformance cases", "../shared/onnx-tests is missing", "there", false));
  const work = mkdtempSync(join(tmpdir(), "portolan-quantised-"));
  try {
    const tagged = JSON.parse(readFileSync(join(tests, "index.json"), "utf8")).tests.filter((t) => t.tags?.includes("quantized"));
    const list = join(work, "list.txt");
    writeFileSync(list, `${tagged.map((t) => t.path).join("\n")}\n`);
    for (const suite of new Set(tagged.map((t) => t.suite)))
      spawnSync("tar", ["xzf", join(tests, `${suite}.tar.gz`), "-C", work, "-T", list]);
    for (const prefer of ["library", "kernels"]) {
      const file = join(work, `${prefer}.json`);
      const ran = portolan(["suite", work, "-t", "all", "--prefer", prefer, "--json", file]);
      if (!existsSync(file)) return check(figure(line, "conformance cases", firstLine(ran.stderr), "a result", false));
      for (const [target, { cases }] of Object.entries(JSON.parse(readFileSync(file, "utf8")).targets)) {
        const passes = cases.filter((c) => c.status === "pass").length;
        const others = cases.filter((c) => c.status !== "pass").map((c) => `; ${c.name} (${c.status})`);
        const value = `${passes} of ${tagged.length}${others.join("")}`;
        check(figure(line, `cases tagged quantized, ${target}, ${prefer} first`, value, `${tagged.length}`, passes === tagged.length));
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function compared(check, name, prefer) {
  const [{ verify }, { readNpz }] = await Promise.all([dist("api/verify.js"), dist("verify/npz-read.js")]);
  const at = (file) => join(folder, name, file);
  const step = Number(readFileSync(at("step.txt"), "utf8"));
  const { verdicts, diagnostics } = await verify(at("model.onnx"), { target: "all", prefer, inputs: [readNpz(readFileSync(at("a.npz")))] });
  const what = `${name}, ${prefer} first`;
  if (!verdicts) return check(figure(line, what, diagnostics[0]?.message ?? "no verdict", "a verdict", false));
  const errors = verdicts.map(({ target, ok, outputs, diagnostics: told }) => {
    const most = Math.max(...(outputs ?? []).map((o) => o.maxAbs ?? Infinity));
    const isNear = ok || most <= 1.001 * step;
    return {
      ok: isNear && (outputs?.length ?? 0) > 0,
      text: `${target} ${Number.isFinite(most) ? most.toExponential(1) : (told?.[0]?.message ?? "none")}`,
    };
  });
  const wanted = `as onnxruntime, or within ${step.toPrecision(3)}`;
  check(figure(line, what, errors.map((e) => e.text).join(", "), wanted, errors.every((e) => e.ok))); // prettier-ignore
}
