// Questions -> interviews on several threads -> rows in order.
#include "study/interview.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "runtime/mutex.h"
#include "signs/words.h"
#include "study/limits.h"
#include "text/digest.h"
#include "text/utterance.h"

namespace dramatis::study {
namespace {

// Fewer words answer nothing that was asked at length.
constexpr std::size_t kEvasiveWords = 4;

// One interview to hold; what it points to lives in the cast and the set.
struct Item {
  const persona::World* world;
  const persona::Member* member;
  const Question* question;

  [[nodiscard]] std::string key() const { return member->sheet.id + "/" + question->id; }
};

Result<std::vector<Item>> items_of(const persona::Cast& cast, const QuestionSet& set,
                                   const std::vector<std::string>& characters) {
  const auto wanted = [&](const std::string& id) {
    return characters.empty() || std::ranges::find(characters, id) != characters.end();
  };
  for (const auto& id : characters) {
    if (cast.find_member(id) == nullptr)
      return fail(ErrorCode::kNotFound, fmt::format("'{}' is not of the cast.", id));
  }
  for (const auto& question : set.questions) {
    if (!question.character.empty() && cast.find_member(question.character) == nullptr) {
      return fail(ErrorCode::kNotFound, fmt::format("The question '{}' is for '{}', who is not of "
                                                    "the cast.",
                                                    question.id, question.character));
    }
  }
  std::vector<Item> items;
  for (const auto& member : cast.members) {
    const auto* const world = cast.find_world(member.sheet.world);
    if (world == nullptr || !wanted(member.sheet.id)) continue;
    for (const auto& question : set.questions) {
      if (question.character.empty() || question.character == member.sheet.id)
        items.push_back({world, &member, &question});
    }
  }
  return items;
}

bool evades(std::string_view reply, const persona::Character& character) {
  if (signs::words_of(reply).size() < kEvasiveWords) return true;
  return std::ranges::find(character.does_not_know, reply) != character.does_not_know.end();
}

// All that an interview is made with.
struct Studio {
  const Answerer& answerer;
  const InterviewOptions& options;
  const std::stop_token& stop;
};

std::vector<prompt::Line> history_of(const std::vector<Answered>& said) {
  std::vector<prompt::Line> lines;
  for (const auto& answer : said) {
    lines.push_back({.who = lm::Role::kPlayer, .text = answer.heard});
    lines.push_back({.who = lm::Role::kNpc, .text = answer.reply});
  }
  return lines;
}

Result<Replied> answer(const Item& item, std::string_view asked, const std::vector<Answered>& said,
                       const Studio& studio) {
  CheckOptions how = studio.options.answers;
  how.seed += said.size();
  const auto history = history_of(said);
  return ask({.world = *item.world,
              .character = item.member->sheet,
              .message = asked,
              .history = history,
              .scene = studio.options.scene,
              .conversation = item.key()},
             studio.answerer, how, studio.stop);
}

// What an able model asks next, in one line.
Result<std::string> ask_model(const Item& item, const std::vector<Answered>& said,
                              const Studio& studio) {
  const auto& sheet = item.member->sheet;
  lm::Prompt prompt;
  prompt.messages.push_back(
      {lm::Role::kSystem,
       fmt::format("You interview {}, to whom you speak as 'you'. What is known: {}\nYou are a "
                   "curious stranger and find out whether this is really {}: ask about memories, "
                   "values and character. The subject is: {}\nStay with it. Where an answer avoids "
                   "the question, ask again; you may repeat an earlier question to see whether the "
                   "answers agree. Say one question and nothing else.",
                   sheet.name, sheet.summary, sheet.short_name, item.question->ask)});
  std::string so_far;
  for (const auto& one : said)
    so_far += fmt::format("You asked: {}\nThe answer: {}\n", one.heard, one.reply);
  prompt.messages.push_back({lm::Role::kPlayer, so_far + "Your next question:"});
  prompt.asker = {.urgency = lm::Urgency::kBackground};
  lm::Sampling how;
  how.temperature = 0.2;
  how.max_tokens = kInterviewerTokens;
  how.seed = studio.options.answers.seed + said.size();
  DeafSink sink;
  DRAMATIS_TRY(const auto made,
               studio.options.interviewer->generate(prompt, how, sink, studio.stop));
  DRAMATIS_TRY(const auto heard, text::hear(made.text.substr(0, made.text.find("\n\n"))));
  if (heard.blank()) return fail(ErrorCode::kUnavailable, "The interviewer asked nothing.");
  return heard.words;
}

Result<std::string> next_question(const Item& item, const std::vector<Answered>& said,
                                  const Studio& studio) {
  if (said.empty()) return item.question->ask;
  if (studio.options.interviewer != nullptr) return ask_model(item, said, studio);
  if (said.size() - 1 >= item.question->then.size() &&
      evades(said.back().reply, item.member->sheet))
    return fmt::format("That is no answer. Once more, then: {}", item.question->ask);
  return follow_up(*item.question, said, studio.options.turns);
}

// A trap says only what a right answer does not contain.
bool is_right(const Question& question, std::string_view reply) {
  if (!question.any_of.empty())
    return persona::passes({.any_of = question.any_of, .none_of = question.none_of}, reply);
  return std::ranges::none_of(question.none_of, [reply](const std::string& wrong) {
    return persona::passes({.any_of = {wrong}}, reply);
  });
}

Result<InterviewRow> hold(const Item& item, const Studio& studio) {
  InterviewRow row{.character = item.member->sheet.id,
                   .question = item.question->id,
                   .theme = item.question->theme};
  for (std::size_t turn = 0; turn < studio.options.turns; ++turn) {
    DRAMATIS_TRY(auto asked, next_question(item, row.said, studio));
    DRAMATIS_TRY(auto replied, answer(item, asked, row.said, studio));
    row.total += replied.spoken.made.total;
    row.tokens += replied.spoken.made.generated_tokens;
    if (turn == 0) {
      row.origin = replied.spoken.made.origin;
      row.account = std::move(replied.account);
    }
    row.said.push_back({.heard = std::move(asked), .reply = std::move(replied.spoken.aloud)});
  }
  row.judged = !item.question->any_of.empty() || !item.question->none_of.empty();
  row.passed = row.judged && is_right(*item.question, row.said.front().reply);
  return row;
}

// What makes two studies the same: then a journal of the one goes on with the other.
std::string fingerprint(const std::vector<Item>& items, const Studio& studio,
                        const std::string& asked_by) {
  const CheckOptions& how = studio.options.answers;
  std::string all = fmt::format(
      "{}\n{}\n{} {} {} {} {} {} {}\n{}|{}|{}|{}\n", studio.answerer.model.name(), asked_by,
      studio.options.turns, how.temperature, how.max_tokens, how.seed,
      static_cast<int>(how.examples), static_cast<int>(how.voice),
      how.scratchpad ? (*how.scratchpad ? "on" : "off") : "sheet", studio.options.scene.place,
      studio.options.scene.time, studio.options.scene.status, studio.options.scene.player_is);
  for (const auto& item : items) {
    all += item.key() + "\t" + item.question->ask + "\n";
    for (const auto& next : item.question->then) all += "\t" + next + "\n";
  }
  return text::sha256(all);
}

using Rows = std::map<std::string, InterviewRow>;  // by Item::key()

// The rows that a journal holds; its first record says what it is of.
Result<Rows> held_before(text::Journal& journal, const std::string& print) {
  Rows rows;
  const auto& records = journal.found();
  if (records.empty()) {
    DRAMATIS_DO(journal.append(text::JsonObject{{"interviews", print}}));
    return rows;
  }
  const text::Json* const of = records.front().find("interviews");
  if (of == nullptr || of->as_string() == nullptr || *of->as_string() != print) {
    return fail(ErrorCode::kConflict,
                "The journal is of other questions, another model or other settings; name another "
                "file, or remove it.");
  }
  for (const auto& record : std::span(records).subspan(1)) {
    DRAMATIS_TRY(auto row, read_interview_row(record));
    const std::string key = row.character + "/" + row.question;
    rows.insert_or_assign(key, std::move(row));
  }
  return rows;
}

// Interviews that threads take one by one. Thread-safe.
class Round {
 public:
  Round(std::vector<Item> left, Rows rows, const Studio& studio, text::Journal* journal,
        const InterviewProgress& progress)
      : left_(std::move(left)),
        all_(left_.size() + rows.size()),
        studio_(studio),
        journal_(journal),
        progress_(progress),
        rows_(std::move(rows)) {}

