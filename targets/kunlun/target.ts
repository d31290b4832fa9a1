/** Baidu Kunlun: XPU C++ kernels and XDNN, behind the Target interface. */
import type { Chip, SymbolRecord, Target } from "../../src/claim/target.js";
import { callSymbols, calls, declaredCalls } from "./calls.js";
import { chips, profiles } from "./caps.js";
import { twinRegisters } from "./instructions.js";
import { cmake } from "./cmake.js";
import { intrinsics, runtime } from "./intrinsics.js";
import { rows } from "./lower.js";
import { launch, printKernel } from "./print.js";
import { weightProducts } from "./weights.js";

const symbols: Readonly<Record<string, SymbolRecord>> = { ...callSymbols(), ...intrinsics, ...runtime };

export const kunlun: Target = {
  name: "kunlun",
  title: "Baidu Kunlun XPU",
  vendor: "Baidu / Kunlunxin",
  chips: chips satisfies Readonly<Record<string, Chip>>,
  defaultChip: "P800",
  profiles: Object.values(profiles),
  sdkOption: "xtdk",
  environment: [
    {
      command: "export KUNLUN_HOME=/usr/local/kunlun",
      does: "names the folder that holds xre/, xtdk/ and xhpc/ (they may be given one by one)",
    },
    {
      command:
        "export LD_LIBRARY_PATH=$KUNLUN_HOME/xre/so:$KUNLUN_HOME/xhpc/xdnn/so:$KUNLUN_HOME/xhpc/xblas/so:$KUNLUN_HOME/xhpc/xpudnn/so:$LD_LIBRARY_PATH",
      does: "lets the program find the runtime and the operators (XRE 5 uses all of them, XRE 4 the first two)",
    },
  ],
  rows,
  weightProducts,
  symbols,
  printKernel,
  launch,
  modelIncludes: (uses) => {
    if (uses.some((name) => name.includes("::"))) return [`#include "runtime/portolan_xre5.h"`];
    return uses.some((name) => Object.hasOwn(calls, name)) ? [`#include "runtime/portolan_xdnn.h"`] : [];
  },
  runtimeFolder: "targets/kunlun/runtime",
  twinFolder: "targets/kunlun/twin",
  declarations: () => ({ "include/xpu/kernel/registers.gen.h": twinRegisters(), ...declaredCalls() }),
  launchHeaders: false,
  watchesAccesses: true,
  cmake,
};
