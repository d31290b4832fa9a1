/**
 * The few device functions a kernel file may open with, each printed only where it is used: what the vendor's API
 * leaves to every kernel author. They are text so that a kernel file stands alone.
 */
import type { AscendChip } from "../caps.js";
import type { Intrinsic } from "../intrinsics.js";

export interface Helper {
  readonly lines: readonly string[];
  readonly uses: readonly Intrinsic[];
  /** Helpers it calls. */
  readonly needs: readonly HelperName[];
}

export type HelperName = keyof typeof helpers;

const pad: readonly Intrinsic[] = ["DataCopyPad", "LocalTensor", "GlobalTensor"];
const plain: readonly Intrinsic[] = ["DataCopy", "LocalTensor", "GlobalTensor"];

function helper(uses: readonly Intrinsic[], needs: readonly string[], textOf: string): Helper {
  return { uses, needs: needs as readonly HelperName[], lines: textOf.trim().split("\n") };
}

/** Waits for all that any pipe has been given. */
export const barrierOfAll = "PipeBarrier<PIPE_ALL>()";

/** A helper as the chip's kernels have it: where there are no ids of events, all pipes wait in place of a pair. */
export function helperOn(name: HelperName, { eventIds }: Pick<AscendChip, "eventIds">): Helper {
  const helper: Helper = helpers[name];
  if (eventIds || !helper.needs.includes("Sync")) return helper;
  return {
    lines: helper.lines.map((line) => line.replace(/Sync<HardEvent::\w+>\(\)/, barrierOfAll)),
    uses: [...helper.uses, "PipeBarrier"],
    needs: helper.needs.filter((n) => n !== "Sync"),
  };
}

const spareLayout = `// spare (floats): 0 results of 512 rows, 512 their NaN marks, 1024 workspace of the reductions, 1536 packed bits.`;

/**
 * max and min of rows, telling NaN: the vendor's reductions do not say what they do with it. `onto`: what was there takes
 * part. `paired`: the reduction writes value and index, so that its destination cannot be any element; a sum of one brings
 * the value to its place.
 */
function extremeOfRows(name: string, combine: "Max" | "Min", { onto = false, paired = false } = {}): Helper {
  const reduce = `Reduce${combine}` as const;
  const most = paired ? 504 : 512;
  const single = paired
    ? `${reduce}(value[504], row, tmp, cols);
      PipeBarrier<PIPE_V>();
      ReduceSum(value[r], value[504], tmp, 1);`
    : `${reduce}(value[r], row, tmp, cols);`;
  const merge = `
    LocalTensor<float> old = out[first];
    Compare(bits, old, old, CMPMODE::NE, RoundUp(n, 64));
    PipeBarrier<PIPE_V>();
    Select(tmp, bits, old, 0.0f, SELMODE::VSEL_TENSOR_SCALAR_MODE, n);
    ${combine}(value, value, old, n);
    PipeBarrier<PIPE_V>();
    Add(marks, marks, tmp, n);
    PipeBarrier<PIPE_V>();`;
  const what = onto
    ? `${combine.toLowerCase()} of out[r] and row r of x, NaN where one is`
    : `${combine.toLowerCase()} of row r of x, NaN where the row has one`;
  return helper(
    [reduce, ...(onto ? [combine] : []), "ReduceSum", "Compare", "Muls", "Select", "Add", "PipeBarrier", "LocalTensor", "ReinterpretCast"],
    ["Least", "RoundUp"],
    `
// out[r] = ${what}. work holds one row: a comparison takes 64 lanes, and x may end before.
${spareLayout}${paired ? " 504 of the results: a value and its index." : ""}
__aicore__ inline void ${name}(LocalTensor<float> out, LocalTensor<float> x, LocalTensor<float> work, LocalTensor<float> spare, int64_t rows,
                            int64_t cols, int64_t pitch) {
  LocalTensor<float> value = spare, marks = spare[512], tmp = spare[1024];
  LocalTensor<uint8_t> bits = spare[1536].ReinterpretCast<uint8_t>();
  for (int64_t first = 0; first < rows; first += ${most}) {
    const int64_t n = Least(${most}, rows - first);
    for (int64_t r = 0; r < n; ++r) {
      LocalTensor<float> row = x[(first + r) * pitch];
      Muls(work, row, 1.0f, cols);
      PipeBarrier<PIPE_V>();
      Compare(bits, work, work, CMPMODE::NE, RoundUp(cols, 64));
      PipeBarrier<PIPE_V>();
      Select(work, bits, row, 0.0f, SELMODE::VSEL_TENSOR_SCALAR_MODE, cols);
      PipeBarrier<PIPE_V>();
      ReduceSum(marks[r], work, tmp, cols);
      PipeBarrier<PIPE_V>();
      ${single}
      PipeBarrier<PIPE_V>();
    }${onto ? merge : ""}
    Add(out[first], value, marks, n);
  }
}`,
  );
}

