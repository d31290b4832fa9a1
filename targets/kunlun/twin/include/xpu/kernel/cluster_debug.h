// The twin's xpu/kernel/cluster_debug.h.
#pragma once
#include "xpu/kernel/xtdk_io.h"
