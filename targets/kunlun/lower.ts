/** Which operators XDNN answers: the visible list of rows. */
import type { ClaimRow } from "../../src/claim/target.js";
import { contractionRows } from "./lower/matmul.js";
import { convolutionRows } from "./lower/conv.js";
import { pointwiseRows } from "./lower/elementwise.js";
import { poolingRows } from "./lower/image.js";

export const rows: readonly ClaimRow[] = [...contractionRows, ...convolutionRows, ...poolingRows, ...pointwiseRows];
