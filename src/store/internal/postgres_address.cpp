// libpq reads its own addresses.
#include <memory>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "store/internal/open_postgres.h"

namespace dramatis::store::internal {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// libpq may quote what it cannot read, a password among it: its words are not passed on.
tl::unexpected<Error> unreadable() {
  return fail(ErrorCode::kInvalidArgument,
              "The database's address cannot be read; it is written "
              "postgresql://user@host:5432/name, and special letters of a password as %40, or "
              "the password is given as PGPASSWORD or in ~/.pgpass.");
}

}  // namespace

Result<Address> parse_postgres(const std::string& url) {
  char* complaint = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(
      PQconninfoParse(url.c_str(), &complaint));
  PQfreemem(complaint);
  if (options == nullptr) return unreadable();
  std::string user, host, port, name;
  for (const PQconninfoOption* at = options.get(); at->keyword != nullptr; ++at) {
    if (at->val == nullptr) continue;
    const std::string_view keyword = at->keyword;
    if (keyword == "user") user = fmt::format("{}@", at->val);
    if (keyword == "host") host = at->val;
    // libpq would take a part of an unescaped password for it, and say so.
    if (keyword == "port" &&
        std::string_view(at->val).find_first_not_of("0123456789,") != std::string_view::npos)
      return unreadable();
    if (keyword == "port") port = fmt::format(":{}", at->val);
    if (keyword == "dbname") name = at->val;
  }
  return Address{.kind = Kind::kPostgres,
                 .url = url,
                 .shown = fmt::format("postgresql://{}{}{}/{}", user, host, port, name)};
}

}  // namespace dramatis::store::internal
