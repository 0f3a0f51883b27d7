// What a finished run was and gave: kept as result.json, shown on cards and in comparisons.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "text/json.h"

namespace dramatis::runs {

// One evaluation as the log has it.
struct Measured {
  std::size_t update = 0;
  double loss = 0;
  bool is_best = false;
};

struct Facts {
  std::string name{};
  std::string method{};  // "full", "lora", "dpo"
  std::string base{};    // as the recipe names it
  std::string base_checksum{};
  std::string recipe{};   // SHA-256 of its text
  std::string lessons{};  // SHA-256 of everything that was learnt and measured, as token ids
  std::vector<std::pair<std::string, std::string>> files{};  // of data: name, SHA-256
  bool sheet = true;         // whether the system's message was read
  std::string form{};        // of the chat template
  std::string arithmetic{};  // "f32", "bf16"
  std::size_t rank = 0;      // of an adapter; 0: everything was learnt
  double alpha = 0;
  bool by_root = false;
  double dropout = 0;
  std::vector<std::string> targets{};
  double rate = 0;
  std::size_t learnt = 0;  // conversations or preferences
  std::size_t held_out = 0;
  std::size_t too_long = 0;
  std::size_t updates = 0;
  std::size_t parameters = 0;  // that learnt
  std::size_t workers = 1;
  double first_loss = 0;
  double best_loss = 0;
  std::size_t best_update = 0;
  double tokens = 0;        // read
  double seconds = 0;       // of updates
  double megabytes = 0;     // of memory, at the peak
  std::size_t answers = 0;  // at the best evaluation
  std::size_t ended = 0;    // of these, by themselves
  std::uint64_t seed = 0;
  std::vector<Measured> evaluations{};
  std::vector<std::pair<std::string, std::string>> samples{};  // question, reply: of the best
};

[[nodiscard]] text::JsonObject print_facts(const Facts& facts);
// Errors: kCorrupt naming the member that is missing or of another kind.
[[nodiscard]] Result<Facts> parse_facts(const text::Json& json);
// The result.json of a folder. Errors: kNotFound, kCorrupt with the file's name.
[[nodiscard]] Result<Facts> read_facts(const std::filesystem::path& folder);

// A model card in Markdown: what it is, from what it was made, what it gave, what it cannot do.
[[nodiscard]] std::string print_card(const Facts& facts);
// Several runs side by side, in Markdown.
[[nodiscard]] std::string print_comparison(const std::vector<Facts>& runs);

}  // namespace dramatis::runs
