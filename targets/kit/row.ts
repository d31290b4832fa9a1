/** Rows of a library: those chosen first, and those that stand beside a kernel of our own. */
import type { ClaimRow } from "../../src/claim/target.js";

type Rest = Omit<ClaimRow, "op" | "types" | "role" | "accepts" | "emit">;
type Making = (op: string, types: ClaimRow["types"], accepts: ClaimRow["accepts"], emit: ClaimRow["emit"], rest?: Rest) => ClaimRow;

const making =
  (role: ClaimRow["role"]): Making =>
  (op, types, accepts, emit, rest) => ({ op, types, role, accepts, emit, ...rest });

export const [libraryRow, alternateRow] = [making("library"), making("alternate")];
