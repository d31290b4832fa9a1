/** Each rule takes what it is for, and leaves what only looks like it. */
import { describe, expect, test } from "vitest";
import { equivalents, vendors } from "../../src/code/equivalents.js";
import { scan } from "../../src/code/scan.js";
import { rules } from "../../src/code/rules.js";
import { findings, found } from "./found.js";

/** Path, a text that the rule takes something of, and one that it takes nothing of. */
const cases: Readonly<Record<string, readonly [path: string, yes: string, no: string]>> = {
  "torch-cuda-graph": ["a.py", "g = torch.cuda.CUDAGraph()", "g = torch.fx.Graph()"],
  "cuda-graph-api": ["a.cu", "cudaGraphLaunch(g, s);", "auto graph = makeGraph();"],
  "torch-nvtx": ["a.py", "torch.cuda.nvtx.range_push('x')", "torch.profiler.record_function('nvtx')"],
  "torch-nvml": ["a.py", "u = torch.cuda.utilization()", "u = self.utilization()"],
  "torch-cuda-nccl": ["a.py", 'dist.init_process_group(backend="nccl")', 'print("nccl")\ndist.init_process_group(backend="gloo")'],
  "double-tensor": ["a.py", "x = torch.cuda.DoubleTensor(3)", "x = torch.cuda.FloatTensor(3)"],
  "double-compute": ["a.py", 'x = torch.zeros(3, dtype=torch.float64, device="cuda")', 'x = np.zeros(3, dtype=np.float64); y.to("cpu")'],
  "cuda-guard": ["a.py", "if torch.cuda.is_available():\n  pass", "if torch.is_tensor(x):\n  pass"],
  autocast: ["a.py", "with torch.cuda.amp.autocast():\n  pass", "with torch.no_grad():\n  pass"],
  "map-location": ["a.py", 'torch.load(p, map_location="cuda:0")', 'torch.load(p, map_location="cpu")'],
  "pinned-memory": ["a.py", "DataLoader(d, pin_memory=True)", "DataLoader(d, pin_memory=False)"],
  "cudnn-flags": ["a.py", "torch.backends.cudnn.benchmark = True", "torch.backends.mps.is_built()"],
  "matmul-flags": ["a.py", "torch.backends.cuda.matmul.allow_tf32 = True", "torch.set_float32_matmul_precision('high')"],
  "attention-function": ["a.py", "import torch.nn.functional as F\nF.scaled_dot_product_attention(q, k, v)", "self.attention(q, k, v)"],
  "attention-library": ["a.py", "from flash_attn import flash_attn_func", "from models.flash_attn import flash_attn_func"],
  "inline-cuda": ["a.py", "import cupy as cp\nk = cp.RawKernel('x', 'y')", "k = RawKernelInfo()"],
  "python-kernel": ["a.py", "from numba import cuda\n@cuda.jit\ndef f(): pass", "from numba import jit\n@jit\ndef f(): pass"],
  "cuda-python": ["a.py", "from cuda.bindings import driver", "from mylib.cuda import driver"],
  "array-library": ["a.py", "import cupy as cp\nx = cp.zeros(3)", "import numpy as cp\nx = cp.zeros(3)"],
  "torch-cuda": ["a.py", "model.cuda()", "def cuda(self):\n  return 'cuda is here'"],
  "torch-cuda-cpp": ["a.cpp", "auto o = x.to(torch::kCUDA);", "auto o = x.to(torch::kCPU);"],
  "torch-stream-cpp": ["a.cpp", "auto s = at::cuda::getCurrentCUDAStream();", "auto s = getStream();"],
  "tensorflow-device": [
    "a.py",
    "import tensorflow as tf\nwith tf.device('/GPU:0'):\n  pass",
    "import tensorflow as tf\nwith tf.device('/CPU:0'):\n  pass",
  ],
  "other-device": ["a.py", 'paddle.set_device("gpu:0")', 'paddle.set_device("cpu")'],
  "visible-devices": ["a.sh", "CUDA_VISIBLE_DEVICES=0 python train.py", "echo 'set CUDA_VISIBLE_DEVICES=0'"],
  "script-compile": ["a.py", "@torch.jit.script\ndef f(x): return x", "torch.jit.load(p)"],
  "graph-compile": ["a.py", "m = torch.compile(m)", "p = re.compile('x')"],
  management: ["a.py", "import pynvml\npynvml.nvmlInit()", "import psutil"],
  "provider-tensorrt": ["a.py", "s = ort.InferenceSession(p, providers=['TensorrtExecutionProvider'])", "s = ort.InferenceSession(p)"],
  "provider-cuda": [
    "a.py",
    "s = ort.InferenceSession(p, providers=['CUDAExecutionProvider'])",
    "s = ort.InferenceSession(p, providers=['CPUExecutionProvider'])",
  ],
  tensorrt: ["a.cpp", "nvinfer1::IBuilder* b;", "infer::IBuilder* b;"],
  wmma: ["a.cu", "wmma::mma_sync(c, a, b, c);", "mma(c, a, b);"],
  "kernel-definition": ["a.cu", "__global__ void f(float* x) {}", "void global(float* x) {}"],
  "kernel-launch": ["a.cu", "f<<<1, 2>>>(x);", "auto y = a << b;"],
  "kernel-assembly": ["a.cu", 'asm volatile("membar.gl;");', "assemble(x);"],
  "kernel-code": ["a.cu", "float v = __shfl_xor_sync(m, x, 1);", "float v = shuffle(m, x, 1);"],
  "profiling-api": ["a.cpp", 'nvtxRangePushA("x");', 'trace.push("x");'],
  "nccl-api": ["a.cpp", "ncclAllReduce(a, b, n, ncclFloat, ncclSum, c, s);", "allReduce(a, b, n);"],
  "blas-api": ["a.cpp", "cublasSgemm(h, a, b);", "bool cute = true; cublas_helper(x);"],
  "dnn-api": ["a.cpp", "cudnnCreate(&h);", "dnnCreate(&h);"],
  "math-api": ["a.cpp", "thrust::sort(a, b);", "double thrust = 845.0;"],
  media: ["a.cpp", "nvjpegDecode(h, s);", "jpegDecode(h, s);"],
  "runtime-api": ["a.cpp", "cudaMalloc(&p, n);", "cudaCheckError(x); cudaH2Dcpy(x);"],
  "serving-image": ["Dockerfile", "FROM vllm/vllm-openai:v0.5", "FROM python:3.11"],
  "triton-language": ["a.py", "import triton\n@triton.jit\ndef f(): pass", "triton = Moon()\nprint(triton.period)"],
  "has-triton": ["a.py", "if has_triton():\n  pass", "if has_moon():\n  pass"],
  "cuda-macro": ["a.cpp", "#if CUDA_VERSION >= 12000\n#endif", "#if MY_VERSION >= 12000\n#endif"],
  "training-library": ["a.py", "import deepspeed", "import deep_speed"],
  "quantisation-library": ["a.py", "import bitsandbytes as bnb", "import bits"],
  serving: ["a.py", "from vllm import LLM", "from llm import LLM"],
  "container-image": ["Dockerfile", "FROM nvidia/cuda:12.1.0-base", "FROM ubuntu:22.04"],
  "container-runtime": ["a.sh", "docker run --gpus all x", "docker run -d x"],
  dependency: ["requirements.txt", "torch==2.1.0+cu121", "torch==2.1.0\ntransformers # flash-attn"],
  "build-package": ["a.sh", "apt-get install -y libcudnn8", "apt-get install -y libjpeg8"],
  "build-cuda": ["CMakeLists.txt", "find_package(CUDAToolkit REQUIRED)", 'message(STATUS "CUDA")'],
  "provider-javascript": ["a.ts", "", ""],
};

