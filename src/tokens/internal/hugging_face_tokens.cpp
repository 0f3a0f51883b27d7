// By id, with every id looked at before it is used.
#include "tokens/internal/hugging_face_tokens.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "tokens/internal/check_tables.h"
#include "tokens/internal/json_fields.h"
#include "tokens/limits.h"

namespace dramatis::tokens::internal {
namespace {

constexpr std::string_view kModel = "tokenizer.json: model";
constexpr std::string_view kAdded = "tokenizer.json: added_tokens";

std::int64_t number_of(TokenType type) {
  return static_cast<std::int64_t>(type);
}

tl::unexpected<Error> corrupt(std::string what) {
  return fail(ErrorCode::kCorrupt, std::move(what));
}

// Tokens as they are found: by id, with holes, each name once.
class Found {
 public:
  explicit Found(VocabularyTables& tables) : tables_(&tables) {}

  // Where the same name has the same id already, its type changes.
  Status add(std::string_view place, const std::string& name, const text::Json* id,
             TokenType type) {
    const auto* number = id == nullptr ? nullptr : id->as_int();
    if (number == nullptr || *number < 0 || *number >= static_cast<std::int64_t>(kMaxTokens)) {
      return corrupt(
          fmt::format("{} gives {} no id from 0 to {}.", place, shown(name), kMaxTokens - 1));
    }
    const auto at = static_cast<std::size_t>(*number);
    if (name.empty()) return corrupt(fmt::format("{} gives the id {} an empty token.", place, at));
    if (at >= tables_->tokens.size()) {
      tables_->tokens.resize(at + 1);
      tables_->types.resize(at + 1, number_of(TokenType::kUnused));
    }
    auto& held = tables_->tokens[at];
    const auto [first, is_new] = ids_.try_emplace(name, at);
    if (first->second != at || (!held.empty() && held != name)) {
      return corrupt(fmt::format("{} gives {} the id {}, which is {}'s; {} has the id {}.", place,
                                 shown(name), at, shown(held), shown(name), first->second));
    }
    held = name;
    tables_->types[at] = number_of(type);
    return {};
  }

  [[nodiscard]] std::optional<std::size_t> find(const std::string& name) const {
    const auto found = ids_.find(name);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  VocabularyTables* tables_;
  std::unordered_map<std::string, std::size_t> ids_;
};

Status check_model(const text::Json& model, std::string_view kind) {
  DRAMATIS_TRY(const auto type, text_at(model, "type", kModel));
  if (type.value_or("BPE") != "BPE") {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} is of the type {}; known here is \"BPE\" (\"WordPiece\" has a "
                            "reader of its own).",
                            kModel, shown(*type)));
  }
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    DRAMATIS_TRY(const auto letters, text_at(model, key, kModel));
    if (!letters.value_or("").empty()) {
      return fail(ErrorCode::kUnsupported, fmt::format("{} has a {} {}; known are files without.",
                                                       kModel, key, shown(*letters)));
    }
  }
  const auto* dropout = model.find("dropout");
  if (dropout != nullptr && !dropout->is_null() && dropout->as_number() != 0.0) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} has a dropout, which leaves merges out at random. Set it to null.",
                            kModel));
  }
  DRAMATIS_TRY(const auto falls_back, truth_at(model, "byte_fallback", kModel));
  if (kind == "llama" && !falls_back.value_or(false)) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} marks spaces by U+2581 without byte_fallback; known are files with "
                            "it.",
                            kModel));
  }
  return {};
}

bool is_byte_name(std::string_view name) {
  return name.size() == 6 && name.starts_with("<0x") && name.ends_with('>');
}

Status read_vocabulary(const text::Json& model, bool is_llama, Found& found) {
  const auto* vocab = model.find("vocab");
  const auto* entries = vocab == nullptr ? nullptr : vocab->as_object();
  if (entries == nullptr)
    return corrupt(fmt::format("{} has no \"vocab\" of names and ids.", kModel));
  if (entries->size() > kMaxTokens) {
    return fail(ErrorCode::kOverBudget, fmt::format("{} has {} tokens; at most {} are read.",
                                                    kModel, entries->size(), kMaxTokens));
  }
  DRAMATIS_TRY(const auto unknown, text_at(model, "unk_token", kModel));
  for (const auto& [name, id] : *entries) {
    TokenType type = TokenType::kNormal;
    if (is_llama && is_byte_name(name)) type = TokenType::kByte;
    if (is_llama && unknown == name) type = TokenType::kUnknown;
    DRAMATIS_DO(found.add(fmt::format("{}'s vocab", kModel), name, &id, type));
  }
  return {};
}

