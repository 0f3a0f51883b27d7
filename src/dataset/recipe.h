// A recipe in YAML: whose data are made, of what kind, how many, by which models, for how much.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dataset/gates.h"
#include "dataset/writer.h"

namespace dramatis::dataset {

enum class DataKind {
  kExchanges,    // questions of a troupe, and answers
  kExperiences,  // scenes of a life, with thoughts and speech
};
[[nodiscard]] std::string_view name_of(DataKind kind);  // "exchanges"

// A model that writes one kind of text.
struct WriterChoice {
  std::string model{};  // of the list models:, or a file; empty: the recipe's `model`
  double temperature = 0.7;
  TokenPrice price{};

  friend bool operator==(const WriterChoice& a, const WriterChoice& b) {
    return a.model == b.model && a.temperature == b.temperature &&
           a.price.prompt == b.price.prompt && a.price.reply == b.price.reply;
  }
};

struct DataRecipe {
  DataKind kind = DataKind::kExchanges;
  std::vector<std::string> characters{};  // as typed; empty: everybody
  std::string model{};                    // who writes what no other is named for
  std::uint64_t seed = 1;
  std::size_t count = 1000;  // exchanges of each character
  std::size_t at_once = 4;   // items made at the same time
  std::size_t tries = 3;     // of a text that cannot be used
  std::size_t examples = 4;  // curated ones that the answers' writer sees
  bool authored = true;      // conversations of the cast count as data, too
  double held_out = 0.05;    // share that is measured with and never learnt
  std::string troupe{};      // a file, instead of the world's own
  std::string profile{};     // a file, instead of what the sheet tells; of one character alone
  WriterChoice questions{.model = {}, .temperature = 1.0, .price = {}};
  WriterChoice answers{.model = {}, .temperature = 0.7, .price = {}};
  WriterChoice scenes{.model = {}, .temperature = 0.9, .price = {}};
  WriterChoice dialogues{.model = {}, .temperature = 0.8, .price = {}};
  std::size_t scene_prompts = 100;  // of each character
  std::size_t scenes_each = 20;     // asked for in one of them
  std::size_t most_scenes = 0;      // of them used, at most; 0: all that differ
  std::size_t turns = 13;           // lines asked for in one scene
  std::size_t words = 600;          // likewise
  std::size_t protective = 1;       // scenes of what the character cannot know, for each paragraph
  GateOptions gates{};
  WritingBudget budget{};
};

// The recipe's copy among the journals, for whoever has the folder alone.
constexpr std::string_view kRecipeCopy = "recipe.yaml";

// docs/formats/dataset-recipes.md. Errors begin with `place` and the line: kInvalidArgument naming
// the field, or what a value may be.
[[nodiscard]] Result<DataRecipe> parse_recipe(std::string_view yaml, std::string_view place);

}  // namespace dramatis::dataset
