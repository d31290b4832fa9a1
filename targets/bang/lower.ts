/** The library's answers: contraction, convolution, pooling and resizing first; the rest beside a generated kernel. */
import type { ClaimRow } from "../../src/claim/target.js";
import { convRows } from "./lower/conv.js";
import { elementwiseRows } from "./lower/elementwise.js";
import { imageRows } from "./lower/image.js";
import { matmulRows } from "./lower/matmul.js";

export const rows: readonly ClaimRow[] = [...matmulRows, ...convRows, ...imageRows, ...elementwiseRows];
