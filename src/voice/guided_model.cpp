// Gather the candidates, weigh them, speak the best.
#include "voice/guided_model.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "lm/thoughts.h"
#include "text/overlap.h"
#include "voice/authors_words.h"
#include "voice/limits.h"
#include "voice/sayings.h"

namespace dramatis::voice {
namespace {

using Clock = std::chrono::steady_clock;

// Keeps the model's own reply until it is known whether it will be spoken.
class HeldBack final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view /*text*/) override { return lm::Go::kOn; }
};

// The most that own words can come to share with `line`, whatever follows `mended`: the line's own
// words alone. With c and i the words of `mended` and those of them that the line has, both as
// shares of the line's words, the overlap is 2 i / (c + 1) now, 2 / (c + 2) if the line follows as
// if nothing of it had been said, and at most 2 / (2 + c - i).
double most_shared(const std::string& mended, const std::string& line) {
  const double followed = text::overlap(mended + ' ' + line, line);
  if (followed == 0) return 0;
  const double said = 2 / followed - 2;
  const double held = text::overlap(mended, line) * (said + 1) / 2;
  constexpr double kRoundings = 1e-9;
  return 2 / (2 + said - held) + kRoundings;
}

// The same of the worth that weigh_own can come to.
double most_worth(const std::string& mended, std::span<const lm::AuthoredLine> lines) {
  double most = 0;
  for (const lm::AuthoredLine& line : lines)
    most = std::max(most, line.relevance * kOwnBonus * (0.5 + most_shared(mended, line.npc) / 2));
  return most;
}

// Listens to own words while they can still be worth more than what there is. Sentences that have
// ended do not change any more: the rest can only add to what they were mended to.
class Rival final : public lm::TextSink {
 public:
  Rival(std::span<const lm::AuthoredLine> lines, double worth) : lines_(lines), worth_(worth) {}

  [[nodiscard]] lm::Go write(std::string_view text) override {
    said_ += text;
    const auto sentences = sentences_of(lm::spoken_part(said_));
    if (sentences.size() <= ended_ + 1) return lm::Go::kOn;
    ended_ = sentences.size() - 1;
    const char* const begin = sentences.front().data();
    const std::string_view whole(begin, static_cast<std::size_t>(sentences.back().data() - begin));
    const auto mended = in_authors_words(whole, lines_);
    return mended && most_worth(*mended, lines_) > worth_ ? lm::Go::kOn : lm::Go::kEnough;
  }

 private:
  const std::span<const lm::AuthoredLine> lines_;
  const double worth_;
  std::string said_;
  std::size_t ended_ = 0;  // sentences
};

// In the history, or to the same words.
bool said_before(const lm::Prompt& asked, const std::string& line) {
  const auto is_it = [&](std::string_view reply) { return is_line(reply, line, asked.sayings); };
  return std::ranges::any_of(asked.passed_over, is_it) ||
         std::ranges::any_of(asked.messages, [&](const lm::Message& message) {
           return message.role == lm::Role::kNpc && is_it(lm::spoken_part(message.text));
         });
}

// The author's lines with their worth, best first.
std::vector<Choice> authored_choices(const lm::Prompt& asked) {
  std::vector<Choice> choices;
  for (std::size_t n = 0; n < std::min(asked.authored.size(), kMaxCandidates); ++n) {
    const lm::AuthoredLine& line = asked.authored[n];
    const double freshness = said_before(asked, line.npc) ? kSaidBefore : 1;
    choices.push_back({.text = line.npc,
                       .thoughts = line.thoughts,
                       .origin = lm::Origin::kAuthored,
                       .worth = line.relevance * freshness});
  }
  std::stable_sort(choices.begin(), choices.end(),
                   [](const Choice& a, const Choice& b) { return a.worth > b.worth; });
  return choices;
}

// Worth, and how well a line fits what was said.
double merit(const Choice& choice) {
  return choice.worth * std::exp(kFitWeight * choice.fit);
}

// Which of the lines that are as good as the best. Always the first at temperature 0.
const Choice& draw(const std::vector<Choice>& choices, std::uint64_t seed, double temperature) {
  if (temperature <= 0) return choices.front();
  const auto as_good = std::count_if(choices.begin(), choices.end(), [&](const Choice& choice) {
    return merit(choice) >= kAsGood * merit(choices.front());
  });
  return choices[Rng(seed).below(static_cast<std::uint64_t>(as_good))];
}

