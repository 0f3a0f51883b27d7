// How long a notice may be.
#include "accounts/notices.h"

#include <fmt/format.h>

#include "accounts/limits.h"

namespace dramatis::accounts {

Status judge(const Notice& notice) {
  if (notice.name.size() > kMaxNoticeNameBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("A notice's name has {} bytes; at most {} are kept.",
                            notice.name.size(), kMaxNoticeNameBytes));
  }
  if (notice.value.size() > kMaxNoticeBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The notice {} has {} bytes; at most {} are kept.", notice.name,
                            notice.value.size(), kMaxNoticeBytes));
  }
  return {};
}

}  // namespace dramatis::accounts