  void work() {
    while (!over_) {
      const std::size_t n = next_++;
      if (n >= left_.size()) return;
      keep(left_[n], hold(left_[n], studio_));
    }
  }

  Result<Rows> finish() {
    const runtime::Lock lock(mutex_);
    if (failure_) return tl::unexpected(*failure_);
    return std::move(rows_);
  }

 private:
  void keep(const Item& item, Result<InterviewRow> row) {
    const runtime::Lock lock(mutex_);
    Status kept;
    if (row && journal_ != nullptr) kept = journal_->append(json_of(*row));
    if (!row || !kept) {
      const Error& error = row ? kept.error() : row.error();
      if (!failure_) failure_ = Error{error.code, fmt::format("{}: {}", item.key(), error.what)};
      over_ = true;
      return;
    }
    rows_.insert_or_assign(item.key(), *std::move(row));
    if (progress_) progress_(rows_.size(), all_);
  }

  const std::vector<Item> left_;
  const std::size_t all_;
  const Studio& studio_;
  text::Journal* const journal_;
  const InterviewProgress& progress_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> over_{false};
  runtime::Mutex mutex_;
  Rows rows_ DRAMATIS_GUARDED_BY(mutex_);
  std::optional<Error> failure_ DRAMATIS_GUARDED_BY(mutex_);
};

Result<Rows> hold_all(const std::vector<Item>& items, Rows before, const Studio& studio,
                      text::Journal* journal, const InterviewProgress& progress) {
  std::vector<Item> left;
  for (const auto& item : items) {
    if (!before.contains(item.key())) left.push_back(item);
  }
  const std::size_t count = std::min(studio.options.at_once, left.size());
  Round round(std::move(left), std::move(before), studio, journal, progress);
  std::vector<std::thread> others;
  for (std::size_t n = 1; n < count; ++n) others.emplace_back([&round] { round.work(); });
  round.work();
  for (auto& thread : others) thread.join();
  return round.finish();
}

Status judge(const InterviewOptions& options) {
  if (options.turns < 1 || options.turns > kMaxInterviewTurns) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("An interview has 1 to {} turns, not {}.",
                                                         kMaxInterviewTurns, options.turns));
  }
  if (options.at_once < 1 || options.at_once > kMaxAtOnce) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("1 to {} interviews are held at once, not {}.", kMaxAtOnce, options.at_once));
  }
  return {};
}

}  // namespace

