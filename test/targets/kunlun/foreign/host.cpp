// Runs one kernel: foreign NAME IN OUT. IN holds the number of buffers, of ints and of floats, each buffer's bytes and content, and the
// ints and floats of its launch; OUT gets the buffers back.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <vector>

#include "xpu/runtime.h"

#define KERNELS(EACH)                                                                                                              \
  EACH(strided) EACH(softmax) EACH(argmax) EACH(layernorm) EACH(histogram) EACH(running_best) EACH(embedding) EACH(convert) EACH(scan) \
  EACH(transpose) EACH(clamp_nan) EACH(quantise) EACH(top_k) EACH(move_rows) EACH(hasty) EACH(mirrored) EACH(spread) EACH(weigh) \
  EACH(tardy) EACH(two_largest) EACH(magnitudes)
#define DECLARE(NAME) extern "C" __attribute__((weak)) int NAME##_launch(void** buffers, const int* ints, const float* floats);
KERNELS(DECLARE)

int main(int, char** argv) {
  FILE* in = fopen(argv[2], "rb");
  uint32_t counts[3];
  if (!in || fread(counts, 4, 3, in) != 3) return 2;
  std::vector<std::vector<char>> content(counts[0]);
  std::vector<void*> buffers(counts[0]);
  for (uint32_t i = 0; i < counts[0]; i++) {
    uint32_t bytes;
    if (fread(&bytes, 4, 1, in) != 1) return 2;
    content[i].resize(bytes);
    if (fread(content[i].data(), 1, bytes, in) != bytes) return 2;
    xpu_malloc(&buffers[i], bytes);
    xpu_memcpy(buffers[i], content[i].data(), bytes, XPU_HOST_TO_DEVICE);
  }
  std::vector<int> ints(counts[1] + 1);
  std::vector<float> floats(counts[2] + 1);
  if (fread(ints.data(), 4, counts[1], in) != counts[1] || fread(floats.data(), 4, counts[2], in) != counts[2]) return 2;
  fclose(in);
  int status = 3;
#define LAUNCH(NAME) \
  if (strcmp(argv[1], #NAME) == 0 && NAME##_launch) status = NAME##_launch(buffers.data(), ints.data(), floats.data());
  KERNELS(LAUNCH)
  xpu_wait();
  FILE* out = fopen(argv[3], "wb");
  for (uint32_t i = 0; i < counts[0]; i++) {
    xpu_memcpy(content[i].data(), buffers[i], content[i].size(), XPU_DEVICE_TO_HOST);
    xpu_free(buffers[i]);
    fwrite(content[i].data(), 1, content[i].size(), out);
  }
  fclose(out);
  return status;
}