Status read_added(const text::Json& tokenizer, const VocabularyTables& tables, Found& found) {
  DRAMATIS_TRY(const auto* added, array_at(tokenizer, "added_tokens", kAdded));
  for (const auto& token : *added) {
    DRAMATIS_TRY(const auto name, text_at(token, "content", kAdded));
    DRAMATIS_TRY(const auto special, truth_at(token, "special", kAdded));
    DRAMATIS_TRY(const auto alone, truth_at(token, "single_word", kAdded));
    if (!name) return corrupt(fmt::format("{} has an entry without \"content\".", kAdded));
    if (alone.value_or(false) && !special.value_or(false)) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("{} matches {} as a single word only; known are tokens that are "
                              "matched anywhere.",
                              kAdded, shown(*name)));
    }
    const auto held = found.find(*name);
    const bool is_unknown = held && tables.types[*held] == number_of(TokenType::kUnknown);
    const auto type = is_unknown                ? TokenType::kUnknown
                      : special.value_or(false) ? TokenType::kControl
                                                : TokenType::kUserDefined;
    DRAMATIS_DO(found.add(kAdded, *name, token.find("id"), type));
  }
  return {};
}

Status fill_free_ids(VocabularyTables& tables) {
  std::size_t count = 0;
  for (std::size_t id = 0; id < tables.tokens.size(); ++id) {
    if (!tables.tokens[id].empty()) continue;
    if (++count > kMaxFreeIds) {
      return corrupt(fmt::format("tokenizer.json leaves more than {} ids below {} without a token.",
                                 kMaxFreeIds, tables.tokens.size()));
    }
    tables.tokens[id] = name_of_free_id(id);
  }
  return {};
}

Result<std::string> merge_of(const text::Json& entry, std::size_t rank) {
  if (const auto* text = entry.as_string()) return *text;
  const auto* pair = entry.as_array();
  if (pair == nullptr || pair->size() != 2 || (*pair)[0].as_string() == nullptr ||
      (*pair)[1].as_string() == nullptr) {
    return corrupt(
        fmt::format("{}'s merge {} is neither a text nor a pair of texts.", kModel, rank));
  }
  return *(*pair)[0].as_string() + " " + *(*pair)[1].as_string();
}

Status read_all_merges(const text::Json& model, VocabularyTables& tables) {
  DRAMATIS_TRY(const auto* merges, array_at(model, "merges", kModel));
  if (merges->empty()) return corrupt(fmt::format("{} has no merges.", kModel));
  if (merges->size() > kMaxMerges) {
    return fail(ErrorCode::kOverBudget, fmt::format("{} has {} merges; at most {} are read.",
                                                    kModel, merges->size(), kMaxMerges));
  }
  tables.merges.reserve(merges->size());
  for (std::size_t rank = 0; rank < merges->size(); ++rank) {
    DRAMATIS_TRY(auto merge, merge_of((*merges)[rank], rank));
    tables.merges.push_back(std::move(merge));
  }
  return {};
}

// The earlier a token's first merge, the better its score; one that no merge makes has the worst.
void score_by_merges(const Found& found, VocabularyTables& tables) {
  tables.scores.assign(tables.tokens.size(), -static_cast<double>(tables.merges.size()) - 1);
  for (std::size_t rank = tables.merges.size(); rank-- > 0;) {
    std::string whole = tables.merges[rank];
    const auto space = whole.find(' ');
    if (space == std::string::npos) continue;
    whole.erase(space, 1);
    if (const auto id = found.find(whole)) tables.scores[*id] = -static_cast<double>(rank);
  }
}

}  // namespace

std::string name_of_free_id(std::size_t id) {
  return fmt::format("[PAD{}]", id);
}

Status read_tokens(const text::Json& tokenizer, VocabularyTables& tables) {
  const auto* model = tokenizer.find("model");
  if (model == nullptr || model->as_object() == nullptr) {
    return corrupt(fmt::format("{} is missing.", kModel));
  }
  const bool is_llama = tables.kind == "llama";
  DRAMATIS_DO(check_model(*model, tables.kind));
  Found found(tables);
  DRAMATIS_DO(read_vocabulary(*model, is_llama, found));
  DRAMATIS_DO(read_added(tokenizer, tables, found));
  DRAMATIS_DO(fill_free_ids(tables));
  DRAMATIS_DO(read_all_merges(*model, tables));
  if (is_llama) score_by_merges(found, tables);
  DRAMATIS_TRY(tables.takes_words, truth_at(*model, "ignore_merges", kModel));
  if (!tables.takes_words) tables.takes_words = false;
  return {};
}

}  // namespace dramatis::tokens::internal
