/**
 * Asked of the calls' records: what a parameter takes on a chip, and why a call is refused there. A row asks before it claims; a
 * step asks again when it emits, so that no call is written that the documents refuse on the chip.
 */
import type { DType } from "../../src/base/dtype.js";
import { calls, type CallName } from "./calls.js";
import type { AscendChip } from "./caps.js";

/** As aclDataType has them. */
export const aclTypes: Readonly<Partial<Record<DType, string>>> = {
  ...{ f32: "ACL_FLOAT", f16: "ACL_FLOAT16", bf16: "ACL_BF16", f64: "ACL_DOUBLE", bool: "ACL_BOOL" },
  ...{ i64: "ACL_INT64", i32: "ACL_INT32", i16: "ACL_INT16", i8: "ACL_INT8" },
  ...{ u64: "ACL_UINT64", u32: "ACL_UINT32", u16: "ACL_UINT16", u8: "ACL_UINT8" },
};

export interface TensorAsked {
  readonly dtype: DType;
  readonly rank: number;
}

/** The element types a parameter takes on a family; none where the operator is not documented for it. */
export function typesOf(name: CallName, param: string, family: AscendChip["family"]): readonly DType[] {
  const { tensors, without, socs } = calls[name];
  if (!socs.includes(family)) return [];
  const { types = [], only } = tensors[param] ?? {};
  return types.filter((t) => !without?.[family]?.includes(t) && (only?.[family]?.includes(t) ?? true));
}

/** Why there is no such call on a chip; undefined where it is documented. */
export function undocumented(name: CallName, { family, caps }: AscendChip): string | undefined {
  return calls[name].socs.includes(family) ? undefined : `${name} is not documented for ${caps.chip}`;
}

/** Why the documents refuse a call with these tensors, by parameter, on a chip; undefined when they do not. */
export function refusal(name: CallName, given: Readonly<Record<string, TensorAsked | undefined>>, chip: AscendChip): string | undefined {
  const { family } = chip;
  const absent = undocumented(name, chip);
  if (absent !== undefined) return absent;
  for (const [param, tensor] of Object.entries(given)) {
    if (!tensor) continue;
    if (!typesOf(name, param, family).includes(tensor.dtype)) return `${name} takes no ${tensor.dtype} for ${param} on ${chip.caps.chip}`;
    const [least, most] = calls[name].tensors[param]?.rank ?? [0, 8];
    if (tensor.rank < least || tensor.rank > most) return `${name} takes ${least} to ${most} dims for ${param}, not ${tensor.rank}`;
  }
  return undefined;
}
