/** The kernels that a program has, as the vendor's C++ and as tile IR. */
import { printKernel } from "../kernel/text/print.js";
import type { Emitted } from "../emit/steps.js";
import type { Program } from "../program/program.js";

export interface KernelText {
  readonly target: string;
  readonly name: string;
  /** The nodes it carries out. */
  readonly origin: readonly string[];
  readonly schedule: string;
  readonly text: string;
}

/** `form`: the text in the vendor's language, or the tile IR that it was printed from. */
export function kernelTexts({ program, kernels }: Emitted, form: "vendor" | "ir"): KernelText[] {
  return program.kernels.map((k, i) => ({
    target: programTarget(program),
    name: k.name,
    origin: k.origin,
    schedule: k.schedule,
    text: form === "ir" ? printKernel(k) : kernels[i].text,
  }));
}

/** The chip that a program is for, as `bang:MLU370`. */
export function programTarget(program: Program): string {
  return `${program.target}:${program.chip}`;
}
