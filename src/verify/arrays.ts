/** Arrays that someone gives for a model's inputs, held against what those declare. */
import { isConst, sameDim, symbol, symbolsOf, type Dim } from "../base/dim.js";
import { fail } from "../base/diagnostic.js";
import type { DType } from "../base/dtype.js";
import { closest } from "../base/suggest.js";
import type { Tensor } from "../base/tensor.js";

/** Without a type where the model says none. */
interface DeclaredInput {
  readonly name: string;
  readonly type?: { readonly dtype: DType; readonly shape: readonly Dim[] };
}

/** Throws `bad-inputs`. Arrays for which `isSpare` holds need no input of their name. */
export function requireArrays(
  inputs: readonly DeclaredInput[],
  feed: ReadonlyMap<string, Tensor>,
  isSpare: (name: string) => boolean,
): void {
  const names = inputs.map((v) => v.name);
  const listed = { fix: `The model's inputs: ${names.map((n) => JSON.stringify(n)).join(", ") || "none"}.` };
  const missing = names.find((n) => !feed.has(n));
  if (missing !== undefined) fail("bad-inputs", `there is no array for input ${JSON.stringify(missing)}`, listed);
  const extra = [...feed.keys()].find((n) => !names.includes(n) && !isSpare(n));
  if (extra !== undefined) fail("bad-inputs", `the model has no input ${JSON.stringify(extra)}${closest(extra, names)}`, listed);
  const extents = new Map<string, number>();
  for (const { name, type } of inputs) {
    const given = feed.get(name);
    if (!type || !given || (given.dtype === type.dtype && fits(given.shape, type.shape, extents))) continue;
    fail("bad-inputs", `input ${JSON.stringify(name)} is ${spell(type)}, and its array is ${spell(given)}`, {
      location: { tensor: name },
      fix: "Give an array of that element type and shape; an extent with a name may have any size, the same wherever the name stands.",
    });
  }
}

/** Whether a shape agrees with the declared one, with extents met before; adds those it settles. */
function fits(given: readonly number[], declared: readonly Dim[], extents: Map<string, number>): boolean {
  if (given.length !== declared.length) return false;
  return declared.every((d, axis) => {
    if (isConst(d)) return d === given[axis];
    const [name] = symbolsOf(d);
    if (!sameDim(d, symbol(name))) return true;
    if (!extents.has(name)) extents.set(name, given[axis]);
    return extents.get(name) === given[axis];
  });
}

function spell({ dtype, shape }: { readonly dtype: DType; readonly shape: readonly Dim[] }): string {
  return `${dtype}[${shape.join(",")}]`;
}
