// For tests: a vocabulary of made_up.h as a tokenizer.json says it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "text/json.h"
#include "tokens/testing/made_up.h"

namespace dramatis::tokens::testing {

constexpr std::string_view kByteLevel =
    R"({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true})";
constexpr std::string_view kMarkedSpaces =
    R"({"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},)"
    R"({"type":"Replace","pattern":{"String":" "},"content":"▁"}]})";

inline text::Json parsed(std::string_view json) {
  auto value = text::parse_json(json);
  return value ? std::move(*value) : text::Json("no JSON");
}

inline bool is_added(const VocabularyTables& tables, std::size_t id) {
  return tables.types[id] == number_of(TokenType::kControl) ||
         tables.types[id] == number_of(TokenType::kUserDefined);
}

// Control and user-defined tokens are added ones, as transformers saves them.
inline text::JsonObject made_up_tokenizer(const VocabularyTables& tables) {
  text::JsonObject vocab;
  text::JsonArray added;
  for (std::size_t id = 0; id < tables.tokens.size(); ++id) {
    if (!is_added(tables, id)) {
      vocab.emplace_back(tables.tokens[id], id);
      continue;
    }
    added.push_back(
        text::JsonObject{{"id", id},
                         {"content", tables.tokens[id]},
                         {"single_word", false},
                         {"special", tables.types[id] == number_of(TokenType::kControl)}});
  }
  text::JsonArray merges;
  for (const auto& merge : tables.merges) merges.emplace_back(merge);
  const bool is_llama = tables.kind == "llama";
  return {{"version", "1.0"},
          {"added_tokens", std::move(added)},
          {"normalizer", is_llama ? parsed(kMarkedSpaces) : text::Json()},
          {"pre_tokenizer", is_llama ? text::Json() : parsed(kByteLevel)},
          {"post_processor", text::Json()},
          {"model", text::JsonObject{{"type", "BPE"},
                                     {"unk_token", is_llama ? text::Json("<unk>") : text::Json()},
                                     {"byte_fallback", is_llama},
                                     {"vocab", std::move(vocab)},
                                     {"merges", std::move(merges)}}}};
}

// Sets a member of an object, or of one inside it.
inline void set(text::JsonObject& object, std::string_view key, text::Json value) {
  for (auto& [name, held] : object) {
    if (name == key) {
      held = std::move(value);
      return;
    }
  }
  object.emplace_back(std::string(key), std::move(value));
}
inline text::JsonObject& in(text::JsonObject& object, std::string_view key) {
  for (auto& [name, held] : object) {
    if (name == key) return *held.as_object();
  }
  object.emplace_back(std::string(key), text::JsonObject());
  return *object.back().second.as_object();
}

}  // namespace dramatis::tokens::testing
