// Ports that bring their database with them, for suites that want one thing to hold.
#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "store/database.h"
#include "store/internal/sql_keys.h"
#include "store/internal/sql_ledger.h"
#include "store/internal/sql_notices.h"
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

// Keys that bring their database with them, with the players 1 and ~0 registered.
class OwnedKeys final : private DatabaseHolder, public internal::SqlKeys {
 public:
  explicit OwnedKeys(std::unique_ptr<Database> opened)
      : DatabaseHolder{std::move(opened)}, internal::SqlKeys(database->backend()) {
    for (const std::uint64_t id : {std::uint64_t{1}, ~std::uint64_t{0}})
      EXPECT_TRUE(database->conversations().add_user({.id = UserId{id}, .name = "Alice"}));
  }
};

// A store of talks for the contract suite: with the NPCs and players that it speaks of.
class ArenaMaker {
 public:
  explicit ArenaMaker(std::string address) : address_(std::move(address)) {}
  arena::Store& store() {
    arena::Store& talks = reopened();
    for (const std::uint64_t n : {1, 2}) {
      EXPECT_TRUE(database_->conversations().add_npc({.id = NpcId{n}, .settings = {.scene = "x"}}));
      EXPECT_TRUE(database_->conversations().add_user({.id = UserId{10 + n}, .name = "Alice"}));
    }
    return talks;
  }
  arena::Store& reopened() {
    database_.reset();
    database_ = open(address_).value();
    return database_->talks();
  }

 private:
  std::string address_;
  std::unique_ptr<Database> database_;
};

// Notices that bring their database with them.
class OwnedNotices final : private DatabaseHolder, public internal::SqlNotices {
 public:
  explicit OwnedNotices(std::unique_ptr<Database> opened)
      : DatabaseHolder{std::move(opened)}, internal::SqlNotices(database->backend()) {}
};

// A ledger that brings its database with it.
class OwnedLedger final : private DatabaseHolder, public internal::SqlLedger {
 public:
  explicit OwnedLedger(std::unique_ptr<Database> opened)
      : DatabaseHolder{std::move(opened)}, internal::SqlLedger(database->backend()) {}
};

// Null, with a failure of the test, where it cannot be opened.
inline std::unique_ptr<remote::SpendLedger> open_owned_ledger(std::string_view address) {
  auto opened = open(address);
  EXPECT_TRUE(opened) << opened.error().what;
  if (!opened) return nullptr;
  return std::make_unique<OwnedLedger>(*std::move(opened));
}
inline std::unique_ptr<accounts::Notices> open_owned_notices(std::string_view address) {
  auto opened = open(address);
  EXPECT_TRUE(opened) << opened.error().what;
  if (!opened) return nullptr;
  return std::make_unique<OwnedNotices>(*std::move(opened));
}
inline std::unique_ptr<accounts::Keys> open_owned_keys(std::string_view address) {
  auto opened = open(address);
  EXPECT_TRUE(opened) << opened.error().what;
  if (!opened) return nullptr;
  return std::make_unique<OwnedKeys>(*std::move(opened));
}
inline std::unique_ptr<dialogue::Store> open_owned(std::string_view address) {
  auto opened = open(address);
  EXPECT_TRUE(opened) << opened.error().what;
  if (!opened) return nullptr;
  return std::make_unique<OwnedStore>(*std::move(opened));
}

}  // namespace dramatis::store::testing
