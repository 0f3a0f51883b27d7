// Characters are asked, one question or several turns on one, and what they answer is kept as it
// comes.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "dialogue/conversation.h"
#include "lm/language_model.h"
#include "persona/cast.h"
#include "study/checks.h"
#include "study/questions.h"
#include "study/transcript.h"
#include "text/journal.h"
#include "text/json.h"

namespace dramatis::study {

struct InterviewOptions {
  std::size_t turns = 1;    // questions of one interview; 1: each stands alone
  std::size_t at_once = 1;  // interviews at the same time; no larger makes another answer
  CheckOptions answers{};   // how replies are made; whose, where `characters` names some
  prompt::Scene scene{};    // where the interview is held
  // Who goes on asking; null: scripted, by Question::then and by rule.
  lm::LanguageModel* interviewer = nullptr;
};

// One interview.
struct InterviewRow {
  std::string character{};  // id
  std::string question{};   // id
  Theme theme = Theme::kPast;
  std::vector<Answered> said{};          // at least one
  bool judged = false;                   // a rule can tell right from wrong
  bool passed = false;                   // the first answer is right
  std::chrono::nanoseconds total{0};     // of all replies
  std::size_t tokens = 0;                // likewise
  lm::Origin origin = lm::Origin::kOwn;  // of the first answer's words
  // How the first answer came about: an explain of it. Nothing: journals of earlier versions.
  std::optional<dialogue::Account> account{};

  friend bool operator==(const InterviewRow&, const InterviewRow&) = default;
};

struct InterviewReport {
  std::string answered_by{};         // the model's name
  std::string asked_by{};            // the interviewer's, or "script"
  std::vector<InterviewRow> rows{};  // in the order of the cast, then of the set
};

using InterviewProgress = std::function<void(std::size_t done, std::size_t of)>;

// What a scripted interviewer asks after what was said: the question's own next one; after an
// evasion, the same again in other words; else why, how, and at the end the first question once
// more.
[[nodiscard]] std::string follow_up(const Question& question, std::span<const Answered> said,
                                    std::size_t turns);

// Puts each question to its character. With a journal, each interview is kept as soon as it is
// over, and those that it holds already are not held again. Errors: kConflict for a journal of
// other questions, another model or other options; kCorrupt; kNotFound for a character that is not
// of the cast; kCancelled; and what the models answer, with the question that they failed at.
[[nodiscard]] Result<InterviewReport> interview(const persona::Cast& cast, const QuestionSet& set,
                                                const Answerer& answerer,
                                                const InterviewOptions& options,
                                                text::Journal* journal = nullptr,
                                                const InterviewProgress& progress = {},
                                                const std::stop_token& stop = {});

[[nodiscard]] text::JsonObject json_of(const InterviewRow& row);
[[nodiscard]] Result<InterviewRow> read_interview_row(const text::Json& json);
[[nodiscard]] text::JsonObject json_of(const InterviewReport& report);

}  // namespace dramatis::study
