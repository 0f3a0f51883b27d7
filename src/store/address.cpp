// The forms of an address.
#include "store/address.h"

#include <fmt/format.h>

#include "store/internal/open_postgres.h"

namespace dramatis::store {

Result<Address> parse_address(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument, "The database's address holds U+0000.");
  }
  if (text.starts_with("postgresql://") || text.starts_with("postgres://"))
    return internal::parse_postgres(std::string(text));
  if (text.starts_with("sqlite:")) text.remove_prefix(7);
  if (text.empty())
    return fail(ErrorCode::kInvalidArgument,
                "The database's address is empty; it is a path or postgresql://host/name.");
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is no kind of database; it is a path, sqlite:path or "
                            "postgresql://host/name.",
                            text.substr(0, scheme)));
  }
  return Address{.kind = Kind::kSqlite, .path = text, .shown = std::string(text)};
}

}  // namespace dramatis::store
