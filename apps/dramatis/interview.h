// dramatis interview and the studies of dramatis evaluate that rest on interviews.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "commands.h"
#include "settings.h"

namespace dramatis::app {

// What the command lines say beside the settings.
struct InterviewArgs {
  std::vector<std::string> characters{};  // as typed; "all" or none: see ids_of
  std::int64_t single = 60;
  std::string multi = "10x5";
  std::filesystem::path questions{};  // empty: from each sheet
  std::string interviewer{};          // a model; empty: scripted
  std::vector<std::string> judges{};  // models
  std::string baseline{};             // nearest or assistant, instead of a model
  std::int64_t at_once = 4;
  bool resumes = false;
  std::filesystem::path journal{};  // empty: beside the reports, by model and characters
  std::string title{};              // of the report
  std::filesystem::path since{};    // a report to compare with; empty: the newest of this title
  std::filesystem::path out{}, html{}, junit{};
  bool writes_questions = false;  // prints the questions, and asks none
  std::vector<std::string> fail_under{};
  Output output = Output::kText;
};
int run_interview(const Settings& settings, const InterviewArgs& args);

struct SuiteArgs {
  std::filesystem::path suite{};
  std::int64_t runs = 1;
  std::int64_t at_once = 4;
  std::vector<std::string> fail_under{};
  std::filesystem::path out{}, html{}, junit{};
  std::map<std::string, std::string, std::less<>> flags{};  // of the command line, for candidates
  std::string config{};                                     // likewise
  Output output = Output::kText;
};
// Each candidate of a suite asked everything, so many times; thresholds hold for the first.
int run_evaluate_suite(const Settings& settings, const SuiteArgs& args);

struct CompareArgs {
  std::vector<std::filesystem::path> reports{};
  std::vector<std::string> names{};  // instead of who answered
  Output output = Output::kText;
};
// Reports of the same questions, in pairs.
int run_evaluate_compare(const CompareArgs& args);

struct BenignArgs {
  std::vector<std::string> characters{};
  std::filesystem::path lines{};  // one a line; empty: those that came with Dramatis
  std::string baseline{};
  double most = 2;  // per cent that may refuse or preach
  std::int64_t at_once = 4;
  Output output = Output::kText;
};
// Harmless lines about drink, war, heresy and love: who refuses or preaches?
int run_evaluate_benign(const Settings& settings, const BenignArgs& args);

struct TranscriptsArgs {
  std::filesystem::path file{};
  std::string character{};  // of the cast, whose sheet the rules use; empty: by the file's names
  Output output = Output::kText;
};
// Conversations of other systems.
int run_evaluate_transcripts(const Settings& settings, const TranscriptsArgs& args);

struct CollapseArgs {
  std::filesystem::path report{};  // whose answers' openings are compared, too; may be empty
  bool strict = false;             // exit code 1 where anything is shared
  Output output = Output::kText;
};
// Whether the members of the cast have become one.
int run_evaluate_collapse(const Settings& settings, const CollapseArgs& args);

}  // namespace dramatis::app
