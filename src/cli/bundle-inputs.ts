/** What `portolan run` feeds a bundle: a .npz file, or seeded arrays of the types and shapes that its manifest gives. */
import { evaluateDim } from "../base/dim.js";
import { DiagnosticError, fail } from "../base/diagnostic.js";
import type { Tensor } from "../base/tensor.js";
import { unknownDim } from "../onnx/fix-inputs.js";
import type { Program } from "../plan/program.js";
import { requireArrays } from "../verify/arrays.js";
import { openExtents } from "../verify/inputs.js";
import { allowedExtents, refuseExtents } from "../verify/extents.js";
import { seededArrays } from "../verify/seeded.js";
import { readInputs } from "./inputs.js";
import { parseDims } from "./model-options.js";

/** Throws `bad-inputs`, `npz-unreadable`, `bad-dim`, `dim-unknown` or `extents-not-found`. */
export function bundleInputs(program: Program, from: string, dims: readonly string[]): ReadonlyMap<string, Tensor> {
  const given = readInputs(from);
  if (typeof given === "number") return seededFor(program, given, dims);
  if (dims.length > 0)
    fail("bad-dim", "--dim goes with --inputs seed:N; a .npz file has its own shapes", { fix: "Leave one of them out." });
  const inputs = program.inputs.map((id) => program.buffers[id]);
  const declared = inputs.map((b) => ({ name: b.name, type: b }));
  // The model may have more inputs than the bundle: frozen ones, and such as nothing reads.
  requireArrays(declared, given, () => true);
  return given;
}

function seededFor(program: Program, seed: number, dims: readonly string[]): Map<string, Tensor> {
  const inputs = program.inputs.map((id) => program.buffers[id]);
  const given = parseDims(dims);
  const names = program.symbols.map((s) => s.name);
  const unknown = [...given.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new DiagnosticError(unknownDim(unknown, names));
  const symbols = program.symbols.map((s) => {
    const asked = given.get(s.name);
    const range = typeof asked === "number" ? { lo: asked, hi: asked } : (asked ?? { lo: s.lo, hi: s.hi });
    return { name: s.name, range };
  });
  const open = openExtents(inputs, symbols);
  const extents = program.buffers.flatMap((b) => b.shape);
  const found = allowedExtents({ open, guards: program.guards, extents }).next();
  const values = found.done ? refuseExtents(found.value, `--dim, as in --dim ${names[0]}=64`) : found.value;
  return seededArrays(
    inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape: shape.map((d) => evaluateDim(d, values)) })),
    seed,
  );
}
