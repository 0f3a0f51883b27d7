// Numbers under all their names; messages in an order that every model takes.
#include "server/dialect_ask.h"

#include <limits>

#include <fmt/format.h>

#include "lm/limits.h"

namespace dramatis::server {
namespace {

constexpr std::int64_t kAnyInteger = std::numeric_limits<std::int64_t>::max();

// Below nothing: as far back as we look.
int window(std::int64_t asked, int most) {
  return asked < 0 ? most : static_cast<int>(std::min<std::int64_t>(asked, most));
}

void read_truncation(DialectFields& fields, lm::Sampling& how) {
  if (const auto top_k = fields.integer({"top_k"}, -1, kAnyInteger))
    how.top_k = static_cast<int>(std::clamp<std::int64_t>(*top_k, 0, 1'000'000));
  // 0 means the likeliest alone.
  if (const auto top_p = fields.number({"top_p"}, 0, 1)) how.top_p = std::max(*top_p, 1e-6);
  if (const auto min_p = fields.number({"min_p"}, 0, 0.999)) how.min_p = *min_p;
}

void read_penalties(DialectFields& fields, lm::Sampling& how) {
  if (const auto penalty =
          fields.number({"repetition_penalty", "repeat_penalty", "rep_pen"}, 0.5, 2))
    how.repetition_penalty = *penalty;
  if (const auto range = fields.integer(
          {"repetition_penalty_range", "repeat_last_n", "rep_pen_range"}, -1, kAnyInteger))
    how.repetition_window = window(*range, lm::kMaxRepetitionWindow);
  if (const auto penalty = fields.number({"presence_penalty"}, -2, 2))
    how.presence_penalty = *penalty;
  if (const auto penalty = fields.number({"frequency_penalty"}, -2, 2))
    how.frequency_penalty = *penalty;
}

void read_dry(DialectFields& fields, lm::Sampling& how) {
  if (const auto times = fields.number({"dry_multiplier"}, 0, 10)) how.dry_multiplier = *times;
  if (const auto base = fields.number({"dry_base"}, 1, 4)) how.dry_base = *base;
  if (const auto length = fields.integer({"dry_allowed_length"}, 1, lm::kMaxDryAllowedLength))
    how.dry_allowed_length = static_cast<int>(*length);
  if (const auto range = fields.integer({"dry_penalty_last_n"}, -1, kAnyInteger))
    how.dry_range = *range < 0 ? 0 : window(*range, lm::kMaxDryRange);
  if (fields.value({"dry_sequence_breakers"}) != nullptr)
    how.dry_breakers = fields.texts({"dry_sequence_breakers"}, lm::kMaxStopStrings);
}

}  // namespace

void read_sampling(DialectFields& fields, Ask& ask) {
  ask.temperature = fields.number({"temperature"}, 0, 5);
  // A cap: a larger one than ours ends a reply no sooner than ours does.
  if (const auto tokens = fields.integer(
          {"max_completion_tokens", "max_tokens", "max_new_tokens", "max_length"}, 1, kAnyInteger))
    ask.max_tokens = static_cast<int>(std::min<std::int64_t>(*tokens, lm::kMaxReplyTokens));
  read_truncation(fields, ask.how);
  read_penalties(fields, ask.how);
  read_dry(fields, ask.how);
  // Clients write -1 for "any".
  if (const auto seed = fields.integer({"seed", "sampler_seed"},
                                       std::numeric_limits<std::int64_t>::min(), kAnyInteger);
      seed && *seed != -1)
    ask.how.seed = static_cast<std::uint64_t>(*seed);
  // Some clients pad their lists with empty strings.
  for (auto& stop : fields.texts({"stop", "stop_sequence", "stopping_strings"}, 64)) {
    if (!stop.empty()) ask.how.stop.push_back(std::move(stop));
  }
  if (const auto judged = lm::validate(ask.how); !judged)
    fields.mistake(Fault(judged.error().code, judged.error().what, {}));
}

void set_grammar(DialectFields& fields, std::string_view place, lm::GrammarText grammar, Ask& ask) {
  if (ask.how.grammar) {
    fields.mistake(place, "asks for a second form of one reply.");
    return;
  }
  ask.how.grammar = std::move(grammar);
}

std::vector<lm::Message> in_turns(std::vector<lm::Message> said) {
  std::string system;
  std::vector<lm::Message> turns;
  for (auto& message : said) {
    if (message.text.find_first_not_of(" \t\r\n") == std::string::npos) continue;
    if (message.role == lm::Role::kSystem) {
      add_line(system, message.text);
    } else if (!turns.empty() && turns.back().role == message.role) {
      add_line(turns.back().text, message.text);
    } else {
      turns.push_back(std::move(message));
    }
  }
  if (!system.empty())
    turns.insert(turns.begin(), {.role = lm::Role::kSystem, .text = std::move(system)});
  return turns;
}

void add_line(std::string& text, std::string_view more) {
  if (!text.empty()) text += '\n';
  text += more;
}

}  // namespace dramatis::server
