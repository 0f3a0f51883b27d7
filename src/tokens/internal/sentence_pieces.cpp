// SentencePiece-style BPE: characters, joined while the whole is a token, the best score first, or
// in the order of merges where the vocabulary has them.
// Spaces are kept as spaces: the tokens' U+2581 was undone, so that a text's own U+2581 survives.
#include <unordered_map>

#include "text/utf8.h"
#include "tokens/internal/letters.h"
#include "tokens/internal/merges.h"
#include "tokens/internal/merging.h"
#include "tokens/internal/seen_words.h"

namespace dramatis::tokens::internal {
namespace {

// What a text's characters may become.
struct Known {
  std::unordered_map<std::string_view, Join> pieces;
  std::size_t longest = 0;        // in bytes
  bool spaces_only_first = true;  // no piece has a space after another character
};

Known find_known(const Pieces& pieces, const std::vector<double>& scores, bool with_user_defined) {
  Known known;
  known.pieces.reserve(pieces.bytes.size());
  for (std::size_t id = 0; id < pieces.bytes.size(); ++id) {
    if (pieces.types[id] != TokenType::kNormal && pieces.types[id] != TokenType::kUnused &&
        (pieces.types[id] != TokenType::kUserDefined || !with_user_defined)) {
      continue;
    }
    const std::string_view piece = pieces.bytes[id];
    known.pieces.try_emplace(
        piece, Join{.cost = -static_cast<float>(scores[id]), .id = static_cast<std::int32_t>(id)});
    known.longest = std::max(known.longest, piece.size());
    const auto word = piece.find_first_not_of(' ');
    if (word != std::string_view::npos && piece.find(' ', word) != std::string_view::npos) {
      known.spaces_only_first = false;
    }
  }
  return known;
}

class SentencePieces final : public Letters {
 public:
  SentencePieces(Known known, ByteTokens bytes, std::optional<JoinTable> merges)
      : known_(std::move(known)), bytes_(bytes), merges_(std::move(merges)) {}

  [[nodiscard]] Status append(std::string_view letters, std::vector<TokenId>& out) const override {
    Merging merging;
    SeenWords seen(out);
    for (std::size_t at = 0; at < letters.size();) {
      const std::size_t end = known_.spaces_only_first ? word_end(letters, at) : letters.size();
      const auto word = letters.substr(at, end - at);
      if (!seen.repeat(word)) append_word(word, merging, out);
      at = end;
    }
    return {};
  }

 private:
  // No piece reaches over this place, so that the words on both sides do not know of each other.
  static std::size_t word_end(std::string_view letters, std::size_t at) {
    const auto word = letters.find_first_not_of(' ', at);
    return word == std::string_view::npos ? letters.size()
                                          : std::min(letters.find(' ', word), letters.size());
  }

  void append_word(std::string_view word, Merging& merging, std::vector<TokenId>& out) const {
    merging.clear();
    for (std::size_t at = 0; at < word.size();) {
      const auto length = std::max<std::size_t>(text::first_code_point(word.substr(at)).length, 1);
      const auto found = known_.pieces.find(word.substr(at, length));
      merging.add(static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(length),
                  found == known_.pieces.end() ? -1 : found->second.id);
      at += length;
    }
    merging.run([this, word](const Symbol& left, const Symbol& right) -> std::optional<Join> {
      if (merges_) return merges_->find(left.id, right.id);
      const std::size_t length = left.length + right.length;
      if (length > known_.longest) return std::nullopt;
      const auto found = known_.pieces.find(word.substr(left.first, length));
      if (found == known_.pieces.end()) return std::nullopt;
      return found->second;
    });
    merging.each([&](const Symbol& symbol) {
      if (symbol.id >= 0) {
        out.push_back(TokenId{symbol.id});
        return;
      }
      for (const char byte : word.substr(symbol.first, symbol.length)) {
        const auto id = bytes_[static_cast<unsigned char>(byte)];
        if (id >= 0) out.push_back(TokenId{id});
      }
    });
  }

  Known known_;
  ByteTokens bytes_;
  std::optional<JoinTable> merges_;  // nothing: scores decide
};

}  // namespace

Result<std::unique_ptr<const Letters>> make_sentence_pieces(const Pieces& pieces,
                                                            const VocabularyTables& tables) {
  DRAMATIS_TRY(const auto bytes, find_byte_tokens(pieces, false));
  std::optional<JoinTable> merges;
  if (!tables.merges.empty()) {
    DRAMATIS_TRY(merges, read_merges(pieces, tables.merges));
  }
  auto known = find_known(pieces, tables.scores, merges.has_value());
  return std::make_unique<const SentencePieces>(std::move(known), bytes, std::move(merges));
}

}  // namespace dramatis::tokens::internal
