// The rules on each speaker's share.
#include "study/talk_report.h"

#include "base/check.h"
#include "study/transcript.h"

namespace dramatis::study {

TalkReport report_of(const arena::Talk& talk, const persona::Cast& cast,
                     const std::vector<std::string>& characters) {
  DRAMATIS_CHECK(characters.size() == talk.participants.size());
  TalkReport made{.figures = figures_of(talk)};
  std::vector<const persona::Character*> sheets;
  for (std::size_t n = 0; n < characters.size(); ++n) {
    const auto* const member = cast.find_member(characters[n]);
    const auto strangers = signs::Strangers::of(cast, characters[n]);
    Part part{.strangers = &strangers};
    if (member != nullptr) {
      part.character = &member->sheet;
      part.world = cast.find_world(member->sheet.world);
    }
    sheets.push_back(part.character);
    made.speakers.push_back(measure(transcript_of(talk, n), part));
  }
  made.moves = moves_in(talk, sheets);
  return made;
}

text::JsonObject json_of(const TalkReport& report, const arena::Talk& talk) {
  text::JsonArray speakers, moves;
  for (std::size_t n = 0; n < report.speakers.size(); ++n) {
    text::JsonObject speaker{{"name", talk.participants[n].name}};
    for (auto& member : json_of(report.speakers[n])) speaker.push_back(std::move(member));
    speakers.emplace_back(std::move(speaker));
  }
  for (const auto& move : report.moves) moves.emplace_back(json_of(move, talk));
  return {{"figures", json_of(report.figures)},
          {"speakers", std::move(speakers)},
          {"moves", std::move(moves)}};
}

}  // namespace dramatis::study
