// aclnnGlobalAveragePool: two phases, as hicann's aclnnop/aclnn_global_average_pool.h declares them.
#pragma once
#include "aclnn/acl_meta.h"

#ifdef __cplusplus
extern "C" {
#endif
aclnnStatus aclnnGlobalAveragePoolGetWorkspaceSize(const aclTensor* self, aclTensor* out, uint64_t* workspaceSize, aclOpExecutor** executor);
aclnnStatus aclnnGlobalAveragePool(void* workspace, uint64_t workspaceSize, aclOpExecutor* executor, aclrtStream stream);
#ifdef __cplusplus
}
#endif
