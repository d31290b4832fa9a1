/** What of a model's numbers a chip changes, as far as the program shows it without running. */
import type { Said } from "../base/said.js";
import type { ChosenTarget } from "../driver/targets.js";
import { computesOf, leavesOf } from "../program/flow.js";
import { matrixOps } from "../claim/claim.js";
import { said } from "../words/words.js";
import type { Carried } from "./carry.js";

export function precisionOf({ emitted, lowered }: Carried, { chip }: ChosenTarget, precision: "fp32" | "fp16"): readonly Said[] {
  if (!emitted || !lowered) return [];
  const { program } = emitted;
  const products = computesOf(program).flatMap((s) => leavesOf(s.act).filter((a) => a.op === "call" && matrixOps.has(a.operator)));
  const types = new Map<string, number>();
  for (const p of products) {
    const id = p.op === "call" ? p.inputs.find((i) => i !== null) : undefined;
    if (id !== undefined && id !== null) types.set(program.buffers[id].stored, (types.get(program.buffers[id].stored) ?? 0) + 1);
  }
  const spelled = [...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([t, n]) => `${t} ×${n}`);
  const halved = precision === "fp32" && !chip.contractTypes.includes("f32") && (types.get("f16") ?? 0) > 0;
  return [
    ...(spelled.length > 0 ? [said("precision.products", { types: spelled.join(", ") })] : []),
    ...(halved ? [said("precision.halved", { chip: chip.caps.chip, n: types.get("f16") ?? 0 })] : []),
    ...(precision === "fp16" ? [said("precision.fp16")] : []),
    ...(chip.contractTypes.includes("bf16") ? [] : [said("precision.no-bf16", { chip: chip.caps.chip })]),
  ];
}
