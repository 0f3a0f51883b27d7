// Byte-level BPE: a word's bytes, joined pair by pair in the order of the merges.
#include <unordered_map>

#include <fmt/format.h>

#include "tokens/internal/check_tables.h"
#include "tokens/internal/join_table.h"
#include "tokens/internal/letters.h"
#include "tokens/internal/merging.h"
#include "tokens/internal/pre_split.h"
#include "tokens/internal/seen_words.h"

namespace dramatis::tokens::internal {
namespace {

class BytePairs final : public Letters {
 public:
  BytePairs(PreSplit words, ByteTokens bytes, JoinTable joins)
      : words_(std::move(words)), bytes_(bytes), joins_(std::move(joins)) {}

  [[nodiscard]] Status append(std::string_view letters, std::vector<TokenId>& out) const override {
    DRAMATIS_TRY(const auto words, words_.split(letters));
    const auto find_join = [this](const Symbol& left, const Symbol& right) {
      return joins_.find(left.id, right.id);
    };
    SeenWords seen(out);
    Merging merging;
    for (const auto word : words) {
      if (seen.repeat(word)) continue;
      merging.clear();
      for (std::size_t at = 0; at < word.size(); ++at) {
        merging.add(static_cast<std::uint32_t>(at), 1,
                    bytes_[static_cast<unsigned char>(word[at])]);
      }
      merging.run(find_join);
      merging.each([&out](const Symbol& symbol) {
        if (symbol.id >= 0) out.push_back(TokenId{symbol.id});
      });
    }
    return {};
  }

 private:
  PreSplit words_;
  ByteTokens bytes_;
  JoinTable joins_;
};

using Names = std::unordered_map<std::string_view, std::int32_t>;

Names names_of_letters(const Pieces& pieces) {
  Names names;
  names.reserve(pieces.names.size());
  for (std::size_t id = 0; id < pieces.names.size(); ++id) {
    if (pieces.types[id] == TokenType::kNormal || pieces.types[id] == TokenType::kUnused) {
      names.emplace(pieces.names[id], static_cast<std::int32_t>(id));
    }
  }
  return names;
}

Result<JoinTable> read_merges(const Pieces& pieces, const std::vector<std::string>& merges) {
  const Names names = names_of_letters(pieces);
  const auto number = [&names](std::string_view name) {
    const auto found = names.find(name);
    return found == names.end() ? -1 : found->second;
  };
  JoinTable joins(merges.size());
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const std::string& merge = merges[rank];
    const auto space = merge.find(' ');
    if (space == std::string::npos || merge.find(' ', space + 1) != std::string::npos) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("Merge {}, {}, is not two tokens with one space between them.", rank,
                              shown(merge)));
    }
    const auto left = number(std::string_view(merge).substr(0, space));
    const auto right = number(std::string_view(merge).substr(space + 1));
    const auto both = number(merge.substr(0, space) + merge.substr(space + 1));
    if (left < 0 || right < 0 || both < 0) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("Merge {}, {}, names a part or a whole that is no token of letters.",
                              rank, shown(merge)));
    }
    joins.add(left, right, {.cost = static_cast<float>(rank), .id = both});
  }
  return joins;
}

}  // namespace

Result<std::unique_ptr<const Letters>> make_byte_pairs(const Pieces& pieces,
                                                       const VocabularyTables& tables) {
  DRAMATIS_TRY(auto words, PreSplit::named(tables.pre));
  DRAMATIS_TRY(const auto bytes, find_byte_tokens(pieces, true));
  DRAMATIS_TRY(auto joins, read_merges(pieces, tables.merges));
  return std::make_unique<const BytePairs>(std::move(words), bytes, std::move(joins));
}

}  // namespace dramatis::tokens::internal
