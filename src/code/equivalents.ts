/** What stands for a CUDA construct on each vendor's stack: names as their owners spell them, where that was read, and how sure it is. */
import type { Effort } from "./rule.js";
import type { WordKey } from "../words/words.js";

export const vendors = ["ascend", "cambricon", "kunlunxin"] as const;
export type Vendor = (typeof vendors)[number];

/** When the sources were last looked at. */
export const lastRead = "2026-11-30";

/** documented: the vendor's or the project's pages. source: read in code. seen: at a place of use. unconfirmed: nobody that we found says so. */
export type Confidence = "documented" | "source" | "seen" | "unconfirmed";

export interface Equivalent {
  /** Empty where there is none. */
  readonly names: string;
  readonly note?: WordKey;
  /** Repository and path, or a page; empty where nobody confirms it. */
  readonly source: string;
  readonly confidence: Confidence;
  /** Where it differs from the rule's. */
  readonly effort?: Effort;
}

type Three = Readonly<Record<Vendor, Equivalent>>;

const documented = (names: string, source: string, more: Partial<Equivalent> = {}): Equivalent => ({
  names,
  source,
  confidence: "documented",
  ...more,
});
const source = (names: string, from: string, more: Partial<Equivalent> = {}): Equivalent => ({
  names,
  source: from,
  confidence: "source",
  ...more,
});
const seen = (names: string, from: string, more: Partial<Equivalent> = {}): Equivalent => ({
  names,
  source: from,
  confidence: "seen",
  ...more,
});
const unconfirmed = (names: string, more: Partial<Equivalent> = {}): Equivalent => ({
  names,
  source: "",
  confidence: "unconfirmed",
  ...more,
});

const toNpu = "Ascend/pytorch torch_npu/contrib/transfer_to_npu.py";
const toMlu = "Cambricon/torch_mlu torch_mlu/utils/gpu_migration/migration.py";
const vllmKunlun = "baidu/vLLM-Kunlun docs/source";
const fastDeploy = "PaddlePaddle/FastDeploy docs/get_started/installation/kunlunxin_xpu.md";
const mluOps = "Cambricon/mlu-ops docs";
const nowhere: Partial<Equivalent> = { note: "code.eq.none", effort: "high" };

const shim: Three = {
  ascend: source("torch_npu, npu:0", toNpu, { note: "code.eq.transfer-to-npu", effort: "none" }),
  cambricon: source("torch_mlu, mlu:0", toMlu, { note: "code.eq.gpu-migration", effort: "none" }),
  kunlunxin: source("xpytorch", vllmKunlun, { note: "code.eq.cuda-names", effort: "none" }),
};

