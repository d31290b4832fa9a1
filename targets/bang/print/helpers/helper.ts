/** A device function that a kernel file may open with. Its text spells intrinsics through their records. */
import type { Speller } from "../../../kit/uses.js";
import type { IntrinsicName } from "../../intrinsics.js";

export type Bang = Speller<IntrinsicName>;

export interface Helper {
  readonly text: (bang: Bang) => string;
  /** It works through `helper_nram`. */
  readonly workspace?: true;
}

/** Lanes that `helper_nram` holds: caps.ts keeps helperBytes of it free. */
export const helperLanes = 4096;

/** Segments of NRAM to NRAM, their starts so many bytes apart; `last` is their number less one. A source may repeat by a stride of 0. */
export function strided(bang: Bang, dst: string, src: string, bytes: string, dstStride: string, srcStride: string, last: string): string {
  return bang("__memcpy", dst, src, bytes, "NRAM2NRAM", dstStride, srcStride, last);
}

/** A body that is one loop over pieces of n lanes that fit the workspace: `at` is a piece's first lane, `m` its lanes. */
export function pieces(statements: readonly string[], lanes = helperLanes): string {
  return `  for (int32_t at = 0; at < n; at += ${lanes}) {
    const int32_t m = n - at < ${lanes} ? n - at : ${lanes};
${statements.map((s) => `    ${s}`).join("\n")}
  }
}`;
}
