// BANG C under the name by which host programs ask for its half.
#pragma once
#include "bang.h"