/** max and min down the columns, telling NaN, one row after the other. */
function extremeOntoRow(name: string, combine: "Max" | "Min"): Helper {
  return helper(
    [combine, "Compare", "Muls", "Select", "PipeBarrier", "LocalTensor", "ReinterpretCast"],
    ["Least", "RoundUp"],
    `
// out[c] = ${combine.toLowerCase()} of out[c] and column c of x, NaN where one is. work holds one row: a comparison takes 64 lanes, and x may end before.
__aicore__ inline void ${name}(LocalTensor<float> out, LocalTensor<float> x, LocalTensor<float> work, LocalTensor<float> spare, int64_t rows,
                            int64_t cols, int64_t pitch) {
  LocalTensor<uint8_t> bits = spare.ReinterpretCast<uint8_t>(), rowBits = bits[1024];
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < cols; c += 8192) {
      const int64_t n = Least(8192, cols - c);
      LocalTensor<float> row = x[r * pitch + c], best = out[c], both = work[c];
      PipeBarrier<PIPE_V>();
      Muls(both, row, 1.0f, n);
      Compare(bits, best, best, CMPMODE::EQ, RoundUp(n, 64));
      PipeBarrier<PIPE_V>();
      Compare(rowBits, both, both, CMPMODE::EQ, RoundUp(n, 64));
      PipeBarrier<PIPE_V>();
      ${combine}(both, best, row, n);
      PipeBarrier<PIPE_V>();
      Select(both, bits, both, best, SELMODE::VSEL_TENSOR_TENSOR_MODE, n);
      PipeBarrier<PIPE_V>();
      Select(best, rowBits, both, row, SELMODE::VSEL_TENSOR_TENSOR_MODE, n);
    }
  }
}`,
  );
}

/** Offsets are unsigned: a run that goes backwards is counted from its far end. */
function moveLanes(name: string, back = false): Helper {
  const low = `
    const int64_t low = (n - 1) * colStride;  // where the run that goes backwards ends`;
  const raised = `
    PipeBarrier<PIPE_V>();
    Adds(steps, steps, static_cast<int32_t>(-low * size), n);`;
  return helper(
    ["CreateVecIndex", "Muls", ...(back ? (["Adds"] as const) : []), "Gather", "PipeBarrier", "LocalTensor", "ReinterpretCast"],
    ["Least", "Sync"],
    `
// to[r][c] = from[offset + r * rowStride + c * colStride]: a Gather a row, by byte offsets counted once for all rows.
template <class T>
__aicore__ inline void ${name}(LocalTensor<T> to, int64_t pitch, LocalTensor<T> from, LocalTensor<float> spare, int64_t rows, int64_t cols,
                                 int64_t offset, int64_t rowStride, int64_t colStride) {
  constexpr int64_t size = sizeof(T);
  LocalTensor<int32_t> steps = spare.ReinterpretCast<int32_t>();
  for (int64_t c = 0; c < cols; c += 1024) {
    const int64_t n = Least(1024, cols - c);${back ? low : ""}
    Sync<HardEvent::V_S>();  // the scalar unit writes the first of them
    CreateVecIndex(steps, static_cast<int32_t>(0), static_cast<uint32_t>(n));
    PipeBarrier<PIPE_V>();
    Muls(steps, steps, static_cast<int32_t>(colStride * size), n);${back ? raised : ""}
    PipeBarrier<PIPE_V>();
    for (int64_t r = 0; r < rows; ++r) {
      const uint32_t base = static_cast<uint32_t>((offset + r * rowStride + c * colStride${back ? " + low" : ""}) * size);
      Gather(to[r * pitch + c], from, steps.ReinterpretCast<uint32_t>(), base, static_cast<uint32_t>(n));
    }
  }
}`,
  );
}

