// When, and which.
#include "voice/sayings.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/random.h"
#include "text/overlap.h"
#include "voice/limits.h"

namespace dramatis::voice {
namespace {

bool may_have_one(std::string_view text, const lm::Prompt& asked) {
  if (text.empty() || text.size() > kMostBeforeSaying) return false;
  if (text.back() != '.' && text.back() != '!') return false;
  return std::ranges::none_of(asked.sayings, [text](const auto& saying) {
    return text.find(saying) != std::string_view::npos;
  });
}

bool was_said(const std::string& saying, const lm::Prompt& asked) {
  return std::ranges::any_of(asked.messages, [&saying](const lm::Message& message) {
    return message.role == lm::Role::kNpc && message.text.find(saying) != std::string::npos;
  });
}

}  // namespace

std::string saying_after(std::string_view text, const lm::Prompt& asked, std::uint64_t seed) {
  // Whoever asks with one seed again and again still hears one now and then.
  Rng draws(seed + 31 * text.size() + asked.messages.size());
  if (!may_have_one(text, asked) || draws.below(kSayingEvery) > 0) return {};
  std::vector<std::string> fresh;
  std::ranges::copy_if(asked.sayings, std::back_inserter(fresh), [&asked](const auto& saying) {
    return !saying.empty() && !was_said(saying, asked);
  });
  if (fresh.empty()) return {};
  const auto first = static_cast<std::ptrdiff_t>(draws.below(fresh.size()));
  std::rotate(fresh.begin(), fresh.begin() + first, fresh.end());
  const std::string said =
      fmt::format("{} {}", asked.messages.empty() ? "" : asked.messages.back().text, text);
  return *std::ranges::max_element(
      fresh, {}, [&said](const auto& saying) { return text::overlap(saying, said); });
}

std::string with_saying(std::string_view text, std::string_view saying) {
  return saying.empty() ? std::string(text) : fmt::format("{} {}", text, saying);
}

bool is_line(std::string_view reply, std::string_view line, std::span<const std::string> sayings) {
  if (!reply.starts_with(line)) return false;
  return reply.size() == line.size() || std::ranges::any_of(sayings, [&](const auto& saying) {
           return reply == with_saying(line, saying);
         });
}

}  // namespace dramatis::voice
