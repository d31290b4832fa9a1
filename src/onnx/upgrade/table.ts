/**
 * Every change of an operator of ai.onnx between opsets that a reader of the newest form would misread: operator ->
 * steps in order of version. A node of opset v runs through the steps with v < before. Changes that only add types,
 * or attributes whose default is the old behaviour, need no step. Sources: docs/Changelog.md of onnx/onnx.
 */
import { batchNormalizationTo7, batchNormalizationTo9, batchNormalizationTo14, groupNormalizationTo21 } from "./batch-norm.js";
import { flattened } from "./flattened.js";
import { arithmeticTo7, channelSlope } from "./legacy-broadcast.js";
import {
  castFromText,
  clipTo11,
  constantPad,
  dftTo20,
  dropoutTo12,
  gridSampleTo20,
  oldTile,
  padsName,
  poolPower,
  reshapeTo5,
  sliceTo10,
  splitTo18,
  topKTo10,
} from "./parameters.js";
import { drop, int, intsToInput, rename, spellDefault, text } from "./rewrites.js";
import type { UpgradeStep } from "./draft.js";
import { resizeTo11, resizeTo13, upsampleTo7, upsampleTo9, upsampleToResize } from "./resize.js";
import { scanTo9 } from "./scan.js";

/** Two-operand operators that broadcast by attribute before opset 7. */
const legacyBroadcast: readonly UpgradeStep[] = [{ before: 7, rewrite: arithmeticTo7 }];
/** Optimisation hints of opset 1 with no meaning left. */
const consumedInputs: readonly UpgradeStep[] = [{ before: 6, rewrite: drop("consumed_inputs") }];
const axesToInput = (before: number): UpgradeStep => ({ before, rewrite: intsToInput("axes", 1) });
const reduce: readonly UpgradeStep[] = [axesToInput(18)];
const recurrent: readonly UpgradeStep[] = [{ before: 7, rewrite: drop("output_sequence") }];

export const upgrades: Readonly<Record<string, readonly UpgradeStep[]>> = {
  Abs: consumedInputs,
  Add: [...consumedInputs, ...legacyBroadcast],
  And: legacyBroadcast,
  BatchNormalization: [
    ...consumedInputs,
    { before: 7, rewrite: batchNormalizationTo7 },
    { before: 9, rewrite: batchNormalizationTo9 },
    { before: 14, rewrite: batchNormalizationTo14 },
  ],
  Cast: [{ before: 6, rewrite: castFromText }],
  Ceil: consumedInputs,
  Clip: [...consumedInputs, { before: 11, rewrite: clipTo11 }],
  Concat: [{ before: 4, rewrite: spellDefault("axis", int(1)) }],
  DFT: [{ before: 20, rewrite: dftTo20 }],
  Div: [...consumedInputs, ...legacyBroadcast],
  Dropout: [...consumedInputs, { before: 12, rewrite: dropoutTo12 }],
  Elu: consumedInputs,
  Equal: legacyBroadcast,
  Exp: consumedInputs,
  Floor: consumedInputs,
  Gemm: [{ before: 7, rewrite: drop("broadcast") }],
  GlobalLpPool: [{ before: 2, rewrite: poolPower }],
  Greater: legacyBroadcast,
  GridSample: [{ before: 20, rewrite: gridSampleTo20 }],
  GroupNormalization: [{ before: 21, rewrite: groupNormalizationTo21 }],
  GRU: recurrent,
  HardSigmoid: consumedInputs,
  Hardmax: [{ before: 13, rewrite: flattened }],
  InstanceNormalization: consumedInputs,
  LSTM: recurrent,
  LeakyRelu: consumedInputs,
  Less: legacyBroadcast,
  Log: consumedInputs,
  LogSoftmax: [{ before: 13, rewrite: flattened }],
  LpPool: [{ before: 2, rewrite: poolPower }],
  Max: consumedInputs,
  Mean: consumedInputs,
  Min: consumedInputs,
  Mul: [...consumedInputs, ...legacyBroadcast],
  Neg: consumedInputs,
  Or: legacyBroadcast,
  PRelu: [...consumedInputs, { before: 7, rewrite: channelSlope }],
  Pad: [
    { before: 2, rewrite: padsName },
    { before: 11, rewrite: constantPad },
  ],
  Pow: legacyBroadcast,
  RNN: recurrent,
  Reciprocal: consumedInputs,
  ReduceL1: reduce,
  ReduceL2: reduce,
  ReduceLogSum: reduce,
  ReduceLogSumExp: reduce,
  ReduceMax: reduce,
  ReduceMean: reduce,
  ReduceMin: reduce,
  ReduceProd: reduce,
  ReduceSum: [axesToInput(13)],
  ReduceSumSquare: reduce,
  Relu: consumedInputs,
  Reshape: [{ before: 5, rewrite: reshapeTo5 }],
  Resize: [
    { before: 11, rewrite: resizeTo11 },
    { before: 13, rewrite: resizeTo13 },
  ],
  RoiAlign: [{ before: 16, rewrite: spellDefault("coordinate_transformation_mode", text("output_half_pixel")) }],
  Scan: [{ before: 9, rewrite: scanTo9 }],
  Scatter: [{ before: Infinity, rewrite: rename("ScatterElements") }],
  Selu: consumedInputs,
  Sigmoid: consumedInputs,
  Slice: [{ before: 10, rewrite: sliceTo10 }],
  Softmax: [{ before: 13, rewrite: flattened }],
  Split: [
    { before: 13, rewrite: intsToInput("split", 1) },
    { before: 18, rewrite: splitTo18 },
  ],
  Sqrt: consumedInputs,
  Squeeze: [axesToInput(13)],
  Sub: [...consumedInputs, ...legacyBroadcast],
  Sum: consumedInputs,
  Tanh: consumedInputs,
  Tile: [{ before: 6, rewrite: oldTile }],
  TopK: [{ before: 10, rewrite: topKTo10 }],
  Unsqueeze: [axesToInput(13)],
  Upsample: [
    { before: 7, rewrite: upsampleTo7 },
    { before: 9, rewrite: upsampleTo9 },
    { before: Infinity, rewrite: upsampleToResize },
  ],
  Xor: legacyBroadcast,
};
