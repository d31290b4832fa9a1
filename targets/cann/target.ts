/** Huawei Ascend: Ascend C kernels, AscendCL, aclnn. */
import type { LaunchSite, Emitted, Target } from "../../src/claim/target.js";
import { generatedFrom, prototypes } from "../kit/declare.js";
import { entriesOf } from "../kit/instruction.js";
import { calls } from "./calls.js";
import { ascendChip, chips, documentedChips } from "./caps.js";
import { cmake } from "./cmake.js";
import { documentedOn950 } from "./documented.js";
import { twinInstructions } from "./instructions.js";
import { intrinsics, runtimeCalls } from "./intrinsics.js";
import { aclTypes } from "./limits.js";
import { rows } from "./lower.js";
import { printKernel } from "./print.js";
import { weightProducts } from "./weights.js";

/** One launch: as many cores as there is work for, none when there is none. */
function launch({ kernel, pointers, ints, parallelism, chip }: LaunchSite): Emitted {
  const args = ["static_cast<uint32_t>(cores)", "r.stream", ...pointers, ...ints];
  return {
    lines: [
      `if (const int64_t cores = portolan::min(${parallelism}, ${chip.caps.cores}); cores > 0)`,
      `  PTL_TRY(ACLRT_LAUNCH_KERNEL(${kernel.name})(${args.join(", ")}));`,
    ],
    uses: [ascendChip(chip).launchedBy],
  };
}

/** One header for each operator's, as CANN has them. */
function callHeaders(): Readonly<Record<string, string>> {
  const headers = [...new Set(Object.values(calls).map((c) => c.header))];
  const heading = [generatedFrom("targets/cann/calls.ts"), "#pragma once", '#include "aclnn/acl_meta.h"', ""];
  const text = (header: string) =>
    prototypes(
      Object.values(calls).filter((c) => c.header === header),
      [...heading, 'extern "C" {'],
    );
  return Object.fromEntries(headers.map((header) => [`include/${header}`, `${text(header)}}\n`]));
}

/** The families of chips that each operator is documented for, and the types it is without on one of them. */
function documented(): string {
  const lines = Object.entries(calls).map(([name, { socs }]) => `DOCUMENTED(${name}, "${socs.join(" ")}")`);
  const less = entriesOf(calls).flatMap(([name, { without }]) =>
    Object.entries(without ?? {}).map(
      ([family, types]) => `WITHOUT(${[name, `"${family}"`, ...types.map((t) => aclTypes[t] ?? t)].join(", ")})`,
    ),
  );
  return [generatedFrom("targets/cann/calls.ts"), ...lines, ...less, ""].join("\n");
}

/** What the twin knows of chips, the default one first. */
function twinChips(): string {
  const lines = Object.entries(chips).map(([name, { family, arch, caps, usableBytes, contractTypes, ...chip }]) => {
    const traits = {
      float_cube: contractTypes.includes("f32"),
      event_ids: chip.eventIds,
      copies_inside: chip.copiesInside,
      bfloat: "bf16->f32" in caps.casts,
      compares_int32: caps.native.eq?.includes("i32") ?? false,
      casts_float_to_int32: "f32->i32" in caps.casts,
      extremes_alone: !chip.extremesInPairs,
      flush_names_destination: chip.flushNamesDestination,
      levels_as_sums: chip.levelsAsSums === true,
    };
    const own = Object.entries(traits).flatMap(([trait, has]) => (has ? [trait] : []));
    const values = [`"${name}"`, `"${family}"`, arch.slice("dav-".length), caps.cores, usableBytes, chip.widestPad, own.join(" | ")];
    return `CHIP(${values.join(", ")})`;
  });
  return [generatedFrom("targets/cann/caps.ts"), ...lines, ""].join("\n");
}

export const cann: Target = {
  name: "cann",
  title: "Huawei Ascend",
  vendor: "Huawei",
  chips,
  documentedChips,
  documentedCalls: documentedOn950,
  defaultChip: "Ascend910B2",
  profiles: ["CANN 8.1.RC1"],
  sdkOption: "cann",
  environment: [
    {
      command: "source /usr/local/Ascend/ascend-toolkit/set_env.sh",
      does: "sets ASCEND_HOME_PATH and the paths of CANN's compilers and libraries (the script lies where the toolkit was installed)",
    },
  ],
  chipOption: "SOC_VERSION",
  rows,
  weightProducts,
  symbols: { ...intrinsics, ...runtimeCalls, ...calls },
  printKernel,
  launch,
  modelIncludes: (uses) => {
    const headers = [...new Set(Object.entries(calls).flatMap(([name, call]) => (uses.includes(name) ? [call.header] : [])))].sort();
    return headers.length === 0 ? [] : ['#include "runtime/portolan_aclnn.h"', ...headers.map((h) => `#include "${h}"`)];
  },
  runtimeFolder: "targets/cann/runtime",
  twinFolder: "targets/cann/twin",
  declarations: () => ({
    "chips.gen.h": twinChips(),
    "include/instructions.gen.h": twinInstructions(),
    "include/aclnn/documented.gen.h": documented(),
    ...callHeaders(),
  }),
  launchHeaders: true,
  cmake,
};
