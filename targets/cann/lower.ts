/** What the vendor's library does for us, operator by operator. */
import type { ClaimRow } from "../../src/claim/target.js";
import { convRows } from "./lower/conv.js";
import { elementwiseRows } from "./lower/elementwise.js";
import { imageRows } from "./lower/image.js";
import { levelRows } from "./lower/levels.js";
import { matmulRows } from "./lower/matmul.js";

export const rows: readonly ClaimRow[] = [...matmulRows, ...levelRows, ...convRows, ...imageRows, ...elementwiseRows];
