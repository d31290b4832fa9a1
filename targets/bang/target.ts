/** Cambricon MLU: BANG C kernels, CNRT, CNNL. */
import type { Target } from "../../src/plan/target.js";
import { calls, constants } from "./calls.js";
import { chips } from "./caps.js";
import { cmake } from "./cmake.js";
import { intrinsics, runtimeCalls } from "./intrinsics.js";
import { rows } from "./lower.js";
import { launch, printKernel } from "./print.js";

export const bang: Target = {
  name: "bang",
  title: "Cambricon MLU",
  vendor: "Cambricon",
  chips,
  defaultChip: "MLU590",
  profiles: ["NeuWare 4.6"],
  sdkOption: "neuware",
  rows,
  symbols: { ...intrinsics, ...runtimeCalls, ...calls, ...constants },
  printKernel,
  launch,
  modelIncludes: (uses) => [
    ...(uses.includes("cnrtGetLastError") ? ['#include "runtime/portolan_mlu.h"'] : []),
    ...(uses.some((u) => u in calls) ? ['#include "runtime/portolan_cnnl.h"'] : []),
  ],
  launchHeaders: false,
  runtimeFolder: "targets/bang/runtime",
  twinFolder: "targets/bang/twin",
  watchesAccesses: true,
  cmake,
};
