/** The vendor half of a bundle's CMakeLists.txt: where XRE, XTDK and XDNN lie, and how .xpu files are compiled. */
import type { Chip } from "../../src/plan/target.js";

interface Bundle {
  readonly prefix: string;
  readonly chip: Chip;
  readonly kernels: readonly string[];
}

/** Flags as InfiniTensor/InfiniCore xmake/kunlun.lua and PaddlePaddle/FastDeploy custom_ops/xpu_ops give them. */
export function cmake({ prefix, chip, kernels }: Bundle): string {
  const lines = [
    "# Kunlun: KUNLUN_HOME holds xre/, xtdk/ and xhpc/xdnn/, or give the three folders one by one.",
    'set(KUNLUN_HOME "$ENV{KUNLUN_HOME}" CACHE PATH "Folder of the Kunlun SDK")',
    'set(XRE_HOME "${KUNLUN_HOME}/xre" CACHE PATH "XPU runtime")',
    'set(XTDK_HOME "${KUNLUN_HOME}/xtdk" CACHE PATH "XPU compiler")',
    'set(XDNN_HOME "${KUNLUN_HOME}/xhpc/xdnn" CACHE PATH "XPU operators")',
    `set(XPU_ARCH ${chip.arch} CACHE STRING "Compiler architecture of ${chip.caps.chip}")`,
    'find_program(XTDK_CLANG clang++ PATHS "${XTDK_HOME}/bin" NO_DEFAULT_PATH REQUIRED)',
    'string(TOUPPER "${XPU_ARCH}" XPU_ARCH_MACRO)',
    "set(XPU_FLAGS --sysroot=/ --target=${CMAKE_SYSTEM_PROCESSOR}-linux-gnu -fPIC --xpu-arch=${XPU_ARCH} -D__${XPU_ARCH_MACRO}__ -std=c++17 -O2",
    '    -fno-builtin -fxpu-launch-return "-I${CMAKE_CURRENT_SOURCE_DIR}" "-I${XRE_HOME}/include" "-I${XTDK_HOME}/include"',
    '    "-I${XDNN_HOME}/include")',
    "set(XPU_OBJECTS)",
    ...kernels.flatMap((k) => kernelRule(k)),
    `add_library(${prefix} STATIC model.cpp \${RUNTIME} \${XPU_OBJECTS})`,
    `target_include_directories(${prefix} PUBLIC . PRIVATE "\${XRE_HOME}/include" "\${XDNN_HOME}/include")`,
    `target_link_directories(${prefix} PUBLIC "\${XRE_HOME}/so" "\${XRE_HOME}/lib64" "\${XDNN_HOME}/so" "\${XDNN_HOME}/lib64")`,
    `target_link_libraries(${prefix} PUBLIC xpurt xpuapi)`,
  ];
  return `${lines.join("\n")}\n`;
}

/** One object a kernel file: the device compiler is no CMake language. */
function kernelRule(path: string): readonly string[] {
  const object = `\${CMAKE_CURRENT_BINARY_DIR}/${path.replace(/\.xpu$/, ".o").replace(/^.*\//, "")}`;
  return [
    `add_custom_command(OUTPUT "${object}"`,
    `    COMMAND \${XTDK_CLANG} \${XPU_FLAGS} -c "\${CMAKE_CURRENT_SOURCE_DIR}/${path}" -o "${object}"`,
    `    DEPENDS "\${CMAKE_CURRENT_SOURCE_DIR}/${path}" "\${CMAKE_CURRENT_SOURCE_DIR}/runtime/portolan_xpu.h" VERBATIM)`,
    `list(APPEND XPU_OBJECTS "${object}")`,
  ];
}
