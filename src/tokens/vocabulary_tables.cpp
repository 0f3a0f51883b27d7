// Takes the tokenizer's keys out of a GGUF file.
#include "tokens/vocabulary_tables.h"

#include <type_traits>

#include <fmt/format.h>

namespace dramatis::tokens {
namespace {

tl::unexpected<Error> wrong_type(std::string_view key, std::string_view wanted) {
  return fail(ErrorCode::kCorrupt,
              fmt::format("The file's key {} is no {}. Convert the model again.", key, wanted));
}

// Leaves `out` as it is where the file does not have the key.
template <class T>
Status read_single(const formats::Gguf& file, std::string_view key, T& out) {
  const auto* value = file.find(key);
  if (value == nullptr) return {};
  if constexpr (std::is_same_v<T, std::string>) {
    const auto* text = std::get_if<std::string>(value);
    if (text == nullptr) return wrong_type(key, "text");
    out = *text;
  } else {
    const auto* found = std::get_if<typename T::value_type>(value);
    if (found == nullptr) {
      return wrong_type(key, std::is_same_v<typename T::value_type, bool> ? "bool" : "integer");
    }
    out = *found;
  }
  return {};
}

template <class T>
Status read_array(const formats::Gguf& file, std::string_view key, std::string_view wanted,
                  std::vector<T>& out) {
  const auto* value = file.find(key);
  if (value == nullptr) return {};
  const auto* array = std::get_if<formats::GgufArray>(value);
  const auto* found = array == nullptr ? nullptr : std::get_if<std::vector<T>>(array);
  if (found == nullptr) return wrong_type(key, wanted);
  out = *found;
  return {};
}

}  // namespace

Result<VocabularyTables> read_tables(const formats::Gguf& file) {
  VocabularyTables tables;
  DRAMATIS_DO(read_single(file, "tokenizer.ggml.model", tables.kind));
  if (tables.kind.empty()) {
    return fail(ErrorCode::kCorrupt,
                "The file has no tokenizer.ggml.model, so its vocabulary cannot be read.");
  }
  DRAMATIS_DO(read_single(file, "tokenizer.ggml.pre", tables.pre));
  DRAMATIS_DO(read_array(file, "tokenizer.ggml.tokens", "array of texts", tables.tokens));
  DRAMATIS_DO(read_array(file, "tokenizer.ggml.token_type", "array of integers", tables.types));
  DRAMATIS_DO(read_array(file, "tokenizer.ggml.scores", "array of floats", tables.scores));
  DRAMATIS_DO(read_array(file, "tokenizer.ggml.merges", "array of texts", tables.merges));
  DRAMATIS_DO(read_single(file, "tokenizer.ggml.bos_token_id", tables.begin));
  DRAMATIS_DO(read_single(file, "tokenizer.ggml.eos_token_id", tables.end));
  DRAMATIS_DO(read_single(file, "tokenizer.ggml.eot_token_id", tables.end_of_turn));
  DRAMATIS_DO(read_single(file, "tokenizer.ggml.add_bos_token", tables.begins_texts));
  DRAMATIS_DO(read_single(file, "tokenizer.ggml.add_space_prefix", tables.puts_space_first));
  DRAMATIS_DO(read_single(file, "tokenizer.ggml.remove_extra_whitespaces", tables.drops_spaces));
  // Some converters leave merges beside the scores; every reader of GGUF goes by the scores.
  if (tables.kind == "llama") tables.merges.clear();
  return tables;
}

}  // namespace dramatis::tokens
