// What bang.h brings, under the name of its part for device functions.
#pragma once
#include "bang.h"
