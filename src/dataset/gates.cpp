// Made exchanges -> those that pass.
#include "dataset/gates.h"

#include <fmt/format.h>

#include "dataset/near_duplicates.h"
#include "dataset/words.h"
#include "signs/sign.h"

namespace dramatis::dataset {
namespace {

Refusal refuse(const Made& made, std::string gate, std::string reason) {
  return {
      .id = made.id, .gate = std::move(gate), .reason = std::move(reason), .answer = made.answer};
}

}  // namespace

Gates::Gates(const persona::Character& character, const persona::World& world,
             signs::Strangers strangers, const GateOptions& options)
    : character_(character),
      world_(world),
      strangers_(std::move(strangers)),
      life_(life_of(character), kReadAloudRun),
      options_(options) {}

Result<Gates> Gates::make(const persona::Cast& cast, std::string_view character,
                          const GateOptions& options) {
  const auto* member = cast.find_member(character);
  if (member == nullptr)
    return fail(ErrorCode::kNotFound, fmt::format("The cast has no character '{}'.", character));
  const auto* world = cast.find_world(member->sheet.world);
  if (world == nullptr)
    return fail(ErrorCode::kNotFound,
                fmt::format("The cast has no world '{}'.", member->sheet.world));
  return Gates(member->sheet, *world, signs::Strangers::of(cast, character), options);
}

Refusal Gates::judge(const Made& made) const {
  const std::size_t words = count_words(made.answer);
  if (words < options_.least_words)
    return refuse(made, "too-short", fmt::format("{} words are no answer.", words));
  if (words > options_.most_words)
    return refuse(made, "too-long",
                  fmt::format("{} words; {} at most.", words, options_.most_words));
  const auto findings = signs::look({.reply = made.answer,
                                     .heard = made.question,
                                     .other = made.other,
                                     .character = &character_,
                                     .world = &world_,
                                     .strangers = &strangers_});
  if (!findings.empty()) return refuse(made, findings.front().sign, findings.front().reason);
  const double recited = life_.share_of(made.answer);
  if (recited > options_.recited)
    return refuse(made, "reads-aloud",
                  fmt::format("{:.0f} of a hundred runs of words are the sheet's.", 100 * recited));
  return {};
}

Gated Gates::judge_all(std::span<const Made> made) const {
  Gated gated;
  for (const auto& one : made) {
    auto refusal = judge(one);
    if (refusal.gate.empty()) {
      gated.passed.push_back(one);
    } else {
      gated.refused.push_back(std::move(refusal));
    }
  }
  std::vector<std::string> answers;
  for (const auto& one : gated.passed) answers.push_back(one.answer);
  const auto first = first_alike(answers);
  std::vector<Made> different;
  for (std::size_t n = 0; n < gated.passed.size(); ++n) {
    auto& one = gated.passed[n];
    if (first[n] == n) {
      different.push_back(one);
    } else {
      gated.refused.push_back(
          refuse(one, "repeats", fmt::format("{} says the same.", gated.passed[first[n]].id)));
    }
  }
  gated.passed = std::move(different);
  return gated;
}

std::map<std::string, std::size_t> Gated::counts() const {
  std::map<std::string, std::size_t> counted;
  for (const auto& refusal : refused) ++counted[refusal.gate];
  return counted;
}

text::JsonObject json_of(const Gated& gated, std::size_t examples) {
  text::JsonObject gates;
  for (const auto& [gate, count] : gated.counts()) {
    text::JsonArray shown;
    for (const auto& refusal : gated.refused) {
      if (refusal.gate != gate || shown.size() == examples) continue;
      shown.push_back(text::JsonObject{
          {"id", refusal.id}, {"reason", refusal.reason}, {"answer", refusal.answer}});
    }
    gates.emplace_back(gate, text::JsonObject{{"count", static_cast<std::int64_t>(count)},
                                              {"examples", std::move(shown)}});
  }
  return {{"passed", static_cast<std::int64_t>(gated.passed.size())},
          {"refused", static_cast<std::int64_t>(gated.refused.size())},
          {"gates", std::move(gates)}};
}

}  // namespace dramatis::dataset
