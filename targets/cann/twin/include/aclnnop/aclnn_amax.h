// Generated from targets/cann/calls.ts by `npm run declare`; do not edit.
#pragma once
#include "aclnn/acl_meta.h"

extern "C" {
aclnnStatus aclnnAmaxGetWorkspaceSize(const aclTensor* self, const aclIntArray* dim, bool keepDim, aclTensor* out, uint64_t* workspaceSize, aclOpExecutor** executor);
aclnnStatus aclnnAmax(void* workspace, uint64_t workspaceSize, aclOpExecutor* executor, aclrtStream stream);
}
