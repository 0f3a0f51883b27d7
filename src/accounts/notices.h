// What servers of one service tell each other for a while: short notices, each under a name and
// until a moment. store/ keeps them on the database, accounts/testing in memory.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace dramatis::accounts {

struct Notice {
  std::string name{};   // at most kMaxNoticeNameBytes; one stands under a name at a time
  std::string value{};  // at most kMaxNoticeBytes
  Instant until{};      // from then on it does not stand any more

  friend bool operator==(const Notice&, const Notice&) = default;
};

enum class Posted { kYes, kNo };

// Thread-safe; also among several servers on one database. What a call has written is seen by all
// when it returns. A store that cannot answer is kUnavailable.
class Notices {
 public:
  Notices() = default;
  Notices(const Notices&) = delete;
  Notices& operator=(const Notices&) = delete;
  virtual ~Notices() = default;

  // Puts a notice up where none of its name stands `now`: of several servers that do so at once,
  // one is told kYes. Takes some of those down that stand no more. kOverBudget for a long one.
  [[nodiscard]] virtual Result<Posted> post(const Notice& notice, Instant now) = 0;
  // Puts a notice up in the place of whatever stood there. kOverBudget for a long one.
  [[nodiscard]] virtual Status replace(const Notice& notice) = 0;
  // Nothing where none of this name stands.
  [[nodiscard]] virtual Result<std::optional<Notice>> find(std::string_view name,
                                                           Instant now) const = 0;
  // Takes it down, where there is one.
  [[nodiscard]] virtual Status remove(std::string_view name) = 0;
};

// kOverBudget naming what is too long; for every implementation.
[[nodiscard]] Status judge(const Notice& notice);

}  // namespace dramatis::accounts
