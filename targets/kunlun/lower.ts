/** Which operators XDNN answers: the visible list of rows. */
import type { ClaimRow } from "../../src/plan/target.js";
import { contractionRows } from "./lower/contraction.js";
import { convolutionRows } from "./lower/convolution.js";
import { pointwiseRows } from "./lower/pointwise.js";
import { poolingRows } from "./lower/pooling.js";

export const rows: readonly ClaimRow[] = [...contractionRows, ...convolutionRows, ...poolingRows, ...pointwiseRows];
