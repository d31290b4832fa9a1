// Generated from targets/cann/calls.ts by `npm run declare`; do not edit.
#pragma once
#include "aclnn/acl_meta.h"

extern "C" {
aclnnStatus aclnnMulGetWorkspaceSize(const aclTensor* self, const aclTensor* other, aclTensor* out, uint64_t* workspaceSize, aclOpExecutor** executor);
aclnnStatus aclnnMul(void* workspace, uint64_t workspaceSize, aclOpExecutor* executor, aclrtStream stream);
}
