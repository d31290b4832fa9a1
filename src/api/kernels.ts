/** The kernels that a plan has, as the vendor's C++ and as tile IR. */
import { printKernel } from "../kernel/print.js";
import type { Plan } from "../plan/plan.js";

export interface KernelText {
  readonly target: string;
  readonly name: string;
  /** The nodes it carries out. */
  readonly origin: readonly string[];
  readonly schedule: string;
  readonly text: string;
}

/** `form`: the text in the vendor's language, or the tile IR that it was printed from. */
export function kernelTexts(plan: Plan, form: "vendor" | "ir"): KernelText[] {
  return plan.tileKernels.map((k, i) => ({
    target: planTarget(plan),
    name: k.name,
    origin: k.origin,
    schedule: k.schedule,
    text: form === "ir" ? printKernel(k) : plan.kernels[i].text,
  }));
}

/** The chip that a plan is for, as `bang:MLU370`. */
export function planTarget({ program }: Plan): string {
  return `${program.target}:${program.chip}`;
}
