// Handles, tensor descriptors, operands and the checks of every call.
#include "cnnl-core.h"

#include <math.h>
#include <string.h>

#include "math/numbers.h"

namespace twin::cnnl {

std::atomic<int64_t> live_descriptors{0};

size_t size_of(cnnlDataType_t t) {
  switch (t) {
    case CNNL_DTYPE_INT64: return 8;
    case CNNL_DTYPE_FLOAT:
    case CNNL_DTYPE_INT32:
    case CNNL_DTYPE_UINT32: return 4;
    case CNNL_DTYPE_HALF:
    case CNNL_DTYPE_BFLOAT16:
    case CNNL_DTYPE_INT16:
    case CNNL_DTYPE_UINT16: return 2;
    default: return 1;
  }
}

int64_t count(const cnnlTensorStruct& d) {
  int64_t n = 1;
  for (const int64_t x : d.dims) n *= x;
  return n;
}

bool is_float(cnnlDataType_t t) { return t == CNNL_DTYPE_FLOAT || t == CNNL_DTYPE_HALF || t == CNNL_DTYPE_BFLOAT16; }

bool Check::need(bool ok, const char* why, cnnlStatus_t status) {
  if (ok || status_ != CNNL_STATUS_SUCCESS) return ok;
  status_ = (cnnlStatus_t)reject(status, call_, "%s", why);
  return false;
}

bool Check::tensor(cnnlTensorDescriptor_t d, const char* what) {
  if (!d || !d->set) {
    if (status_ == CNNL_STATUS_SUCCESS) status_ = (cnnlStatus_t)reject(CNNL_STATUS_BAD_PARAM, call_, "descriptor of %s is not set", what);
    return false;
  }
  if (count(*d) == 0 && status_ == CNNL_STATUS_SUCCESS)
    status_ = (cnnlStatus_t)reject(CNNL_STATUS_BAD_PARAM, call_, "%s is empty: calls on empty tensors are to be skipped", what);
  return status_ == CNNL_STATUS_SUCCESS;
}

bool Check::float_tensor(cnnlTensorDescriptor_t d, const char* what) {
  return tensor(d, what) && need(is_float(d->dtype), "an operand is not HALF, FLOAT or BFLOAT16", CNNL_STATUS_NOT_SUPPORTED);
}

bool Check::input(cnnlTensorDescriptor_t d, const void* p, const char* what) {
  if (!tensor(d, what)) return false;
  if (!need(p && gm_owns(p), "an input is not in device memory")) return false;
  gm_read(p, count(*d) * size_of(d->dtype), 0);
  return true;
}

bool Check::output(cnnlTensorDescriptor_t d, void* p, const char* what) {
  if (!tensor(d, what)) return false;
  if (!need(p && gm_owns(p), "the output is not in device memory")) return false;
  gm_touch(p, count(*d) * size_of(d->dtype), 0, "library write");
  return true;
}

bool Check::workspace(void* p, size_t given, size_t wanted) {
  if (wanted == 0) return ok();
  if (!need(given >= wanted, "the workspace is smaller than its query says")) return false;
  if (!need(p && gm_owns(p), "the workspace is not in device memory")) return false;
  gm_write(p, wanted, 0);
  return ok();
}

float rounded_to(cnnlDataType_t dtype, float x) {
  return dtype == CNNL_DTYPE_HALF ? (float)(half)x : dtype == CNNL_DTYPE_BFLOAT16 ? math::float_of_bfloat(math::bfloat_of_float(x)) : x;
}

float unspecified(const char* call, const char* what) {
  twin::unspecified(call, what);
  return -6259853398707798016.0f;
}

Values::Values(cnnlTensorDescriptor_t d, const void* p, bool tf32) : data_(static_cast<const float*>(p)) {
  if (d->dtype == CNNL_DTYPE_FLOAT && !tf32) return;
  const int64_t n = count(*d);
  copy_.resize(n);
  for (int64_t i = 0; i < n; i++)
    copy_[i] = d->dtype == CNNL_DTYPE_INT8    ? (float)static_cast<const int8_t*>(p)[i]
               : d->dtype == CNNL_DTYPE_FLOAT ? math::with_fraction(static_cast<const float*>(p)[i], 10)
               : d->dtype == CNNL_DTYPE_HALF ? (float)static_cast<const half*>(p)[i]
                                             : math::float_of_bfloat(static_cast<const uint16_t*>(p)[i]);
  data_ = copy_.data();
}

Result::Result(cnnlTensorDescriptor_t d, void* p) : desc_(d), to_(p), data_(static_cast<float*>(p)) {
  if (d->dtype == CNNL_DTYPE_FLOAT) return;
  copy_.resize(count(*d));
  data_ = copy_.data();
}

void Result::store() {
  const int64_t n = count(*desc_);
  gm_write(to_, n * size_of(desc_->dtype), 0);
  if (desc_->dtype == CNNL_DTYPE_HALF)
    for (int64_t i = 0; i < n; i++) static_cast<half*>(to_)[i] = (half)data_[i];
  if (desc_->dtype == CNNL_DTYPE_BFLOAT16)
    for (int64_t i = 0; i < n; i++) static_cast<uint16_t*>(to_)[i] = math::bfloat_of_float(data_[i]);
}

bool are_levels(const cnnlTensorStruct& a, const cnnlTensorStruct& b, const cnnlTensorStruct& y, const cnnlQuantizeExStruct& qa, const cnnlQuantizeExStruct& qb) {
  return a.dtype == CNNL_DTYPE_INT8 && b.dtype == CNNL_DTYPE_INT8 && y.dtype == CNNL_DTYPE_FLOAT && qa.step > 0 && qb.step > 0;
}

}  // namespace twin::cnnl

