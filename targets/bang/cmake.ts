/**
 * The NeuWare half of a bundle's CMakeLists.txt. Flags are those of the vendor's guide and of field notes on NeuWare
 * 4.6: the SDK is searched for, not taken from the environment alone, and the C++ runtime is linked explicitly.
 */
import type { Target } from "../../src/claim/target.js";

export const cmake: Target["cmake"] = ({
  prefix,
  chip,
}) => `# Cambricon NeuWare: cncc compiles kernels and their launchers, CNRT and CNNL are linked.
set(NEUWARE_HOME "$ENV{NEUWARE_HOME}" CACHE PATH "Root of the NeuWare SDK")
if(NOT NEUWARE_HOME)
  set(NEUWARE_HOME /usr/local/neuware)
endif()
find_program(CNCC cncc HINTS \${NEUWARE_HOME}/bin)
if(NOT CNCC)
  message(FATAL_ERROR "cncc is not in \${NEUWARE_HOME}/bin: set NEUWARE_HOME to the root of the NeuWare SDK")
endif()
set(KERNEL_OBJECTS "")
foreach(kernel \${KERNELS})
  get_filename_component(name \${kernel} NAME_WE)
  set(object \${CMAKE_CURRENT_BINARY_DIR}/\${name}.o)
  add_custom_command(
    OUTPUT \${object}
    COMMAND \${CMAKE_COMMAND} -E env NEUWARE_HOME=\${NEUWARE_HOME} \${CNCC} -c \${CMAKE_CURRENT_SOURCE_DIR}/\${kernel} -o \${object}
      --bang-mlu-arch=${chip.arch} -O3 -std=c++17 -fPIC -I\${NEUWARE_HOME}/include
    DEPENDS \${kernel}
    VERBATIM)
  list(APPEND KERNEL_OBJECTS \${object})
endforeach()
add_library(${prefix} STATIC model.cpp \${RUNTIME} \${KERNEL_OBJECTS})
target_include_directories(${prefix} PUBLIC . PRIVATE \${NEUWARE_HOME}/include)
target_link_directories(${prefix} PUBLIC \${NEUWARE_HOME}/lib64)
target_link_libraries(${prefix} PUBLIC cnnl cnrt stdc++ m pthread)
`;
