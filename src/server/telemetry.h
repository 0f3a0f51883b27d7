// What the service counts, measures and logs. No words of a player or a model, no key and no
// player's id come here.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "accounts/key.h"
#include "base/result.h"
#include "dialogue/conversation.h"
#include "runtime/log.h"
#include "runtime/metrics.h"

namespace dramatis::server {

// Thread-safe.
class Telemetry {
 public:
  // Both outlive it.
  Telemetry(runtime::Metrics& metrics, runtime::Log& log) : metrics_(metrics), log_(log) {}

  // A request got its last byte. `route`: the pattern, or "none" where no route matched.
  struct Answered {
    std::string_view method{};
    std::string_view route{};
    int status = 0;
    std::chrono::nanoseconds took{0};
    std::optional<accounts::KeyId> key{};
  };
  void answered(const Answered& request);

  // A turn ended. `account`: of the reply, where a model was asked; nothing: none was.
  void turn_kept(const std::optional<dialogue::Account>& account);
  void turn_failed(ErrorCode code, std::string_view model);

  // Said once.
  void started(std::string_view version);
  void serves(std::string_view model);
  // What is so now.
  void now(std::size_t waiting, std::size_t running, std::size_t connections, std::size_t turns);

  [[nodiscard]] std::string print() const { return metrics_.print(); }
  // Whether the model's last word was a word.
  [[nodiscard]] bool is_up(std::string_view model);

 private:
  runtime::Gauge& up(std::string_view model);

  runtime::Metrics& metrics_;
  runtime::Log& log_;
};

}  // namespace dramatis::server