// What stands between the marks at the beginning of `reply`.
std::string thoughts_of(std::string_view reply) {
  if (!reply.starts_with(lm::kThoughtsOpen)) return {};
  reply.remove_prefix(lm::kThoughtsOpen.size());
  return std::string(reply.substr(0, reply.find(lm::kThoughtsClose)));
}

Choice own_choice(const lm::Completion& own) {
  return {.text = std::string(lm::spoken_part(own.text)),
          .thoughts = thoughts_of(own.text),
          .origin = lm::Origin::kOwn,
          .worth = 0};
}

// What the model chose to say, in its author's sentences, and how well that is grounded: what it
// shares with a line times that line's relevance. A line said over word for word is the author's.
Choice weigh_own(const lm::Completion& own, const lm::Prompt& asked) {
  Choice choice = own_choice(own);
  auto mended = in_authors_words(choice.text, asked.authored);
  if (!mended) return choice;
  choice.text = *std::move(mended);
  for (const lm::AuthoredLine& line : asked.authored) {
    const double shared = text::overlap(choice.text, line.npc);
    if (shared < kLeastOverlap) continue;
    choice.worth = std::max(choice.worth, line.relevance * kOwnBonus * (0.5 + shared / 2));
    if (choice.origin != lm::Origin::kAuthored) choice.origin = lm::Origin::kAdapted;
    if (choice.text == line.npc) choice.origin = lm::Origin::kAuthored;
  }
  if (said_before(asked, choice.text)) choice.worth *= kSaidBefore;
  return choice;
}

double nats_per_token(const lm::Score& score) {
  return -score.log_likelihood / static_cast<double>(score.tokens);
}

// Streams word by word, as a reply that is being made would.
Result<std::chrono::nanoseconds> speak(const std::string& text, Clock::time_point begun,
                                       lm::TextSink& sink, const std::stop_token& stop) {
  std::chrono::nanoseconds first{0};
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t space = text.find(' ', from + 1);
    const std::size_t end = space == std::string::npos ? text.size() : space;
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "The reply was stopped.");
    if (from == 0) first = Clock::now() - begun;
    if (sink.write(std::string_view(text).substr(from, end - from)) == lm::Go::kStop) {
      return fail(ErrorCode::kCancelled, "The listener asked to stop.");
    }
    from = end;
  }
  return first;
}

}  // namespace

Result<bool> GuidedModel::is_fluent(const Choice& choice, const std::stop_token& stop) const {
  if (english_ == nullptr) return true;
  if (choice.english) return *choice.english <= kWorstEnglish;
  DRAMATIS_TRY(const auto scores, english_->score({}, std::span(&choice.text, 1), stop));
  return nats_per_token(scores.front()) <= kWorstEnglish;
}

Status GuidedModel::order_by_fit(std::vector<Choice>& choices, const lm::Prompt& asked,
                                 const std::stop_token& stop) const {
  if (english_ == nullptr) return {};
  std::vector<std::string> lines;
  for (const Choice& choice : choices) {
    if (lines.size() == kMaxRivals || choice.worth < kRivals * choices.front().worth) break;
    lines.push_back(choice.text);
  }
  if (lines.size() < 2) return {};
  DRAMATIS_TRY(const auto here, own_.score(asked, lines, stop));
  DRAMATIS_TRY(const auto anywhere, english_->score({}, lines, stop));
  double best = kUnreadFit;
  for (std::size_t n = 0; n < lines.size(); ++n) {
    choices[n].fit = here[n].log_likelihood - anywhere[n].log_likelihood;
    choices[n].english = nats_per_token(anywhere[n]);
    best = std::max(best, choices[n].fit);
  }
  for (std::size_t n = 0; n < choices.size(); ++n)
    choices[n].fit = n < lines.size() ? choices[n].fit - best : kUnreadFit;
  std::stable_sort(choices.begin(), choices.end(),
                   [](const Choice& a, const Choice& b) { return merit(a) > merit(b); });
  return {};
}