/** `copy`: what copies a row inside the unified buffer. */
function foldRows(name: string, copy: "DataCopy" | "CopyWords"): Helper {
  return helper(
    ["Add", "Mul", "Max", "Min", "GetValue", "SetValue", "PipeBarrier", "LocalTensor", ...(copy === "DataCopy" ? [copy] : [])],
    ["RoundUp", "Sync", ...(copy === "CopyWords" ? [copy] : [])],
    `
// out[r] = row r of x folded in half by \`fold\` until eight lanes are left, and those one by one by \`last\`. work holds one row.
template <class T, class Fold, class Last>
__aicore__ inline void ${name}(LocalTensor<T> out, LocalTensor<T> x, LocalTensor<T> work, int64_t rows, int64_t cols, int64_t pitch, bool carry,
                                Fold fold, Last last) {
  constexpr int64_t granule = 32 / sizeof(T);
  for (int64_t r = 0; r < rows; ++r) {
    ${copy}(work, x[r * pitch], static_cast<uint32_t>(RoundUp(cols, granule)));
    int64_t n = cols;
    while (n > granule) {
      const int64_t half = RoundUp((n + 1) / 2, granule);
      PipeBarrier<PIPE_V>();
      fold(work, work, work[half], n - half);
      n = half;
    }
    Sync<HardEvent::V_S>();
    T value = work.GetValue(0);
    for (int64_t c = 1; c < n; ++c) value = last(value, work.GetValue(c));
    out.SetValue(r, carry ? last(value, out.GetValue(r)) : value);
    Sync<HardEvent::S_V>();
  }
}`,
  );
}