test("every rule has a case", () => {
  expect(Object.keys(cases).sort()).toEqual(rules.map((r) => r.id).sort());
});

describe.each(Object.entries(cases).filter(([, [, yes]]) => yes !== ""))("%s", (id, [path, yes, no]) => {
  const taken = (text: string): string[] => found(path, text).filter((f) => f.endsWith(` ${id}`));
  test("takes what it is for", () => expect(taken(yes)).not.toEqual([]));
  test("leaves what looks like it", () => expect(taken(no)).toEqual([]));
});

test.each([
  ["a.py", 'd = "cuda" if torch.cuda.is_available() else "cpu"', true],
  ["a.py", "if torch.cuda.is_available(): pass", false],
  ["Dockerfile", "FROM nvidia/cuda:12 AS build\nRUN nvcc -c a.cu\nFROM ubuntu\nCOPY --from=build /a /a", false],
])("what has a way without a card, or is not shipped, is a note of no effort: %s %s", (path, text, guard) => {
  const all = findings(path, text);
  expect(all.length).toBeGreaterThan(0);
  for (const f of all) expect([f.severity, f.effort]).toEqual(["note", "none"]);
  expect(all.some((f) => f.guard)).toBe(guard);
});

test("a stage that the last one is built upon is shipped", () => {
  const all = findings("Dockerfile", "FROM nvidia/cuda:12 AS base\nFROM base\nRUN nvidia-smi");
  expect(all.map((f) => f.severity)).toEqual(["error", "warning"]);
});

