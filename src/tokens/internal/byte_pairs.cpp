// Byte-level BPE: a word's bytes, joined pair by pair in the order of the merges.
#include <unordered_map>

#include <fmt/format.h>

#include "tokens/internal/check_tables.h"
#include "tokens/internal/letters.h"
#include "tokens/internal/merging.h"
#include "tokens/internal/pre_split.h"

namespace dramatis::tokens::internal {
namespace {

using Joins = std::unordered_map<std::uint64_t, Join>;  // by both ids

std::uint64_t pair_of(std::int32_t left, std::int32_t right) {
  return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
}

class BytePairs final : public Letters {
 public:
  BytePairs(PreSplit words, ByteTokens bytes, Joins joins)
      : words_(std::move(words)), bytes_(bytes), joins_(std::move(joins)) {}

  [[nodiscard]] Status append(std::string_view letters, std::vector<TokenId>& out) const override {
    DRAMATIS_TRY(const auto words, words_.split(letters));
    const auto find_join = [this](const Symbol& left, const Symbol& right) -> std::optional<Join> {
      const auto found = joins_.find(pair_of(left.id, right.id));
      if (found == joins_.end()) return std::nullopt;
      return found->second;
    };
    Merging merging;
    for (const auto word : words) {
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
  Joins joins_;
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

Result<Joins> read_merges(const Pieces& pieces, const std::vector<std::string>& merges) {
  const Names names = names_of_letters(pieces);
  const auto number = [&names](std::string_view name) {
    const auto found = names.find(name);
    return found == names.end() ? -1 : found->second;
  };
  Joins joins;
  joins.reserve(merges.size());
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
    joins.try_emplace(pair_of(left, right), Join{.cost = static_cast<double>(rank), .id = both});
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
