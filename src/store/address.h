// The setting `database` -> which database is meant.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dramatis::store {

enum class Kind { kSqlite, kPostgres };

struct Address {
  Kind kind = Kind::kSqlite;
  std::filesystem::path path{};  // SQLite's file
  std::string url{};             // PostgreSQL's, with its password if it has one: never show it
  std::string shown{};           // what people may read: a path, or the URL without a password
};

// A path, `sqlite:path` or `postgresql://user@host:port/name`. kInvalidArgument for anything else.
[[nodiscard]] Result<Address> parse_address(std::string_view text);

}  // namespace dramatis::store
