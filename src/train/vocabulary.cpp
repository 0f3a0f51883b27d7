// A vocabulary file in, ids out.
#include "train/vocabulary.h"

#include <type_traits>
#include <variant>

#include <fmt/format.h>

namespace dramatis::train {
namespace {

// In the kinds that other readers expect: counts and ids u32, types i32, scores f32.
void copy_array(const std::string& key, const formats::GgufArray& array, formats::GgufWriter& to) {
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&array)) {
    const std::vector<std::int32_t> narrow(integers->begin(), integers->end());
    to.add_i32s(key, narrow);
  } else if (const auto* numbers = std::get_if<std::vector<double>>(&array)) {
    const std::vector<float> narrow(numbers->begin(), numbers->end());
    to.add_f32s(key, narrow);
  } else if (const auto* texts = std::get_if<std::vector<std::string>>(&array)) {
    to.add_texts(key, *texts);
  }
}

}  // namespace

Result<TrainingVocabulary> read_vocabulary(const std::filesystem::path& path) {
  DRAMATIS_TRY(auto file, formats::Gguf::read(path));
  DRAMATIS_TRY(auto words, tokens::Vocabulary::from_gguf(file));
  if (words.control("<|im_end|>") != TokenId{kTurnEndId}) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{}: <|im_end|> is not token {}.", path.string(), kTurnEndId));
  }
  return TrainingVocabulary{.file = std::move(file), .words = std::move(words)};
}

Result<std::vector<std::int32_t>> encode(const TrainingVocabulary& vocabulary,
                                         std::string_view text) {
  DRAMATIS_TRY(const auto ids, vocabulary.words.encode(text, tokens::Special::kAsLetters));
  std::vector<std::int32_t> numbers;
  numbers.reserve(ids.size());
  for (const TokenId id : ids) numbers.push_back(static_cast<std::int32_t>(id));
  return numbers;
}

void copy_tokenizer(const formats::Gguf& from, formats::GgufWriter& to) {
  for (const auto& [key, value] : from.metadata()) {
    if (!key.starts_with("tokenizer.")) continue;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      to.add_u32(key, static_cast<std::uint32_t>(*integer));
    } else if (const auto* number = std::get_if<double>(&value)) {
      to.add_f32(key, static_cast<float>(*number));
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      to.add_bool(key, *flag);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      to.add_text(key, *text);
    } else if (const auto* array = std::get_if<formats::GgufArray>(&value)) {
      copy_array(key, *array, to);
    }
  }
}

}  // namespace dramatis::train
