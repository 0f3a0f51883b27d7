// Lines -> the next speaker, and what it has heard.
#include "arena/talk.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "signs/words.h"
#include "text/limits.h"
#include "text/utf8.h"

namespace dramatis::arena {
namespace {

constexpr std::string_view kPrefix = "talk_";
constexpr std::size_t kDigits = 16;

struct OrderName {
  Order order;
  std::string_view name;
};
constexpr std::array kOrders{OrderName{Order::kRoundRobin, "round-robin"},
                             OrderName{Order::kNamed, "named"},
                             OrderName{Order::kNatural, "natural"}};

std::size_t one_after(std::size_t place, const Talk& talk) {
  return (place + 1) % talk.participants.size();
}

std::size_t by_list(const Talk& talk) {
  if (talk.named.empty()) return one_after(talk.lines.back().speaker, talk);
  const std::size_t next = talk.named[talk.lines.size() % talk.named.size()];
  return next == talk.lines.back().speaker ? one_after(next, talk) : next;
}

// Where the first of its names stands in `words`; nothing where none does.
std::optional<std::size_t> named_at(const Participant& who, std::span<const signs::Word> words) {
  std::optional<std::size_t> first;
  for (const auto* name : {&who.name, &who.short_name}) {
    std::string phrase;
    for (const auto& word : signs::words_of(*name))
      phrase.append(phrase.empty() ? "" : " ").append(word.plain);
    const auto place = signs::find_phrase(words, phrase);
    if (place && (!first || place->word < *first)) first = place->word;
  }
  return first;
}

std::optional<std::size_t> mentioned_first(const Talk& talk) {
  const Line& last = talk.lines.back();
  const auto words = signs::words_of(last.text);
  std::optional<std::size_t> who, where;
  for (std::size_t n = 0; n < talk.participants.size(); ++n) {
    if (n == last.speaker) continue;
    const auto at = named_at(talk.participants[n], words);
    if (at && (!where || *at < *where)) who = n, where = at;
  }
  return who;
}

// The line after its last one; 0 for one who never spoke.
std::size_t silent_since(const Talk& talk, std::size_t speaker) {
  const auto last = std::find_if(talk.lines.rbegin(), talk.lines.rend(),
                                 [speaker](const Line& line) { return line.speaker == speaker; });
  return static_cast<std::size_t>(talk.lines.rend() - last);
}

std::size_t longest_silent(const Talk& talk) {
  std::size_t who = one_after(talk.lines.back().speaker, talk);
  for (std::size_t n = 0; n < talk.participants.size(); ++n) {
    if (silent_since(talk, n) < silent_since(talk, who)) who = n;
  }
  return who;
}

// A reply of several lines is one line of the company's: nobody else's name may begin one.
std::string on_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string message_of(const Talk& talk, const Line& line) {
  if (talk.participants.size() == 2) return line.text;
  return fmt::format("{}: {}", talk.participants[line.speaker].name, on_one_line(line.text));
}

}  // namespace

std::string print_id(TalkId id) {
  return fmt::format("{}{:016x}", kPrefix, static_cast<std::uint64_t>(id));
}

std::optional<TalkId> parse_talk_id(std::string_view text) {
  if (text.size() != kPrefix.size() + kDigits || !text.starts_with(kPrefix)) return std::nullopt;
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + kPrefix.size(), end, value, 16);
  if (error != std::errc() || stopped != end) return std::nullopt;
  const TalkId id{value};
  return print_id(id) == text ? std::optional(id) : std::nullopt;
}

std::string_view print(Order order) {
  for (const auto& row : kOrders) {
    if (row.order == order) return row.name;
  }
  return "round-robin";
}

Result<Order> parse_order(std::string_view text) {
  for (const auto& row : kOrders) {
    if (row.name == text) return row.order;
  }
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("'{}' is no order of speaking; there are round-robin, named and natural.", text));
}

std::size_t next_speaker(const Talk& talk) {
  if (talk.lines.empty())
    return talk.order == Order::kNamed && !talk.named.empty() ? talk.named.front() : 0;
  switch (talk.order) {
    case Order::kRoundRobin:
      break;
    case Order::kNamed:
      return by_list(talk);
    case Order::kNatural:
      if (const auto who = mentioned_first(talk)) return *who;
      return longest_silent(talk);
  }
  return one_after(talk.lines.back().speaker, talk);
}

std::string heard_by(const Talk& talk, std::size_t speaker) {
  if (talk.lines.empty()) return talk.opening;
  std::string heard;
  for (std::size_t n = talk.lines.size(); n > silent_since(talk, speaker); --n) {
    auto line = message_of(talk, talk.lines[n - 1]);
    if (heard.size() + line.size() + 1 > text::kMaxUtteranceBytes) {
      if (heard.empty()) heard = text::cut_at(line, text::kMaxUtteranceBytes);
      break;
    }
    heard = heard.empty() ? std::move(line) : fmt::format("{}\n{}", line, heard);
  }
  return heard;
}

}  // namespace dramatis::arena
