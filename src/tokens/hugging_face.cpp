// The story of a folder: how texts go, which tokens there are, which of them begin and end.
#include "tokens/hugging_face.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/files.h"
#include "tokens/internal/check_tables.h"
#include "tokens/internal/hugging_face_tokens.h"
#include "tokens/internal/json_fields.h"
#include "tokens/internal/text_path.h"
#include "tokens/limits.h"

namespace dramatis::tokens {
namespace {

constexpr std::string_view kTokenizer = "tokenizer.json";
constexpr std::string_view kConfig = "tokenizer_config.json";
constexpr std::string_view kPost = "tokenizer.json: post_processor";

// After which a model has finished speaking although a text may go on.
constexpr std::array<std::string_view, 4> kEndsOfTurn = {"<|im_end|>", "<|eot_id|>",
                                                         "<end_of_turn>", "<|end|>"};

std::optional<std::int64_t> find(const VocabularyTables& tables, std::string_view name) {
  const auto found = std::ranges::find(tables.tokens, name);
  if (found == tables.tokens.end()) return std::nullopt;
  return found - tables.tokens.begin();
}

// A special token's name, which the configuration writes as a text or as {"content": ...}.
Result<std::optional<std::string>> name_in(const text::Json& config, std::string_view key) {
  const auto* value = config.find(key);
  if (value != nullptr && value->as_object() != nullptr) {
    return internal::text_at(*value, "content", fmt::format("{}: {}", kConfig, key));
  }
  return internal::text_at(config, key, kConfig);
}

Result<std::optional<std::int64_t>> id_in(const text::Json& config, std::string_view key,
                                          const VocabularyTables& tables) {
  DRAMATIS_TRY(const auto name, name_in(config, key));
  if (!name) return std::optional<std::int64_t>();
  const auto id = find(tables, *name);
  if (!id) {
    return fail(ErrorCode::kCorrupt, fmt::format("{}: {} is {}, which is no token of {}.", kConfig,
                                                 key, internal::shown(*name), kTokenizer));
  }
  return id;
}

// The token with which the template of a post-processor begins every text.
Result<std::optional<std::string>> first_of_template(const text::Json& part) {
  DRAMATIS_TRY(const auto* pieces, internal::array_at(part, "single", kPost));
  if (pieces->empty()) return std::optional<std::string>();
  const auto* special = pieces->front().find("SpecialToken");
  if (special == nullptr) return std::optional<std::string>();
  return internal::text_at(*special, "id", kPost);
}

Result<std::optional<std::string>> first_token(const text::Json& part) {
  DRAMATIS_TRY(const auto type, internal::text_at(part, "type", kPost));
  if (!type || type == "ByteLevel") return std::optional<std::string>();
  if (type == "TemplateProcessing") return first_of_template(part);
  if (type == "Sequence") {
    DRAMATIS_TRY(const auto* parts, internal::array_at(part, "processors", kPost));
    for (const auto& inner : *parts) {
      DRAMATIS_TRY(auto first, first_token(inner));
      if (first) return first;
    }
    return std::optional<std::string>();
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("{} has the part {}; known are ByteLevel, TemplateProcessing, Sequence.",
                          kPost, internal::shown(*type)));
}

Status read_ends(const text::Json& tokenizer, const text::Json& config, VocabularyTables& tables) {
  DRAMATIS_TRY(tables.begin, id_in(config, "bos_token", tables));
  DRAMATIS_TRY(tables.end, id_in(config, "eos_token", tables));
  DRAMATIS_TRY(tables.begins_texts, internal::truth_at(config, "add_bos_token", kConfig));
  const auto* post = tokenizer.find("post_processor");
  std::optional<std::string> first;
  if (post != nullptr) {
    DRAMATIS_TRY(first, first_token(*post));
  }
  if (!tables.begin && first) tables.begin = find(tables, *first);
  if (!tables.begins_texts) tables.begins_texts = first.has_value();
  for (const auto name : kEndsOfTurn) {
    const auto id = find(tables, name);
    if (id && id != tables.end && !tables.end_of_turn) tables.end_of_turn = id;
  }
  return {};
}

// Nothing where there is no such file.
Result<std::optional<std::string>> read_if_there(const std::filesystem::path& path,
                                                 std::size_t most_bytes) {
  auto bytes = read_text_file(path, most_bytes);
  if (bytes) return std::optional(std::move(*bytes));
  if (bytes.error().code == ErrorCode::kNotFound) return std::optional<std::string>();
  return tl::unexpected(std::move(bytes).error());
}

}  // namespace

Result<VocabularyTables> parse_hugging_face(std::string_view tokenizer, std::string_view config) {
  DRAMATIS_TRY(const auto parsed,
               internal::parse_object(tokenizer, kTokenizer, kMaxTokenizerJsonBytes));
  DRAMATIS_TRY(const auto settings, internal::parse_object(config.empty() ? "{}" : config, kConfig,
                                                           kMaxTokenizerConfigBytes));
  DRAMATIS_TRY(const auto path, internal::read_text_path(parsed));
  VocabularyTables tables{.kind = path.kind, .pre = path.pre};
  if (path.kind == "llama") tables.puts_space_first = path.puts_space_first;
  DRAMATIS_DO(internal::read_tokens(parsed, tables));
  DRAMATIS_DO(read_ends(parsed, settings, tables));
  DRAMATIS_DO(internal::check_tables(tables));
  return tables;
}

Result<VocabularyTables> read_hugging_face(const std::filesystem::path& folder) {
  DRAMATIS_TRY(const auto tokenizer, read_text_file(folder / kTokenizer, kMaxTokenizerJsonBytes));
  DRAMATIS_TRY(const auto config, read_if_there(folder / kConfig, kMaxTokenizerConfigBytes));
  return parse_hugging_face(tokenizer, config.value_or(""));
}

Status pad_tables(VocabularyTables& tables, std::size_t rows) {
  const auto count = tables.tokens.size();
  if (rows < count || rows - count > kMaxFreeIds) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("The model has {} rows for {} tokens; it needs as many, or up to {} "
                            "more.",
                            rows, count, kMaxFreeIds));
  }
  for (std::size_t id = count; id < rows; ++id) {
    tables.tokens.push_back(internal::name_of_free_id(id));
    if (!tables.types.empty()) {
      tables.types.push_back(static_cast<std::int64_t>(TokenType::kUnused));
    }
    if (!tables.scores.empty()) tables.scores.push_back(tables.scores.back());
  }
  return {};
}

Result<std::optional<std::string>> read_chat_template(const std::filesystem::path& folder) {
  DRAMATIS_TRY(auto own, read_if_there(folder / "chat_template.jinja", kMaxTokenizerConfigBytes));
  if (own) return own;
  DRAMATIS_TRY(const auto config, read_if_there(folder / kConfig, kMaxTokenizerConfigBytes));
  if (!config) return std::optional<std::string>();
  DRAMATIS_TRY(const auto settings,
               internal::parse_object(*config, kConfig, kMaxTokenizerConfigBytes));
  const auto* given = settings.find("chat_template");
  if (given == nullptr || given->as_array() == nullptr) {
    return internal::text_at(settings, "chat_template", kConfig);
  }
  for (const auto& one : *given->as_array()) {
    DRAMATIS_TRY(const auto name, internal::text_at(one, "name", kConfig));
    if (name == "default") return internal::text_at(one, "template", kConfig);
  }
  return std::optional<std::string>();
}

}  // namespace dramatis::tokens
