// Answers to requests that carried an Idempotency-Key: a client that asks again gets the same
// answer, and nothing is made twice.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/notices.h"
#include "base/clock.h"
#include "server/http.h"

namespace dramatis::server {

// Thread-safe. Kept for kRepeatTime: what is retried is retried soon. In memory, and in the notices
// that servers on one database share.
class Repeats {
 public:
  // `notices` outlives it; null: no other server is asked.
  explicit Repeats(const Clock& clock, accounts::Notices* notices = nullptr)
      : clock_(clock), notices_(notices) {}

  enum class Reach { kThisServer, kAllServers };
  // A request that is to be answered once.
  struct Wish {
    std::string key{};     // the caller's, the route's and the client's own
    std::string digest{};  // of what it asks for
    Reach reach = Reach::kThisServer;
    Instant until{};  // whoever answers it has ended by then
  };

  // Nothing: it is the first, and finish() or give_up() follows. Else its answer; or 409 where the
  // first is still under way, or where the same key came with another request. Where the notices
  // cannot be read, this server answers for itself.
  [[nodiscard]] std::optional<Response> begin(const Wish& wish);
  void finish(const std::string& key, const Response& response);
  // It failed in a way that another try may mend.
  void give_up(const std::string& key);

 private:
  struct Entry {
    std::string digest{};
    std::optional<Response> response{};
    SteadyTime begun{};
    bool is_noticed = false;  // other servers know of it
  };

  std::optional<Response> begin_here(const Wish& wish);
  std::optional<Response> begin_among_servers(const Wish& wish);

  const Clock& clock_;
  accounts::Notices* const notices_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;  // guarded by mutex_
};

}  // namespace dramatis::server
