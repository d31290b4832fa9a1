/** Arrays that someone gives for a model's inputs, held against what those declare. */
import { isConst, sameDim, symbol, symbolsOf, type Dim } from "../base/dim.js";
import { fail } from "../base/diagnostic.js";
import { dtypes, infoOf, type DType } from "../base/dtype.js";
import { allocate, type Tensor } from "../base/tensor.js";
import { closest } from "../base/suggest.js";
import type { Program } from "../program/program.js";

/** Without a type where the model says none. */
interface DeclaredInput {
  readonly name: string;
  readonly type?: { readonly dtype: DType; readonly shape: readonly Dim[] };
}

interface Given {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/**
 * Arrays in the types that the model says. A type of 2, 4 or 8 bits that NumPy does not know comes as bytes, one an element, its bits the
 * lowest. Throws `bad-inputs` for a byte that is none of its values.
 */
export function asDeclared(arrays: ReadonlyMap<string, Tensor>, typeOf: (name: string) => DType | undefined): Map<string, Tensor> {
  return new Map([...arrays].map(([name, t]) => [name, t.dtype === "u8" ? typed(name, t, typeOf(name)) : t]));
}

function typed(name: string, t: Tensor, dtype: DType | undefined): Tensor {
  if (dtype === undefined || infoOf(dtype).held === undefined) return t;
  const { bits, kind } = dtypes[dtype];
  const data = allocate(dtype, t.data.length) as Uint8Array;
  (t.data as Uint8Array).forEach((byte, i) => {
    const pattern = byte & (2 ** bits - 1);
    data[i] = kind === "int" && pattern >= 2 ** (bits - 1) ? pattern - 2 ** bits : pattern;
    if (byte !== pattern && byte !== (data[i] & 0xff))
      fail("bad-inputs", `array ${JSON.stringify(name)} is ${dtype}, and element ${i} is the byte ${byte}`, { location: { tensor: name } });
  });
  return { dtype, shape: t.shape, data };
}

/** The types of a program's outputs by name. */
export function outputTypes({ buffers, outputs }: Pick<Program, "buffers" | "outputs">): (name: string) => DType | undefined {
  const types = new Map(outputs.map((id) => [buffers[id].name, buffers[id].dtype]));
  return (name) => types.get(name);
}

const quoted = (names: readonly string[]): string => names.map((n) => JSON.stringify(n)).join(", ") || "none";

/** What arrays before have made of the extents of a shape. */
function settled(shape: readonly Dim[], extents: ReadonlyMap<string, number>): string {
  const known = [...new Set(shape.flatMap((d) => symbolsOf(d)))].filter((s) => extents.has(s)).map((s) => `${s}=${extents.get(s)}`);
  return known.length > 0 ? ` with ${known.join(", ")}` : "";
}

/** Throws `bad-inputs`. Arrays for which `isSpare` holds need no input of their name. */
export function requireArrays(
  inputs: readonly DeclaredInput[],
  feed: ReadonlyMap<string, Given>,
  isSpare: (name: string) => boolean,
): void {
  const names = inputs.map((v) => v.name);
  const listed = { fix: `The model's inputs: ${quoted(names)}.` };
  const missing = names.find((n) => !feed.has(n));
  if (missing !== undefined)
    fail("bad-inputs", `there is no array for input ${JSON.stringify(missing)}`, {
      fix: `${listed.fix} The arrays given: ${quoted([...feed.keys()])}.`,
    });
  const extra = [...feed.keys()].find((n) => !names.includes(n) && !isSpare(n));
  if (extra !== undefined) fail("bad-inputs", `the model has no input ${JSON.stringify(extra)}${closest(extra, names)}`, listed);
  const extents = new Map<string, number>();
  for (const { name, type } of inputs) {
    const given = feed.get(name);
    const before = new Map(extents);
    if (!type || !given || (given.dtype === type.dtype && fits(given.shape, type.shape, extents))) continue;
    fail("bad-inputs", `input ${JSON.stringify(name)} is ${spell(type)}${settled(type.shape, before)}, and its array is ${spell(given)}`, {
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
