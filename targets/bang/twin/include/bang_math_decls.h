// BANG C under the name of the header that declares the device's library of functions.
#pragma once
#include "bang.h"
