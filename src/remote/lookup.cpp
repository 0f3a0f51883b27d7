// getaddrinfo on a thread of its own.
#include "remote/lookup.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include "remote/limits.h"

namespace dramatis::remote {
namespace {

struct Found {
  int code = 0;  // of getaddrinfo
  std::vector<std::string> addresses;
};

Found resolve(const std::string& host, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  Found found;
  found.code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (found.code != 0) return found;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    char number[NI_MAXHOST];
    if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, number, sizeof(number), nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      found.addresses.emplace_back(number);
    }
  }
  ::freeaddrinfo(list);
  return found;
}

// One lookup, owned by who asked and by the thread that works on it; the last of both frees it.
struct Pending {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<Found> found;
};

}  // namespace

struct Lookup::Running {
  std::atomic<int> count{0};
};

Lookup::Lookup() : running_(std::make_shared<Running>()) {}

Result<std::vector<std::string>> Lookup::find(const std::string& host, SteadyTime until,
                                              std::stop_token stop) const {
  if (Found number = resolve(host, AI_NUMERICHOST); number.code == 0) return number.addresses;
  if (running_->count.fetch_add(1) >= kMaxLookups) {
    running_->count.fetch_sub(1);
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} name lookups hang; the name server does not answer.", kMaxLookups));
  }
  auto pending = std::make_shared<Pending>();
  try {
    std::thread([running = running_, pending, host] {
      Found found = resolve(host, 0);
      running->count.fetch_sub(1);
      const std::lock_guard lock(pending->mutex);
      pending->found = std::move(found);
      pending->changed.notify_all();
    }).detach();
  } catch (const std::system_error&) {
    running_->count.fetch_sub(1);
    return fail(ErrorCode::kUnavailable, "No thread could be started for a name lookup.");
  }
  std::unique_lock lock(pending->mutex);
  pending->changed.wait_until(lock, stop, until, [&] { return pending->found.has_value(); });
  if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "The call was stopped.");
  if (!pending->found) {
    return fail(ErrorCode::kDeadline, fmt::format("The name '{}' was not found in time.", host));
  }
  if (pending->found->code != 0 || pending->found->addresses.empty()) {
    return fail(ErrorCode::kUnavailable, fmt::format("The name '{}' has no address: {}.", host,
                                                     ::gai_strerror(pending->found->code)));
  }
  return std::move(pending->found->addresses);
}

}  // namespace dramatis::remote
