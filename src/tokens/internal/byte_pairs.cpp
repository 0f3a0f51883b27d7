// Byte-level BPE: a word's bytes, joined pair by pair in the order of the merges.
#include <unordered_map>

#include "tokens/internal/letters.h"
#include "tokens/internal/merges.h"
#include "tokens/internal/merging.h"
#include "tokens/internal/pre_rows.h"
#include "tokens/internal/pre_split.h"
#include "tokens/internal/seen_words.h"

namespace dramatis::tokens::internal {
namespace {

// A word's bytes -> its token; views into the pieces.
using WholeWords = std::unordered_map<std::string_view, TokenId>;

class BytePairs final : public Letters {
 public:
  BytePairs(PreSplit words, WholeWords whole, ByteTokens bytes, JoinTable joins)
      : words_(std::move(words)),
        whole_(std::move(whole)),
        bytes_(bytes),
        joins_(std::move(joins)) {}

  [[nodiscard]] Status append(std::string_view letters, std::vector<TokenId>& out) const override {
    DRAMATIS_TRY(const auto words, words_.split(letters));
    SeenWords seen(out);
    Merging merging;
    for (const auto word : words) {
      if (seen.repeat(word)) continue;
      if (const auto found = whole_.find(word); found != whole_.end()) {
        out.push_back(found->second);
      } else {
        append_merged(word, merging, out);
      }
    }
    return {};
  }

 private:
  void append_merged(std::string_view word, Merging& merging, std::vector<TokenId>& out) const {
    merging.clear();
    for (std::size_t at = 0; at < word.size(); ++at) {
      merging.add(static_cast<std::uint32_t>(at), 1, bytes_[static_cast<unsigned char>(word[at])]);
    }
    merging.run(
        [this](const Symbol& left, const Symbol& right) { return joins_.find(left.id, right.id); });
    merging.each([&out](const Symbol& symbol) {
      if (symbol.id >= 0) out.push_back(TokenId{symbol.id});
    });
  }

  PreSplit words_;
  WholeWords whole_;
  ByteTokens bytes_;
  JoinTable joins_;
};

WholeWords find_whole_words(const Pieces& pieces) {
  WholeWords whole;
  whole.reserve(pieces.bytes.size());
  for (std::size_t id = 0; id < pieces.bytes.size(); ++id) {
    if (pieces.types[id] == TokenType::kNormal) {
      whole.try_emplace(pieces.bytes[id], static_cast<TokenId>(id));
    }
  }
  return whole;
}

}  // namespace

Result<std::unique_ptr<const Letters>> make_byte_pairs(const Pieces& pieces,
                                                       const VocabularyTables& tables) {
  DRAMATIS_TRY(auto words, PreSplit::named(tables.pre));
  const bool takes_words = tables.takes_words.value_or(find_pre_row(tables.pre)->takes_words);
  DRAMATIS_TRY(const auto bytes, find_byte_tokens(pieces, true));
  DRAMATIS_TRY(auto joins, read_merges(pieces, tables.merges));
  return std::make_unique<const BytePairs>(std::move(words),
                                           takes_words ? find_whole_words(pieces) : WholeWords(),
                                           bytes, std::move(joins));
}

}  // namespace dramatis::tokens::internal
