// Sums over replies.
#include "study/measures.h"

#include <set>

#include "signs/sign.h"
#include "signs/words.h"
#include "study/wording.h"
#include "text/utf8.h"

namespace dramatis::study {
namespace {

constexpr std::size_t kRepeatedWords = 4;

double seconds_between(Instant first, Instant second) {
  return std::chrono::duration<double>(second - first).count();
}

double ratio(double sum, std::size_t count) {
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

void look_at(const Transcript& transcript, const Part& part, Measures& measures) {
  std::vector<std::string> earlier;
  for (const auto& answer : transcript.answers) {
    std::set<std::string> offended;
    for (const auto& finding : signs::look({.reply = answer.reply,
                               .heard = answer.heard,
                               .earlier = earlier,
                               .other = transcript.other,
                               .character = part.character,
                               .world = part.world,
                               .strangers = part.strangers})) {
      offended.insert(finding.sign);
    }
    ++measures.clean.of;
    measures.clean.count += offended.empty() ? 1 : 0;
    for (const auto& sign : offended) ++measures.signs[sign];
    earlier.push_back(answer.reply);
  }
}

double mean_seconds(const Transcript& transcript) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t n = 1; n < transcript.answers.size(); ++n) {
    const auto &before = transcript.answers[n - 1].at, &now = transcript.answers[n].at;
    if (!before || !now) continue;
    sum += seconds_between(*before, *now);
    ++count;
  }
  return ratio(sum, count);
}

}  // namespace

Measures measure(const Transcript& transcript, const Part& part) {
  Measures made{.turns = transcript.answers.size()};
  std::vector<std::string> replies;
  double characters = 0, words = 0;
  for (const auto& answer : transcript.answers) {
    characters += static_cast<double>(text::count_code_points(answer.reply));
    words += static_cast<double>(signs::words_of(answer.reply).size());
    replies.push_back(answer.reply);
  }
  made.mean_characters = ratio(characters, made.turns);
  made.mean_words = ratio(words, made.turns);
  made.mean_reply_seconds = mean_seconds(transcript);
  made.distinct_1 = distinct(replies, 1);
  made.distinct_2 = distinct(replies, 2);
  made.distinct_3 = distinct(replies, 3);
  made.self_repetition = self_repetition(replies, kRepeatedWords);
  made.topic_drift = topic_drift(replies);
  made.agreement_drift = agreement_drift(replies);
  look_at(transcript, part, made);
  return made;
}

TalkFigures figures_of(const arena::Talk& talk) {
  TalkFigures made{.turns = talk.lines.size()};
  double characters = 0, seconds = 0;
  for (std::size_t n = 0; n < talk.lines.size(); ++n) {
    characters += static_cast<double>(text::count_code_points(talk.lines[n].text));
    if (n > 0) seconds += seconds_between(talk.lines[n - 1].at, talk.lines[n].at);
  }
  made.mean_characters = ratio(characters, made.turns);
  if (made.turns > 1) made.mean_reply_seconds = ratio(seconds, made.turns - 1);
  return made;
}

text::JsonObject json_of(const Measures& measures) {
  text::JsonObject signs;
  for (const auto& [name, count] : measures.signs) signs.emplace_back(name, count);
  return {{"turns", measures.turns},
          {"mean_characters", measures.mean_characters},
          {"mean_words", measures.mean_words},
          {"mean_reply_seconds", measures.mean_reply_seconds},
          {"distinct_1", measures.distinct_1},
          {"distinct_2", measures.distinct_2},
          {"distinct_3", measures.distinct_3},
          {"self_repetition", measures.self_repetition},
          {"topic_drift", measures.topic_drift},
          {"agreement_drift", measures.agreement_drift},
          {"clean", measures.clean.count},
          {"signs", std::move(signs)}};
}

text::JsonObject json_of(const TalkFigures& figures) {
  return {{"turns", figures.turns},
          {"mean_characters", figures.mean_characters},
          {"mean_reply_seconds", figures.mean_reply_seconds}};
}

}  // namespace dramatis::study