export const equivalents = {
  "torch-device": shim,
  "torch-device-cpp": {
    ascend: source("c10_npu::getCurrentNPUStream, c10::DeviceType::PrivateUse1", "Ascend/pytorch torch_npu/csrc/core/npu"),
    cambricon: source("torch_mlu::getCurrentMLUStream, c10::DeviceType::PrivateUse1", "Cambricon/torch_mlu torch_mlu/csrc"),
    kunlunxin: source("xpytorch", vllmKunlun, { note: "code.eq.dispatch-cuda" }),
  },
  "tensorflow-device": {
    ascend: documented("npu_device: npu.open().as_default()", "hiascend.com TensorFlow migration guide, tfmigr2_000015", {
      effort: "medium",
    }),
    cambricon: unconfirmed("tensorflow_mlu", { effort: "medium" }),
    kunlunxin: unconfirmed("", nowhere),
  },
  "other-device": {
    ascend: documented("paddle-custom-npu (npu:0)", "PaddlePaddle/PaddleCustomDevice backends/npu"),
    cambricon: documented("paddle-custom-mlu (mlu:0)", "PaddlePaddle/PaddleCustomDevice backends/mlu"),
    kunlunxin: documented("paddlepaddle-xpu (xpu:0)", fastDeploy),
  },
  "torch-distributed": {
    ascend: source("hccl", toNpu, { note: "code.eq.backend-renamed", effort: "none" }),
    cambricon: source("cncl", toMlu, { note: "code.eq.backend-renamed", effort: "none" }),
    kunlunxin: seen("nccl (BKCL, BKCL_*)", "PaddlePaddle/FastDeploy docs/usage/kunlunxin_xpu_deployment.md", {
      note: "code.eq.backend-kept",
      effort: "none",
    }),
  },
  "nccl-api": {
    ascend: documented("HCCL: HcclAllReduce, HcclCommInitRootInfo", "hicann/hccl examples/02_collectives"),
    cambricon: source("CNCL: cnclAllReduce", "Cambricon/torch_mlu torch_mlu/csrc/framework/distributed/process_group_cncl.cpp"),
    kunlunxin: seen("BKCL (bkcl.h)", "InfiniTensor/InfiniCore infiniccl_kunlun.cc; PaddlePaddle/Paddle paddle/fluid/imperative"),
  },
  "visible-devices": {
    ascend: documented(
      "ASCEND_RT_VISIBLE_DEVICES; ASCEND_VISIBLE_DEVICES",
      "vllm-project/vllm-ascend docs; gitee ascend/mind-cluster component/ascend-docker-runtime",
      { note: "code.eq.visible-ascend", effort: "none" },
    ),
    cambricon: source("MLU_VISIBLE_DEVICES", "Cambricon/vllm-mlu vllm_mlu/platforms/mlu.py", { effort: "none" }),
    kunlunxin: documented("XPU_VISIBLE_DEVICES, CUDA_VISIBLE_DEVICES", vllmKunlun, { effort: "none" }),
  },
  management: {
    ascend: documented("npu-smi, DCMI", "hiascend.com npu-smi reference"),
    cambricon: documented("cnmon, CNDEV", "Cambricon/cambricon-k8s-device-plugin README; Cambricon/mlu-exporter"),
    kunlunxin: documented("xpu-smi", vllmKunlun),
  },
  runtime: {
    ascend: source("aclrtMalloc, aclrtMemcpyAsync, aclrtStream, aclrtEvent", "hicann/runtime include/external/acl/acl_rt.h"),
    cambricon: source("cnrtMalloc, cnrtMemcpyAsync, cnrtQueue, cnrtNotifier", mluOps),
    kunlunxin: seen(
      "xpu_malloc, xpu_memcpy, xpu_stream_create, XPUStream",
      "InfiniTensor/InfiniLM src/infiniop/devices/kunlun/common_kunlun.h; DeepLink-org/diopi impl kunlunxin",
    ),
  },
  "torch-graph": {
    ascend: documented("torch.npu.NPUGraph, aclgraph", "vllm-project/vllm-ascend docs/source/user_guide", { effort: "low" }),
    cambricon: source("torch.mlu.MLUGraph", toMlu, { effort: "none" }),
    kunlunxin: documented("XMLIR_FORCE_USE_XPU_GRAPH=1", vllmKunlun, { effort: "low" }),
  },
  "graph-api": {
    ascend: documented("aclmdlRICapture*, GE graph", "hicann/runtime include/external/acl"),
    cambricon: source("MLUGraph", toMlu),
    kunlunxin: documented("XPU graph (XMLIR_FORCE_USE_XPU_GRAPH)", vllmKunlun, { note: "code.eq.no-c-api" }),
  },
  "matmul-flags": {
    ascend: source("torch.npu.matmul.allow_hf32", "Ascend/pytorch torch_npu/npu", { note: "code.eq.hf32", effort: "low" }),
    cambricon: source("torch.backends.mlu.matmul.allow_tf32", "Cambricon/torch_mlu torch_mlu/backends/mlu/__init__.py", {
      note: "code.eq.own-switch",
      effort: "low",
    }),
    kunlunxin: source("xpytorch", vllmKunlun, { note: "code.eq.cuda-names", effort: "none" }),
  },
  blas: {
    ascend: source("aclnnMatmul, aclnnBatchMatMul, aclnnQuantMatmulV4; ATB Linear", "hicann/ops-nn matmul"),
    cambricon: source("cnnlMatMulEx; tmo matmul, smooth_quant_matmul", "Cambricon/torch_mlu_ops"),
    kunlunxin: seen("xdnn fc_fusion, gemm", "PaddlePaddle/FastDeploy custom_ops/xpu_ops"),
  },
  "cudnn-flags": {
    ascend: source("torch.backends.cudnn", toNpu, { note: "code.eq.flag-idle", effort: "none" }),
    cambricon: source("torch.backends.cudnn", toMlu, { note: "code.eq.flag-idle", effort: "none" }),
    kunlunxin: documented("XMLIR_CUDNN_ENABLED", vllmKunlun, { note: "code.eq.cuda-names", effort: "none" }),
  },
  dnn: {
    ascend: source("aclnnConvolution, aclnnMaxPool, aclnnLayerNorm; GE graph", "hicann/ops-nn"),
    cambricon: source("cnnlConvolutionForward, cnnlPoolingForward, cnnlLayerNormForward", mluOps),
    kunlunxin: seen("xdnn conv2d_fusion, pool, layer_norm", "PaddlePaddle/Paddle paddle/phi/kernels/xpu"),
  },
  "math-library": {
    ascend: documented("ops-fft, ops-sparse, ops-solver, aclnn random", "hicann/ops-fft, ops-sparse, ops-solver", {
      note: "code.eq.young",
    }),
    cambricon: unconfirmed("cnnlFFT, cnnlRandCreateGenerator", { note: "code.eq.partial" }),
    kunlunxin: unconfirmed("xdnn", { note: "code.eq.partial" }),
  },
  tensorrt: {
    ascend: documented("atc (.om), ACL runtime; GE; TorchAir", "hiascend.com ATC guide", { note: "code.eq.plugin-ascend" }),
    cambricon: documented("MagicMind (mm_run)", "Cambricon MagicMind user guide", { note: "code.eq.magicmind" }),
    kunlunxin: documented("XTCL, Paddle-Inference, Paddle-Lite", "PaddlePaddle/Paddle-Lite docs", { note: "code.eq.no-tensorrt" }),
  },
  provider: {
    ascend: documented("CANNExecutionProvider", "onnxruntime.ai docs/execution-providers/community-maintained/CANN-ExecutionProvider", {
      note: "code.eq.cann-provider",
    }),
    cambricon: unconfirmed("", { note: "code.eq.no-provider", effort: "medium" }),
    kunlunxin: unconfirmed("", { note: "code.eq.no-provider", effort: "medium" }),
  },
  triton: {
    ascend: documented("triton-ascend", "triton-lang/triton-ascend README", { note: "code.eq.triton-ascend" }),
    cambricon: documented("triton (FlagTree, backend cambricon)", "FlagTree/flagtree README", { note: "code.eq.triton-drop" }),
    kunlunxin: documented("triton (FlagTree, backend xpu)", "FlagTree/flagtree README", { note: "code.eq.triton-drop" }),
  },
  kernel: {
    ascend: documented("Ascend C (bisheng)", "hicann/asc-devkit", { note: "code.eq.no-warp-ascend" }),
    cambricon: documented("BANG C (cncc)", "Cambricon/mlu-ops docs/BANG-C-OPS-Develop-Guide.md", { note: "code.eq.no-warp-bang" }),
    kunlunxin: seen("XPU C++ (xpu clang)", "PaddlePaddle/FastDeploy custom_ops/xpu_ops", { note: "code.eq.xpu-clusters" }),
  },
  "attention-function": {
    ascend: source("torch_npu.npu_fusion_attention, npu_fused_infer_attention_score", "Ascend/pytorch torch_npu", {
      note: "code.eq.sdpa",
      effort: "none",
    }),
    cambricon: source("tmo.flash_attention", "Cambricon/torch_mlu_ops", { note: "code.eq.sdpa", effort: "none" }),
    kunlunxin: documented("XMLIR_CUDNN_ENABLED=1", vllmKunlun, { effort: "low" }),
  },
  "attention-library": {
    ascend: source("torch_npu.npu_fusion_attention, npu_fused_infer_attention_score_v2; ATB", "Ascend/pytorch torch_npu"),
    cambricon: source("tmo.flash_attention, single_query_cached_kv_attn", "Cambricon/torch_mlu_ops"),
    kunlunxin: source("kunlun_ops flash attention; xdnn", "baidu/vLLM-Kunlun vllm_kunlun/ops"),
  },
  "training-library": {
    ascend: documented(
      "MindSpeed, apex (Ascend/apex), DeepSpeed",
      "Ascend/MindSpeed; Ascend/apex; deepspeedai/DeepSpeed accelerator/npu_accelerator.py",
      { note: "code.eq.deepspeed-npu" },
    ),
    cambricon: unconfirmed("apex_mlu, Megatron-LM", { note: "code.eq.vendor-fork" }),
    kunlunxin: unconfirmed("Megatron-LM", { note: "code.eq.vendor-fork" }),
  },
  "quantisation-library": {
    ascend: documented(
      "ModelSlim; GPTQModel",
      "vllm-project/vllm-ascend docs; ModelCloud/GPTQModel #2831; bitsandbytes-foundation/bitsandbytes #1695",
      { note: "code.eq.bnb-open" },
    ),
    cambricon: source("vllm-mlu (awq_mlu, gptq_mlu, smoothquant)", "Cambricon/vllm-mlu", { note: "code.eq.quant-convert" }),
    kunlunxin: source("vLLM-Kunlun (compressed-tensors, AWQ, GPTQ)", "baidu/vLLM-Kunlun", { note: "code.eq.w4a16-float" }),
  },
  serving: {
    ascend: documented(
      "vllm-ascend, SGLang, LMDeploy (dlinfer), MindIE",
      "vllm-project/vllm-ascend docs/source/installation.md; sgl-project/sglang docs_new; lmdeploy.readthedocs.io ascend",
      { note: "code.eq.plugin", effort: "low" },
    ),
    cambricon: documented(
      "vllm-mlu, SGLang, xLLM, LMDeploy (dlinfer)",
      "Cambricon/vllm-mlu; opendatalab/MinerU docs usage/acceleration_cards/Cambricon; sgl-project/sglang docs/platforms/cambricon_mlu.md; jd-opensource/xllm",
      { note: "code.eq.plugin", effort: "low" },
    ),
    kunlunxin: documented("vLLM-Kunlun, FastDeploy", `${vllmKunlun}; ${fastDeploy}`, { note: "code.eq.plugin", effort: "low" }),
  },
  build: {
    ascend: documented(
      "bisheng, torch_npu.utils.cpp_extension.NpuExtension, find_package(ASC)",
      "hicann/asc-devkit; Ascend/pytorch torch_npu/utils/cpp_extension.py",
    ),
    cambricon: source("cncc, torch_mlu.utils.cpp_extension", "Cambricon/torch_mlu torch_mlu/utils/cpp_extension.py"),
    kunlunxin: documented("xtdk clang (CLANG_PATH), XVLLM_PATH", "PaddlePaddle/FastDeploy docs/get_started/installation/kunlunxin_xpu.md"),
  },
  container: {
    ascend: documented(
      "quay.io/ascend/cann, --device /dev/davinci0, davinci_manager, devmm_svm, hisi_hdc",
      "vllm-project/vllm-ascend docs/source/installation.md",
      { note: "code.eq.driver-mounted" },
    ),
    cambricon: documented(
      "--device /dev/cambricon_dev0, /dev/cambricon_ctl; cambricon.com/mlu",
      "opendatalab/MinerU docs usage/acceleration_cards/Cambricon; Cambricon/cambricon-k8s-device-plugin README",
    ),
    kunlunxin: documented("ccr-2vdh3abv-pub.cnc.bj.baidubce.com/paddlepaddle/fastdeploy-xpu, --privileged", fastDeploy),
  },
  profiling: {
    ascend: documented("torch_npu.profiler, msprof, mstx", "Ascend/pytorch torch_npu/profiler"),
    cambricon: source("cnpx, cnperf", toMlu),
    kunlunxin: unconfirmed("xpu_profiler"),
  },
  media: {
    ascend: documented("DVPP, AscendCL media, torchvision_npu", "Ascend/vision"),
    cambricon: documented("CNCV, CNCodec, ffmpeg-mlu", "Cambricon/CNStream; Cambricon/ffmpeg-mlu"),
    kunlunxin: unconfirmed("", nowhere),
  },
  "double-precision": {
    ascend: source("torch.float32", `${toNpu}; huggingface/diffusers #10123`, { note: "code.eq.no-double" }),
    cambricon: unconfirmed("torch.float32", { note: "code.eq.no-double" }),
    kunlunxin: unconfirmed("torch.float32", { note: "code.eq.no-double" }),
  },
  "torch-compile": {
    ascend: documented('TorchAir, npugraph_ex; backend="npu"', "vllm-project/vllm-ascend docs, #8229", { note: "code.eq.inductor-ascend" }),
    cambricon: source("CompilationMode.NONE", "Cambricon/vllm-mlu vllm_mlu/platforms/mlu.py", { note: "code.eq.eager" }),
    kunlunxin: documented("XMLIR_ENABLE_MOCK_TORCH_COMPILE", vllmKunlun, { note: "code.eq.eager" }),
  },
  dependency: {
    ascend: documented(
      "torch + torch_npu; onnxruntime-cann",
      "vllm-project/vllm-ascend docs/source/installation.md; onnxruntime.ai CANN-ExecutionProvider",
      { note: "code.eq.cpu-wheel" },
    ),
    cambricon: documented("torch + torch_mlu", "Cambricon/torch_mlu README", { note: "code.eq.vendor-wheel" }),
    kunlunxin: documented("xpytorch; paddlepaddle-xpu", `${vllmKunlun}; ${fastDeploy}`, { note: "code.eq.vendor-wheel" }),
  },
} as const satisfies Readonly<Record<string, Three>>;

export type EquivalentId = keyof typeof equivalents;
