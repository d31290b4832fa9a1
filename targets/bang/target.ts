/** Cambricon MLU: BANG C kernels, CNRT, CNNL. */
import type { Target } from "../../src/claim/target.js";
import { generatedFrom, prototypes } from "../kit/declare.js";
import { calls, constants } from "./calls.js";
import { chips } from "./caps.js";
import { cmake } from "./cmake.js";
import { twinInstructions } from "./others.js";
import { intrinsics, runtimeCalls } from "./intrinsics.js";
import { twinLibrary } from "./library.js";
import { rows } from "./lower.js";
import { launch, printKernel } from "./print.js";
import { weightProducts } from "./weights.js";

export const bang: Target = {
  name: "bang",
  title: "Cambricon MLU",
  vendor: "Cambricon",
  chips,
  defaultChip: "MLU590",
  profiles: ["NeuWare 4.6"],
  sdkOption: "neuware",
  environment: [
    { command: "export NEUWARE_HOME=/usr/local/neuware", does: "names the root of the NeuWare SDK" },
    {
      command: "export LD_LIBRARY_PATH=$NEUWARE_HOME/lib64:$LD_LIBRARY_PATH",
      does: "lets the program find CNRT and CNNL",
    },
  ],
  rows,
  weightProducts,
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
  declarations: () => ({
    "include/instructions.gen.h": twinInstructions(),
    "include/library.gen.h": twinLibrary(),
    "include/cnnl.gen.h": prototypes(Object.values(calls), [generatedFrom("targets/bang/calls.ts")]),
    "include/cnrt.gen.h": prototypes(Object.values(runtimeCalls), [generatedFrom("targets/bang/intrinsics.ts")]),
  }),
  watchesAccesses: true,
  cmake,
};
