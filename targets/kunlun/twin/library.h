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

// A device tensor of f32, f16 or levels as floats; every element must have been written.
Floats read(const void* p, Type t, int64_t count);
void write(void* p, Type t, const float* values, int64_t count);

// Operands as the multiply type sees them: quantised by the largest magnitude (`maxptr` when given), mantissa cut, or untouched.
// What quantisation makes of infinities and NaN is left open.
void as_gemm_operand(Floats& values, Type gemm, const float* maxptr);
// Whether operands are levels, int8_t, which are multiplied as they are: -128 too (assumption K3).
bool is_of_levels(const Gemm& g);
// Whole sums of products of levels as the library gives them: times the maxima of both operands over 127.
Floats as_reals(const std::vector<int64_t>& sums, const Gemm& g);
// INVALID_PARAM with a reason when the combination of types is one the library refuses, else 0.
int check_types(const char* call, const Gemm& g);

// A value in place of one that no document of the library tells.
float unspecified(const char* call, const char* what);

float activate(const Activation_t& act, float x);

int64_t product(const Shape& s);

}  // namespace library
