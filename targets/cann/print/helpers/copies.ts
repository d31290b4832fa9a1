/** Copies between global memory and the unified buffer, inside it, and the wait between two pipes. */
import type { Intrinsic } from "../../intrinsics.js";
import { calling } from "./helper.js";

const pad: readonly Intrinsic[] = ["DataCopyPad", "LocalTensor", "GlobalTensor"];
const plain: readonly Intrinsic[] = ["DataCopy", "LocalTensor", "GlobalTensor"];

export const copies = {
  Sync: calling(["GetTPipePtr", "FetchEventID", "SetFlag", "WaitFlag"])(`
// The event's second pipe waits here for all that its first has been given.
template <HardEvent event>
__aicore__ inline void Sync() {
  const int32_t id = static_cast<int32_t>(GetTPipePtr()->FetchEventID(event));
  SetFlag<event>(id);
  WaitFlag<event>(id);
}`),
  LoadRun: calling(pad)(`
// Copies in one run of elements.
template <class T>
__aicore__ inline void LoadRun(const LocalTensor<T>& to, const GlobalTensor<T>& from, int64_t count) {
  const DataCopyExtParams run{1, static_cast<uint32_t>(count * sizeof(T)), 0, 0, 0};
  DataCopyPad(to, from, run, DataCopyPadExtParams<T>{false, 0, 0, T()});
}`),
  StoreRun: calling(pad)(`
// Copies out one run of elements.
template <class T>
__aicore__ inline void StoreRun(const GlobalTensor<T>& to, const LocalTensor<T>& from, int64_t count) {
  const DataCopyExtParams run{1, static_cast<uint32_t>(count * sizeof(T)), 0, 0, 0};
  DataCopyPad(to, from, run);
}`),
  LoadRows: calling(pad, ["Least", "RoundUp"])(`
// Copies in rows that lie \`stride\` elements apart, to rows \`pitch\` apart: up to 4095 of them in one copy.
template <class T>
__aicore__ inline void LoadRows(const LocalTensor<T>& to, int64_t pitch, const GlobalTensor<T>& from, int64_t stride, int64_t rows, int64_t cols) {
  constexpr int64_t size = sizeof(T);
  const uint32_t gap = static_cast<uint32_t>((stride - cols) * size), skip = static_cast<uint32_t>((pitch * size - RoundUp(cols * size, 32)) / 32);
  for (int64_t r = 0; r < rows; r += 4095) {
    const DataCopyExtParams blocks{static_cast<uint16_t>(Least(4095, rows - r)), static_cast<uint32_t>(cols * size), gap, skip, 0};
    DataCopyPad(to[r * pitch], from[r * stride], blocks, DataCopyPadExtParams<T>{false, 0, 0, T()});
  }
}`),
  LoadOverlapping: calling(
    ["LocalTensor", "GlobalTensor"],
    ["LoadRun", "LoadRows"],
  )(`
// As LoadRows, for rows that may overlap: the gap of a copy cannot be negative, so that these are copied one after the other.
template <class T>
__aicore__ inline void LoadOverlapping(const LocalTensor<T>& to, int64_t pitch, const GlobalTensor<T>& from, int64_t stride, int64_t rows, int64_t cols) {
  if (stride >= cols) {
    LoadRows(to, pitch, from, stride, rows, cols);
    return;
  }
  for (int64_t r = 0; r < rows; ++r) LoadRun(to[r * pitch], from[r * stride], cols);
}`),
  StoreRows: calling(pad, ["Least", "RoundUp"])(`
// Copies out rows \`pitch\` elements apart to rows \`stride\` apart, up to 4095 of them in one copy.
template <class T>
__aicore__ inline void StoreRows(const GlobalTensor<T>& to, int64_t stride, const LocalTensor<T>& from, int64_t pitch, int64_t rows, int64_t cols) {
  constexpr int64_t size = sizeof(T);
  const uint32_t gap = static_cast<uint32_t>((stride - cols) * size), skip = static_cast<uint32_t>((pitch * size - RoundUp(cols * size, 32)) / 32);
  for (int64_t r = 0; r < rows; r += 4095) {
    const DataCopyExtParams blocks{static_cast<uint16_t>(Least(4095, rows - r)), static_cast<uint32_t>(cols * size), skip, gap, 0};
    DataCopyPad(to[r * stride], from[r * pitch], blocks);
  }
}`),
  LoadGranules: calling(plain, ["RoundUp"])(`
// Copies in a run in granules of 32 bytes, which may bring what follows it as well: this chip has no DataCopyPad.
template <class T>
__aicore__ inline void LoadGranules(const LocalTensor<T>& to, const GlobalTensor<T>& from, int64_t count) {
  DataCopy(to, from, static_cast<uint32_t>(RoundUp(count, 32 / sizeof(T))));
}`),
  StoreGranules: calling(
    [...plain, "PipeBarrier", "GetValue", "SetValue", "ReinterpretCast"],
    ["Sync"],
  )(
    (wait) => `
// Copies out a run. Whole granules of 32 bytes go as they are; a rest is merged with what the granule held before.
template <class T>
__aicore__ inline void StoreGranules(const GlobalTensor<T>& to, const LocalTensor<T>& from, LocalTensor<float> spare, int64_t count) {
  constexpr int64_t lanes = 32 / sizeof(T);
  const int64_t whole = count / lanes * lanes;
  if (whole > 0) DataCopy(to, from, static_cast<uint32_t>(whole));
  if (whole == count) return;
  LocalTensor<T> last = spare.ReinterpretCast<T>();
  ${wait("MTE3_MTE2")};
  DataCopy(last, to[whole], static_cast<uint32_t>(lanes));
  ${wait("MTE2_S")};
  ${wait("MTE3_S")};
  for (int64_t i = whole; i < count; ++i) last.SetValue(i - whole, from.GetValue(i));
  ${wait("S_MTE3")};
  DataCopy(to[whole], last, static_cast<uint32_t>(lanes));
  PipeBarrier<PIPE_MTE3>();
}`,
  ),
  CopyWords: calling(["Or", "LocalTensor", "ReinterpretCast"])(`
// Copies inside the unified buffer, whole granules of 32 bytes: this chip's DataCopy does not, and x | x is x.
template <class T>
__aicore__ inline void CopyWords(const LocalTensor<T>& to, const LocalTensor<T>& from, uint32_t count) {
  const LocalTensor<uint16_t> words = from.template ReinterpretCast<uint16_t>();
  Or(to.template ReinterpretCast<uint16_t>(), words, words, static_cast<int32_t>(count * sizeof(T) / 2));
}`),
};
