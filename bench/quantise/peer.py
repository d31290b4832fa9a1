"""Quantises a model with onnxruntime's own static quantiser: int8, QDQ, one scale a channel of weights, min-max ranges.

    python bench/quantise/peer.py MODEL SAMPLES_FOLDER OUT
"""
import glob
import os
import sys

import numpy as np
import onnx
from onnx import version_converter
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


class Folder(CalibrationDataReader):
    def __init__(self, folder):
        self.files = iter(sorted(glob.glob(os.path.join(folder, "*.npz"))))

    def get_next(self):
        path = next(self.files, None)
        if path is None:
            return None
        with np.load(path) as arrays:
            return {name: arrays[name] for name in arrays.files}


model, samples, out = sys.argv[1:4]
prepared = out + ".prepared.onnx"
loaded = onnx.load(model)
# Scales of channels came with opset 13.
if next(o.version for o in loaded.opset_import if o.domain == "") < 13:
    model = out + ".newer.onnx"
    onnx.save(version_converter.convert_version(loaded, 13), model)
try:
    quant_pre_process(model, prepared, skip_symbolic_shape=True)
except Exception as error:  # it refuses some models that the quantiser takes as they are
    print(f"not preprocessed: {error}", file=sys.stderr)
    prepared = model
quantize_static(
    prepared,
    out,
    Folder(samples),
    quant_format=QuantFormat.QDQ,
    per_channel=True,
    activation_type=QuantType.QInt8,
    weight_type=QuantType.QInt8,
    calibrate_method=CalibrationMethod.MinMax,
)
