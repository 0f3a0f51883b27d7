// The measuring itself is measured: copies of authored conversations, degraded in five known ways,
// must rank below their originals by rules alone.
#include <filesystem>
#include <iostream>
#include <map>

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/random.h"
#include "persona/cast.h"
#include "prompt/examples.h"
#include "study/rule_score.h"

namespace dramatis::study {
namespace {

const std::filesystem::path kRoot = DRAMATIS_SOURCE_DIR;
// Answers of one transcript: a short interview.
constexpr std::size_t kAnswers = 12;
// Transcripts of each character: forty-eight comparisons for each way of degrading, and time
// enough.
constexpr std::size_t kTranscripts = 8;
constexpr double kRanked = 0.95;

// What somebody of a later age would say.
const std::vector<std::string> kPlanted{
    "I looked it up on my phone.", "I saw it in a film once.", "A computer could tell you that.",
    "I came here by plane, you know.", "It was on television last night."};

// Where telephones and films are known, nothing of that is strange.
constexpr std::string_view kOfLaterAge = "arcane-london";

// An interview made of authored exchanges, and the conversation that each comes from.
struct Original {
  Transcript transcript{};
  std::vector<std::string> from{};
};

// Exchanges that can be understood by themselves, far apart, so that an interview has many topics.
std::vector<Original> originals_of(const persona::Member& member) {
  std::vector<std::pair<const persona::Exchange*, std::string>> all;
  for (const auto& dialogue : member.dialogues) {
    for (const auto& exchange : dialogue.exchanges) {
      if (!exchange.follows) all.emplace_back(&exchange, dialogue.id);
    }
  }
  std::vector<Original> made(kTranscripts);
  const std::size_t step = all.size() / (kAnswers * kTranscripts);
  for (std::size_t n = 0; n < kAnswers * kTranscripts; ++n) {
    const auto& [exchange, from] = all[n * step];
    auto& original = made[n % kTranscripts];
    original.transcript.answers.push_back({.heard = exchange->player, .reply = exchange->npc});
    original.from.push_back(from);
  }
  return made;
}

// The answers one place on: each answers another question.
Transcript shuffled(Transcript copy) {
  for (std::size_t n = 0; n + 1 < copy.answers.size(); ++n)
    std::swap(copy.answers[n].reply, copy.answers[n + 1].reply);
  return copy;
}

Transcript with_replies(Transcript copy, const std::vector<std::string>& replies,
                        std::size_t from) {
  for (std::size_t n = 0; n < copy.answers.size(); ++n)
    copy.answers[n].reply = replies[(from + n) % replies.size()];
  return copy;
}

Transcript truncated(Transcript copy) {
  for (auto& answer : copy.answers) {
    std::size_t end = answer.reply.size() * 3 / 5;
    while (end > 0 && answer.reply[end] != ' ') --end;
    answer.reply.resize(end);
  }
  return copy;
}

// One answer in four.
Transcript planted(Transcript copy, std::size_t from) {
  for (std::size_t n = from % 4; n < copy.answers.size(); n += 4)
    copy.answers[n].reply += " " + kPlanted[(from + n) % kPlanted.size()];
  return copy;
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  const auto bytes = read_text_file(path, 1 << 20).value();
  std::vector<std::string> lines;
  for (std::size_t first = 0; first < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', first), bytes.size());
    lines.push_back(bytes.substr(first, end - first));
    first = end + 1;
  }
  return lines;
}

TEST(KnownAnswers, DegradedCopiesRankBelowTheirOriginals) {
  const auto cast = persona::load_cast(kRoot / "cast").value();
  const auto examples = prompt::Examples::build(cast).value();
  const auto assistant = lines_of(kRoot / "tests/data/assistant-answers.txt");
  std::map<std::string, Share> below;
  std::vector<std::vector<Original>> all;
  std::vector<const persona::Member*> members;
  for (const auto& member : cast.members) {
    if (member.dialogues.empty()) continue;
    members.push_back(&member);
    all.push_back(originals_of(member));
  }
  for (std::size_t m = 0; m < members.size(); ++m) {
    const auto strangers = signs::Strangers::of(cast, members[m]->sheet.id);
    const Part part{&members[m]->sheet, cast.find_world(members[m]->sheet.world), &strangers};
    for (std::size_t t = 0; t < kTranscripts; ++t) {
      const auto& [original, from] = all[m][t];
      const auto score = [&, &from = from](const Transcript& transcript) {
        return score_by_rules(transcript, part, examples, from).value().score;
      };
      std::vector<std::string> others;
      for (const auto& answer : all[(m + 1) % members.size()][t].transcript.answers)
        others.push_back(answer.reply);
      std::map<std::string, Transcript> copies{
          {"shuffled", shuffled(original)},
          {"assistant", with_replies(original, assistant, 7 * t)},
          {"another's", with_replies(original, others, 0)},
          {"truncated", truncated(original)}};
      if (part.world->id != kOfLaterAge) copies.emplace("planted", planted(original, t));
      const double best = score(original);
      for (const auto& [how, copy] : copies) {
        ++below[how].of;
        below[how].count += score(copy) < best ? 1 : 0;
      }
    }
  }
  ASSERT_EQ(below.size(), 5U);
  for (const auto& [how, share] : below) {
    std::cout << how << ": " << share.count << " of " << share.of << " below\n";
    EXPECT_GE(static_cast<double>(share.count), kRanked * static_cast<double>(share.of)) << how;
  }
}

}  // namespace
}  // namespace dramatis::study
