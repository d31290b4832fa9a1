/** The vendor half of a bundle's CMakeLists.txt: where XRE, XTDK and the libraries lie, and how .xpu files are compiled. */
import type { Chip } from "../../src/claim/target.js";
import { kunlunChip, profiles } from "./caps.js";

interface Bundle {
  readonly prefix: string;
  readonly chip: Chip;
  readonly kernels: readonly string[];
}

/** Flags as InfiniTensor/InfiniCore xmake/kunlun.lua and PaddlePaddle/FastDeploy custom_ops/xpu_ops give them. */
export function cmake({ prefix, chip, kernels }: Bundle): string {
  const xre5 = kunlunChip(chip).profile === profiles.xre5;
  const hpc = xre5 ? ["XDNN", "XBLAS", "XPUDNN"] : ["XDNN"];
  const folders = (sub: string): string => ["XRE", ...hpc].map((h) => `"\${${h}_HOME}/${sub}"`).join(" ");
  const lines = [
    `# Kunlun: KUNLUN_HOME holds xre/, xtdk/ and ${hpc.map((h) => `xhpc/${h.toLowerCase()}/`).join(", ")}, or give the folders one by one.`,
    'set(KUNLUN_HOME "$ENV{KUNLUN_HOME}" CACHE PATH "Folder of the Kunlun SDK")',
    'set(XRE_HOME "${KUNLUN_HOME}/xre" CACHE PATH "XPU runtime")',
    'set(XTDK_HOME "${KUNLUN_HOME}/xtdk" CACHE PATH "XPU compiler")',
    ...hpc.map((h) => `set(${h}_HOME "\${KUNLUN_HOME}/xhpc/${h.toLowerCase()}" CACHE PATH "${h} operators")`),
    `set(XPU_ARCH ${chip.arch} CACHE STRING "Compiler architecture of ${chip.caps.chip}")`,
    'find_program(XTDK_CLANG clang++ PATHS "${XTDK_HOME}/bin" NO_DEFAULT_PATH REQUIRED)',
    'string(TOUPPER "${XPU_ARCH}" XPU_ARCH_MACRO)',
    "set(XPU_FLAGS --sysroot=/ --target=${CMAKE_SYSTEM_PROCESSOR}-linux-gnu -fPIC --xpu-arch=${XPU_ARCH} -D__${XPU_ARCH_MACRO}__ -std=c++17 -O2",
    `    -fno-builtin -fxpu-launch-return${xre5 ? " -mllvm -fix-mfence=all" : ""} "-I\${CMAKE_CURRENT_SOURCE_DIR}" "-I\${XTDK_HOME}/include"`,
    '    "-I${XRE_HOME}/include" "-I${XDNN_HOME}/include")',
    "set(XPU_OBJECTS)",
    ...(xre5 ? [] : twoObjects),
    ...kernels.flatMap((k) => (xre5 ? oneObject(k) : bothObjects(k))),
    `add_library(${prefix} STATIC model.cpp \${RUNTIME} \${XPU_OBJECTS})`,
    ...(chip.allocationBytes === undefined
      ? []
      : [`target_compile_definitions(${prefix} PRIVATE PORTOLAN_LARGEST_ALLOCATION=${chip.allocationBytes})`]),
    `target_include_directories(${prefix} PUBLIC . PRIVATE ${folders("include")})`,
    `target_link_directories(${prefix} PUBLIC ${folders("so")} ${folders("lib64")})`,
    `target_link_libraries(${prefix} PUBLIC xpurt xpuapi${xre5 ? " xpu_blas xpu_dnn" : ""})`,
  ];
  return `${lines.join("\n")}\n`;
}

const source = (path: string): string => `"\${CMAKE_CURRENT_SOURCE_DIR}/${path}"`;
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1, -".xpu".length);

/** One object a kernel file: the device compiler is no CMake language. */
function oneObject(path: string): readonly string[] {
  const object = `"\${CMAKE_CURRENT_BINARY_DIR}/${nameOf(path)}.o"`;
  return [
    `add_custom_command(OUTPUT ${object}`,
    `    COMMAND \${XTDK_CLANG} \${XPU_FLAGS} -c ${source(path)} -o ${object}`,
    `    DEPENDS ${source(path)} ${source("runtime/portolan_xpu.h")} VERBATIM)`,
    `list(APPEND XPU_OBJECTS ${object})`,
  ];
}

const twoObjects = [
  "# Unverified: by the guide (3.3.3.2) the compiler of XTDK 2.2 makes two objects of a file and takes no -o for them; the names are",
  "# those that PaddlePaddle/FastDeploy collects after the same --basename.",
];

function bothObjects(path: string): readonly string[] {
  const name = nameOf(path);
  const objects = [`${name}.o`, `${name}.device.bin.o`].map((o) => `"\${CMAKE_CURRENT_BINARY_DIR}/${o}"`).join(" ");
  return [
    `add_custom_command(OUTPUT ${objects}`,
    `    COMMAND \${XTDK_CLANG} \${XPU_FLAGS} --basename ${name} -c ${source(path)} WORKING_DIRECTORY "\${CMAKE_CURRENT_BINARY_DIR}"`,
    `    DEPENDS ${source(path)} ${source("runtime/portolan_xpu.h")} VERBATIM)`,
    `list(APPEND XPU_OBJECTS ${objects})`,
  ];
}
