// BANG C under the name by which host programs ask for its bfloat16.
#pragma once
#include "bang.h"
