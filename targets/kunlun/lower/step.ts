import { isConst, type Dim } from "../../../src/base/dim.js";
import type { DType } from "../../../src/base/dtype.js";
import { constData } from "../../../src/ir/build.js";
import { fromNumbers } from "../../../src/base/float-formats.js";
import type { CallSite, ClaimRow, Emitted, Operand } from "../../../src/claim/target.js";
import { braced } from "../../kit/step.js";
import type { CallName } from "../calls.js";
import { kunlunChip, profiles } from "../caps.js";

export const floatTypes: readonly DType[] = ["f32", "f16"];

export function typeName(dtype: DType): "float" | "float16" | "int8_t" {
  if (dtype === "f32") return "float";
  if (dtype === "f16") return "float16";
  if (dtype === "i8") return "int8_t";
  throw new Error(`internal: a Kunlun library row was given ${dtype}`);
}

export function source(o: Operand): string {
  return `static_cast<const ${typeName(o.dtype)}*>(${o.ptr})`;
}

export function target(o: Operand): string {
  return `static_cast<${typeName(o.dtype)}*>(${o.ptr})`;
}

/** A float array that may be absent: a bias. */
export function optionalFloats(o: Operand | undefined): string {
  return o ? `static_cast<const float*>(${o.ptr})` : "nullptr";
}

/** Whether the chip's code is for XRE 5, whose products and convolutions are those of xblas and xpudnn. */
export function hasXre5(site: CallSite): boolean {
  return kunlunChip(site.chip).profile === profiles.xre5;
}

/** The multiply type for operands of this type on this chip. */
export function gemmType(site: CallSite, dtype: DType): string {
  if (dtype === "i8") return "int8_t";
  return kunlunChip(site.chip).gemm[dtype === "f16" ? "f16" : "f32"];
}

/** Of levels: the maximum that makes one step of them 1, for each cluster of whatever chip has most (`max_ptr_size`, facts quant-apis.md C1). */
const unitMaxima = constData(fromNumbers("f32", [12], new Array<number>(12).fill(127)));

/** What a row of products of levels, as floats, has in common: both operands say with the same maxima that a step is 1. */
export const ofLevels = { besides: () => [unitMaxima] } satisfies Partial<ClaimRow>;

/** The maxima of both operands: of levels those that the call is given, else found by the library. */
export function maximaOf(site: CallSite): string {
  return site.inputs[0]?.dtype === "i8" ? optionalFloats(site.inputs[2]) : "nullptr";
}

/** A std::vector<int64_t> argument, by its type: overloads for std::vector<int> and std::initializer_list stand beside. */
export function vector(values: readonly (number | string)[]): string {
  return `std::vector<int64_t>${braced(values)}`;
}

export function shapeVector(site: CallSite, shape: readonly Dim[]): string {
  return vector(shape.length === 0 ? ["1"] : shape.map((d) => site.dim(d)));
}

export function emitted(uses: CallName, line: string): Emitted {
  return { lines: ["auto* ctx = static_cast<xdnn::Context*>(r.library);", line], uses: [uses] };
}

/** Extents known to be 0 leave nothing to call. */
export function isEmpty(shape: readonly Dim[] | undefined): boolean {
  return !!shape?.some((d) => isConst(d) && d === 0);
}
