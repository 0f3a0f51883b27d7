// Counts and runs of tokens, read from the newest to the oldest.
#include "sampling/penalties.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <unordered_set>

#include "base/check.h"
#include "lm/limits.h"

namespace dramatis::sampling {
namespace {

// Logits of sound models lie within a few hundred. A penalty of this much is final, and a sum with
// it stays finite.
constexpr double kMostPenalty = 1e6;
// Half of the largest float: whatever is added or multiplied below, the result is a number.
constexpr double kMostLogit = 1.7e38;

void set_logit(std::span<float> logits, TokenId id, double value) {
  logits[static_cast<std::size_t>(id)] =
      static_cast<float>(std::clamp(value, -kMostLogit, kMostLogit));
}

double logit_of(std::span<const float> logits, TokenId id) {
  DRAMATIS_CHECK(static_cast<std::size_t>(id) < logits.size());
  return logits[static_cast<std::size_t>(id)];
}

std::span<const TokenId> last(std::span<const TokenId> all, std::size_t count) {
  return all.last(std::min(all.size(), count));
}

void punish_recent(std::span<float> logits, const lm::Sampling& how, std::span<const TokenId> all) {
  if (how.repetition_penalty == 1.0) return;
  const auto window = last(all, static_cast<std::size_t>(how.repetition_window));
  const std::unordered_set<TokenId> recent(window.begin(), window.end());
  for (const TokenId id : recent) {
    const double logit = logit_of(logits, id);
    set_logit(logits, id,
              logit > 0 ? logit / how.repetition_penalty : logit * how.repetition_penalty);
  }
}

void punish_reply(std::span<float> logits, const lm::Sampling& how,
                  std::span<const TokenId> reply) {
  if (how.presence_penalty == 0 && how.frequency_penalty == 0) return;
  std::unordered_map<TokenId, int> counts;
  for (const TokenId id : reply) ++counts[id];
  for (const auto& [id, count] : counts) {
    set_logit(logits, id,
              logit_of(logits, id) - how.frequency_penalty * count - how.presence_penalty);
  }
}

void punish_repetitions(std::span<float> logits, const lm::Sampling& how, const Said& said) {
  if (how.dry_multiplier == 0) return;
  const auto allowed = static_cast<std::size_t>(how.dry_allowed_length);
  for (const auto& found : repetitions(how, said)) {
    if (found.length < allowed) continue;
    const double power = std::pow(how.dry_base, static_cast<double>(found.length - allowed));
    set_logit(logits, found.id,
              logit_of(logits, found.id) - std::min(how.dry_multiplier * power, kMostPenalty));
  }
}

// How many tokens at the end of `recent` stand after the last breaker.
std::size_t unbroken(std::span<const TokenId> recent, const lm::Sampling& how,
                     const tokens::Vocabulary* vocabulary) {
  if (vocabulary == nullptr) return recent.size();
  std::string text;
  std::vector<std::size_t> ends;  // of each token in `text`
  for (const TokenId id : recent) {
    text += vocabulary->bytes_of(id);
    ends.push_back(text.size());
  }
  std::size_t broken = 0;  // bytes up to and with the last breaker
  for (const auto& breaker : how.dry_breakers) {
    const auto at = text.rfind(breaker);
    if (at != std::string::npos) broken = std::max(broken, at + breaker.size());
  }
  if (broken == 0) return recent.size();
  const auto breaking = std::ranges::lower_bound(ends, broken);
  return static_cast<std::size_t>(ends.end() - breaking) - 1;
}

bool goes_free(TokenId id, const lm::Sampling& how, const tokens::Vocabulary* vocabulary) {
  if (vocabulary == nullptr) return false;
  if (vocabulary->is_control(id) || vocabulary->ends_turn(id)) return true;
  const auto bytes = vocabulary->bytes_of(id);
  return std::ranges::any_of(how.dry_breakers, [bytes](const std::string& breaker) {
    return bytes.find(breaker) != std::string_view::npos;
  });
}

// For each distance back, how many tokens agree with the end when both are read backwards.
// Source: Gusfield 1997, "Algorithms on Strings, Trees, and Sequences", 1.4 (the Z algorithm).
std::vector<std::size_t> agreements(std::span<const TokenId> tokens) {
  const auto from_end = [tokens](std::size_t n) { return tokens[tokens.size() - 1 - n]; };
  std::vector<std::size_t> agree(tokens.size(), 0);
  std::size_t left = 0;
  std::size_t right = 0;  // one past the stretch that is known to repeat the end
  for (std::size_t n = 1; n < tokens.size(); ++n) {
    if (n < right) agree[n] = std::min(right - n, agree[n - left]);
    while (n + agree[n] < tokens.size() && from_end(agree[n]) == from_end(n + agree[n])) ++agree[n];
    if (n + agree[n] > right) {
      left = n;
      right = n + agree[n];
    }
  }
  return agree;
}

}  // namespace

std::vector<Prolongs> repetitions(const lm::Sampling& how, const Said& said) {
  const int range = how.dry_range == 0 ? lm::kMaxDryRange : how.dry_range;
  const auto recent = last(said.all, static_cast<std::size_t>(range));
  const std::size_t most = unbroken(recent, how, said.vocabulary);
  if (most == 0) return {};
  const auto agree = agreements(recent);
  std::map<TokenId, std::size_t> longest;
  for (std::size_t back = 1; back < recent.size(); ++back) {
    if (agree[back] == 0) continue;
    auto& length = longest[recent[recent.size() - back]];
    length = std::max(length, std::min(agree[back], most));
  }
  std::vector<Prolongs> found;
  for (const auto& [id, length] : longest) {
    if (!goes_free(id, how, said.vocabulary)) found.push_back({.id = id, .length = length});
  }
  return found;
}

void punish(std::span<float> logits, const lm::Sampling& how, const Said& said) {
  DRAMATIS_CHECK(said.prompt_length <= said.all.size());
  punish_recent(logits, how, said.all);
  punish_reply(logits, how, said.all.subspan(said.prompt_length));
  punish_repetitions(logits, how, said);
}

}  // namespace dramatis::sampling
