// What the library half of the twin shares: operands as floats, the arithmetic a TGEMM type stands for, a fast multiply.
#pragma once
#include <stdarg.h>
#include <stddef.h>

#include <vector>

#include "core.h"
#include "xpu/xdnn.h"

namespace library {

using baidu::xpu::api::Activation_t;
using baidu::xpu::api::INVALID_PARAM;
using baidu::xpu::api::tagged::Gemm;
using baidu::xpu::api::tagged::Shape;
using baidu::xpu::api::tagged::Type;
using Floats = std::vector<float>;

const char* type_name(Type t);
size_t type_bytes(Type t);

// A device tensor of f32 or f16 as floats; every element must have been written.
Floats read(const void* p, Type t, int64_t count);
void write(void* p, Type t, const float* values, int64_t count);

// Operands as the multiply type sees them: quantised by the largest magnitude (`maxptr` when given), mantissa cut, or untouched.
// What quantisation makes of infinities and NaN is left open.
void as_gemm_operand(Floats& values, Type gemm, const float* maxptr);
// INVALID_PARAM with a reason when the combination of types is one the library refuses, else 0.
int check_types(const char* call, const Gemm& g);

// A value in place of one that no document of the library tells.
float unspecified(const char* call, const char* what);

float activate(const Activation_t& act, float x);

int64_t product(const Shape& s);

}  // namespace library
