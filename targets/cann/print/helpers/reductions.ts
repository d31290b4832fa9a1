/** Rows of a tile reduced to a value each, or to one row. */
import { calling, type Helper } from "./helper.js";

const spareLayout = `// spare (floats): 0 results of 512 rows, 512 their NaN marks, 1024 workspace of the reductions, 1536 packed bits.`;

/**
 * max and min of rows, telling NaN: the vendor's reductions do not say what they do with it. `onto`: what was there takes
 * part. `paired`: the reduction writes value and index, so that its destination cannot be any element; a sum of one brings
 * the value to its place.
 */
function extremeOfRows(name: string, combine: "Max" | "Min", { onto = false, paired = false } = {}): Helper {
  const reduce = `Reduce${combine}` as const;
  // Rows in whole comparisons of 64 lanes, so that none reads beyond a tile; a value and its index take the last places.
  const most = paired ? 448 : 512;
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
  return calling(
    [reduce, ...(onto ? [combine] : []), "ReduceSum", "Compare", "Muls", "Select", "Add", "PipeBarrier", "LocalTensor", "ReinterpretCast"],
    ["Least", "RoundUp"],
  )(`
// out[r] = ${what}. work holds one row: a comparison takes 64 lanes, and x may end before.
${spareLayout}${paired ? " 504 of the results: a value and its index, so that 448 rows are taken at once." : ""}
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
}`);
}

/** max and min down the columns, telling NaN, one row after the other. */
function extremeOntoRow(name: string, combine: "Max" | "Min"): Helper {
  return calling(
    [combine, "Compare", "Muls", "Select", "PipeBarrier", "LocalTensor", "ReinterpretCast"],
    ["Least", "RoundUp"],
  )(`
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
}`);
}

/** `copy`: what copies a row inside the unified buffer. */
function foldRows(name: string, copy: "DataCopy" | "CopyWords"): Helper {
  return calling(
    ["GetValue", "SetValue", "PipeBarrier", "LocalTensor", ...(copy === "DataCopy" ? [copy] : [])],
    ["RoundUp", "Sync", ...(copy === "CopyWords" ? [copy] : [])],
  )(
    (wait) => `
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
    ${wait("V_S")};
    T value = work.GetValue(0);
    for (int64_t c = 1; c < n; ++c) value = last(value, work.GetValue(c));
    out.SetValue(r, carry ? last(value, out.GetValue(r)) : value);
    ${wait("S_V")};
  }
}`,
  );
}

export const reductions = {
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
  SumOfRows: calling(["ReduceSum", "PipeBarrier", "LocalTensor"])(`
// out[r] = sum of row r of x. spare[1024] is the workspace of the reductions.
__aicore__ inline void SumOfRows(LocalTensor<float> out, LocalTensor<float> x, LocalTensor<float> spare, int64_t rows, int64_t cols, int64_t pitch) {
  for (int64_t r = 0; r < rows; ++r) {
    ReduceSum(out[r], x[r * pitch], spare[1024], cols);
    PipeBarrier<PIPE_V>();
  }
}`),
  SumOntoRows: calling(
    ["ReduceSum", "Add", "PipeBarrier", "LocalTensor"],
    ["Least"],
  )(`
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
}`),
};
