// What the service counts, measures and logs. No words of a player or a model, no key and no
// player's id come here.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "accounts/key.h"
#include "base/result.h"
#include "dialogue/conversation.h"
#include "lm/language_model.h"
#include "runtime/log.h"
#include "runtime/metrics.h"

namespace dramatis::server {

enum class Up { kYes, kNo };

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
  // A reply that nobody stores: its words and times, as of a turn.
  void reply_made(const lm::Completion& made, std::string_view model);
  void turn_failed(ErrorCode code, std::string_view model);

  // Said once.
  void started(std::string_view version);
  void serves(std::string_view model);
  // Whether it can be asked, as whoever looks after its services knows.
  void model_is(std::string_view model, Up up);
  // What is so now.
  void now(std::size_t waiting, std::size_t running, std::size_t connections, std::size_t turns);

  [[nodiscard]] std::string print() const { return metrics_.print(); }
  // Whether the model's last answer was one.
  [[nodiscard]] bool is_up(std::string_view model);

 private:
  // What a reply of this model took.
  struct Cost {
    std::string_view model{};
    std::size_t prompt_tokens = 0;
    std::size_t cached_tokens = 0;
    std::size_t computed_tokens = 0;
    std::size_t generated_tokens = 0;
    std::chrono::nanoseconds first_word{0};
    std::chrono::nanoseconds total{0};
  };
  void count(const Cost& cost);
  runtime::Gauge& up(std::string_view model);

  runtime::Metrics& metrics_;
  runtime::Log& log_;
};

}  // namespace dramatis::server
