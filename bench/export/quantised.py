"""
Small nets as onnxruntime's own tools quantise them: quantize_dynamic, quantize_static to QDQ and to operators on levels,
MatMulNBits and GatherBlockQuantized, and what onnxruntime saves when it has optimised them. Run by
`npm run acceptance -- 23 --peers`, never by `npm test`. Needs numpy, onnx and onnxruntime.

    python bench/export/quantised.py OUT

Each model gets a folder OUT/NAME with model.onnx, an input a.npz and step.txt: the coarsest scale that its levels have.
"""
import logging
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer

logging.disable(logging.WARNING)
I8, U8, I16, U16, I4, U4 = (QuantType[n] for n in ("QInt8", "QUInt8", "QInt16", "QUInt16", "QInt4", "QUInt4"))


class Net:
    """A graph in the making: operators by name, weights drawn from one seed."""

    def __init__(self, name, inputs, opset=17):
        self.name, self.inputs, self.opset = name, inputs, opset
        self.nodes, self.weights, self.random = [], [], np.random.default_rng(7)

    def op(self, kind, *inputs, **attrs):
        out = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(h.make_node(kind, list(inputs), [out], out, **attrs))
        return out

    def weight(self, *shape, scale=None):
        scale = scale or 1 / np.sqrt(np.prod(shape[1:]) if len(shape) > 2 else shape[0])
        return self.constant((self.random.standard_normal(shape) * scale).astype(np.float32))

    def constant(self, values):
        name = f"w_{len(self.weights)}"
        self.weights.append(nh.from_array(np.asarray(values), name))
        return name

    def model(self, output):
        # The output's shape is left to inference.
        graph = h.make_graph(self.nodes, self.name, self.inputs, [h.make_tensor_value_info(output, T.FLOAT, None)], self.weights)
        made = h.make_model(graph, opset_imports=[h.make_opsetid("", self.opset)], ir_version=10)
        return onnx.shape_inference.infer_shapes(made)


