/** One mutated model through the public door: import, optimise, compile for a chip that goes with the seed. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { mutated } from "./mutate.mjs";

const dist = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "dist/src");
const { compile, importOnnx, optimize } = await import(join(dist, "api/index.js"));
const { exitCodeOf } = await import(join(dist, "cli/exit.js"));

const chips = ["cann:Ascend910B2", "bang:MLU590", "kunlun:P800", "cann:Ascend310P3", "bang:MLU370", "kunlun:R200"];

/** Refused with these, a model has met a defect of Portolan; a message without words would be one too. */
const defect = (d) =>
  exitCodeOf(d.code) === 70 || !/^[a-z][a-z0-9-]+$/.test(d.code) || d.message.trim() === "" || /undefined|\[object/.test(d.message);

/** Result of a stage: "ok", a diagnostic's code, or a fault. */
async function stage(work) {
  try {
    const { ok, diagnostics } = await work();
    const errors = diagnostics.filter((d) => d.severity === "error");
    const fault = diagnostics.find(defect);
    if (fault) return { fault: `${fault.code}: ${fault.message}` };
    if (ok) return { code: "ok" };
    return errors.length > 0 ? { code: errors[0].code } : { fault: "refused without a reason" };
  } catch (error) {
    return { fault: `${error?.stack ?? error}`.split("\n").slice(0, 6).join("\n") };
  }
}

/** How far a seed's mutant of `model` came and, when a stage broke a promise, which and how. */
export async function attempt(model, seed) {
  const bytes = mutated(model.bytes, seed);
  const options = {
    target: chips[seed % chips.length],
    precision: seed % 5 === 0 ? "fp16" : "fp32",
    prefer: seed % 2 === 0 ? "library" : "kernels",
  };
  const stages = [
    ["import", () => importOnnx(bytes)],
    ["optimize", () => optimize(bytes, {})],
    ["compile", () => compile(bytes, options)],
  ];
  let reached = "";
  for (const [name, work] of stages) {
    const { code, fault } = await stage(work);
    if (fault !== undefined) return { end: "fault", fault: `${name}: ${fault}` };
    reached = `${name} ${code}`;
    if (code !== "ok") break;
  }
  return { end: reached };
}
