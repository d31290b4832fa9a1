// Generated from targets/cann/calls.ts by `npm run declare`; do not edit.
#pragma once
#include "aclnn/acl_meta.h"

extern "C" {
aclnnStatus aclnnUpsampleNearest2dGetWorkspaceSize(const aclTensor* self, const aclIntArray* outputSize, aclTensor* out, uint64_t* workspaceSize, aclOpExecutor** executor);
aclnnStatus aclnnUpsampleNearest2d(void* workspace, uint64_t workspaceSize, aclOpExecutor* executor, aclrtStream stream);
}
