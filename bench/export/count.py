"""
Counts nodes of each exported model as written, after OnnxSlim, and after onnxruntime's own graph optimiser (basic level,
which keeps standard operators): nodes.json beside the model.

    python bench/export/count.py OUT
"""
import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import onnx
import onnxruntime
import onnxslim

warnings.filterwarnings("ignore")
versions = {p: version(p) for p in ("onnxslim", "onnxruntime")}


def count(graph):
    bodies = [a.g for n in graph.node for a in n.attribute if a.type == onnx.AttributeProto.GRAPH]
    return len(graph.node) + sum(count(b) for b in bodies)


def by_onnxruntime(path, work):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(work)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    nodes = count(onnx.load(work).graph)
    work.unlink()
    return nodes


for folder in sorted(p.parent for p in Path(sys.argv[1]).glob("*/model.onnx")):
    out = folder / "nodes.json"
    mark = {"stamp": (folder / "stamp.txt").read_text(), **versions}
    if out.exists() and json.loads(out.read_text()).get("made") == mark:
        continue
    model = onnx.load(folder / "model.onnx")
    counts = {"original": count(model.graph)}
    try:
        counts["onnxslim"] = count(onnxslim.slim(onnx.load(folder / "model.onnx")).graph)
    except Exception as error:
        counts["onnxslim"] = f"fails: {type(error).__name__}"
    counts["onnxruntime"] = by_onnxruntime(folder / "model.onnx", folder / "basic.onnx")
    out.write_text(json.dumps({"made": mark, **counts}))
    print(folder.name, counts, flush=True)
