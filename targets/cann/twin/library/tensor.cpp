// Descriptors, checks, executors and element access of the twin's aclnn.
#include "tensor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <algorithm>
#include <map>

#include "../device.h"
#include "math/numbers.h"

namespace twin::aclnn {

int64_t count_of(const Dims& dims) {
  int64_t n = 1;
  for (const int64_t d : dims) n *= d;
  return n;
}

size_t size_of(aclDataType type) {
  switch (type) {
    case ACL_INT8:
    case ACL_UINT8:
    case ACL_BOOL:
      return 1;
    case ACL_FLOAT16:
    case ACL_BF16:
    case ACL_INT16:
    case ACL_UINT16:
      return 2;
    case ACL_INT64:
    case ACL_UINT64:
    case ACL_DOUBLE:
      return 8;
    default:
      return 4;
  }
}

bool is_float(aclDataType type) { return type == ACL_FLOAT || type == ACL_FLOAT16 || type == ACL_BF16 || type == ACL_DOUBLE; }

bool is_dense(const aclTensor& t) {
  int64_t stride = 1;
  for (size_t i = t.dims.size(); i-- > 0; stride *= t.dims[i])
    if (t.dims[i] != 1 && t.strides[i] != stride) return false;
  return true;
}

std::string show(const Dims& dims) {
  std::string out = "[";
  for (size_t i = 0; i < dims.size(); ++i) out += (i ? "," : "") + std::to_string(dims[i]);
  return out + "]";
}

// ---- checks -----------------------------------------------------------------------------------------------------

namespace {

// The families of chips that each operator is documented for.
bool is_documented(const char* call, const char* family) {
  static const std::map<std::string, std::string> families = {
#define DOCUMENTED(Call, Families) {#Call, " " Families " "},
#define WITHOUT(...)
#include "../include/aclnn/documented.gen.h"
#undef DOCUMENTED
#undef WITHOUT
  };
  const auto found = families.find(call);
  return found != families.end() && found->second.find(" " + std::string(family) + " ") != std::string::npos;
}

// The element types that each operator is without on a family of chips.
bool is_refused(const char* call, const char* family, aclDataType type) {
  static const std::map<std::string, std::vector<aclDataType>> refused = {
#define DOCUMENTED(...)
#define WITHOUT(Call, Family, ...) {#Call " " Family, {__VA_ARGS__}},
#include "../include/aclnn/documented.gen.h"
#undef DOCUMENTED
#undef WITHOUT
  };
  const auto found = refused.find(call + std::string(" ") + family);
  return found != refused.end() && std::count(found->second.begin(), found->second.end(), type) > 0;
}

}  // namespace

Check::Check(const char* call) : call_(call) {
  that(is_documented(call, cann::chip().family), "not documented for %s", cann::chip().name);
}

aclnnStatus Check::fail(aclnnStatus status, const std::string& why) {
  if (status_ == ACLNN_SUCCESS) status_ = reject(status, call_, "%s", why.c_str());
  return status_;
}

Check& Check::given(const void* p, const char* name) {
  if (!p) fail(null_pointer, std::string(name) + " is null");
  return *this;
}

Check& Check::that(bool holds, const char* format, ...) {
  if (holds || status_ != ACLNN_SUCCESS) return *this;
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  fail(bad_parameter, text);
  return *this;
}

Check& Check::type(const aclTensor* t, const char* name, std::initializer_list<aclDataType> allowed) {
  if (status_ != ACLNN_SUCCESS) return *this;
  if (t->type == ACL_BF16 && !cann::chip().has(cann::bfloat)) {
    fail(bad_parameter, std::string(name) + " is bf16, which " + cann::chip().name + " has not");
    return *this;
  }
  if (is_refused(call_, cann::chip().family, t->type)) {
    fail(bad_parameter, std::string(name) + " has data type " + std::to_string(t->type) + ", which " + cann::chip().name + " refuses");
    return *this;
  }
  for (const aclDataType a : allowed)
    if (t->type == a) return *this;
  fail(bad_parameter, std::string(name) + " has data type " + std::to_string(t->type));
  return *this;
}

Check& Check::same_type(const aclTensor* a, const aclTensor* b) {
  if (status_ != ACLNN_SUCCESS) return *this;
  return that(a->type == b->type, "data types %d and %d", a->type, b->type);
}

Check& Check::rank(const aclTensor* t, const char* name, size_t low, size_t high) {
  if (status_ != ACLNN_SUCCESS) return *this;
  return that(t->dims.size() >= low && t->dims.size() <= high, "%s has rank %zu; %zu to %zu are taken", name, t->dims.size(), low, high);
}

Check& Check::dense(const aclTensor* t, const char* name) {
  if (status_ != ACLNN_SUCCESS) return *this;
  return that(is_dense(*t), "%s is not contiguous", name);
}

Check& Check::shape(const aclTensor* t, const char* name, const Dims& wanted) {
  if (status_ != ACLNN_SUCCESS) return *this;
  return that(t->dims == wanted, "%s is %s, the operator gives %s", name, show(t->dims).c_str(), show(wanted).c_str());
}

Check& Check::format(const aclTensor* t, const char* name) {
  if (status_ != ACLNN_SUCCESS) return *this;
  const aclFormat wanted = t->dims.size() == 3 ? ACL_FORMAT_NCL : t->dims.size() == 4 ? ACL_FORMAT_NCHW : ACL_FORMAT_NCDHW;
  return that(t->format == wanted, "%s of rank %zu has format %d", name, t->dims.size(), t->format);
}

Check& Check::cube(const aclTensor* t, int8_t cubeMathType) {
  if (status_ != ACLNN_SUCCESS) return *this;
  that(cubeMathType >= 0 && cubeMathType <= 3, "cubeMathType %d", cubeMathType);
  const bool refused = t->type == ACL_FLOAT && cubeMathType == 0 && !cann::chip().has(cann::float_cube);
  return that(!refused, "fp32 with cubeMathType 0 (KEEP_DTYPE): %s has no fp32 matrix unit", cann::chip().name);
}

// ---- calls ------------------------------------------------------------------------------------------------------

aclnnStatus accept(const char* call, uint64_t workspace, uint64_t* size, aclOpExecutor** executor, std::function<void()> run) {
  if (!size || !executor) return reject(null_pointer, call, "workspaceSize or executor is null");
  *size = workspace;
  *executor = new aclOpExecutor{call, workspace, std::move(run)};
  return ACLNN_SUCCESS;
}

aclnnStatus execute(const char* call, void* workspace, uint64_t size, aclOpExecutor* executor, aclrtStream) {
  if (!executor) return reject(null_pointer, call, "executor is null");
  if (executor->call != call) return reject(bad_parameter, call, "the executor was made for %s", executor->call.c_str());
  if (size < executor->workspace) return reject(bad_parameter, call, "a workspace of %llu bytes, %llu are needed", (unsigned long long)size, (unsigned long long)executor->workspace);
  if (executor->workspace > 0) gm_touch(workspace, executor->workspace, 0, "workspace");
  ++counters().library_calls;
  executor->run();
  delete executor;  // single use
  return ACLNN_SUCCESS;
}

// ---- elements -----------------------------------------------------------------------------------------------------

namespace {

// Calls f(element offset, position) for every element of the view in row-major order, runs of the last dim at a time.
template <class F>
void each_run(const aclTensor& t, F f) {
  const int64_t total = count_of(t.dims);
  if (total == 0) return;
  const size_t rank = t.dims.size();
  const int64_t run = rank ? t.dims[rank - 1] : 1, step = rank ? t.strides[rank - 1] : 1;
  Dims at(rank, 0);
  for (int64_t position = 0; position < total; position += run) {
    int64_t offset = t.offset;
    for (size_t i = 0; i + 1 < rank; ++i) offset += at[i] * t.strides[i];
    f(offset, step, position, run);
    for (size_t i = rank ? rank - 1 : 0; i-- > 0;) {
      if (++at[i] < t.dims[i]) break;
      at[i] = 0;
    }
  }
}

// First and last element the view reaches.
void extent(const aclTensor& t, int64_t& low, int64_t& high) {
  low = high = t.offset;
  for (size_t i = 0; i < t.dims.size(); ++i) {
    const int64_t reach = (t.dims[i] - 1) * t.strides[i];
    (reach < 0 ? low : high) += reach;
  }
}

void check_read(const aclTensor& t) {
  if (count_of(t.dims) == 0) return;
  int64_t low, high;
  extent(t, low, high);
  const size_t size = size_of(t.type);
  gm_read(t.data + low * (int64_t)size, (high - low + 1) * size, 0);
}

void check_write(const aclTensor& t) {
  if (count_of(t.dims) == 0) return;
  int64_t low, high;
  extent(t, low, high);
  const size_t size = size_of(t.type);
  gm_write(t.data + low * (int64_t)size, (high - low + 1) * size, 0);
}

template <class T, class U>
void read_run(const char* data, int64_t offset, int64_t step, U* out, int64_t n) {
  const T* x = reinterpret_cast<const T*>(data) + offset;
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<U>(x[i * step]);
}

template <class T, class U>
void write_run(char* data, int64_t offset, int64_t step, const U* in, int64_t n) {
  T* y = reinterpret_cast<T*>(data) + offset;
  for (int64_t i = 0; i < n; ++i) y[i * step] = static_cast<T>(in[i]);
}

template <class U>
void read_any(const aclTensor& t, int64_t offset, int64_t step, U* out, int64_t n) {
  switch (t.type) {
    case ACL_FLOAT:
      return read_run<float>(t.data, offset, step, out, n);
    case ACL_FLOAT16:
      return read_run<half>(t.data, offset, step, out, n);
    case ACL_BF16:
      for (int64_t i = 0; i < n; ++i) out[i] = static_cast<U>(math::float_of_bfloat(reinterpret_cast<const uint16_t*>(t.data)[offset + i * step]));
      return;
    case ACL_INT64:
    case ACL_UINT64:
      return read_run<int64_t>(t.data, offset, step, out, n);
    case ACL_INT32:
      return read_run<int32_t>(t.data, offset, step, out, n);
    case ACL_INT16:
      return read_run<int16_t>(t.data, offset, step, out, n);
    case ACL_INT8:
      return read_run<int8_t>(t.data, offset, step, out, n);
    default:
      return read_run<uint8_t>(t.data, offset, step, out, n);
  }
}

template <class U>
void write_any(const aclTensor& t, int64_t offset, int64_t step, const U* in, int64_t n) {
  switch (t.type) {
    case ACL_FLOAT:
      return write_run<float>(t.data, offset, step, in, n);
    case ACL_FLOAT16:
      return write_run<half>(t.data, offset, step, in, n);
    case ACL_BF16:
      for (int64_t i = 0; i < n; ++i) reinterpret_cast<uint16_t*>(t.data)[offset + i * step] = math::bfloat_of_float(static_cast<float>(in[i]));
      return;
    case ACL_INT64:
      return write_run<int64_t>(t.data, offset, step, in, n);
    case ACL_INT32:
      return write_run<int32_t>(t.data, offset, step, in, n);
    case ACL_INT16:
      return write_run<int16_t>(t.data, offset, step, in, n);
    case ACL_INT8:
      return write_run<int8_t>(t.data, offset, step, in, n);
    default:
      return write_run<uint8_t>(t.data, offset, step, in, n);
  }
}

template <class U>
std::vector<U> load_as(const aclTensor& t) {
  check_read(t);
  std::vector<U> out(count_of(t.dims));
  each_run(t, [&](int64_t offset, int64_t step, int64_t position, int64_t n) { read_any(t, offset, step, out.data() + position, n); });
  return out;
}

template <class U>
void store_as(const aclTensor& t, const U* values) {
  check_write(t);
  each_run(t, [&](int64_t offset, int64_t step, int64_t position, int64_t n) { write_any(t, offset, step, values + position, n); });
}

}  // namespace

std::vector<float> load(const aclTensor& t) { return load_as<float>(t); }

// Assumption: HF32 keeps 11 of f32's 23 fraction bits, to nearest even; no page says how the unit rounds.
std::vector<float> load_cube(const aclTensor& t, int8_t cubeMathType) {
  std::vector<float> values = load(t);
  if (t.type != ACL_FLOAT || cubeMathType == 0) return values;
  const bool in_half = cubeMathType == 2 || (cubeMathType == 1 && !cann::chip().has(cann::float_cube));
  for (float& x : values) x = in_half ? static_cast<float>(static_cast<half>(x)) : math::with_fraction(x, 11);
  return values;
}
void store(const aclTensor& t, const float* values) { store_as(t, values); }
std::vector<int64_t> load_integers(const aclTensor& t) { return load_as<int64_t>(t); }
void store_integers(const aclTensor& t, const int64_t* values) { store_as(t, values); }

void copy_elements(const aclTensor& from, const aclTensor& to) {
  check_read(from);
  check_write(to);
  const size_t size = size_of(from.type);
  std::vector<char> all(count_of(from.dims) * size);
  each_run(from, [&](int64_t offset, int64_t step, int64_t position, int64_t n) {
    for (int64_t i = 0; i < n; ++i) memcpy(&all[(position + i) * size], from.data + (offset + i * step) * (int64_t)size, size);
  });
  each_run(to, [&](int64_t offset, int64_t step, int64_t position, int64_t n) {
    for (int64_t i = 0; i < n; ++i) memcpy(to.data + (offset + i * step) * (int64_t)size, &all[(position + i) * size], size);
  });
}

bool broadcast(const Dims& a, const Dims& b, Dims& out) {
  const size_t rank = a.size() > b.size() ? a.size() : b.size();
  out.assign(rank, 1);
  for (size_t i = 0; i < rank; ++i) {
    const int64_t x = i + a.size() < rank ? 1 : a[i + a.size() - rank], y = i + b.size() < rank ? 1 : b[i + b.size() - rank];
    if (x != y && x != 1 && y != 1) return false;
    out[i] = x == 1 ? y : x;
  }
  return true;
}

aclTensor expanded(const aclTensor& t, const Dims& dims) {
  aclTensor out = t;
  out.dims = dims;
  out.strides.assign(dims.size(), 0);
  const size_t shift = dims.size() - t.dims.size();
  for (size_t i = 0; i < t.dims.size(); ++i) out.strides[i + shift] = t.dims[i] == 1 ? 0 : t.strides[i];
  return out;
}

}  // namespace twin::aclnn

