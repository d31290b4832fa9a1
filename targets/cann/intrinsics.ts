/**
 * Every Ascend C intrinsic and runtime function that generated code may contain, with where it was read. Signatures are
 * those of the pages under docs/zh/api in asc-devkit (facts cann/ascendc-api.json) and of acl/*.h in hicann/runtime.
 */
import type { SymbolRecord } from "../../src/claim/target.js";
import { confirmed } from "../../src/claim/witness.js";
import { rowsInUse, type InstructionName } from "./instructions.js";

const docs = "mirror-cann/asc-devkit docs/zh/api/SIMD-API";
const memory = `${docs}/基础API/Memory矢量计算`;

/** Who else bears out the records: the vendor's own compiler read every kind of kernel that is generated, and refused none. */
const frontEnd = "CANN 8.1.RC1 toolkit headers: generated kernels accepted whole by their front end (393 of 393, 437 of 437)";

function intrinsic(header: string, signature: string, seen: string): SymbolRecord {
  return {
    kind: "intrinsic",
    header: `basic_api/${header}`,
    signature,
    since: "8.1.RC1",
    evidence: "E1",
    seen,
    witness: confirmed(frontEnd, seen),
  };
}

const localTensors = (n: number) => ["dst", ...(n === 1 ? ["src"] : ["src0", "src1"])].map((x) => `const LocalTensor<T>& ${x}`).join(", ");

const vectorForms = {
  unary: ["kernel_operator_vec_unary_intf.h", localTensors(1)],
  binary: ["kernel_operator_vec_binary_intf.h", localTensors(2)],
  scalar: ["kernel_operator_vec_binary_scalar_intf.h", `${localTensors(1)}, const T& scalarValue`],
} as const;

/** The records of the rows that generated code uses. */
function vectorRecords(): Readonly<Record<string, SymbolRecord>> {
  const record = ([name, { form, page }]: (typeof rowsInUse)[number]): [string, SymbolRecord] => {
    const [header, operands] = vectorForms[form];
    return [name, intrinsic(header, `void ${name}<T>(${operands}, const int32_t& count)`, `${memory}/${page.join("/")}.md`)];
  };
  return Object.fromEntries(rowsInUse.map(record));
}

function reduction(name: string, index: string): SymbolRecord {
  const signature = `void ${name}<T>(${localTensors(1)}, const LocalTensor<T>& sharedTmpBuffer, const int32_t count${index})`;
  return intrinsic("kernel_operator_vec_reduce_intf.h", signature, `${memory}/归约计算/${name}.md`);
}
function pipe(signature: string, page: string): SymbolRecord {
  return intrinsic("kernel_tpipe.h", signature, `${docs}/基础API/资源管理/${page}.md`);
}
function tensor(signature: string, page: string): SymbolRecord {
  return intrinsic("kernel_tensor.h", signature, `${docs}/基础API/数据结构/${page}.md`);
}
function sync(signature: string, page: string): SymbolRecord {
  return intrinsic("kernel_operator_determine_compute_sync_intf.h", signature, `${docs}/基础API/同步控制/核内同步/${page}.md`);
}
function variable(signature: string, page: string): SymbolRecord {
  return intrinsic("kernel_operator_sys_var_intf.h", signature, `${docs}/基础API/工具接口/系统资源与变量/${page}.md`);
}
function vector(header: string, signature: string, page: string): SymbolRecord {
  return intrinsic(header, signature, `${memory}/${page}.md`);
}
/** In place of a header: the compiler knows it without one. */
export const compilersOwn = "none";
const rmsNorm = "hicann/ops-nn norm/rms_norm/op_kernel/rms_norm.h";
const comparison = "kernel_operator_vec_cmpsel_intf.h";
const copies = "kernel_operator_data_copy_intf.h";

