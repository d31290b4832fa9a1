// aclnnMatmul: two phases, as hicann's aclnnop/aclnn_matmul.h declares them.
#pragma once
#include "aclnn/acl_meta.h"

#ifdef __cplusplus
extern "C" {
#endif
aclnnStatus aclnnMatmulGetWorkspaceSize(const aclTensor* self, const aclTensor* mat2, aclTensor* out, int8_t cubeMathType, uint64_t* workspaceSize, aclOpExecutor** executor);
aclnnStatus aclnnMatmul(void* workspace, uint64_t workspaceSize, aclOpExecutor* executor, aclrtStream stream);
#ifdef __cplusplus
}
#endif