test("imports are followed, and a list of them counts once", () => {
  expect(found("a.py", "import flash_attn as fa\nfrom flash_attn import (\n  a,\n  b as c,\n)\nfa.x()\nc()")).toEqual(
    [1, 2, 6, 7].map((n) => `${n} attention-library`),
  );
});

test("a tree that is a library does not depend on it", () => {
  const scanned = scan("a.py", "from deepspeed.runtime import x", { ownPackages: new Set(["deepspeed"]) });
  expect(typeof scanned === "object" && scanned.findings).toEqual([]);
});

test.each([
  ["a_pb2.py", "import pynvml"],
  ["a.min.js", "import '@tensorflow/tfjs-node-gpu'"],
  ["a.py", "# Code generated by protoc. DO NOT EDIT.\nimport pynvml"],
  ["a.ts", "/** @generated */\nimport '@tensorflow/tfjs-node-gpu'"],
])("generated files do not count: %s", (path, text) => {
  expect(scan(path, text)).toBe("generated");
});

test("a shim's effort may be less than the rule's, and says so by vendor", () => {
  expect(rules.filter((r) => !equivalents[r.equivalent])).toEqual([]);
  const told = Object.values(equivalents).flatMap((e) => vendors.map((v) => e[v]));
  expect(told.filter((e) => (e.source === "") !== (e.confidence === "unconfirmed"))).toEqual([]);
  expect(told.filter((e) => e.names === "" && !("note" in e))).toEqual([]);
});

describe("kernels that are ported", () => {
  test.each([
    ["a.cpp", '#include "kernel_operator.h"\nextern "C" __global__ __aicore__ void f(GM_ADDR x) {}'],
    ["a.cpp", "#include <bang.h>\n__mlu_global__ void f(half *x) { __float2half_rn(x[0]); }"],
    ["a.h", '#include "xpu/kernel/xtdk.h"\nstatic __device__ inline float f(float x) { return x; }'],
  ])("%s of a vendor's own language is none of CUDA: %s", (path, text) => {
    expect(found(path, text)).toEqual([]);
  });

  test("a kernel for both is one of CUDA as well", () => {
    const text = "#include <cuda_fp16.h>\n#ifdef __aicore__\n#endif\n__global__ void f(half *x) {}";
    expect(found("a.cpp", text)).toContain("4 kernel-definition");
  });
});
