"""Packs the weights of matrix products in four bits with onnxruntime's own quantiser, symmetric in blocks of 128, nearest levels.

    python bench/quantise/peer_nbits.py MODEL OUT      prints {"seconds": .., "peakMiB": ..}
"""
import json
import resource
import sys
import time

import onnx
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

model, out = sys.argv[1:3]
start = time.time()
quantizer = MatMulNBitsQuantizer(onnx.load(model), block_size=128, is_symmetric=True)
quantizer.process()
quantizer.model.save_model_to_file(out, True)
print(json.dumps({"seconds": time.time() - start, "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
