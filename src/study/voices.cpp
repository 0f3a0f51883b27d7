// The same checks four times, and questions that no check would ask.
#include "study/voices.h"

#include <algorithm>

#include <fmt/format.h>

#include "signs/words.h"
#include "study/report.h"

namespace dramatis::study {
namespace {

constexpr std::array<VoiceWay, kVoiceWays> kWays{VoiceWay::kBase, VoiceWay::kBaseTold,
                                                 VoiceWay::kAdapter, VoiceWay::kAdapterTold};

bool is_told(VoiceWay way) {
  return way == VoiceWay::kBaseTold || way == VoiceWay::kAdapterTold;
}

CheckOptions options_for(VoiceWay way, const Voices& voices, const std::string& character,
                         const CheckOptions& like) {
  CheckOptions options = like;
  options.characters = {character};
  options.adapters.clear();
  if (way == VoiceWay::kAdapter || way == VoiceWay::kAdapterTold)
    options.adapters = {{character, voices.adapters.at(character)}};
  options.examples = is_told(way) ? Shown::kExamples : Shown::kNothing;
  options.voice = is_told(way) ? Voice::kWithAuthor : Voice::kFree;
  options.sheet = is_told(way) ? Sheet::kTold : Sheet::kUntold;
  return options;
}

bool has_saying(std::string_view reply, const persona::Character& character) {
  const auto words = signs::words_of(reply);
  return std::ranges::any_of(character.sayings, [&words](const std::string& saying) {
    const std::string phrase = signs::phrase_of(saying);
    return !phrase.empty() && signs::find_phrase(words, phrase).has_value();
  });
}

void add(VoiceFigures& to, std::string_view reply, bool ended,
         const persona::Character& character) {
  ++to.ended.of;
  to.ended.count += ended ? 1 : 0;
  ++to.sayings.of;
  to.sayings.count += has_saying(reply, character) ? 1 : 0;
}

text::JsonObject json_of(const Share& share) {
  return {{"count", share.count}, {"of", share.of}};
}

text::JsonObject json_of(const std::vector<OffTopicRow>& rows) {
  text::JsonObject made;
  const auto counted = count(rows);
  for (const Taken taken : {Taken::kAnswered, Taken::kUnknown, Taken::kBeside, Taken::kRecited})
    made.emplace_back(print(taken), counted.share(taken).count);
  text::JsonArray listed;
  for (const auto& row : rows) {
    listed.emplace_back(text::JsonObject{
        {"ask", row.ask}, {"reply", row.reply}, {"ended", row.ended}, {"taken", print(row.taken)}});
  }
  made.emplace_back("rows", std::move(listed));
  return made;
}

}  // namespace

std::string_view print(VoiceWay way) {
  switch (way) {
    case VoiceWay::kBase:
      return "base";
    case VoiceWay::kBaseTold:
      return "base, sheet and examples";
    case VoiceWay::kAdapter:
      return "adapter";
    case VoiceWay::kAdapterTold:
      return "adapter, sheet and examples";
  }
  return "";
}

Share OffTopicCount::share(Taken which) const {
  Share share{.count = taken[static_cast<std::size_t>(which)]};
  for (const std::size_t each : taken) share.of += each;
  return share;
}

OffTopicCount count(const std::vector<OffTopicRow>& rows) {
  OffTopicCount made;
  for (const auto& row : rows) ++made.taken[static_cast<std::size_t>(row.taken)];
  return made;
}

Result<VoiceFigures> measure_voice(const persona::Cast& cast, const std::string& character,
                                   const std::vector<std::string>& off_topic, const Voices& voices,
                                   const CheckOptions& options, const VoiceProgress& progress,
                                   const std::stop_token& stop) {
  const auto* member = cast.find_member(character);
  if (member == nullptr || !voices.adapters.contains(character)) {
    return fail(ErrorCode::kNotFound,
                fmt::format("There is no {} '{}'.", member == nullptr ? "character" : "adapter for",
                            character));
  }
  const auto tell = [&](std::string_view part) {
    if (progress) progress(character, part);
  };
  VoiceFigures figures{.character = character};
  for (const VoiceWay way : kWays) {
    tell(print(way));
    DRAMATIS_TRY(auto report, run_checks(cast, is_told(way) ? voices.told : voices.free,
                                         options_for(way, voices, character, options), {}, stop));
    figures.checks[static_cast<std::size_t>(way)] = std::move(report);
  }
  const auto ask = [&](VoiceWay way, const Answerer& who) {
    tell(fmt::format("off topic, {}", print(way)));
    return ask_off_topic(cast, character, off_topic, who,
                         options_for(way, voices, character, options), stop);
  };
  DRAMATIS_TRY(figures.off_topic, ask(VoiceWay::kAdapterTold, voices.told));
  DRAMATIS_TRY(figures.off_topic_alone, ask(VoiceWay::kAdapter, voices.free));
  for (const auto& row : figures.checks.back().rows)
    add(figures, row.reply, row.ended, member->sheet);
  for (const auto& row : figures.off_topic) add(figures, row.reply, row.ended, member->sheet);
  return figures;
}

text::JsonObject json_of(const VoiceFigures& figures) {
  text::JsonObject checks;
  for (const VoiceWay way : kWays)
    checks.emplace_back(print(way), json_of(figures.checks[static_cast<std::size_t>(way)]));
  return {{"character", figures.character},
          {"checks", std::move(checks)},
          {"off_topic", json_of(figures.off_topic)},
          {"off_topic_alone", json_of(figures.off_topic_alone)},
          {"ended", json_of(figures.ended)},
          {"sayings", json_of(figures.sayings)}};
}

}  // namespace dramatis::study
