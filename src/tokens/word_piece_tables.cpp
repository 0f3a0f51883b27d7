// Takes what two files say; what they leave open is as the published BERT has it.
#include "tokens/word_piece_tables.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "tokens/internal/check_tables.h"
#include "tokens/internal/json_fields.h"
#include "tokens/limits.h"

namespace dramatis::tokens {
namespace {

constexpr std::string_view kTokenizer = "tokenizer.json";
constexpr std::string_view kLines = "vocab.txt";
constexpr std::string_view kConfig = "tokenizer_config.json";
constexpr std::string_view kModel = "tokenizer.json: model";
constexpr std::string_view kNormalizer = "tokenizer.json: normalizer";

// Where the member is there, `out` is it.
Status take_text(const text::Json& object, std::string_view key, std::string_view place,
                 std::string& out) {
  const auto* value = object.find(key);
  if (value != nullptr && value->as_object() != nullptr) {
    return take_text(*value, "content", place, out);
  }
  DRAMATIS_TRY(auto text, internal::text_at(object, key, place));
  if (text) out = std::move(*text);
  return {};
}
Status take_truth(const text::Json& object, std::string_view key, std::string_view place,
                  bool& out) {
  DRAMATIS_TRY(const auto truth, internal::truth_at(object, key, place));
  out = truth.value_or(out);
  return {};
}

// Accents go where letters become small, unless the file says otherwise.
Status take_accents(const text::Json& object, std::string_view place, WordPieceTables& tables) {
  tables.strips_accents = tables.lower_cases;
  return take_truth(object, "strip_accents", place, tables.strips_accents);
}

Status take_special(std::string_view config, WordPieceTables& tables) {
  DRAMATIS_TRY(const auto settings, internal::parse_object(config.empty() ? "{}" : config, kConfig,
                                                           kMaxTokenizerConfigBytes));
  DRAMATIS_DO(take_text(settings, "unk_token", kConfig, tables.unknown));
  DRAMATIS_DO(take_text(settings, "cls_token", kConfig, tables.first));
  return take_text(settings, "sep_token", kConfig, tables.last);
}

Status take_settings(std::string_view config, WordPieceTables& tables) {
  DRAMATIS_TRY(const auto settings, internal::parse_object(config.empty() ? "{}" : config, kConfig,
                                                           kMaxTokenizerConfigBytes));
  DRAMATIS_DO(take_truth(settings, "do_lower_case", kConfig, tables.lower_cases));
  DRAMATIS_DO(take_truth(settings, "tokenize_chinese_chars", kConfig, tables.spaces_ideographs));
  return take_accents(settings, kConfig, tables);
}

Status take_normalizer(const text::Json& tokenizer, WordPieceTables& tables) {
  const auto* part = tokenizer.find("normalizer");
  const auto type = part == nullptr
                        ? std::optional<std::string>()
                        : internal::text_at(*part, "type", kNormalizer).value_or(std::nullopt);
  if (type != "BertNormalizer") {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} is {}; known for WordPiece is BertNormalizer.", kNormalizer,
                            internal::shown(type.value_or("absent"))));
  }
  DRAMATIS_DO(take_truth(*part, "clean_text", kNormalizer, tables.cleans));
  DRAMATIS_DO(take_truth(*part, "handle_chinese_chars", kNormalizer, tables.spaces_ideographs));
  DRAMATIS_DO(take_truth(*part, "lowercase", kNormalizer, tables.lower_cases));
  return take_accents(*part, kNormalizer, tables);
}

Status check_pre_tokenizer(const text::Json& tokenizer) {
  const auto* part = tokenizer.find("pre_tokenizer");
  const auto* type = part == nullptr ? nullptr : part->find("type");
  if (type != nullptr && type->as_string() != nullptr && *type->as_string() == "BertPreTokenizer") {
    return {};
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("tokenizer.json: pre_tokenizer is {}; known for WordPiece is "
                          "BertPreTokenizer.",
                          type == nullptr ? "absent" : internal::shown(text::print_json(*type))));
}

