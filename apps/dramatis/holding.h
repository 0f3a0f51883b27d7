// Who is asked how much -> interviews, held, graded by rules and by judges.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "studio.h"
#include "study/comparison.h"
#include "study/interview.h"
#include "study/panel.h"
#include "study/questions.h"
#include "study/scorecard.h"

namespace dramatis::app {

struct Questioning {
  std::vector<std::string> characters{};     // ids
  std::size_t single = 60;                   // questions that stand alone, of each
  std::size_t multi = 10;                    // interviews of several turns, of each
  std::size_t turns = 5;                     // of such an interview
  std::optional<study::QuestionSet> set{};   // nothing: from each sheet
  std::size_t at_once = 4;                   // interviews at the same time
  std::filesystem::path journal{};           // what was held, line by line; empty: not kept
  bool resumes = false;                      // goes on with the journal
  lm::LanguageModel* interviewer = nullptr;  // null: scripted
};

// All questions that are asked one by one, or those that begin interviews of several turns.
[[nodiscard]] study::QuestionSet singles_of(const Studio& studio, const Questioning& wish);
[[nodiscard]] study::QuestionSet multis_of(const Studio& studio, const Questioning& wish);

// Both kinds, the rows character by character. Errors: those of study::interview; kUnavailable for
// a journal that cannot be written.
[[nodiscard]] Result<study::InterviewReport> hold(Studio& studio, const Questioning& wish,
                                                  const std::stop_token& stop);

// A file of questions. Errors: those of read_text_file and parse_questions.
[[nodiscard]] Result<study::QuestionSet> read_questions(const std::filesystem::path& path);

// The table of a card for people.
void print_card(const study::Scorecard& card);
void print_panel(const study::Panel& panel);
// Differences with their intervals, and the league.
void print_compared(const study::Compared& compared);

}  // namespace dramatis::app
