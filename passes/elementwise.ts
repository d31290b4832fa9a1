/** ONNX operators that give each element of the result from the elements at its place, broadcasting aside. */
export const elementwise: ReadonlySet<string> = new Set(
  (
    "Abs Add Ceil Clip Cos Div Elu Erf Exp Floor Gelu HardSigmoid HardSwish LeakyRelu Log Max Min Mul Neg Pow Reciprocal Relu Round " +
    "Selu Sigmoid Sign Sin Softplus Softsign Sqrt Sub Tanh ThresholdedRelu"
  ).split(" "),
);
