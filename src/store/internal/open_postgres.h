// The way to PostgreSQL, which one program has and another has not: its client library and what
// that loads take 14 MB of address space, from whoever never needs them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/address.h"
#include "store/internal/backend.h"

namespace dramatis::store::internal {

// Whether this program has it.
[[nodiscard]] bool has_postgres();

// What an address of PostgreSQL means. kInvalidArgument for one that cannot be read; none of it is
// shown. Where this program has not PostgreSQL, nothing of it is read.
[[nodiscard]] Result<Address> parse_postgres(const std::string& url);

struct OpenedPostgres {
  std::unique_ptr<Backend> backend;
  std::int64_t version_before = 0;
};

// Errors: those of PostgresBackend::open; kUnsupported where this program has it not.
[[nodiscard]] Result<OpenedPostgres> open_postgres(const Address& address);

}  // namespace dramatis::store::internal