const named = {
  Cast: vector(
    "kernel_operator_vec_vconv_intf.h",
    "void Cast<T, U>(const LocalTensor<T>& dst, const LocalTensor<U>& src, const RoundMode& roundMode, const uint32_t count)",
    "类型转换/Cast",
  ),
  Compare: vector(
    comparison,
    "void Compare<T, U>(const LocalTensor<U>& dst, const LocalTensor<T>& src0, const LocalTensor<T>& src1, CMPMODE cmpMode, uint32_t count)",
    "比较与选择/Compare",
  ),
  // The name of this release; later ones add Compares beside it (include/basic_api/kernel_operator_vec_cmpsel_intf.h).
  CompareScalar: vector(
    comparison,
    "void CompareScalar<T, U>(const LocalTensor<U>& dst, const LocalTensor<T>& src0, const T src1Scalar, CMPMODE cmpMode, uint32_t count)",
    "比较与选择/Compares",
  ),
  Select: vector(
    comparison,
    "void Select<T, U>(const LocalTensor<T>& dst, const LocalTensor<U>& selMask, const LocalTensor<T>& src0, const LocalTensor<T>& or T src1, SELMODE selMode, uint32_t count)",
    "比较与选择/Select",
  ),
  Duplicate: vector(
    "kernel_operator_vec_duplicate_intf.h",
    "void Duplicate<T>(const LocalTensor<T>& dst, const T& scalarValue, const int32_t& count)",
    "数据填充/Duplicate",
  ),
  CreateVecIndex: vector(
    "kernel_operator_vec_createvecindex_intf.h",
    "void CreateVecIndex<T>(LocalTensor<T> dst, const T& firstValue, uint32_t count)",
    "数据填充/CreateVecIndex",
  ),
  Gather: vector(
    "kernel_operator_vec_gather_intf.h",
    "void Gather<T>(const LocalTensor<T>& dst, const LocalTensor<T>& src, const LocalTensor<uint32_t>& srcOffset, const uint32_t srcBaseAddr, const uint32_t count)",
    "离散与聚合/Gather",
  ),
  ReduceSum: reduction("ReduceSum", ""),
  ReduceMax: reduction("ReduceMax", ", bool calIndex = 0"),
  ReduceMin: reduction("ReduceMin", ", bool calIndex = 0"),
  DataCopy: intrinsic(copies, "void DataCopy<T>(dst, src, const uint32_t count)", `${memory}/数据搬运/DataCopy（GM与UB连续数据搬运）.md`),
  DataCopyPad: intrinsic(
    copies,
    "void DataCopyPad<T>(dst, src, const DataCopyExtParams& dataCopyParams[, const DataCopyPadExtParams<T>& padParams])",
    `${memory}/数据搬运/DataCopyPad（GMToUB非对齐数据搬运）.md`,
  ),
  DataCacheCleanAndInvalid: intrinsic(
    "kernel_operator_cache_intf.h",
    "void DataCacheCleanAndInvalid<T, CacheLine entireType[, DcciDst dcciDst]>(const GlobalTensor<T>& dst)",
    `${docs}/基础API/缓存控制/DataCacheCleanAndInvalid.md`,
  ),
  TPipe: pipe("class TPipe", "TPipe/TPipe简介"),
  TQue: pipe("template <TPosition pos, int32_t depth, auto mask = 0> class TQue", "TQue/TQue简介"),
  TQueBind: pipe("template <TPosition src, TPosition dst, int32_t depth, auto mask = 0> class TQueBind", "TQueBind/TQueBind简介"),
  TBuf: pipe("template <TPosition pos> class TBuf", "TBuf/TBuf简介"),
  InitBuffer: pipe("bool InitBuffer(T& que, uint8_t num, uint32_t len); bool InitBuffer(TBuf<pos>& buf, uint32_t len)", "TPipe/InitBuffer"),
  AllocTensor: pipe("LocalTensor<T> AllocTensor<T>()", "TQue/AllocTensor"),
  EnQue: pipe("bool EnQue<T>(const LocalTensor<T>& tensor)", "TQue/EnQue"),
  DeQue: pipe("LocalTensor<T> DeQue<T>()", "TQue/DeQue"),
  FreeTensor: pipe("void FreeTensor<T>(LocalTensor<T>& tensor)", "TQue/FreeTensor"),
  Get: pipe("LocalTensor<T> Get<T>()", "TBuf/Get"),
  GetTPipePtr: pipe("TPipe* GetTPipePtr()", "GetTPipePtr"),
  FetchEventID: pipe("TEventID FetchEventID(HardEvent evt)", "TPipe/FetchEventID"),
  SetFlag: sync("void SetFlag<HardEvent event>(int32_t eventID)", "SetFlag-WaitFlag(ISASI)"),
  WaitFlag: sync("void WaitFlag<HardEvent event>(int32_t eventID)", "SetFlag-WaitFlag(ISASI)"),
  PipeBarrier: sync("void PipeBarrier<pipe_t pipe>()", "PipeBarrier(ISASI)"),
  LocalTensor: tensor("template <typename T> class LocalTensor", "LocalTensor/LocalTensor简介"),
  GlobalTensor: tensor("template <typename T> class GlobalTensor", "GlobalTensor/GlobalTensor简介"),
  SetGlobalBuffer: tensor("void SetGlobalBuffer(__gm__ T* buffer)", "GlobalTensor/SetGlobalBuffer"),
  ReinterpretCast: tensor("LocalTensor<U> ReinterpretCast<U>() const", "LocalTensor/ReinterpretCast"),
  GetValue: tensor("T GetValue(index) const", "LocalTensor/GetValue"),
  SetValue: tensor("void SetValue(index, T value) const", "LocalTensor/SetValue"),
  GetBlockIdx: variable("int64_t GetBlockIdx()", "GetBlockIdx"),
  GetBlockNum: variable("int64_t GetBlockNum()", "GetBlockNum"),
  // Of the scalar unit.
  sqrt: { ...intrinsic("", "float sqrt(float)", rmsNorm), header: compilersOwn, witness: confirmed(rmsNorm) },
} satisfies Readonly<Record<string, SymbolRecord>>;

