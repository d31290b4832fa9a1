/**
 * What becomes of an optimised graph before it is cut into units, in order, each with the reason for its place. Stages are
 * passes: some ask the target, some also decide what travels beside the graph (`target/stage.ts`).
 */
import type { Pass } from "./pass.js";
import { primitivePasses } from "./pipeline.js";
import { decomposeOperators } from "./primitive/decompose.js";
import { holdWider } from "./primitive/hold-wider.js";
import { roundSmall } from "./primitive/round-small.js";
import { sinkTranspose } from "./primitive/sink-transpose.js";
import { dropDead } from "./onnx/drop-dead.js";
import { gatherLevels } from "./onnx/gather-levels.js";
import { foldBatchnorm } from "./onnx/fold-batchnorm.js";
import { foldScalar, foldScale } from "./onnx/fold-scale.js";
import { foldLevels } from "./onnx/fold-weights.js";
import { absorbTransposes } from "./target/absorb-transposes.js";
import { expandTransposed } from "./target/expand-transposed.js";
import { fuseEpilogues } from "./target/fuse-epilogues.js";
import { integerProducts } from "./target/integer-products.js";
import { halveProducts } from "./target/halve-products.js";
import { keepOperators } from "./target/keep-operators.js";
import { levelsAsFloats } from "./target/levels-as-floats.js";
import { legalise } from "./target/legalise.js";
import { narrowIntegers } from "./target/narrow-integers.js";
import { ownOutputs } from "./target/own-outputs.js";
import { productsInHalves } from "./target/products-in-halves.js";
import { scaleProducts } from "./target/scale-products.js";
import { unfoldConvolutions } from "./target/unfold-convolutions.js";
import { signedProducts } from "./target/signed-products.js";
import { unpackWeights } from "./target/unpack-weights.js";
import { weightProducts } from "./target/weight-products.js";
import type { Stage, TargetPass } from "./target/stage.js";
import { storeHalves } from "./target/store-halves.js";
import { widenLevels } from "./target/widen-levels.js";

interface Place {
  /** Why here. */
  readonly why: string;
}

/** One stage. */
export interface StagePlace extends Place {
  readonly stage: Stage | TargetPass;
}

/** Passes of the primitive level, one after the other, on a graph that is inferred anew. */
export interface TidyPlace extends Place {
  readonly passes: readonly Pass[];
  /** Only where the stage before changed the graph. */
  readonly afterChange?: true;
}

export const stages: readonly (StagePlace | TidyPlace)[] = [
  { stage: weightProducts, why: "first: weights that the library takes packed, as narrow as they are" },
  { stage: widenLevels, why: "no pass that takes levels below knows of those that kernels do not store" },
  { passes: [gatherLevels], afterChange: true, why: "rows of tables that had less than a byte a level" },
  { stage: integerProducts, why: "before operators change: what stands between levels shows in the operators of the model alone" },
  { stage: foldLevels, why: "what no integer product took has weights of floats" },
  { passes: [foldBatchnorm, foldScale, foldScalar, dropDead], afterChange: true, why: "which take factors in" },
  { stage: absorbTransposes, why: "asks of the types as they are: the halves come after" },
  { stage: storeHalves, why: "before claiming: what the library takes is asked in halves" },
  { stage: productsInHalves, why: "halves are known, and products of levels are still one operator" },
  { stage: fuseEpilogues, why: "what several operators are in one call, before each is asked alone" },
  { stage: legalise, why: "operators first: what a row takes whole is not taken apart" },
  { stage: sinkTranspose, why: "between two calls transposes meet while each operator is still one node" },
  { stage: keepOperators, why: "the last moment at which operators are whole" },
  { stage: unpackWeights, why: "no row took them packed, and a formula would unpack them at every run" },
  { stage: decomposeOperators, why: "what no row took" },
  { passes: primitivePasses, why: "formulas leave broadcasts and reshapes that do nothing" },
  { stage: roundSmall, why: "constants of small types are made by now, and casts show as primitives" },
  { stage: holdWider, why: "right behind what gives numbers of those types alone" },
  { passes: primitivePasses, afterChange: true, why: "casts to a type that holds the same numbers cancel" },
  { stage: halveProducts, why: "products inside operators show now, and a transposed one is asked before it is expanded" },
  { stage: expandTransposed, why: "what the library takes of them, in halves too, it has been asked" },
  { passes: primitivePasses, afterChange: true, why: "a filter that is known is put in order when compiling" },
  { stage: halveProducts, why: "the plain convolutions that were transposed ones" },
  { stage: signedProducts, why: "zero points and levels without sign show as primitives: what is left is asked below" },
  { stage: unfoldConvolutions, why: "convolutions of levels that no row takes show now, and products are asked below" },
  { passes: primitivePasses, afterChange: true, why: "a filter of one tap leaves a transpose that moves nothing" },
  { stage: levelsAsFloats, why: "last of what changes products of levels: sums come in the type that the library gives" },
  { passes: primitivePasses, afterChange: true, why: "what is added to the sums is a constant in floats" },
  { stage: scaleProducts, why: "on products that stayed float32, before their rows are asked" },
  { stage: legalise, why: "products and convolutions that only showed as primitives" },
  { passes: primitivePasses, why: "casts and transposes around calls cancel" },
  { stage: narrowIntegers, why: "positions and extents are final" },
  { stage: ownOutputs, why: "last: what it makes are copies, which tidying would take away" },
];

/** By name, the passes of the primitive level among them. */
export const stageNames: readonly string[] = [
  ...new Set(stages.flatMap((place) => ("stage" in place ? [place.stage.name] : place.passes.map((p) => p.name)))),
];