using namespace twin::aclnn;

extern "C" {

aclTensor* aclCreateTensor(const int64_t* viewDims, uint64_t viewDimsNum, aclDataType dataType, const int64_t* stride, int64_t offset, aclFormat format,
                           const int64_t* storageDims, uint64_t storageDimsNum, void* tensorData) {
  auto* t = new aclTensor{Dims(viewDims, viewDims + viewDimsNum), {}, Dims(storageDims, storageDims + storageDimsNum), offset, dataType, format, static_cast<char*>(tensorData)};
  if (stride) {
    t->strides.assign(stride, stride + viewDimsNum);
  } else {
    t->strides.assign(viewDimsNum, 1);
    for (size_t i = viewDimsNum; i-- > 1;) t->strides[i - 1] = t->strides[i] * t->dims[i];
  }
  return t;
}

aclnnStatus aclDestroyTensor(const aclTensor* tensor) {
  delete tensor;
  return ACLNN_SUCCESS;
}

aclScalar* aclCreateScalar(void* value, aclDataType dataType) {
  auto* s = new aclScalar{0, dataType};
  if (dataType == ACL_FLOAT) s->value = *static_cast<float*>(value);
  else if (dataType == ACL_DOUBLE) s->value = *static_cast<double*>(value);
  else if (dataType == ACL_INT64) s->value = static_cast<double>(*static_cast<int64_t*>(value));
  else if (dataType == ACL_INT32) s->value = *static_cast<int32_t*>(value);
  return s;
}

aclnnStatus aclDestroyScalar(const aclScalar* scalar) {
  delete scalar;
  return ACLNN_SUCCESS;
}

aclIntArray* aclCreateIntArray(const int64_t* value, uint64_t size) { return new aclIntArray{Dims(value, value + size)}; }

aclnnStatus aclDestroyIntArray(const aclIntArray* array) {
  delete array;
  return ACLNN_SUCCESS;
}

}  // extern "C"
