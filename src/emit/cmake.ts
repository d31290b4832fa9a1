/** The bundle's CMakeLists.txt: the vendor's SDK, or the twin that travels with the bundle. */
import type { Target } from "../claim/target.js";
import type { Emitted } from "./steps.js";

/** Plain accesses of kernels call the twin first, unless a checker of threads is asked for: twin-library.ts has the same flags. */
const watched = `  # Every load and store of a kernel calls the twin first, by the flags for a checker of threads, which is not linked.
  if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize=[a-z,]*thread")
    set(WATCH "-fno-sanitize=all -fsanitize=thread")
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      string(APPEND WATCH " -mllvm -tsan-instrument-read-before-write=1 -mllvm -tsan-instrument-atomics=0")
    endif()
    set_property(SOURCE \${PREPARED} APPEND_STRING PROPERTY COMPILE_FLAGS " \${WATCH}")
  endif()
`;

export function printCMake(emitted: Emitted, target: Target): string {
  const { prefix } = emitted.program;
  const chip = target.chips[emitted.program.chip];
  const kernels = emitted.kernels.map((k) => k.path);
  const twin = `portolan_twin_${target.name}`;
  const quoted = (paths: readonly string[]): string => paths.map((p) => `  ${p}`).join("\n");
  return `# Builds ${prefix}: the library, and a program that runs it on .npz files.
#   cmake -S . -B build -DPORTOLAN_SDK=${target.sdkOption}     with the vendor's SDK, for the card
#   cmake -S . -B build -DPORTOLAN_SDK=twin     with a C++17 compiler alone, on the functional twin
cmake_minimum_required(VERSION 3.18)
project(${prefix} LANGUAGES C CXX)

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

set(PORTOLAN_SDK "twin" CACHE STRING "${target.sdkOption} or twin")
set_property(CACHE PORTOLAN_SDK PROPERTY STRINGS ${target.sdkOption} twin)

set(KERNELS
${quoted(kernels)})
file(GLOB RUNTIME CONFIGURE_DEPENDS runtime/*.cpp)

if(PORTOLAN_SDK STREQUAL "twin")
  # The kernels' launches and on-chip declarations are not C++: prepare rewrites those and nothing else.
  # Bundles that are built as parts of one project share the first one's twin.
  if(NOT TARGET portolan_prepare)
    add_executable(portolan_prepare twin/common/prepare.cpp)
  endif()
  if(NOT TARGET ${twin})
    file(GLOB_RECURSE TWIN CONFIGURE_DEPENDS twin/common/core.cpp twin/common/fiber.cpp twin/${target.name}/*.cpp)
    add_library(${twin} STATIC \${TWIN})
    target_include_directories(${twin} PUBLIC twin/common twin/${target.name} twin/${target.name}/include)
    target_compile_options(${twin} PRIVATE -O3)
    find_package(Threads REQUIRED)
    target_link_libraries(${twin} PUBLIC Threads::Threads)
  endif()
  set(PREPARED "")
  foreach(kernel \${KERNELS})
    get_filename_component(name \${kernel} NAME_WE)
    set(out \${CMAKE_CURRENT_BINARY_DIR}/prepared/\${name}.cpp)
    add_custom_command(
      OUTPUT \${out}
      COMMAND \${CMAKE_COMMAND} -E make_directory \${CMAKE_CURRENT_BINARY_DIR}/prepared
      COMMAND portolan_prepare ${target.name} \${CMAKE_CURRENT_SOURCE_DIR}/\${kernel} \${out}${target.launchHeaders ? " ${CMAKE_CURRENT_BINARY_DIR}/prepared/aclrtlaunch_${name}.h" : ""}
      DEPENDS portolan_prepare \${kernel})
    list(APPEND PREPARED \${out})
  endforeach()
  add_library(${prefix} STATIC model.cpp \${RUNTIME} \${PREPARED})
${target.watchesAccesses ? watched : ""}  target_include_directories(${prefix} PUBLIC . PRIVATE \${CMAKE_CURRENT_BINARY_DIR}/prepared)
  target_link_libraries(${prefix} PUBLIC ${twin})
elseif(PORTOLAN_SDK STREQUAL "${target.sdkOption}")
${target
  .cmake({ prefix, chip, kernels })
  .trimEnd()
  .split("\n")
  .map((l) => (l === "" ? "" : `  ${l}`))
  .join("\n")}
else()
  message(FATAL_ERROR "PORTOLAN_SDK is \\"\${PORTOLAN_SDK}\\"; this bundle builds with ${target.sdkOption} or twin")
endif()

add_executable(run_${prefix} main.cpp)
target_link_libraries(run_${prefix} PRIVATE ${prefix})
`;
}
