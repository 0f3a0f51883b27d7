// The longest token first, from left to right; a word that does not come out even is unknown.
#include "tokens/word_pieces.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "text/utf8.h"
#include "tokens/internal/bert_words.h"
#include "tokens/internal/check_tables.h"
#include "tokens/limits.h"

namespace dramatis::tokens {
namespace {

using Ids = std::unordered_map<std::string_view, TokenId>;

Result<Ids> check_tokens(const std::vector<std::string>& tokens) {
  if (tokens.size() < kMinTokens || tokens.size() > kMaxTokens) {
    return fail(tokens.size() > kMaxTokens ? ErrorCode::kOverBudget : ErrorCode::kCorrupt,
                fmt::format("The vocabulary has {} tokens; {} to {} are read.", tokens.size(),
                            kMinTokens, kMaxTokens));
  }
  Ids ids;
  ids.reserve(tokens.size());
  for (std::size_t n = 0; n < tokens.size(); ++n) {
    const auto& token = tokens[n];
    if (token.empty() || token.size() > kMaxTokenBytes || !text::is_valid_utf8(token)) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("Token {}, {}, has {} bytes; 1 to {} of valid UTF-8 are allowed.", n,
                              internal::shown(token), token.size(), kMaxTokenBytes));
    }
    const auto [first, is_new] = ids.emplace(token, static_cast<TokenId>(n));
    if (!is_new) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("Tokens {} and {} are both written {}.",
                              static_cast<int>(first->second), n, internal::shown(token)));
    }
  }
  return ids;
}

Result<TokenId> find_special(const Ids& ids, const std::string& name) {
  const auto found = ids.find(name);
  if (found == ids.end()) {
    return fail(ErrorCode::kCorrupt, fmt::format("The vocabulary of {} tokens has no {}.",
                                                 ids.size(), internal::shown(name)));
  }
  return found->second;
}

std::string utf8(std::u32string_view word) {
  std::string out;
  for (const char32_t c : word) text::append_utf8(c, out);
  return out;
}

}  // namespace

Result<WordPieces> WordPieces::from_tables(WordPieceTables given) {
  if (given.continuation.empty()) {
    return fail(ErrorCode::kUnsupported,
                "The vocabulary's continuing_subword_prefix is empty; known are files with one.");
  }
  WordPieces made(std::move(given));
  const auto& tables = made.tables_;
  DRAMATIS_TRY(const auto ids, check_tokens(tables.tokens));
  DRAMATIS_TRY(made.unknown_, find_special(ids, tables.unknown));
  DRAMATIS_TRY(made.first_, find_special(ids, tables.first));
  DRAMATIS_TRY(made.last_, find_special(ids, tables.last));
  for (const auto& [name, id] : ids) {
    if (id == made.unknown_ || id == made.first_ || id == made.last_) continue;
    const bool goes_on = name.starts_with(tables.continuation);
    auto& pieces = goes_on ? made.others_ : made.starts_;
    const auto letters = name.substr(goes_on ? tables.continuation.size() : 0);
    pieces.longest = std::max(pieces.longest, letters.size());
    pieces.ids.emplace(letters, id);
  }
  return made;
}

void WordPieces::append_word(std::u32string_view word, std::vector<TokenId>& out) const {
  const std::size_t before = out.size();
  if (word.size() > tables_.longest_word) {
    out.push_back(unknown_);
    return;
  }
  const std::string letters = utf8(word);
  for (std::size_t at = 0; at < letters.size();) {
    const Pieces& pieces = at == 0 ? starts_ : others_;
    std::size_t length = std::min(pieces.longest, letters.size() - at);
    auto found = pieces.ids.end();
    for (; length > 0; --length) {
      found = pieces.ids.find(letters.substr(at, length));
      if (found != pieces.ids.end()) break;
    }
    if (length == 0) {
      out.resize(before);
      out.push_back(unknown_);
      return;
    }
    out.push_back(found->second);
    at += length;
  }
}

Result<std::vector<TokenId>> WordPieces::encode(std::string_view text, std::size_t most) const {
  if (text.size() > kMaxEncodeBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The text to encode has {} bytes; at most {} are allowed.", text.size(),
                            kMaxEncodeBytes));
  }
  if (!text::is_valid_utf8(text)) {
    return fail(ErrorCode::kInvalidArgument, "The text to encode is not valid UTF-8.");
  }
  std::vector<TokenId> ids{first_};
  for (const auto& word : internal::bert_words(text, tables_)) {
    append_word(word, ids);
    if (ids.size() >= most) break;
  }
  ids.resize(std::min(ids.size(), std::max<std::size_t>(most, 2) - 1));
  ids.push_back(last_);
  return ids;
}

std::string_view WordPieces::name_of(TokenId id) const& {
  DRAMATIS_CHECK(static_cast<std::size_t>(id) < size());
  return tables_.tokens[static_cast<std::size_t>(id)];
}

}  // namespace dramatis::tokens