def cnn(opset=17):
    n = Net("cnn", [h.make_tensor_value_info("x", T.FLOAT, ["N", 3, 16, 16])], opset)
    x = n.op("Relu", n.op("Conv", "x", n.weight(8, 3, 3, 3), n.weight(8), pads=[1, 1, 1, 1], strides=[2, 2]))
    y = n.op("LeakyRelu", n.op("Conv", x, n.weight(8, 1, 3, 3), n.weight(8), group=8, pads=[1, 0, 1, 2]), alpha=0.1)
    x = n.op("Add", x, n.op("Conv", y, n.weight(8, 8, 1, 1), n.weight(8)))
    x = n.op("Concat", x, n.op("MaxPool", x, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[1, 1]), axis=1)
    x = n.op("Mul", x, n.op("Sigmoid", n.op("Conv", x, n.weight(16, 16, 1, 1), n.weight(16))))
    x = n.op("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = n.op("Flatten", n.op("GlobalAveragePool", x))
    return n.model(n.op("Softmax", n.op("Gemm", x, n.weight(10, 16), n.weight(10), transB=1)))


def encoder(opset=17):
    n = Net("encoder", [h.make_tensor_value_info("ids", T.INT64, ["N", 12])], opset)
    x = n.op("Gather", n.weight(50, 64, scale=1.0), "ids")
    norm = lambda v: n.op("LayerNormalization", v, n.constant(np.ones(64, np.float32)), n.constant(np.zeros(64, np.float32)))
    heads = n.constant(np.array([0, 12, 4, 16], np.int64))
    split = lambda v, perm: n.op("Transpose", n.op("Reshape", v, heads), perm=perm)
    linear = lambda v, a, b: n.op("Add", n.op("MatMul", v, n.weight(a, b)), n.weight(b))
    y = norm(x)
    q, k, v = (linear(y, 64, 64) for _ in range(3))
    scores = n.op("MatMul", split(q, [0, 2, 1, 3]), split(k, [0, 2, 3, 1]))
    mixed = n.op("MatMul", n.op("Softmax", n.op("Mul", scores, n.constant(np.float32(0.25)))), split(v, [0, 2, 1, 3]))
    joined = n.op("Reshape", n.op("Transpose", mixed, perm=[0, 2, 1, 3]), n.constant(np.array([0, 12, 64], np.int64)))
    x = n.op("Add", x, linear(joined, 64, 64))
    x = n.op("Add", x, linear(n.op("Relu", linear(norm(x), 64, 128)), 128, 64))
    return n.model(n.op("MatMul", norm(x), n.weight(64, 50)))


def inputs_of(net, count, seed):
    random = np.random.default_rng(seed)
    one = {"cnn": lambda: {"x": random.standard_normal((2, 3, 16, 16)).astype(np.float32)}, "encoder": lambda: {"ids": random.integers(0, 50, (2, 12))}}
    return [one[net]() for _ in range(count)]


class Reader(CalibrationDataReader):
    def __init__(self, net):
        self.left = iter(inputs_of(net, 8, 3))

    def get_next(self):
        return next(self.left, None)


def dynamic(**options):
    return lambda net, model, path: quantize_dynamic(model, path, **options)


def static(form, activation, weight, **options):
    def run(net, model, path):
        quantize_static(model, path, Reader(net), quant_format=form, activation_type=activation, weight_type=weight, **options)

    return run


def packed(**options):
    def run(net, model, path):
        config = DefaultWeightOnlyQuantConfig(block_size=16, **options)
        quantiser = MatMulNBitsQuantizer(onnx.load(model), algo_config=config)
        quantiser.process()
        quantiser.model.save_model_to_file(str(path))

    return run


def optimised(make, level):
    """What onnxruntime writes of a quantised model when it has fused what it can."""

    def run(net, model, path):
        whole = Path(path).with_name("whole.onnx")
        make(net, model, whole)
        options = ort.SessionOptions()
        options.optimized_model_filepath = str(path)
        options.graph_optimization_level = level
        # Weights laid out for this processor are no model.
        ort.InferenceSession(str(whole), options, providers=["CPUExecutionProvider"], disabled_optimizers=["NchwcTransformer", "NhwcTransformer"])

    return run


QDQ, OPS = QuantFormat.QDQ, QuantFormat.QOperator
EXTENDED = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
CONTRIB = {"UseQDQContribOps": True}
VARIANTS = {
    "dynamic-u8": dynamic(weight_type=U8),
    "dynamic-i8": dynamic(weight_type=I8),
    "dynamic-i8-channels": dynamic(weight_type=I8, per_channel=True, reduce_range=True),
    "qdq-u8u8": static(QDQ, U8, U8),
    "qdq-u8i8": static(QDQ, U8, I8, per_channel=True, reduce_range=True),
    "qdq-i8i8": static(QDQ, I8, I8, per_channel=True),
    "qdq-i8-symmetric": static(QDQ, I8, I8, extra_options={"ActivationSymmetric": True}),
    "qdq-u16i8": static(QDQ, U16, I8, per_channel=True, extra_options=CONTRIB),
    "qdq-i16i16": static(QDQ, I16, I16, extra_options=CONTRIB),
    "qdq-u8i4": static(QDQ, U8, I4, per_channel=True),
    "qdq-u8u4": static(QDQ, U8, U4),
    "ops-u8u8": static(OPS, U8, U8),
    "ops-u8i8": static(OPS, U8, I8, per_channel=True, reduce_range=True),
    "ops-i8i8": static(OPS, I8, I8, per_channel=True),
    "fused-qdq-u8u8": optimised(static(QDQ, U8, U8), EXTENDED),
    "fused-qdq-u8i8": optimised(static(QDQ, U8, I8, per_channel=True), EXTENDED),
    "fused-ops-i8i8": optimised(static(OPS, I8, I8), EXTENDED),
    "fused-dynamic-u8": optimised(dynamic(weight_type=U8), EXTENDED),
    "fused-dynamic-i8": optimised(dynamic(weight_type=I8, per_channel=True), EXTENDED),
}
PACKED = {
    "nbits-4": packed(is_symmetric=True),
    "nbits-4-zeros": packed(is_symmetric=False),
    "nbits-8": packed(is_symmetric=True, bits=8),
    "nbits-8-zeros": packed(is_symmetric=False, bits=8),
    "nbits-4-qdq": packed(is_symmetric=False, quant_format=QDQ),
    "nbits-4-gather": packed(is_symmetric=False, op_types_to_quantize=("MatMul", "Gather")),
    "nbits-4-gather-even": packed(is_symmetric=True, op_types_to_quantize=("MatMul", "Gather")),
}


def step_of(model):
    """The scale of the levels that the output has, 0 where it has none: one level is what sums that are rounded otherwise may be apart."""
    values = {t.name: nh.to_array(t) for t in model.graph.initializer}
    maker = {o: n for n in model.graph.node for o in n.output}.get(model.graph.output[0].name)
    scale = values.get(maker.input[1]) if maker.op_type == "DequantizeLinear" else None
    return float(scale.max()) if scale is not None else 0.0


def make(out, net, name, float_model, quantise):
    folder = out / f"{net}-{name}"
    if (folder / "model.onnx").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as work:
        try:
            path = Path(work) / "model.onnx"
            quantise(net, float_model, path)
            shutil.copy(path, folder / "model.onnx")
            np.savez(folder / "a.npz", **inputs_of(net, 1, 5)[0])
            (folder / "step.txt").write_text(f"{step_of(onnx.load(path))}\n")
            print(f"made {folder.name}", flush=True)
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)
            print(f"not made {folder.name}: {type(error).__name__}: {str(error).strip().splitlines()[0][:200]}", flush=True)


def main():
    out = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        for net, build in {"cnn": cnn, "encoder": encoder}.items():
            for name, quantise in {**VARIANTS, **(PACKED if net == "encoder" else {})}.items():
                path = Path(work) / f"{net}-{name}.onnx"
                onnx.save(build(21 if "4" in name else 17), path)
                make(out, net, name, path, quantise)


main()
