// A store that brings its database with it, for suites that want one thing to hold.
#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "store/database.h"
#include "store/internal/sql_store.h"

namespace dramatis::store::testing {

struct DatabaseHolder {
  std::unique_ptr<Database> database;
};

// Thread-safe.
class OwnedStore final : private DatabaseHolder, public internal::SqlStore {
 public:
  explicit OwnedStore(std::unique_ptr<Database> opened)
      : DatabaseHolder{std::move(opened)}, internal::SqlStore(database->backend()) {}
};

// Null, with a failure of the test, where it cannot be opened.
inline std::unique_ptr<dialogue::Store> open_owned(std::string_view address) {
  auto opened = open(address);
  EXPECT_TRUE(opened) << opened.error().what;
  if (!opened) return nullptr;
  return std::make_unique<OwnedStore>(*std::move(opened));
}

}  // namespace dramatis::store::testing
