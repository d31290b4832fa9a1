// Runs one probe (named by the first argument) on seeded data and prints its largest error against double precision.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <string>
#include <vector>

#include "xpu/runtime.h"
#include "twin/xpu-half.h"

extern "C" {
int add_row_launch(void*, int, void*, void*, void*, int, int, int, int);
int softmax_launch(void*, int, void*, void*, int, int);
int transpose_f32_launch(void*, int, void*, void*, int, int);
int transpose_f16_launch(void*, int, void*, void*, int, int);
int where_positive_launch(void*, int, void*, void*, void*, void*, void*, int, int);
int sum_launch(void*, int, void*, void*, void*, int);
int layernorm_launch(void*, int, void*, void*, void*, void*, int, int);
}

namespace {

uint32_t seed = 12345;
float uniform() {
  seed = seed * 1664525u + 1013904223u;
  return (float)(seed >> 8) / 8388608.0f - 1.0f;
}

std::vector<float> some(size_t n, float scale = 1.0f) {
  std::vector<float> v(n);
  for (float& x : v) x = uniform() * scale;
  return v;
}

template <class T>
struct Device {
  void* p = nullptr;
  size_t n;
  explicit Device(size_t count) : n(count) { xpu_malloc(&p, n * sizeof(T)); }
  explicit Device(const std::vector<T>& v) : Device(v.size()) { xpu_memcpy(p, v.data(), n * sizeof(T), XPU_HOST_TO_DEVICE); }
  ~Device() { xpu_free(p); }
  std::vector<T> host() const {
    std::vector<T> v(n);
    xpu_memcpy(v.data(), p, n * sizeof(T), XPU_DEVICE_TO_HOST);
    return v;
  }
};

std::vector<float16> halves(const std::vector<float>& v) {
  return std::vector<float16>(v.begin(), v.end());
}

double worst = 0;
void compare(double got, double want) {
  const double e = fabs(got - want);
  if (!(e <= worst)) worst = e == e ? e : INFINITY;
}

void probe_add_row() {
  const int rows = 1001, cols = 37, tile_rows = 6;
  const auto a = some(rows * cols), b = some(cols);
  Device<float> da(a), db(b), dy(a.size());
  add_row_launch(nullptr, (rows + tile_rows - 1) / tile_rows, da.p, db.p, dy.p, rows, cols, 48, tile_rows);
  const auto y = dy.host();
  for (int i = 0; i < rows * cols; i++) compare(y[i], (double)(a[i] + b[i % cols]));
}

void probe_softmax() {
  const int rows = 40, cols = 6625;
  const auto x = some(rows * cols, 8.0f);
  Device<float> dx(x), dy(x.size());
  softmax_launch(nullptr, rows, dx.p, dy.p, rows, cols);
  const auto y = dy.host();
  for (int r = 0; r < rows; r++) {
    double top = -INFINITY, sum = 0;
    for (int c = 0; c < cols; c++) top = fmax(top, (double)x[r * cols + c]);
    for (int c = 0; c < cols; c++) sum += ::exp((double)x[r * cols + c] - top);
    for (int c = 0; c < cols; c++) compare(y[r * cols + c], ::exp((double)x[r * cols + c] - top) / sum);
  }
}

template <class T>
void probe_transpose(int (*launch)(void*, int, void*, void*, int, int), const std::vector<T>& x) {
  const int rows = 67, cols = 131;
  Device<T> dx(x), dy(x.size());
  launch(nullptr, (cols + 15) / 16, dx.p, dy.p, rows, cols);
  const auto y = dy.host();
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < cols; c++) compare((float)y[c * rows + r], (float)x[r * cols + c]);
}

void probe_where() {
  const int n = 5003, tiles = (n + 255) / 256;
  auto x = some(n), y = some(n);
  std::vector<uint8_t> take(n);
  for (int i = 0; i < n; i++) {
    take[i] = uniform() > -0.5f;
    if (i % 7 == 0) y[i] = INFINITY;
  }
  Device<float> dx(x), dy(y), dz(n);
  Device<uint8_t> dt(take), dm(n);
  where_positive_launch(nullptr, tiles, dx.p, dy.p, dt.p, dz.p, dm.p, n, tiles);
  const auto z = dz.host();
  const auto m = dm.host();
  for (int i = 0; i < n; i++) {
    const bool chosen = x[i] > 0 && take[i];
    compare(m[i], chosen);
    const float want = chosen ? x[i] : y[i];
    compare(z[i] == want ? 0 : 1, 0);
  }
}

void probe_sum() {
  const int n = 1000000, clusters = 12;
  const auto x = some(n);
  Device<float> dx(x), dp(clusters), dy(1);
  sum_launch(nullptr, clusters, dx.p, dp.p, dy.p, n);
  double want = 0;
  for (const float v : x) want += v;
  compare(dy.host()[0], want);
}

void probe_layernorm() {
  const int rows = 13, cols = 120;
  const auto x = halves(some(rows * cols, 3.0f)), g = halves(some(cols)), b = halves(some(cols));
  Device<float16> dx(x), dg(g), db(b), dy(x.size());
  layernorm_launch(nullptr, rows, dx.p, dg.p, db.p, dy.p, rows, cols);
  const auto y = dy.host();
  for (int r = 0; r < rows; r++) {
    double mean = 0, var = 0;
    for (int c = 0; c < cols; c++) mean += (float)x[r * cols + c] / (double)cols;
    for (int c = 0; c < cols; c++) var += ((float)x[r * cols + c] - mean) * ((float)x[r * cols + c] - mean) / cols;
    for (int c = 0; c < cols; c++)
      compare((float)y[r * cols + c], ((float)x[r * cols + c] - mean) / ::sqrt(var + 1e-5) * (float)g[c] + (float)b[c]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  if (name == "add_row") probe_add_row();
  if (name == "softmax") probe_softmax();
  if (name == "transpose_f32") probe_transpose<float>(transpose_f32_launch, some(67 * 131));
  if (name == "transpose_f16") probe_transpose<float16>(transpose_f16_launch, halves(some(67 * 131)));
  if (name == "where_positive") probe_where();
  if (name == "sum") probe_sum();
  if (name == "layernorm") probe_layernorm();
  printf("%.9g\n", worst);
  return 0;
}
