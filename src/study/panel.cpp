// Questions to judges on several threads, their answers in order.
#include "study/panel.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include <fmt/format.h>

#include "runtime/mutex.h"

namespace dramatis::study {
namespace {

// One question to one judge.
struct Ask {
  std::size_t judge = 0, item = 0;
  Dimension dimension = Dimension::kMemory;
};

std::string key_of(const Ask& ask, const JudgeScores& judge, const Graded& item) {
  return fmt::format("{}\t{}\t{}/{}", judge.judge, print(ask.dimension), item.character,
                     item.question);
}

std::optional<int> score_in(const text::Json& record) {
  const auto* const score = record.find("score");
  if (score == nullptr || score->as_int() == nullptr) return std::nullopt;
  return static_cast<int>(*score->as_int());
}

// All asks, and the table they fill. Thread-safe.
class Session {
 public:
  Session(std::span<lm::LanguageModel* const> judges, const persona::Cast& cast,
          const Scorecard& card, const PanelOptions& options, const PanelProgress& progress,
          const std::stop_token& stop)
      : judges_(judges),
        cast_(cast),
        card_(card),
        journal_(options.journal),
        progress_(progress),
        stop_(stop) {
    for (auto* const judge : judges) {
      JudgeScores scores{.judge = judge->name()};
      for (const auto dimension : all_dimensions())
        scores.scores[dimension].resize(card.graded.size());
      table_.push_back(std::move(scores));
    }
    gather_asks();
  }

  void work() {
    while (!over_) {
      const std::size_t n = next_++;
      if (n >= left_.size()) return;
      keep(left_[n], ask(left_[n]));
    }
  }

  Result<std::vector<JudgeScores>> finish() {
    const runtime::Lock lock(mutex_);
    if (failure_) return tl::unexpected(*failure_);
    return std::move(table_);
  }
  [[nodiscard]] std::size_t left() const { return left_.size(); }

 private:
  // Those that the journal has not.
  void gather_asks() {
    std::map<std::string, std::optional<int>> known;
    if (journal_ != nullptr) {
      for (const auto& record : journal_->found()) {
        const auto* const key = record.find("ask");
        if (key != nullptr && key->as_string() != nullptr)
          known[*key->as_string()] = score_in(record);
      }
    }
    for (std::size_t judge = 0; judge < judges_.size(); ++judge) {
      for (std::size_t item = 0; item < card_.graded.size(); ++item) {
        for (const auto dimension : all_dimensions()) {
          const Ask ask{judge, item, dimension};
          const auto found = known.find(key_of(ask, table_[judge], card_.graded[item]));
          if (found == known.end()) {
            left_.push_back(ask);
          } else {
            note(ask, found->second);
          }
        }
      }
    }
    all_ = judges_.size() * card_.graded.size() * all_dimensions().size();
  }

  Result<Verdict> ask(const Ask& ask) {
    const Graded& item = card_.graded[ask.item];
    const auto* const member = cast_.find_member(item.character);
    if (member == nullptr)
      return fail(ErrorCode::kNotFound, fmt::format("'{}' is not of the cast.", item.character));
    return judge(*judges_[ask.judge], ask.dimension, member->sheet, {.answers = item.said}, stop_);
  }

  // One thread at a time, or under the lock.
  void note(const Ask& ask, std::optional<int> score) {
    JudgeScores& judge = table_[ask.judge];
    judge.scores[ask.dimension][ask.item] = score;
    ++judge.of;
    judge.unreadable += score ? 0 : 1;
    ++done_;
  }

  void keep(const Ask& ask, const Result<Verdict>& verdict) {
    const runtime::Lock lock(mutex_);
    Status kept;
    if (verdict && journal_ != nullptr) {
      text::JsonObject record{
          {"ask", key_of(ask, table_[ask.judge], card_.graded[ask.item])},
          {"score", verdict->score ? text::Json(*verdict->score) : text::Json()},
          {"reasons", verdict->reasons}};
      kept = journal_->append(record);
    }
    if (!verdict || !kept) {
      if (!failure_) failure_ = verdict ? kept.error() : verdict.error();
      over_ = true;
      return;
    }
    note(ask, verdict->score);
    if (progress_) progress_(done_, all_);
  }

