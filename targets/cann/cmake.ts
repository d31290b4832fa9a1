/**
 * The CANN half of a bundle's CMakeLists.txt: the kernel-direct project of the 8.x toolkits (asc-devkit docs, building;
 * facts cann/ascendc.md section 9), whose ascendc_library compiles the kernels and makes their launch headers.
 */
import type { Target } from "../../src/claim/target.js";

export const cmake: Target["cmake"] = ({
  prefix,
  chip,
  kernels,
}) => `# Huawei CANN: ascendc.cmake compiles the kernels and generates aclrtlaunch_<kernel>.h; AscendCL and aclnn are linked.
set(SOC_VERSION "${chip.caps.chip}" CACHE STRING "The chip the kernels were generated for")
set(RUN_MODE "npu" CACHE STRING "npu, or sim for the vendor's simulator")
if(NOT ASCEND_CANN_PACKAGE_PATH)
  set(ASCEND_CANN_PACKAGE_PATH "$ENV{ASCEND_HOME_PATH}")
endif()
if(NOT ASCEND_CANN_PACKAGE_PATH)
  set(ASCEND_CANN_PACKAGE_PATH /usr/local/Ascend/ascend-toolkit/latest)
endif()
set(ASCEND_CANN_PACKAGE_PATH "\${ASCEND_CANN_PACKAGE_PATH}" CACHE PATH "Root of the CANN toolkit")
find_path(ASCENDC_CMAKE_DIR ascendc.cmake
  HINTS \${ASCEND_CANN_PACKAGE_PATH}/tools/tikcpp/ascendc_kernel_cmake \${ASCEND_CANN_PACKAGE_PATH}/compiler/tikcpp/ascendc_kernel_cmake
  REQUIRED)
add_library(${prefix} STATIC model.cpp \${RUNTIME})
target_include_directories(${prefix} PUBLIC . runtime \${ASCEND_CANN_PACKAGE_PATH}/include \${ASCEND_CANN_PACKAGE_PATH}/aclnn)
${
  kernels.length === 0
    ? ""
    : `include(\${ASCENDC_CMAKE_DIR}/ascendc.cmake)
ascendc_library(${prefix}_kernels STATIC \${KERNELS})
target_link_libraries(${prefix} PUBLIC ${prefix}_kernels)
`
}target_link_directories(${prefix} PUBLIC \${ASCEND_CANN_PACKAGE_PATH}/lib64)
target_link_libraries(${prefix} PUBLIC ascendcl nnopbase opapi)
`;
