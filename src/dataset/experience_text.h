// A model's script of a scene -> the experience that a character had in it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "dataset/paragraphs.h"

namespace dramatis::dataset {

// What somebody says, thinks or does in a scene.
struct ScriptLine {
  std::string speaker{};
  std::string
      manner{};  // "speaking", "thinking" or what a model made of it; empty where it said none
  std::string words{};

  // Thought alone, which nobody else hears.
  [[nodiscard]] bool is_thought() const;

  friend bool operator==(const ScriptLine&, const ScriptLine&) = default;
};

struct Experience {
  std::string background{};
  std::vector<ScriptLine> lines{};
  std::vector<Drop> drops{};  // every paragraph that is neither
  std::size_t asides = 0;     // words in parentheses that were taken out of what was said

  friend bool operator==(const Experience&, const Experience&) = default;
};

// The fewest lines that make an experience.
constexpr std::size_t kFewestLines = 3;

// Reads
//   "Background: ..."                      the setting, with all that its paragraph holds, and the
//                                          next paragraph where its own holds nothing;
//   "Name (manner)" and its words below    in as many lines as the paragraph has;
//   "Name (manner): words", "Name: words"  to the paragraph's end, all colons kept; where each line
//                                          of a paragraph begins so, each is a line of its own;
//   "NAME" and its words below.
// Quotation marks around all words are taken off, and asides in parentheses out; what is left is
// told in `drops`, so that nothing is lost unsaid. The result is a Drop instead where nobody speaks
// (kEmpty), fewer than kFewestLines lines are left (kTooShort), or no background stands anywhere
// (kNoBackground), in this order.
[[nodiscard]] std::variant<Experience, Drop> parse_experience(std::string_view text);

// A reply of a model trained on experiences, which goes on from "<name> (": its thoughts, then the
// first line that is none; what comes after that is other people's. Errors: kCorrupt where a line
// has no colon or no parenthesis, or where nothing is said.
[[nodiscard]] Result<std::vector<ScriptLine>> parse_performance(std::string_view reply,
                                                                std::string_view name);

// What ends a line of an experience in the text that a model is trained on.
constexpr std::string_view kEndOfLine = "<|eot|>";

}  // namespace dramatis::dataset
