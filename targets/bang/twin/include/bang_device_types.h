// BANG C under the name by which kernels ask for its types (MegEngine param_pack.mlu).
#pragma once
#include "bang.h"