using namespace twin::cnnl;

namespace {
std::atomic<int> live_handles{0};
}

cnnlStatus_t cnnlCreate(cnnlHandle_t* handle) {
  *handle = new cnnlContext;
  ++live_handles;
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlDestroy(cnnlHandle_t handle) {
  delete handle;
  if (--live_handles == 0 && live_descriptors != 0)
    twin::violation("leak", 0, "%lld CNNL descriptors outlive the last handle", (long long)live_descriptors.load());
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlSetQueue(cnnlHandle_t handle, cnrtQueue_t queue) {
  if (!handle) return CNNL_STATUS_BAD_PARAM;
  handle->queue = queue;
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlGetQueue(cnnlHandle_t handle, cnrtQueue_t* queue) {
  if (!handle || !queue) return CNNL_STATUS_BAD_PARAM;
  *queue = handle->queue;
  return CNNL_STATUS_SUCCESS;
}

const char* cnnlGetErrorString(cnnlStatus_t status) { return status == CNNL_STATUS_SUCCESS ? "CNNL_STATUS_SUCCESS" : twin::last_rejection(); }

cnnlStatus_t cnnlCreateTensorDescriptor(cnnlTensorDescriptor_t* desc) { return create(desc); }
cnnlStatus_t cnnlDestroyTensorDescriptor(cnnlTensorDescriptor_t desc) { return destroy(desc); }

cnnlStatus_t cnnlSetTensorDescriptor(cnnlTensorDescriptor_t desc, cnnlTensorLayout_t layout, cnnlDataType_t dtype, int dimNb, const int dimSize[]) {
  const auto refuse = [](const char* why) { return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, "cnnlSetTensorDescriptor", "%s", why); };
  if (!desc) return refuse("no descriptor");
  if (dimNb < 1 || dimNb > CNNL_DIM_MAX) return refuse("rank is not 1 to 8");
  const bool four = layout == CNNL_LAYOUT_NHWC || layout == CNNL_LAYOUT_NCHW || layout == CNNL_LAYOUT_HWCN;
  if (four && dimNb != 4) return refuse("this layout has 4 dims");
  if (dtype == CNNL_DTYPE_INVALID) return refuse("no data type");
  desc->dims.assign(dimSize, dimSize + dimNb);
  for (const int64_t d : desc->dims)
    if (d < 0) return refuse("a negative dim");
  desc->layout = layout;
  desc->dtype = dtype;
  desc->set = true;
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlCreateQuantizeExDescriptor(cnnlQuantizeExDescriptor_t* desc) { return create(desc); }
cnnlStatus_t cnnlDestroyQuantizeExDescriptor(cnnlQuantizeExDescriptor_t desc) { return destroy(desc); }

cnnlStatus_t cnnlSetQuantizeExDescriptorQuantSchemeAndDtype(cnnlQuantizeExDescriptor_t desc, cnnlQuantizeScheme_t scheme, cnnlDataType_t dtype) {
  if (!desc || scheme != CNNL_QUANTIZE_NONE)
    return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, "cnnlSetQuantizeExDescriptorQuantSchemeAndDtype", "this twin knows CNNL_QUANTIZE_NONE, which sets a type on chip");
  *desc = {true, dtype};
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlSetQuantizeExDescriptorScalarQuant(cnnlQuantizeExDescriptor_t desc, const void* position_ptr, const void* scale_ptr, const void* offset_ptr,
                                                    cnnlPointerMode_t pointer_mode, cnnlQuantizeScheme_t scheme, cnnlQuantizeMode_t mode,
                                                    cnnlDataType_t onchip_dtype) {
  const auto refuse = [](const char* why) { return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, "cnnlSetQuantizeExDescriptorScalarQuant", "%s", why); };
  if (!desc || !position_ptr || !scale_ptr) return refuse("no descriptor, position or scale");
  if (offset_ptr || mode != CNNL_QUANTIZE_POSITION_SCALE || scheme != CNNL_QUANTIZE_PER_TENSOR) return refuse("this twin knows one position and scale a tensor");
  if (pointer_mode != CNNL_POINTER_MODE_HOST || onchip_dtype != CNNL_DTYPE_INT8) return refuse("this twin knows INT8, with numbers of the host");
  const float scale = *static_cast<const float*>(scale_ptr);
  if (!(scale > 0)) return refuse("a scale that is not above 0");
  *desc = {true, onchip_dtype, ldexpf(1.0f, *static_cast<const int*>(position_ptr)) / scale};
  return CNNL_STATUS_SUCCESS;
}
