// Judges sampling settings before a model sees them.
#include <cmath>

#include <fmt/format.h>

#include "lm/language_model.h"
#include "lm/limits.h"

namespace dramatis::lm {
namespace {

Status within(std::string_view field, double value, double low, double high) {
  if (std::isfinite(value) && value >= low && value <= high) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is {}; it must lie between {} and {}.", field, value, low, high));
}

// Strings that are searched for in the reply: few, none empty, none long.
Status few_and_short(std::string_view kind, const std::vector<std::string>& strings) {
  if (strings.size() > kMaxStopStrings) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} {}s; at most {} are used.", strings.size(), kind, kMaxStopStrings));
  }
  for (const auto& text : strings) {
    if (text.empty() || text.size() > kMaxStopBytes) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("A {} has {} bytes; it must have 1 to {}.", kind, text.size(),
                              kMaxStopBytes));
    }
  }
  return {};
}

Status readable(const GrammarText& grammar) {
  const bool has_text = grammar.kind != GrammarText::Kind::kJsonObject;
  if (grammar.text.empty() == has_text) {
    return fail(ErrorCode::kInvalidArgument,
                has_text ? "grammar is empty. Leave it out where any text will do."
                         : "grammar asks for any JSON object and has a text. Leave the text out.");
  }
  if (grammar.text.size() <= kMaxGrammarBytes) return {};
  return fail(ErrorCode::kOverBudget, fmt::format("grammar has {} bytes; at most {} are read.",
                                                  grammar.text.size(), kMaxGrammarBytes));
}

}  // namespace

Status validate(const Sampling& how) {
  DRAMATIS_DO(within("temperature", how.temperature, 0, 5));
  DRAMATIS_DO(within("top_k", how.top_k, 0, 1'000'000));
  DRAMATIS_DO(within("top_p", how.top_p, 1e-6, 1));
  DRAMATIS_DO(within("min_p", how.min_p, 0, 0.999));
  DRAMATIS_DO(within("repetition_penalty", how.repetition_penalty, 0.5, 2));
  DRAMATIS_DO(within("repetition_window", how.repetition_window, 0, kMaxRepetitionWindow));
  DRAMATIS_DO(within("max_tokens", how.max_tokens, 1, kMaxReplyTokens));
  DRAMATIS_DO(within("presence_penalty", how.presence_penalty, -2, 2));
  DRAMATIS_DO(within("frequency_penalty", how.frequency_penalty, -2, 2));
  DRAMATIS_DO(within("dry_multiplier", how.dry_multiplier, 0, 10));
  DRAMATIS_DO(within("dry_base", how.dry_base, 1, 4));
  DRAMATIS_DO(within("dry_allowed_length", how.dry_allowed_length, 1, kMaxDryAllowedLength));
  DRAMATIS_DO(within("dry_range", how.dry_range, 0, kMaxDryRange));
  if (how.grammar) DRAMATIS_DO(readable(*how.grammar));
  DRAMATIS_DO(few_and_short("DRY breaker", how.dry_breakers));
  return few_and_short("stop string", how.stop);
}

}  // namespace dramatis::lm