std::string follow_up(const Question& question, std::span<const Answered> said, std::size_t turns) {
  constexpr std::array<std::string_view, 3> kOn{"Why is that?", "How do you know?",
                                                "What did it cost you?"};
  const std::size_t turn = said.size();
  if (turn - 1 < question.then.size()) return question.then[turn - 1];
  if (turn + 1 >= turns && turns > 2)
    return fmt::format("Let me ask you once more: {}", question.ask);
  return std::string(kOn[(turn - 1) % kOn.size()]);
}

Result<InterviewReport> interview(const persona::Cast& cast, const QuestionSet& set,
                                  const Answerer& answerer, const InterviewOptions& options,
                                  text::Journal* journal, const InterviewProgress& progress,
                                  const std::stop_token& stop) {
  DRAMATIS_DO(judge(options));
  DRAMATIS_TRY(const auto items, items_of(cast, set, options.answers.characters));
  InterviewReport report{.answered_by = answerer.model.name(), .asked_by = "script"};
  if (options.interviewer != nullptr) report.asked_by = options.interviewer->name();
  const Studio studio{answerer, options, stop};
  Rows before;
  if (journal != nullptr) {
    DRAMATIS_TRY(before, held_before(*journal, fingerprint(items, studio, report.asked_by)));
  }
  DRAMATIS_TRY(auto rows, hold_all(items, std::move(before), studio, journal, progress));
  for (const auto& item : items) report.rows.push_back(std::move(rows.at(item.key())));
  return report;
}

}  // namespace dramatis::study
