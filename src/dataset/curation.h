// An answer and what a person made of it -> an example for the cast, and a preference to learn.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dataset/exchanges.h"
#include "persona/cast.h"

namespace dramatis::dataset {

// An answer that somebody improved.
struct Curated {
  ExchangeItem asked{};
  std::string shown{};   // what the model had written
  std::string edited{};  // what it should have
};

// The dialogues file of `member`, whose bytes are `dialogues`, with the exchange as one more
// conversation at its end; all that stands before stays byte for byte. Errors: kInvalidArgument
// with the lint's sentence where the line may not stand there, as one with a secret's word.
[[nodiscard]] Result<std::string> with_example(std::string_view dialogues,
                                               const persona::Member& member,
                                               const Curated& curated);

// {"prompt":[{"role","content"}, ...],"chosen":[{"role":"assistant","content"}],"rejected":[...]}
// and a line end: what was shown to the model as in a real turn, with the sheet.
// docs/formats/preferences.md. Errors: those of lessons_of.
[[nodiscard]] Result<std::string> print_preference(const Curated& curated,
                                                   const persona::Character& character,
                                                   const persona::Cast& cast);

// Such a line at the end of preferences.jsonl in the folder of a data set, on the disk when this
// returns. Errors: kUnavailable.
[[nodiscard]] Status append_preference(const std::filesystem::path& folder, std::string_view line);

}  // namespace dramatis::dataset
