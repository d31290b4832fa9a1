// What steps that call XDNN include: the operators under their common alias.
#pragma once
#include "portolan.h"
#include "xpu/xdnn.h"

namespace xdnn = baidu::xpu::api;