  const std::span<lm::LanguageModel* const> judges_;
  const persona::Cast& cast_;
  const Scorecard& card_;
  text::Journal* const journal_;
  const PanelProgress& progress_;
  const std::stop_token& stop_;
  std::vector<Ask> left_{};
  std::size_t all_ = 0;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> over_{false};
  runtime::Mutex mutex_;
  // The rest is written by the constructor, and then under the mutex.
  std::vector<JudgeScores> table_{};
  std::size_t done_ = 0;
  std::optional<Error> failure_{};
};

// The judges' mean score of each interview against the rules' points, both as whole numbers.
double agreement_with_rules(const Panel& panel, const Scorecard& card, Dimension dimension) {
  std::vector<int> judged, ruled;
  for (std::size_t item = 0; item < card.graded.size(); ++item) {
    const auto points = card.graded[item].points.find(dimension);
    if (points == card.graded[item].points.end()) continue;
    double sum = 0;
    std::size_t count = 0;
    for (const auto& judge : panel.judges) {
      const auto& score = judge.scores.at(dimension)[item];
      if (!score) continue;
      sum += *score;
      ++count;
    }
    if (count == 0) continue;
    judged.push_back(static_cast<int>(std::lround(sum / static_cast<double>(count))));
    ruled.push_back(static_cast<int>(std::lround(points->second)));
  }
  return judged.empty() ? 0 : weighted_kappa(judged, ruled, kMostPoints);
}

}  // namespace

std::map<Dimension, Interval> JudgeScores::means(std::uint64_t seed) const {
  std::map<Dimension, Interval> made;
  for (const auto& [dimension, all] : scores) {
    std::vector<double> read;
    for (const auto& score : all) {
      if (score) read.push_back(*score);
    }
    if (!read.empty()) made[dimension] = bootstrap(read, seed);
  }
  return made;
}

Result<Panel> judge_all(std::span<lm::LanguageModel* const> judges, const persona::Cast& cast,
                        const Scorecard& card, const PanelOptions& options,
                        const PanelProgress& progress, const std::stop_token& stop) {
  Session session(judges, cast, card, options, progress, stop);
  std::vector<std::thread> others;
  const std::size_t threads = std::min(options.at_once, session.left());
  for (std::size_t n = 1; n < threads; ++n) others.emplace_back([&session] { session.work(); });
  session.work();
  for (auto& thread : others) thread.join();
  Panel panel;
  DRAMATIS_TRY(panel.judges, session.finish());
  for (const auto dimension : all_dimensions()) {
    std::vector<std::vector<std::optional<int>>> scores;
    for (const auto& judge : panel.judges) scores.push_back(judge.scores.at(dimension));
    panel.agreement[dimension] = agreement(scores);
    panel.with_rules[dimension] = agreement_with_rules(panel, card, dimension);
  }
  return panel;
}

text::JsonObject json_of(const Panel& panel, std::uint64_t seed) {
  text::JsonArray judges;
  for (const auto& judge : panel.judges) {
    text::JsonObject means;
    for (const auto& [dimension, interval] : judge.means(seed))
      means.emplace_back(std::string(print(dimension)), json_of(interval));
    judges.emplace_back(text::JsonObject{{"judge", judge.judge},
                                         {"scores", std::move(means)},
                                         {"unreadable", judge.unreadable},
                                         {"of", judge.of}});
  }
  text::JsonObject agreement, with_rules;
  for (const auto& [dimension, kappa] : panel.agreement)
    agreement.emplace_back(std::string(print(dimension)), kappa);
  for (const auto& [dimension, kappa] : panel.with_rules)
    with_rules.emplace_back(std::string(print(dimension)), kappa);
  return {{"judges", std::move(judges)},
          {"agreement", std::move(agreement)},
          {"agreement_with_rules", std::move(with_rules)}};
}

}  // namespace dramatis::study
