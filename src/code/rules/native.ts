/** Rules on CUDA's own interfaces: runtime, libraries, kernels, TensorRT, media. */
import type { Rule } from "../rule.js";
import {
  argument,
  cFamily,
  cInclude,
  cmakeCommand,
  cmakeWord,
  cName,
  cString,
  image,
  jsString,
  program,
  pyImport,
  pyName,
  pyPackage,
  pyString,
} from "./look.js";

const runtimeTypes =
  "CU(?:device|context|stream|event|module|function|result|deviceptr|tensorMap|memGenericAllocationHandle|memoryPool|texObject|array|library|kernel|link\\w*|jit\\w*|pointer\\w*|stream\\w*|mem\\w*|launch\\w*|multicast\\w*|green\\w*|dev\\w*)\\w*";

/** What a kernel holds besides its definition, which counts the work. */
const partOfKernel = { category: "kernel", severity: "error", effort: "high", work: "within", equivalent: "kernel" } as const;

export const nativeRules: readonly Rule[] = [
  {
    id: "provider-tensorrt",
    category: "tensorrt",
    severity: "error",
    effort: "medium",
    work: "file",
    equivalent: "provider",
    looks: [
      pyString(/^TensorrtExecutionProvider$/),
      cString(/^(?:TensorrtExecutionProvider|TensorRT)$/),
      cName(
        /(?:^|[.:_])(?:AppendExecutionProvider_)(?:TensorRT\w*|Tensorrt\w*)$|^OrtTensorRTProviderOptions\w*$|^(?:Create|Update|Release)TensorRTProviderOptions$/,
      ),
      cName(/^OrtSessionOptionsAppendExecutionProvider_Tensorrt$/),
    ],
  },
  {
    id: "provider-cuda",
    category: "onnxruntime-provider",
    severity: "error",
    effort: "low",
    work: "file",
    equivalent: "provider",
    looks: [
      pyString(/^CUDAExecutionProvider$/),
      cString(/^CUDAExecutionProvider$/),
      { in: ["yaml", "json"], sort: "entry", like: /^CUDAExecutionProvider$/ },
      argument(/CUDAExecutionProvider$/),
      cName(/(?:^|[.:_])AppendExecutionProvider_CUDA\w*$|^OrtCUDAProviderOptions\w*$|^(?:Create|Update|Release)CUDAProviderOptions$/),
      { in: ["javascript"], sort: "string", like: /^CUDAExecutionProvider$/ },
    ],
  },
  {
    id: "tensorrt",
    category: "tensorrt",
    severity: "error",
    effort: "high",
    work: "file",
    equivalent: "tensorrt",
    looks: [
      ...pyPackage(
        "tensorrt",
        "torch2trt",
        "torch_tensorrt",
        "polygraphy",
        "onnx_tensorrt",
        "tensorrt_llm",
        "trtorch",
        "tensorflow.python.compiler.tensorrt",
        "onnx_graphsurgeon",
      ),
      cName(
        /^(?:nvinfer1|nvonnxparser|nvuffparser|nvcaffeparser1|tensorrt_llm|trtorch|torch_tensorrt)::|^REGISTER_TENSORRT_PLUGIN$|^createInfer(?:Builder|Runtime)(?:_INTERNAL)?$|^NV_TENSORRT_\w+$/,
      ),
      cInclude(/(?:^|\/)Nv(?:Infer|OnnxParser|OnnxConfig|UffParser|CaffeParser)\w*\.h$/),
      cmakeWord(/^(?:nvinfer\w*|nvonnxparser\w*|nvparsers)$|^-lnvinfer/),
      cmakeWord(/^TensorRT$/, { role: /^find_package$/i }),
      ...program("trtexec|trtllm-build|trtllm-serve|trtllm-bench|polygraphy"),
    ],
  },
  {
    id: "wmma",
    ...partOfKernel,
    looks: [cName(/^(?:nvcuda::|wmma::|mma_sync$|load_matrix_sync$|store_matrix_sync$)/), cInclude(/^mma\.h$/)],
  },
  {
    id: "kernel-definition",
    category: "kernel",
    severity: "error",
    effort: "high",
    work: "site",
    equivalent: "kernel",
    looks: [cName(/^__global__$/)],
  },
  {
    id: "kernel-launch",
    ...partOfKernel,
    looks: [
      { in: cFamily, sort: "launch", like: /./ },
      cName(/^(?:cudaLaunch(?:CooperativeKernel|Kernel)\w*|cuLaunchKernel\w*|dim3|CUDA_KERNEL_LOOP\w*|CUDA_1D_KERNEL_LOOP\w*)$/),
    ],
  },
  {
    id: "kernel-assembly",
    ...partOfKernel,
    looks: [
      { in: ["cuda"], sort: "asm", like: /[^]/ },
      {
        in: ["c"],
        sort: "asm",
        like: /\.(?:aligned|sync|async|global|shared|f16x2|bf16x2|f16|bf16|f32|b16|b32|u32|u64|s32|b64|pred|sys|gpu|cta)\b|%%(?:laneid|warpid|smid|clock|globaltimer|nsmid|dynamic_smem_size)|__nanosleep|cp\.async|mbarrier/,
      },
    ],
  },
  {
    id: "kernel-code",
    ...partOfKernel,
    looks: [
      cName(
        /^(?:__device__|__host__|__shared__|__constant__|__managed__|__grid_constant__|__launch_bounds__|__cluster_dims__|__maxnreg__|__CUDA_ARCH(?:_LIST)?__|__CUDA_ARCH_\w+|__CUDACC__|__CUDACC_\w+|__NVCC__|__CUDA_\w+__|CUDART_(?:INF|NAN|PI|MAX|MIN|ZERO|ONE|NEG|LN|L2|LG|SQRT|TWO|NORM|EPS)\w*)$/,
      ),
      cName(
        /^(?:__sync(?:threads|warp)\w*|__shfl\w*|__(?:ballot|any|all|match_any|match_all|reduce)_?\w*sync|__activemask|__thread(?:fence)\w*|__ld(?:g|cg|cs|ca|lu|cv)|__st(?:cg|cs|wb|wt)|__nanosleep|__lane_id|__brev|__popcll?|__clzll?|__ffsll?|__byte_perm|__funnelshift\w*|__dp[24]a|__isGlobal|__cvta_\w+|__trap|__nv_\w+|__vec_\w+)$/,
      ),
      cName(/^atomic(?:Add|Sub|Exch|Min|Max|Inc|Dec|CAS|And|Or|Xor)(?:_block|_system)?$/),
      cName(
        /^(?:nv_bfloat16\w*|nv_half\w*|__half\w*|half2|half_raw|__bfloat16\w*|__nv_\w+|__float2\w+|__float22\w+|__floats2\w+|__bfloat16\w*|__low2\w+|__high2\w+|__h(?:add|sub|mul|fma|max|min|lt|gt|le|ge|eq|ne|neg|abs)2?\w*|__[fi]?(?:mul24|umul\w+)|__(?:fadd|fsub|fmul|fdiv|fsqrt|frcp|fma|fmaf)_r[nzud]|__(?:expf|logf|log2f|sinf|cosf|powf|fdividef|saturatef|tanf))$/,
      ),
      cName(/^(?:cooperative_groups|cg)::|^cuda::(?!graph)\w+|^libcudacxx/),
      cName(/^nvrtc\w+$|^NVRTC_\w+$|^nvJitLink\w+$|^nvvm\w+$/),
      cInclude(
        /^(?:cooperative_groups|cuda\/|cuda_(?:fp16|bf16|fp8|fp6|fp4|pipeline|awbarrier)|device_(?:functions|launch_parameters|atomic_functions)|sm_\d+_\w+|math_constants|math_functions|cuda_device_runtime_api|nvrtc|curand_kernel_dummy)/,
      ),
    ],
  },
  {
    id: "profiling-api",
    category: "profiling",
    severity: "warning",
    effort: "low",
    work: "file",
    equivalent: "profiling",
    looks: [
      cName(
        /^(?:nvtx\w*|nvtx3::.*|NVTX3?_\w+|cudaProfiler(?:Start|Stop|Initialize)|cuProfiler\w+|cupti\w+|CUpti_\w+|CUPTI_\w+|nvtxRange\w*)$/,
      ),
      cInclude(/(?:^|\/)(?:nvToolsExt\w*|nvtx\w*|cupti\w*|cuda_profiler_api|cudaProfiler)\.h(?:pp)?$|^nvtx3\//),
      cmakeWord(/^(?:CUDA::(?:nvtx3?|nvToolsExt|cupti)\w*|nvToolsExt|-lnvToolsExt)$/),
      ...program("nsys|ncu|nv-nsight-cu-cli|nvprof|nvvp|nsight-sys|nsight-compute|compute-sanitizer|cuda-memcheck|cuda-gdb"),
    ],
  },
  {
    id: "nccl-api",
    category: "distributed",
    severity: "error",
    effort: "medium",
    work: "file",
    equivalent: "nccl-api",
    looks: [
      cName(
        /^(?:nccl[A-Z]\w*|NCCL_\w+|NCCLCHECK\w*|nvshmem\w*|NVSHMEM\w*|(?:c10d::)?ProcessGroupNCCL\w*|(?:torch|at)::cuda::nccl(?:::.*)?)$/,
      ),
      cInclude(/(?:^|\/)(?:nccl\w*|nvshmem\w*|NCCLUtils|ProcessGroupNCCL)\.(?:h|hpp|cuh)$/),
      ...pyPackage("nvshmem", "cupyx.distributed", "nccl"),
      pyString(/^(?:\S*\/)?libnccl[\w.-]*\.so[\w.]*$/),
      cString(/^(?:\S*\/)?libnccl[\w.-]*\.so[\w.]*$/),
      cmakeWord(/^(?:NCCL|nccl|NVSHMEM|nvshmem\w*|-lnccl|NCCL::\w+|nccl::\w+)$|\$\{NCCL_\w+\}/),
    ],
  },
  {
    id: "blas-api",
    category: "blas",
    severity: "error",
    effort: "medium",
    work: "file",
    equivalent: "blas",
    looks: [
      cName(
        /^(?:cublas(?:Lt|Xt)?(?:[A-Z]\w*)?|CUBLAS\w*|CUDA_[RC]_\w+|cutlass::.*|CUTLASS_\w+|cute::.*|CUTE_\w+|nvblas\w*|getCurrentCUDABlas(?:Lt)?Handle|(?:at::cuda::)?blas::\w+gemm\w*)$/,
      ),
      cName(/^at::cuda::getCurrentCUDABlas\w*$/),
      cInclude(/(?:^|\/)(?:cublas\w*|cublasLt|cublasXt|nvblas)\.h$|^(?:cutlass|cute)\/|^ATen\/cuda\/CUDABlas/),
      cmakeWord(/^(?:CUDA::cublas\w*|cublas\w*|-lcublas\w*|nvidia::cutlass\S*|cutlass|CUTLASS)$|\$\{\w*CUBLAS\w*\}/),
      ...pyPackage("cutlass", "cutlass_library", "deep_gemm", "nvidia.cublas", "nvmath", "cupy_backends.cuda.libs.cublas"),
    ],
  },
  {
    id: "dnn-api",
    category: "dnn",
    severity: "error",
    effort: "medium",
    work: "file",
    equivalent: "dnn",
    looks: [
      cName(/^(?:cudnn[A-Z_]\w*|CUDNN_\w+|CUDNNCHECK|cudnn_frontend::.*|at::native::cudnn\w*|getCudnnHandle)$/),
      cInclude(/(?:^|\/)cudnn\w*\.h(?:pp)?$/),
      cmakeWord(/^(?:CUDNN|cuDNN|cudnn|-lcudnn|CUDNN::\w+|CUDA::cudnn|cudnn::\w+)$|\$\{CUDNN_\w+\}/),
      ...pyPackage("cudnn"),
      pyString(/^(?:\S*\/)?libcudnn[\w.-]*\.so[\w.]*$/),
    ],
  },
  {
    id: "math-api",
    category: "math-library",
    severity: "error",
    effort: "high",
    work: "file",
    equivalent: "math-library",
    looks: [
      cName(
        /^(?:cufft\w*|CUFFT_\w+|cusparse\w*|CUSPARSE_\w+|cusolver\w*|CUSOLVER_\w+|curand\w*|CURAND_\w+|cutensor\w*|CUTENSOR_\w+|cudss\w*|nvpl\w*|amgx\w*|AMGX_\w+)$/,
      ),
      cName(/^(?:thrust|cub|raft|rmm|cudf|cuvs)::|^(?:at_cuda_detail::cub|at::cuda::cub)::/),
      cInclude(
        /^(?:thrust|cub|raft|rmm|cudf|cuvs|cuco)\/|(?:^|\/)(?:cufft\w*|cusparse\w*|cusolver\w*|curand\w*|cutensor\w*)\.h(?:pp)?$|^curand_kernel/,
      ),
      cmakeWord(
        /^(?:CUDA::(?:cufft|cusparse|cusolver|curand)\w*|cufft\w*|cusparse\w*|cusolver\w*|curand\w*|-l(?:cufft|cusparse|cusolver|curand)\w*|Thrust|CUB|CCCL|CCCL::\w+)$/,
      ),
    ],
  },
  {
    id: "media",
    category: "media",
    severity: "error",
    effort: "high",
    work: "file",
    equivalent: "media",
    looks: [
      ...pyPackage(
        "nvidia.dali",
        "PyNvCodec",
        "PyNvVideoCodec",
        "cvcuda",
        "nvcv",
        "nvidia.nvimgcodec",
        "pynvjpeg",
        "nvjpeg",
        "torchaudio.io._nvdec",
      ),
      pyName(/^decord\.gpu$/),
      cName(
        /^(?:nvjpeg\w*|NVJPEG_\w+|nvimgcodec\w*|cuvid\w*|CUVID\w*|NvDecoder\w*|NvEncoder\w*|NV_ENC_\w+|NvEncodeAPI\w*|nppi\w*|npps[A-Z]\w*|NppStatus|NppiSize|cvcuda::.*|nvcv::.*|dali::.*)$/,
      ),
      cInclude(/(?:^|\/)(?:nvjpeg\w*|nvcuvid|cuviddec|nvEncodeAPI|npp\w*|NvDecoder\w*|NvEncoder\w*)(?:\.h(?:pp)?|\/)/),
      cmakeWord(/^(?:CUDA::(?:nvjpeg|npp)\w*|nvjpeg\w*|nvcuvid|nvidia-encode|npp\w*|-lnv(?:jpeg|cuvid)|-lnpp\w*)$/),
      argument(/^(?:h264|hevc|av1|mjpeg|vp9)_(?:nvenc|cuvid)$/),
      argument(/^(?:cuda|cuvid|nvdec)$/, { role: /-hwaccel(?:_output_format)?$/ }),
      pyString(
        /(?:^|\s)(?:h264|hevc|av1|mjpeg|vp9)_(?:nvenc|cuvid)(?:\s|$)|(?:^|[ !])nv(?:v4l2|h264|h265|jpeg)(?:dec|enc|decoder|encoder)\b/,
      ),
      pyString(/^(?:cuda|cuvid|nvdec)$/, { role: /hwaccel/ }),
      jsString(/^(?:h264|hevc|av1|mjpeg|vp9)_(?:nvenc|cuvid)$/),
      cString(/^(?:h264|hevc|av1|mjpeg|vp9)_(?:nvenc|cuvid)$/),
    ],
  },
  {
    id: "runtime-api",
    category: "runtime-api",
    severity: "error",
    effort: "medium",
    work: "file",
    equivalent: "runtime",
    looks: [
      cName(
        /^cuda(?:Malloc|Free|Mem|Host|Stream|Event|Device|Get|Set|Func|Launch|Occupancy|Graph|Ipc|Pointer|Peek|Driver|Runtime|Array|Create|Destroy|Bind|Unbind|Texture|Surface|Thread|Limit|User|External|Import|Signal|Wait|Symbol|Choose|Init|DataType|Ctx|Error|Success|Channel|Extent|Pos|Pitched|Resource|Address|Filter|Read|Boundary|Format|Cooperative|ComputeMode|Shared|Kernel_t|KernelNode|Configure|Access|Async|Cluster|CpuDeviceId|InvalidDeviceId|Jit|Library|GL|Egl|D3D|VDPAU|UUID|OutputMode|Output|Add|Task|Add|Update|Upload|Grid|Emul|Logs|Checkpoint)(?![a-z]*(?:Check|Assert)\b)\w*$/,
      ),
      cName(
        /^cu(?:Init|Device|Ctx|Module|Library|Kernel|Func|Mem|Stream|Event|Launch|Tensor(?!op)|Occupancy|Pointer|Link|Ipc|Array|Tex|Surf|Get|Driver|Multicast|Green|Destroy|Import|External|Signal|Wait|UserObject|FlushGPU|Coredump|Logs|Checkpoint)(?:[A-Z]\w*)?(?:_v\d)?$/,
      ),
      cName(
        new RegExp(
          `^(?:${runtimeTypes}|CUDA_SUCCESS|CUDA_ERROR_\\w+|CU_(?!CHECK)[A-Z]+_\\w+|CUDA_(?:MEMCPY|ARRAY|LAUNCH|RESOURCE|KERNEL_NODE|BATCH|EXTERNAL)\\w*)$`,
        ),
      ),
      cName(/^CUDART_\w+$/),
      cInclude(
        /(?:^|\/)(?:cuda|cuda_runtime|cuda_runtime_api|cudaTypedefs|driver_types|driver_functions|vector_types|helper_cuda|cuda_gl_interop|cuda_egl_interop|cuda_d3d11_interop|cudart_platform|library_types|channel_descriptor)\.h$/,
      ),
      cString(/^(?:\S*\/)?lib(?:cudart|cuda|nvrtc)[\w.-]*\.so[\w.]*$/),
    ],
  },
  {
    id: "serving-image",
    besides: true,
    category: "serving",
    severity: "warning",
    effort: "low",
    work: "file",
    equivalent: "serving",
    looks: [
      image(
        /(?:^|\/)(?:vllm\/vllm-openai|lmsysorg\/sglang|openmmlab\/lmdeploy|huggingface\/text-generation-inference|nvidia\/tritonserver)(?::|@|$)/,
      ),
    ],
  },
  {
    id: "triton-language",
    category: "triton",
    severity: "warning",
    effort: "medium",
    work: "file",
    equivalent: "triton",
    library: true,
    looks: [
      pyImport(/^triton(?:_kernels|_dist)?(?:\.|$)/),
      pyName(/^triton\.(?!language\.|cdiv$|next_power_of_2$|__version__$)/, { bound: true }),
      pyName(/(?:^|\.)triton_(?:heuristics|helpers)\b/),
    ],
  },
  {
    id: "has-triton",
    category: "triton",
    severity: "warning",
    effort: "low",
    work: "file",
    equivalent: "triton",
    silent: "code.silent.has-triton",
    looks: [
      pyName(/^(?:torch\.[\w.]*)?(?:has_triton|has_triton_package)$/),
      pyImport(/^torch\.[\w.]*\.(?:has_triton|has_triton_package)$/),
    ],
  },
  {
    id: "cuda-macro",
    category: "build",
    severity: "warning",
    effort: "low",
    work: "within",
    equivalent: "build",
    looks: [cName(/^(?:CUDA_VERSION|CUDART_VERSION|CUDA_ARCH|__CUDA_API_VERSION)$/), cmakeCommand(/^torch_cuda_get_nvcc_gencode_flag$/)],
  },
];