export const helpers = {
  Least: helper([], [], `__aicore__ inline int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }`),
  Most: helper([], [], `__aicore__ inline int64_t Most(int64_t a, int64_t b) { return a < b ? b : a; }`),
  FloorDiv: helper([], [], `__aicore__ inline int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0); }`),
  FloorMod: helper([], ["FloorDiv"], `__aicore__ inline int64_t FloorMod(int64_t a, int64_t b) { return a - FloorDiv(a, b) * b; }`),
  RoundUp: helper([], [], `__aicore__ inline int64_t RoundUp(int64_t n, int64_t to) { return (n + to - 1) / to * to; }`),
  FloatOfBits: helper(
    [],
    [],
    `
// An integer passed where only floats are selected, bit for bit.
__aicore__ inline float FloatOfBits(int32_t bits) {
  union {
    int32_t i;
    float f;
  } word;
  word.i = bits;
  return word.f;
}`,
  ),
  RoundEven: helper(
    [],
    [],
    `
// Half to even; beyond 2^23 every float is whole.
__aicore__ inline float RoundEven(float x) {
  const float big = 8388608.0f, size = x < 0 ? -x : x;
  if (!(size < big)) return x;
  const float whole = (size + big) - big;
  return x < 0 ? -whole : whole;
}`,
  ),
  TruncOf: helper(
    [],
    [],
    `
__aicore__ inline float TruncOf(float x) {
  const float size = x < 0 ? -x : x;
  if (!(size < 8388608.0f)) return x;
  const float whole = static_cast<float>(static_cast<int32_t>(size));
  return x < 0 ? -whole : whole;
}`,
  ),
  FloorOf: helper(
    [],
    ["TruncOf"],
    `
__aicore__ inline float FloorOf(float x) {
  const float whole = TruncOf(x);
  return whole > x ? whole - 1.0f : whole;
}`,
  ),
  CeilOf: helper(
    [],
    ["TruncOf"],
    `
__aicore__ inline float CeilOf(float x) {
  const float whole = TruncOf(x);
  return whole < x ? whole + 1.0f : whole;
}`,
  ),
  SquareRoot: helper(["sqrt"], [], `__aicore__ inline float SquareRoot(float x) { return sqrt(x); }`),
  SquareRootByDigits: helper(
    [],
    ["BitsOf"],
    `
// The square root to nearest, a binary digit at a time: of the scalar unit's own no public source is known on this chip.
__aicore__ inline float SquareRootByDigits(float x) {
  const uint32_t bits = BitsOf<uint32_t>(x), infinite = 0x7F800000U;
  if (x == 0 || bits == infinite) return x;
  if (!(x > 0)) return BitsOf<float>(0x7FC00000U);
  int32_t exponent = static_cast<int32_t>(bits >> 23);
  uint32_t digits = bits & 0x7FFFFFU;
  if (exponent > 0) digits |= 0x800000U;
  else exponent = 1;
  for (; digits < 0x800000U; --exponent) digits *= 2;
  // x = square * 2^(exponent - 173 or 174), an even power; square has 47 or 48 digits, its root has 24.
  const bool even = exponent % 2 == 0;
  const uint64_t square = static_cast<uint64_t>(digits) << (even ? 24 : 23);
  uint64_t root = 0;
  for (uint64_t digit = 0x800000U; digit > 0; digit /= 2)
    if ((root + digit) * (root + digit) <= square) root += digit;
  if (square - root * root > root) ++root;
  const int32_t power = (exponent - (even ? 174 : 173)) / 2 + 150;
  return BitsOf<float>(static_cast<uint32_t>(power) << 23 | (static_cast<uint32_t>(root) & 0x7FFFFFU));
}`,
  ),
  WholeOf: helper(
    [],
    [],
    `
// A float as a 64-bit integer, truncated; what no such integer holds (and NaN) becomes the most negative.
__aicore__ inline int64_t WholeOf(float x) {
  return x >= -9.2233720368547758e18f && x < 9.2233720368547758e18f ? static_cast<int64_t>(x) : INT64_MIN;
}`,
  ),
  Saturated: helper(
    [],
    ["WholeOf"],
    `
// A float as the nearest value the integer type holds; NaN becomes 0.
template <class T>
__aicore__ inline T Saturated(float x) {
  constexpr bool isSigned = static_cast<T>(-1) < static_cast<T>(0);
  constexpr T low = isSigned ? static_cast<T>(1ULL << (8 * sizeof(T) - 1)) : static_cast<T>(0);
  constexpr T high = static_cast<T>(~low);
  if (x != x) return 0;
  if (x <= static_cast<float>(low)) return low;
  return x >= static_cast<float>(high) ? high : static_cast<T>(WholeOf(x));
}`,
  ),
  BitsOf: helper(
    [],
    [],
    `
// The same bits read as another type.
template <class T, class U>
__aicore__ inline T BitsOf(U x) {
  static_assert(sizeof(T) == sizeof(U), "both types have one size");
  union {
    U from;
    T to;
  } word;
  word.from = x;
  return word.to;
}`,
  ),
  TruncDiv: helper(
    [],
    [],
    `
// Quotients of integers: by 0 they are 0, and the one that overflows wraps.
template <class T>
__aicore__ inline T TruncDiv(T a, T b) {
  if (b == 0) return 0;
  return static_cast<T>(b + 1) == 0 && static_cast<T>(-1) < static_cast<T>(0) ? static_cast<T>(0 - static_cast<uint64_t>(a)) : static_cast<T>(a / b);
}`,
  ),
  TruncRemainder: helper(
    [],
    ["TruncDiv"],
    `
template <class T>
__aicore__ inline T TruncRemainder(T a, T b) {
  return static_cast<T>(static_cast<uint64_t>(a) - static_cast<uint64_t>(TruncDiv<T>(a, b)) * static_cast<uint64_t>(b));
}`,
  ),
  FloorDivide: helper(
    [],
    ["TruncRemainder"],
    `
template <class T>
__aicore__ inline T FloorDivide(T a, T b) {
  const T rest = TruncRemainder<T>(a, b);
  return static_cast<T>(TruncDiv<T>(a, b) - (rest != 0 && (rest < 0) != (b < 0) ? 1 : 0));
}`,
  ),
  FloorRemainder: helper(
    [],
    ["TruncRemainder"],
    `
template <class T>
__aicore__ inline T FloorRemainder(T a, T b) {
  const T rest = TruncRemainder<T>(a, b);
  return static_cast<T>(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
}`,
  ),
  PowerOf: helper(
    [],
    [],
    `
// An integer power by squaring; wraps. Negative exponents give 0, except of 1 and -1.
template <class T>
__aicore__ inline T PowerOf(T base, T exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == static_cast<T>(-1) ? (exponent % 2 ? static_cast<T>(-1) : 1) : 0;
  uint64_t out = 1, square = static_cast<uint64_t>(base);
  for (T n = exponent; n > 0; n = static_cast<T>(n / 2)) {
    if (n % 2) out *= square;
    square *= square;
  }
  return static_cast<T>(out);
}`,
  ),
  Sync: helper(
    ["GetTPipePtr", "FetchEventID", "SetFlag", "WaitFlag"],
    [],
    `
// The event's second pipe waits here for all that its first has been given.
template <HardEvent event>
__aicore__ inline void Sync() {
  const int32_t id = static_cast<int32_t>(GetTPipePtr()->FetchEventID(event));
  SetFlag<event>(id);
  WaitFlag<event>(id);
}`,
  ),
  LoadRun: helper(
    pad,
    [],
    `
// Copies in one run of elements.
template <class T>
__aicore__ inline void LoadRun(const LocalTensor<T>& to, const GlobalTensor<T>& from, int64_t count) {
  const DataCopyExtParams run{1, static_cast<uint32_t>(count * sizeof(T)), 0, 0, 0};
  DataCopyPad(to, from, run, DataCopyPadExtParams<T>{false, 0, 0, T()});
}`,
  ),
  StoreRun: helper(
    pad,
    [],
    `
// Copies out one run of elements.
template <class T>
__aicore__ inline void StoreRun(const GlobalTensor<T>& to, const LocalTensor<T>& from, int64_t count) {
  const DataCopyExtParams run{1, static_cast<uint32_t>(count * sizeof(T)), 0, 0, 0};
  DataCopyPad(to, from, run);
}`,
  ),
  LoadRows: helper(
    pad,
    ["Least", "RoundUp"],
    `
// Copies in rows that lie \`stride\` elements apart, to rows \`pitch\` apart: up to 4095 of them in one copy.
template <class T>
__aicore__ inline void LoadRows(const LocalTensor<T>& to, int64_t pitch, const GlobalTensor<T>& from, int64_t stride, int64_t rows, int64_t cols) {
  constexpr int64_t size = sizeof(T);
  const uint32_t gap = static_cast<uint32_t>((stride - cols) * size), skip = static_cast<uint32_t>((pitch * size - RoundUp(cols * size, 32)) / 32);
  for (int64_t r = 0; r < rows; r += 4095) {
    const DataCopyExtParams blocks{static_cast<uint16_t>(Least(4095, rows - r)), static_cast<uint32_t>(cols * size), gap, skip, 0};
    DataCopyPad(to[r * pitch], from[r * stride], blocks, DataCopyPadExtParams<T>{false, 0, 0, T()});
  }
}`,
  ),
  LoadOverlapping: helper(
    pad,
    ["LoadRun", "LoadRows"],
    `
// As LoadRows, for rows that may overlap: the gap of a copy cannot be negative, so that these are copied one after the other.
template <class T>
__aicore__ inline void LoadOverlapping(const LocalTensor<T>& to, int64_t pitch, const GlobalTensor<T>& from, int64_t stride, int64_t rows, int64_t cols) {
  if (stride >= cols) {
    LoadRows(to, pitch, from, stride, rows, cols);
    return;
  }
  for (int64_t r = 0; r < rows; ++r) LoadRun(to[r * pitch], from[r * stride], cols);
}`,
  ),
  StoreRows: helper(
    pad,
    ["Least", "RoundUp"],
    `
// Copies out rows \`pitch\` elements apart to rows \`stride\` apart, up to 4095 of them in one copy.
template <class T>
__aicore__ inline void StoreRows(const GlobalTensor<T>& to, int64_t stride, const LocalTensor<T>& from, int64_t pitch, int64_t rows, int64_t cols) {
  constexpr int64_t size = sizeof(T);
  const uint32_t gap = static_cast<uint32_t>((stride - cols) * size), skip = static_cast<uint32_t>((pitch * size - RoundUp(cols * size, 32)) / 32);
  for (int64_t r = 0; r < rows; r += 4095) {
    const DataCopyExtParams blocks{static_cast<uint16_t>(Least(4095, rows - r)), static_cast<uint32_t>(cols * size), skip, gap, 0};
    DataCopyPad(to[r * stride], from[r * pitch], blocks);
  }
}`,
  ),
  LoadGranules: helper(
    plain,
    ["RoundUp"],
    `
// Copies in a run in granules of 32 bytes, which may bring what follows it as well: this chip has no DataCopyPad.
template <class T>
__aicore__ inline void LoadGranules(const LocalTensor<T>& to, const GlobalTensor<T>& from, int64_t count) {
  DataCopy(to, from, static_cast<uint32_t>(RoundUp(count, 32 / sizeof(T))));
}`,
  ),
  StoreGranules: helper(
    [...plain, "PipeBarrier", "GetValue", "SetValue"],
    ["Sync"],
    `
// Copies out a run. Whole granules of 32 bytes go as they are; a rest is merged with what the granule held before.
template <class T>
__aicore__ inline void StoreGranules(const GlobalTensor<T>& to, const LocalTensor<T>& from, LocalTensor<float> spare, int64_t count) {
  constexpr int64_t lanes = 32 / sizeof(T);
  const int64_t whole = count / lanes * lanes;
  if (whole > 0) DataCopy(to, from, static_cast<uint32_t>(whole));
  if (whole == count) return;
  LocalTensor<T> last = spare.ReinterpretCast<T>();
  Sync<HardEvent::MTE3_MTE2>();
  DataCopy(last, to[whole], static_cast<uint32_t>(lanes));
  Sync<HardEvent::MTE2_S>();
  Sync<HardEvent::MTE3_S>();
  for (int64_t i = whole; i < count; ++i) last.SetValue(i - whole, from.GetValue(i));
  Sync<HardEvent::S_MTE3>();
  DataCopy(to[whole], last, static_cast<uint32_t>(lanes));
  PipeBarrier<PIPE_MTE3>();
}`,
  ),
  MoveLanes: moveLanes("MoveLanes"),
  MoveLanesBack: moveLanes("MoveLanesBack", true),
  LookUp: helper(
    ["Muls", "Gather", "PipeBarrier", "LocalTensor", "ReinterpretCast"],
    ["Least"],
    `
// to[r][c] = from[index[r][c]].
template <class T>
__aicore__ inline void LookUp(LocalTensor<T> to, int64_t pitch, LocalTensor<T> from, LocalTensor<int32_t> index, int64_t indexPitch,
                              LocalTensor<float> spare, int64_t rows, int64_t cols) {
  LocalTensor<int32_t> offsets = spare.ReinterpretCast<int32_t>();
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < cols; c += 1024) {
      const int64_t n = Least(1024, cols - c);
      Muls(offsets, index[r * indexPitch + c], static_cast<int32_t>(sizeof(T)), n);
      PipeBarrier<PIPE_V>();
      Gather(to[r * pitch + c], from, offsets.ReinterpretCast<uint32_t>(), 0, static_cast<uint32_t>(n));
      PipeBarrier<PIPE_V>();
    }
  }
}`,
  ),
  CopyWords: helper(
    ["Or", "LocalTensor", "ReinterpretCast"],
    [],
    `
// Copies inside the unified buffer, whole granules of 32 bytes: this chip's DataCopy does not, and x | x is x.
template <class T>
__aicore__ inline void CopyWords(const LocalTensor<T>& to, const LocalTensor<T>& from, uint32_t count) {
  const LocalTensor<uint16_t> words = from.template ReinterpretCast<uint16_t>();
  Or(to.template ReinterpretCast<uint16_t>(), words, words, static_cast<int32_t>(count * sizeof(T) / 2));
}`,
  ),
  FoldRows: foldRows("FoldRows", "DataCopy"),
  FoldRowsOfWords: foldRows("FoldRowsOfWords", "CopyWords"),
  MaxOfRows: extremeOfRows("MaxOfRows", "Max"),
  MaxOfRowsInPairs: extremeOfRows("MaxOfRowsInPairs", "Max", { paired: true }),
  MaxOntoRows: extremeOfRows("MaxOntoRows", "Max", { onto: true }),
  MaxOntoRowsInPairs: extremeOfRows("MaxOntoRowsInPairs", "Max", { onto: true, paired: true }),
  MinOfRows: extremeOfRows("MinOfRows", "Min"),
  MinOfRowsInPairs: extremeOfRows("MinOfRowsInPairs", "Min", { paired: true }),
  MinOntoRows: extremeOfRows("MinOntoRows", "Min", { onto: true }),
  MinOntoRowsInPairs: extremeOfRows("MinOntoRowsInPairs", "Min", { onto: true, paired: true }),
  MaxOntoRow: extremeOntoRow("MaxOntoRow", "Max"),
  MinOntoRow: extremeOntoRow("MinOntoRow", "Min"),
  SumOfRows: helper(
    ["ReduceSum", "PipeBarrier", "LocalTensor"],
    [],
    `
// out[r] = sum of row r of x. spare[1024] is the workspace of the reductions.
__aicore__ inline void SumOfRows(LocalTensor<float> out, LocalTensor<float> x, LocalTensor<float> spare, int64_t rows, int64_t cols, int64_t pitch) {
  for (int64_t r = 0; r < rows; ++r) {
    ReduceSum(out[r], x[r * pitch], spare[1024], cols);
    PipeBarrier<PIPE_V>();
  }
}`,
  ),
  SumOntoRows: helper(
    ["ReduceSum", "Add", "PipeBarrier", "LocalTensor"],
    ["Least"],
    `
// out[r] += sum of row r of x.
${spareLayout}
__aicore__ inline void SumOntoRows(LocalTensor<float> out, LocalTensor<float> x, LocalTensor<float> spare, int64_t rows, int64_t cols, int64_t pitch) {
  LocalTensor<float> value = spare, tmp = spare[1024];
  for (int64_t first = 0; first < rows; first += 512) {
    const int64_t n = Least(512, rows - first);
    PipeBarrier<PIPE_V>();
    for (int64_t r = 0; r < n; ++r) {
      ReduceSum(value[r], x[(first + r) * pitch], tmp, cols);
      PipeBarrier<PIPE_V>();
    }
    Add(out[first], out[first], value, n);
  }
}`,
  ),
} satisfies Readonly<Record<string, Helper>>;
