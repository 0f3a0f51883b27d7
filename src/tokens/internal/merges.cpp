// Looks every part and every whole up by its name.
#include "tokens/internal/merges.h"

#include <unordered_map>

#include <fmt/format.h>

#include "tokens/internal/check_tables.h"

namespace dramatis::tokens::internal {
namespace {

using Names = std::unordered_map<std::string_view, std::int32_t>;

bool is_of_letters(TokenType type) {
  return type == TokenType::kNormal || type == TokenType::kUnused ||
         type == TokenType::kUserDefined;
}

Names names_of_letters(const Pieces& pieces) {
  Names names;
  names.reserve(pieces.names.size());
  for (std::size_t id = 0; id < pieces.names.size(); ++id) {
    if (is_of_letters(pieces.types[id])) {
      names.emplace(pieces.names[id], static_cast<std::int32_t>(id));
    }
  }
  return names;
}

}  // namespace

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

}  // namespace dramatis::tokens::internal
