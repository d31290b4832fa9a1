/** Operands of a register operation that are one value for all lanes, as C++ of the core's scalar unit. */
import { mul } from "../../../src/base/dim.js";
import type { SplatValue, TileRef } from "../../../src/kernel/lower/register-form.js";
import { isWord } from "../../kit/page.js";
import { isHalf } from "../../kit/spell.js";
import type { XpuPage } from "./context.js";
import { literal } from "./spell.js";

export function slotName(slot: number): string {
  return `spill${slot}`;
}

export function nameOf(ref: TileRef): string {
  return "tile" in ref ? ref.tile : slotName(ref.slot);
}

/** The array that a tile or a slot is reached through. */
export function arrayOf(p: XpuPage, ref: TileRef): string {
  return "tile" in ref ? p.variable(ref.tile) : slotName(ref.slot);
}

/** A value as it stands alone; `row` is the row in hand. */
export function spellScalar(p: XpuPage, value: SplatValue, row: string): string {
  switch (value.kind) {
    case "const":
      return literal(value.type, value.value);
    case "int":
      return value.type === "f32" ? `(float)(${p.dim(value.value)})` : p.dim(value.value);
    case "read": {
      const { source, type } = value;
      const element = `${arrayOf(p, source)}[${value.at === "row" ? row : "0"}]`;
      const half = "tile" in source && isHalf(p.tile(source.tile).type);
      return half ? p.help("widen", [element]) : `(${type === "f32" ? "float" : type === "u32" ? "unsigned int" : "int"})${element}`;
    }
    default:
      throw value satisfies never;
  }
}

/** A value that anything binds to. */
export function bracketed(p: XpuPage, value: SplatValue, row: string): string {
  const text = spellScalar(p, value, row);
  return isAtom(value) ? text : `(${text})`;
}

/** The negative of a value. */
export function negated(p: XpuPage, value: SplatValue, row: string): string {
  const other = negative(value);
  return other ? spellScalar(p, other, row) : `-(${bracketed(p, value, row)})`;
}

/** Whether a value is one word, with or without a sign. */
function isAtom(value: SplatValue): boolean {
  if (value.kind === "read") return false;
  if (value.kind === "int") return value.type === "f32" || isWord(value.value) || isWord(mul(-1, value.value));
  return value.type !== "f32" || Math.abs(Number(value.value)) < 1e21;
}

function negative(value: SplatValue): SplatValue | undefined {
  if (value.kind === "const") return isAtom(value) ? { ...value, value: -value.value } : undefined;
  return value.kind === "int" && isAtom(value) && value.type !== "f32" ? { ...value, value: mul(-1, value.value) } : undefined;
}
