"""Quantises a model with NNCF's post-training quantiser on its ONNX back end: int8, one scale a channel of weights, symmetric weights.

    python bench/quantise/peer_nncf.py MODEL SAMPLES_FOLDER OUT
"""
import glob
import os
import sys

import nncf
import numpy as np
import onnx
from onnx import version_converter

model, samples, out = sys.argv[1:4]
loaded = onnx.load(model)
# Scales of channels came with opset 13.
if next(o.version for o in loaded.opset_import if o.domain == "") < 13:
    loaded = version_converter.convert_version(loaded, 13)


def read(path):
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files}


files = sorted(glob.glob(os.path.join(samples, "*.npz")))
quantised = nncf.quantize(
    loaded,
    nncf.Dataset([read(f) for f in files]),
    subset_size=len(files),
    preset=nncf.QuantizationPreset.MIXED,
    model_type=nncf.ModelType.TRANSFORMER if len(sys.argv) > 4 and sys.argv[4] == "transformer" else None,
)
onnx.save(quantised, out)
