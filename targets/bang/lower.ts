/** The library's answers: contraction, convolution, pooling and resizing first; the rest beside a generated kernel. */
import type { ClaimRow } from "../../src/claim/target.js";
import { bangChip } from "./caps.js";
import { convRows } from "./lower/conv.js";
import { elementwiseRows } from "./lower/elementwise.js";
import { imageRows } from "./lower/image.js";
import { matmulRows } from "./lower/matmul.js";

/** A row where the chip has a library that public sources show. */
function whereKnown(row: ClaimRow): ClaimRow {
  return {
    ...row,
    accepts: (node, chip, constantOf) =>
      bangChip(chip).hasCnnl ? (row.accepts?.(node, chip, constantOf) ?? true) : `no public source shows the CNNL of ${chip.caps.chip}`,
  };
}

export const rows: readonly ClaimRow[] = [...matmulRows, ...convRows, ...imageRows, ...elementwiseRows].map(whereKnown);
