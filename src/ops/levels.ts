/** Which operators quantised models are made of. */

const ms = (...names: readonly string[]): readonly string[] => names.map((name) => `com.microsoft::${name}`);

/** Their results depend on values that were rounded to levels: the last bit of a sum may become a step. */
export const roundsToLevels: ReadonlySet<string> = new Set([
  ...["QuantizeLinear", "DynamicQuantizeLinear", "QLinearConv", "QLinearMatMul"],
  ...ms("DynamicQuantizeMatMul", "QGemm", "QLinearAdd", "QLinearAveragePool", "QLinearConcat", "QLinearGlobalAveragePool"),
  ...ms("QLinearLeakyRelu", "QLinearMul", "QLinearReduceMean", "QLinearSigmoid", "QLinearSoftmax", "QLinearWhere"),
]);

/** They give or read levels. */
export const holdsLevels: ReadonlySet<string> = new Set([
  ...roundsToLevels,
  ...["DequantizeLinear", "ConvInteger", "MatMulInteger"],
  ...ms("GatherBlockQuantized", "MatMulIntegerToFloat", "MatMulNBits"),
]);
