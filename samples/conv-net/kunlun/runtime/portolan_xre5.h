// What steps include that call the products and convolutions of XRE 5: xblas and xpudnn beside XDNN.
#pragma once
#include "portolan_xdnn.h"
// The SDK's own folders hold the headers directly; an installation below one folder (xhpc/) names the library first.
#if __has_include("xblas/cublasLt.h")
#include "xblas/cublasLt.h"
#else
#include "cublasLt.h"
#endif
#if __has_include("xpudnn/xpudnn.h")
#include "xpudnn/xpudnn.h"
#else
#include "xpudnn.h"
#endif

namespace xblas = baidu::xpu::xblas;
namespace xpudnn = baidu::xpu::xpudnn;
