// A training recipe: everything that decides what a run gives, read from YAML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace dramatis::train {

// The sizes of a Llama-architecture model.
struct Shape {
  std::size_t layers = 0;
  std::size_t width = 0;         // of the residual stream
  std::size_t feed_forward = 0;  // inner width of the gated layer
  std::size_t heads = 0;         // query heads
  std::size_t kv_heads = 0;      // key and value heads; divides `heads`
  std::size_t head_width = 0;    // even
  std::size_t context = 0;       // positions the finished model claims
  double rope_base = 10000;
  double norm_epsilon = 1e-5;
};

// How the steps are taken.
struct Schedule {
  std::size_t steps = 0;
  std::size_t sequence = 0;      // tokens of one packed sequence
  std::size_t batch_tokens = 0;  // tokens between two updates
  std::size_t micro_tokens = 0;  // tokens in one forward and backward pass: what the cache holds
  std::size_t warmup = 0;        // steps in which the rate rises from nothing
  double decay = 0.4;            // share of the steps, at the end, in which it falls to nothing
  double matrix_rate = 0.02;     // Muon, for the weight matrices
  double vector_rate = 0.004;    // AdamW, for the embedding and the gains
  double weight_decay = 0.02;
  double held_out = 0.01;  // share of the data that is only ever measured
};

struct Book {
  std::string file, title, author;
  std::int64_t number = 0;  // Project Gutenberg's
};

struct Recipe {
  std::string kind;  // "english" or "cast"
  std::uint64_t seed = 1;
  std::size_t pieces = 0;  // of the vocabulary
  Shape shape;
  Schedule training;
  std::vector<Book> books;  // english
  std::string cast;         // cast: the folder, beside the recipe's project root
  std::size_t passes = 1;   // cast: how many differently drawn prompts a conversation gives
  double wordings = 0;      // cast: share of the players' other wordings that each pass asks
  std::vector<std::string> leave_out;  // cast: characters by id that are never taught
  std::string digest;                  // SHA-256 of the recipe's text
};

// Errors: kInvalidArgument with file, line and field.
[[nodiscard]] Result<Recipe> read_recipe(const std::filesystem::path& path);

}  // namespace dramatis::train
