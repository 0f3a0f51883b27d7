// Looks at every entry of the tables once.
#include "tokens/internal/check_tables.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_map>

#include <fmt/format.h>

#include "text/json.h"
#include "text/utf8.h"
#include "tokens/limits.h"

namespace dramatis::tokens::internal {
namespace {

Status check_count(std::string_view key, std::size_t count, std::size_t tokens) {
  if (count == tokens) return {};
  return fail(ErrorCode::kCorrupt,
              fmt::format("tokenizer.ggml.{} has {} entries for {} tokens; each token needs one.",
                          key, count, tokens));
}

Status check_counts(const VocabularyTables& tables) {
  const auto count = tables.tokens.size();
  if (count < kMinTokens) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("tokenizer.ggml.tokens has {} entries; a vocabulary needs at least {}.",
                            count, kMinTokens));
  }
  if (count > kMaxTokens) {
    return fail(
        ErrorCode::kOverBudget,
        fmt::format("The vocabulary has {} tokens; at most {} are read.", count, kMaxTokens));
  }
  if (tables.merges.size() > kMaxMerges) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The vocabulary has {} merges; at most {} are read.",
                            tables.merges.size(), kMaxMerges));
  }
  if (tables.kind == "llama") DRAMATIS_DO(check_count("scores", tables.scores.size(), count));
  if (tables.kind == "llama" || !tables.types.empty()) {
    DRAMATIS_DO(check_count("token_type", tables.types.size(), count));
  }
  if (tables.kind == "gpt2" && tables.merges.empty()) {
    return fail(ErrorCode::kCorrupt,
                "tokenizer.ggml.merges is missing; the kind \"gpt2\" needs it.");
  }
  return {};
}

Status check_texts(const VocabularyTables& tables) {
  std::unordered_map<std::string_view, std::size_t> seen;
  seen.reserve(tables.tokens.size());
  for (std::size_t id = 0; id < tables.tokens.size(); ++id) {
    const std::string& name = tables.tokens[id];
    if (name.empty() || name.size() > kMaxTokenBytes) {
      return fail(ErrorCode::kCorrupt, fmt::format("Token {} has {} bytes; 1 to {} are allowed.",
                                                   id, name.size(), kMaxTokenBytes));
    }
    if (!text::is_valid_utf8(name)) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("Token {}, {}, is not valid UTF-8.", id, shown(name)));
    }
    const auto [first, is_new] = seen.emplace(name, id);
    if (!is_new) {
      return fail(ErrorCode::kCorrupt, fmt::format("Tokens {} and {} are both written {}.",
                                                   first->second, id, shown(name)));
    }
  }
  return {};
}

Status check_types_and_scores(const VocabularyTables& tables) {
  for (std::size_t id = 0; id < tables.types.size(); ++id) {
    if (tables.types[id] < 1 || tables.types[id] > 6) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("tokenizer.ggml.token_type gives token {} the type {}; 1 to 6 exist.",
                              id, tables.types[id]));
    }
  }
  for (std::size_t id = 0; id < tables.scores.size(); ++id) {
    if (!(std::abs(tables.scores[id]) <= std::numeric_limits<float>::max())) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("tokenizer.ggml.scores gives token {} no finite 32-bit float.", id));
    }
  }
  return {};
}

Status check_id(std::string_view key, std::optional<std::int64_t> id,
                const VocabularyTables& tables) {
  if (!id) return {};
  if (*id < 0 || *id >= static_cast<std::int64_t>(tables.tokens.size())) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("tokenizer.ggml.{} is {}, but the tokens are 0 to {}.", key, *id,
                            tables.tokens.size() - 1));
  }
  const auto index = static_cast<std::size_t>(*id);
  if (!tables.types.empty() && tables.types[index] == static_cast<std::int64_t>(TokenType::kByte)) {
    return fail(
        ErrorCode::kCorrupt,
        fmt::format("tokenizer.ggml.{} is {}, which is the byte {}; letters would end the text.",
                    key, *id, shown(tables.tokens[index])));
  }
  return {};
}

}  // namespace

Status check_tables(const VocabularyTables& tables) {
  if (tables.kind != "gpt2" && tables.kind != "llama") {
    return fail(ErrorCode::kUnsupported,
                fmt::format("The vocabulary is of the kind {}; \"gpt2\" and \"llama\" are read.",
                            shown(tables.kind)));
  }
  DRAMATIS_DO(check_counts(tables));
  DRAMATIS_DO(check_texts(tables));
  DRAMATIS_DO(check_types_and_scores(tables));
  DRAMATIS_DO(check_id("bos_token_id", tables.begin, tables));
  DRAMATIS_DO(check_id("eos_token_id", tables.end, tables));
  return check_id("eot_token_id", tables.end_of_turn, tables);
}

Result<unsigned char> parse_byte(std::string_view name) {
  unsigned value = 0;
  if (name.size() == 6 && name.starts_with("<0x") && name.ends_with('>')) {
    const auto read = std::from_chars(name.data() + 3, name.data() + 5, value, 16);
    if (read.ec == std::errc() && read.ptr == name.data() + 5) {
      return static_cast<unsigned char>(value);
    }
  }
  return fail(
      ErrorCode::kCorrupt,
      fmt::format("The token {} has the type of a byte, but is not written <0x00> to <0xFF>.",
                  shown(name)));
}

std::string shown(std::string_view name) {
  return text::print_json(text::Json(text::repair_utf8(name.substr(0, kMaxShownBytes))));
}

}  // namespace dramatis::tokens::internal
