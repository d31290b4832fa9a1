/** `--inputs`, as `verify` and `run` take it: `seed:N`, or a .npz file of arrays by input name. */
import { readFileSync } from "node:fs";
import { DiagnosticError, fail } from "../base/diagnostic.js";
import type { Tensor } from "../base/tensor.js";
import { decodeArrays } from "../api/arrays.js";
import { reasonOf } from "../api/machine.js";

/** The seed, or the arrays of the file. Throws `bad-inputs` or `npz-unreadable`. */
export function readInputs(from: string): number | ReadonlyMap<string, Tensor> {
  const seed = /^seed:(.*)$/.exec(from);
  if (!seed) return readArrays(from);
  if (!/^\d+$/.test(seed[1])) fail("bad-inputs", `--inputs "${from}" has no whole number as its seed`, { fix: "Write seed:0." });
  return Number(seed[1]);
}

function readArrays(path: string): ReadonlyMap<string, Tensor> {
  try {
    return decodeArrays(readFileSync(path));
  } catch (error) {
    if (error instanceof DiagnosticError) throw new DiagnosticError(error.diagnostics.map((d) => ({ ...d, location: { path } })));
    return fail("bad-inputs", `inputs "${path}" cannot be read: ${reasonOf(error)}`, { fix: "Give seed:N or a .npz file." });
  }
}
