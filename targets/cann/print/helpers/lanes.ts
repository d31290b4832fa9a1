/** Lanes in another order: the vector unit gathers by byte offsets. */
import { calling, type Helper } from "./helper.js";

/** Offsets are unsigned: a run that goes backwards is counted from its far end. */
function moveLanes(name: string, back = false): Helper {
  const low = `
    const int64_t low = (n - 1) * colStride;  // where the run that goes backwards ends`;
  const raised = `
    PipeBarrier<PIPE_V>();
    Adds(steps, steps, static_cast<int32_t>(-low * size), n);`;
  return calling(
    ["CreateVecIndex", "Muls", ...(back ? (["Adds"] as const) : []), "Gather", "PipeBarrier", "LocalTensor", "ReinterpretCast"],
    ["Least", "Sync"],
  )(
    (wait) => `
// to[r][c] = from[offset + r * rowStride + c * colStride]: a Gather a row, by byte offsets counted once for all rows.
template <class T>
__aicore__ inline void ${name}(LocalTensor<T> to, int64_t pitch, LocalTensor<T> from, LocalTensor<float> spare, int64_t rows, int64_t cols,
                                 int64_t offset, int64_t rowStride, int64_t colStride) {
  constexpr int64_t size = sizeof(T);
  LocalTensor<int32_t> steps = spare.ReinterpretCast<int32_t>();
  for (int64_t c = 0; c < cols; c += 1024) {
    const int64_t n = Least(1024, cols - c);${back ? low : ""}
    ${wait("V_S")};  // the scalar unit writes the first of them
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

export const lanes = {
  MoveLanes: moveLanes("MoveLanes"),
  MoveLanesBack: moveLanes("MoveLanesBack", true),
  LookUp: calling(
    ["Muls", "Gather", "PipeBarrier", "LocalTensor", "ReinterpretCast"],
    ["Least"],
  )(`
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
}`),
};
