/**
 * How each operator of ai.onnx was said before it took its newest form: the mirror of upgrade/table.ts. A node runs
 * through the steps with opset < before, the newest first. What has no step is said as it is, if the opset knows it.
 */
import {
  alignedOperands,
  batchNormalizationBefore14,
  batchNormalizationBefore7,
  flattening,
  gemmAddend,
  gemmBroadcast,
  groupNormalizationSpelled,
  preluSlope,
  resizeBefore11,
  resizeBefore13,
  resizeToUpsample,
  roiAlignMode,
  sameShapes,
  scatterByOldName,
  upsampleScales,
} from "./forms.js";
import type { OlderForm } from "./draft.js";
import {
  castByText,
  castLikeByType,
  clipLimits,
  dftAxis,
  dropoutRatio,
  gridSampleMode,
  inputToInts,
  padAmounts,
  reduceAxes,
  reshapeWithoutZeros,
  shapePart,
  sliceBounds,
  splitEqually,
  topKCount,
} from "./parameters.js";

const aligned: readonly OlderForm[] = [{ before: 7, rewrite: alignedOperands }];
const flattened: readonly OlderForm[] = [{ before: 13, rewrite: flattening }];
const oneShape: readonly OlderForm[] = [{ before: 8, rewrite: sameShapes }];
const reduce: readonly OlderForm[] = [{ before: 18, rewrite: reduceAxes }];
const axes: readonly OlderForm[] = [{ before: 13, rewrite: inputToInts("axes", 1) }];

export const olderForms: Readonly<Record<string, readonly OlderForm[]>> = {
  Add: aligned,
  And: aligned,
  BatchNormalization: [
    { before: 14, rewrite: batchNormalizationBefore14 },
    { before: 7, rewrite: batchNormalizationBefore7 },
  ],
  Cast: [{ before: 6, rewrite: castByText }],
  CastLike: [{ before: 15, rewrite: castLikeByType }],
  Clip: [{ before: 11, rewrite: clipLimits }],
  DFT: [{ before: 20, rewrite: dftAxis }],
  Div: aligned,
  Dropout: [{ before: 12, rewrite: dropoutRatio }],
  Equal: aligned,
  Gemm: [
    { before: 11, rewrite: gemmAddend },
    { before: 7, rewrite: gemmBroadcast },
  ],
  Greater: aligned,
  GridSample: [{ before: 20, rewrite: gridSampleMode }],
  GroupNormalization: [{ before: 21, rewrite: groupNormalizationSpelled }],
  Hardmax: flattened,
  Less: aligned,
  LogSoftmax: flattened,
  Max: oneShape,
  Mean: oneShape,
  Min: oneShape,
  Mul: aligned,
  Or: aligned,
  PRelu: [{ before: 7, rewrite: preluSlope }],
  Pad: [{ before: 11, rewrite: padAmounts }],
  Pow: aligned,
  ReduceL1: reduce,
  ReduceL2: reduce,
  ReduceLogSum: reduce,
  ReduceLogSumExp: reduce,
  ReduceMax: reduce,
  ReduceMean: reduce,
  ReduceMin: reduce,
  ReduceProd: reduce,
  ReduceSum: [{ before: 13, rewrite: reduceAxes }],
  ReduceSumSquare: reduce,
  Reshape: [
    { before: 14, rewrite: reshapeWithoutZeros },
    { before: 5, rewrite: inputToInts("shape", 1) },
  ],
  Resize: [
    { before: 13, rewrite: resizeBefore13 },
    { before: 11, rewrite: resizeBefore11 },
    { before: 10, rewrite: resizeToUpsample },
  ],
  RoiAlign: [{ before: 16, rewrite: roiAlignMode }],
  Scan: [{ before: 9, rewrite: (_, say) => say.cannot("it has no batch axis, and Scan had one there") }],
  ScatterElements: [{ before: 11, rewrite: scatterByOldName }],
  Shape: [{ before: 15, rewrite: shapePart }],
  Slice: [{ before: 10, rewrite: sliceBounds }],
  Softmax: flattened,
  Split: [
    { before: 18, rewrite: splitEqually },
    { before: 13, rewrite: inputToInts("split", 1) },
  ],
  Squeeze: axes,
  Sub: aligned,
  Sum: oneShape,
  TopK: [{ before: 10, rewrite: topKCount }],
  Unsqueeze: axes,
  Upsample: [{ before: 9, rewrite: upsampleScales }],
  Xor: aligned,
};
