// Sleeps between words, which the moment it wakes is not counted for.
#include "paced_model.h"

#include <array>
#include <charconv>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

namespace dramatis::app {
namespace {

// Words, milliseconds between them, letters behind each.
std::array<int, 3> numbers_of(const lm::Prompt& asked) {
  std::array<int, 3> numbers{1, 0, 0};
  const std::string& said = asked.messages.back().text;
  const char* at = said.data();
  const char* const end = at + said.size();
  for (int& number : numbers) {
    const auto [stopped, error] = std::from_chars(at, end, number);
    if (error != std::errc()) break;
    at = stopped < end ? stopped + 1 : end;
  }
  return numbers;
}

bool wait_for(std::chrono::milliseconds pause, const std::stop_token& stop) {
  if (pause.count() == 0) return !stop.stop_requested();
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

Result<lm::Completion> PacedModel::generate(const lm::Prompt& asked, const lm::Sampling& how,
                                            lm::TextSink& sink, std::stop_token stop) {
  const auto [words, pace, letters] = numbers_of(asked);
  lm::Completion made;
  made.seed = how.seed.value_or(0);
  for (int n = 0; n < words; ++n) {
    if (!wait_for(std::chrono::milliseconds(n == 0 ? 0 : pace), stop))
      return fail(ErrorCode::kCancelled, "stopped");
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const std::string word =
        fmt::format("{}{} ", std::chrono::duration_cast<std::chrono::nanoseconds>(now).count(),
                    std::string(static_cast<std::size_t>(letters), 'x'));
    made.text += word;
    ++made.generated_tokens;
    if (sink.write(word) == lm::Go::kStop)
      return fail(ErrorCode::kCancelled, "the listener has left");
  }
  return made;
}

Result<std::vector<lm::Score>> PacedModel::score(const lm::Prompt& /*asked*/,
                                                 std::span<const std::string> /*replies*/,
                                                 std::stop_token /*stop*/) {
  return fail(ErrorCode::kUnsupported, "The paced model judges nothing.");
}

}  // namespace dramatis::app
