// What launches of generated kernels ask of the card.
#pragma once
#include <stdint.h>

namespace portolan {
inline namespace v1 {
namespace bang {

// How many Block tasks share `work` pieces: one each, and no more than the current device has cores. 0 when there is no work.
int32_t tasks(int64_t work);

}  // namespace bang
}  // namespace v1
}  // namespace portolan