Result<Choice> GuidedModel::draw_fluent(const std::vector<Choice>& choices, const Choice& drawn,
                                        const std::stop_token& stop) const {
  DRAMATIS_TRY(const bool fluent, is_fluent(drawn, stop));
  if (fluent) return drawn;
  for (const Choice& other : choices) {
    if (other.worth < kNearlyAsGood * drawn.worth) continue;
    DRAMATIS_TRY(const bool reads_better, is_fluent(other, stop));
    if (reads_better) return other;
  }
  return drawn;
}

Result<Choice> GuidedModel::choose_without_lines(const lm::Prompt& asked, const lm::Completion& own,
                                                 const std::stop_token& stop) const {
  Choice mine = own_choice(own);
  DRAMATIS_TRY(const bool fluent, mine.text.empty() ? Result<bool>(false) : is_fluent(mine, stop));
  if (fluent || asked.does_not_know.empty()) return mine;
  const auto fresh = std::ranges::find_if(
      asked.does_not_know, [&](const auto& line) { return !said_before(asked, line); });
  return Choice{.text = fresh == asked.does_not_know.end() ? asked.does_not_know.front() : *fresh,
                .origin = lm::Origin::kAuthored};
}

Result<Choice> GuidedModel::choose_authored(const lm::Prompt& asked, const lm::Sampling& how,
                                            const std::stop_token& stop) const {
  auto authored = authored_choices(asked);
  DRAMATIS_DO(order_by_fit(authored, asked, stop));
  return draw_fluent(authored, draw(authored, *how.seed, how.temperature), stop);
}

Result<Choice> GuidedModel::choose(const lm::Prompt& asked, const lm::Sampling& how,
                                   const std::stop_token& stop, lm::Completion& said) const {
  DRAMATIS_TRY(Choice best, choose_authored(asked, how, stop));
  const double least = asked.does_not_know.empty() ? 0 : kLeastRelevance;
  const double to_beat = std::max(best.worth, std::nextafter(least, 0));
  said.seed = *how.seed;
  if (most_worth({}, asked.authored) > to_beat) {
    Rival rival(asked.authored, to_beat);
    DRAMATIS_TRY(said, own_.generate(asked, how, rival, stop));
    const Choice mine = weigh_own(said, asked);
    if (said.why == lm::StopReason::kEndOfTurn && mine.worth > best.worth) {
      DRAMATIS_TRY(const bool fluent, is_fluent(mine, stop));
      if (fluent) best = mine;
    }
  }
  if (best.worth >= kLeastRelevance || asked.does_not_know.empty()) {
    best.text = with_saying(best.text, saying_after(best.text, asked, *how.seed));
    return best;
  }
  std::vector<Choice> honest;
  for (const auto& line : asked.does_not_know) {
    honest.push_back({.text = line,
                      .origin = lm::Origin::kAuthored,
                      .worth = said_before(asked, line) ? 0.5 : 1});
  }
  std::stable_sort(honest.begin(), honest.end(),
                   [](const Choice& a, const Choice& b) { return a.worth > b.worth; });
  return draw(honest, *how.seed, how.temperature);
}

Result<lm::Completion> GuidedModel::generate(const lm::Prompt& asked, const lm::Sampling& how,
                                             lm::TextSink& sink, std::stop_token stop) {
  // An authored line keeps to no grammar.
  if (!asked.reply_start.empty() || how.grammar)
    return own_.generate(asked, how, sink, std::move(stop));
  const auto begun = Clock::now();
  lm::Sampling settled = how;
  if (!settled.seed) {
    DRAMATIS_TRY(settled.seed, random_u64());
  }
  lm::Completion said;
  Choice choice;
  if (asked.authored.empty()) {
    HeldBack held;
    DRAMATIS_TRY(said, own_.generate(asked, settled, held, stop));
    DRAMATIS_TRY(choice, choose_without_lines(asked, said, stop));
  } else {
    DRAMATIS_TRY(choice, choose(asked, settled, stop, said));
  }
  said.text = asked.thinks ? lm::with_thoughts(choice.thoughts, choice.text) : choice.text;
  said.origin = choice.origin;
  said.why = lm::StopReason::kEndOfTurn;
  DRAMATIS_TRY(said.first_word, speak(said.text, begun, sink, stop));
  said.total = Clock::now() - begun;
  return said;
}

}  // namespace dramatis::voice