Status take_vocabulary(const text::Json& model, WordPieceTables& tables) {
  const auto* vocab = model.find("vocab");
  const auto* entries = vocab == nullptr ? nullptr : vocab->as_object();
  if (entries == nullptr) {
    return fail(ErrorCode::kCorrupt, fmt::format("{} has no \"vocab\".", kModel));
  }
  // As many ids as names, each below their number and none twice: every id has its name.
  tables.tokens.resize(entries->size());
  for (const auto& [name, id] : *entries) {
    const auto* number = id.as_int();
    if (number == nullptr || *number < 0 || *number >= static_cast<std::int64_t>(entries->size()) ||
        !tables.tokens[static_cast<std::size_t>(*number)].empty()) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("{}'s vocab gives {} no id of its own from 0 to {}.", kModel,
                              internal::shown(name), entries->size() - 1));
    }
    tables.tokens[static_cast<std::size_t>(*number)] = name;
  }
  return {};
}

Status take_model(const text::Json& model, WordPieceTables& tables) {
  DRAMATIS_TRY(const auto type, internal::text_at(model, "type", kModel));
  if (type != "WordPiece") {
    return fail(ErrorCode::kUnsupported, fmt::format("{} is of the type {}; known here is "
                                                     "\"WordPiece\".",
                                                     kModel, internal::shown(type.value_or(""))));
  }
  DRAMATIS_DO(take_text(model, "unk_token", kModel, tables.unknown));
  DRAMATIS_DO(take_text(model, "continuing_subword_prefix", kModel, tables.continuation));
  if (const auto* longest = model.find("max_input_chars_per_word"); longest != nullptr) {
    const auto* number = longest->as_int();
    if (number == nullptr || *number < 1 ||
        *number > static_cast<std::int64_t>(kMaxWordPieceLetters)) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("{}'s max_input_chars_per_word is {}; 1 to {} are allowed.", kModel,
                              internal::shown(text::print_json(*longest)), kMaxWordPieceLetters));
    }
    tables.longest_word = static_cast<std::size_t>(*number);
  }
  return take_vocabulary(model, tables);
}

// An absent file is empty.
Result<std::string> read_or_empty(const std::filesystem::path& path, std::size_t most_bytes) {
  auto bytes = read_text_file(path, most_bytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) return std::string();
  return bytes;
}

}  // namespace

Result<WordPieceTables> parse_vocab_lines(std::string_view lines, std::string_view config) {
  WordPieceTables tables;
  DRAMATIS_DO(take_special(config, tables));
  DRAMATIS_DO(take_settings(config, tables));
  while (!lines.empty()) {
    auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (tables.tokens.size() == kMaxTokens) {
      return fail(ErrorCode::kOverBudget,
                  fmt::format("{} has more than {} lines.", kLines, kMaxTokens));
    }
    tables.tokens.emplace_back(line);
  }
  return tables;
}

Result<WordPieceTables> parse_word_pieces(std::string_view tokenizer, std::string_view config) {
  DRAMATIS_TRY(const auto parsed,
               internal::parse_object(tokenizer, kTokenizer, kMaxTokenizerJsonBytes));
  WordPieceTables tables;
  DRAMATIS_DO(take_special(config, tables));
  const auto* model = parsed.find("model");
  if (model == nullptr) {
    return fail(ErrorCode::kCorrupt, fmt::format("{} is missing.", kModel));
  }
  DRAMATIS_DO(take_model(*model, tables));
  DRAMATIS_DO(take_normalizer(parsed, tables));
  DRAMATIS_DO(check_pre_tokenizer(parsed));
  return tables;
}

Result<WordPieceTables> read_word_pieces(const std::filesystem::path& folder) {
  DRAMATIS_TRY(const auto config, read_or_empty(folder / kConfig, kMaxTokenizerConfigBytes));
  DRAMATIS_TRY(const auto tokenizer, read_or_empty(folder / kTokenizer, kMaxTokenizerJsonBytes));
  if (!tokenizer.empty()) return parse_word_pieces(tokenizer, config);
  DRAMATIS_TRY(const auto lines, read_text_file(folder / kLines, kMaxTokenizerJsonBytes));
  return parse_vocab_lines(lines, config);
}

}  // namespace dramatis::tokens
