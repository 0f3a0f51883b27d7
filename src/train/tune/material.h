// A recipe's data -> documents to learn from and documents to measure by, with their hashes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "dataset/samples.h"
#include "train/tune/documents.h"
#include "train/tune/lessons.h"
#include "train/tune/objective.h"
#include "train/tune/plan.h"

namespace dramatis::train::tune {

// A conversation, and what is split by.
struct Talk {
  std::vector<lm::Message> messages{};
  Learnt learnt = Learnt::kAll;
  std::string of{};         // talks with the same are held out together
  std::size_t opening = 0;  // tokens that count before it is cut; 0: it is whole
};

// Everything that a recipe's data holds, read.
struct Talks {
  std::vector<Talk> learnt{};
  std::vector<Talk> held_out{};  // from files of their own
  std::vector<Preference> preferences{};
  std::vector<std::pair<std::string, std::string>> hashes{};  // of files: name, SHA-256
};

// Reads the files of a recipe. Errors: those of the files, with their names.
[[nodiscard]] Result<Talks> read_talks(const Data& data);
// The cast's samples as talks of their own.
[[nodiscard]] std::vector<Talk> talks_of(const std::vector<dataset::Sample>& samples);

// What training sees.
struct Lessons {
  Material learnt{};
  Material held_out{};
  std::vector<std::vector<lm::Message>> questions{};  // the first few held out, without the reply
  std::size_t too_long = 0;  // whose last exchange alone has more tokens than are allowed
  std::string digest{};      // SHA-256 of all ids and marks
};

// Renders everything; where no file is held out, a share of the talks is, by a hash of what they
// are of, so that the same talks give the same split. Errors: those of document_of; kNotFound where
// nothing is left to learn from.
[[nodiscard]] Result<Lessons> lessons_of(const Talks& talks, const Plan& plan,
                                         const Speech& speech);

}  // namespace dramatis::train::tune
