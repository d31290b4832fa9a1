// The twin's xpu/kernel/xtdk_io.h: printf of kernels, which prints at once.
#pragma once
#include <stdio.h>

#include "xpu/kernel/xtdk.h"
