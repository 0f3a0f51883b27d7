// A map under a mutex, bounded in number and time.
#include "server/repeats.h"

#include "server/limits.h"
#include "server/problem.h"

namespace dramatis::server {

std::optional<Response> Repeats::begin(const std::string& key, std::string_view digest) {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady();
  if (entries_.size() >= kMaxRepeats) {
    std::erase_if(entries_, [now](const auto& entry) {
      return entry.second.response && now - entry.second.begun > kRepeatTime;
    });
  }
  if (entries_.size() >= kMaxRepeats) {
    std::erase_if(entries_, [](const auto& entry) { return entry.second.response.has_value(); });
  }
  const auto found = entries_.find(key);
  const bool is_old =
      found != entries_.end() && found->second.response && now - found->second.begun > kRepeatTime;
  if (found == entries_.end() || is_old) {
    entries_[key] = {.digest = std::string(digest), .response = {}, .begun = now};
    return std::nullopt;
  }
  if (found->second.digest != digest)
    return http_problem(409, "The idempotency key was used for another request.");
  if (!found->second.response)
    return http_problem(409, "The first request with this idempotency key is under way.");
  return found->second.response;
}

void Repeats::finish(const std::string& key, const Response& response) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end()) found->second.response = response;
}

void Repeats::give_up(const std::string& key) {
  const std::lock_guard lock(mutex_);
  entries_.erase(key);
}

}  // namespace dramatis::server
