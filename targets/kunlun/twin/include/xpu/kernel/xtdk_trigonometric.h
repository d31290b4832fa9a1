// The twin's xpu/kernel/xtdk_trigonometric.h.
#pragma once
#include "xpu/kernel/xtdk_math.h"