export type Intrinsic = keyof typeof named | InstructionName;

export const intrinsics: Readonly<Record<string, SymbolRecord>> = { ...vectorRecords(), ...named };

const runtimeHeader = "hicann/runtime include/external/acl/acl_rt.h";

function runtime(header: string, signature: string, seen = runtimeHeader): SymbolRecord {
  return {
    kind: "runtime",
    header,
    signature,
    since: "8.1.RC1",
    evidence: "E1",
    seen,
    witness: confirmed("CANN 8.1.RC1 toolkit headers", seen),
  };
}

const acl = (signature: string): SymbolRecord => runtime("acl/acl.h", signature);
const meta = (signature: string): SymbolRecord => runtime("aclnn/acl_meta.h", signature, "hicann/opbase include/nnopbase/aclnn/acl_meta.h");

const launching = runtime(
  "aclrtlaunch_<kernel>.h",
  "uint32_t ACLRT_LAUNCH_KERNEL(kernel)(uint32_t numBlocks, aclrtStream stream, args...)",
  "mirror-cann/asc-devkit docs/zh (kernel-direct project)",
);

/** What runtime/device.cpp, runtime/ascend.h and the emitted steps call beside operators. */
export const runtimeCalls = {
  aclInit: runtime("acl/acl.h", "aclError aclInit(const char* configPath)", "hicann/runtime include/external/acl/acl_base_rt.h"),
  aclGetRecentErrMsg: acl("const char* aclGetRecentErrMsg()"),
  aclrtSetDevice: acl("aclError aclrtSetDevice(int32_t deviceId)"),
  aclrtCreateStream: acl("aclError aclrtCreateStream(aclrtStream* stream)"),
  aclrtDestroyStream: acl("aclError aclrtDestroyStream(aclrtStream stream)"),
  aclrtSynchronizeStream: acl("aclError aclrtSynchronizeStream(aclrtStream stream)"),
  aclrtMalloc: acl("aclError aclrtMalloc(void** devPtr, size_t size, aclrtMemMallocPolicy policy)"),
  aclrtFree: acl("aclError aclrtFree(void* devPtr)"),
  aclrtMemcpyAsync: acl(
    "aclError aclrtMemcpyAsync(void* dst, size_t destMax, const void* src, size_t count, aclrtMemcpyKind kind, aclrtStream stream)",
  ),
  ACLRT_LAUNCH_KERNEL: launching,
  "ACLRT_LAUNCH_KERNEL on 310B": {
    ...launching,
    evidence: "E0",
    assumption: "C3: kernels of a 310B are launched as those of 910B, 910_93 and 310P, for which alone it is documented",
    witness: confirmed("CANN 8.1.RC1 tikcpp/ascendc_kernel_cmake/host_config.cmake: takes ascend310b1 to ascend310b4"),
  },
  aclCreateTensor: meta(
    "aclTensor* aclCreateTensor(const int64_t* viewDims, uint64_t viewDimsNum, aclDataType dataType, const int64_t* stride, int64_t offset, aclFormat format, const int64_t* storageDims, uint64_t storageDimsNum, void* tensorData)",
  ),
  aclDestroyTensor: meta("aclnnStatus aclDestroyTensor(const aclTensor* tensor)"),
  aclCreateScalar: meta("aclScalar* aclCreateScalar(void* value, aclDataType dataType)"),
  aclDestroyScalar: meta("aclnnStatus aclDestroyScalar(const aclScalar* scalar)"),
  aclCreateIntArray: meta("aclIntArray* aclCreateIntArray(const int64_t* value, uint64_t size)"),
  aclDestroyIntArray: meta("aclnnStatus aclDestroyIntArray(const aclIntArray* array)"),
} satisfies Readonly<Record<string, SymbolRecord>>;

export type RuntimeCall = keyof typeof runtimeCalls;
