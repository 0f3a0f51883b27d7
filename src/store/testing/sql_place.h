// A database as a place of the archives' suite: with workers that share it.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"
#include "dataset/testing/archive_contract.h"
#include "store/internal/sql_archive.h"
#include "store/testing/owned_store.h"

namespace dramatis::store::testing {

// An archive that brings its database with it.
class OwnedArchive final : private DatabaseHolder, public internal::SqlArchive {
 public:
  OwnedArchive(std::unique_ptr<Database> opened, internal::SqlWorker worker)
      : DatabaseHolder{std::move(opened)},
        internal::SqlArchive(database->backend(), std::move(worker)) {}
};

// A database that workers share, each with a connection of its own.
class SqlPlace : public dataset::testing::ArchivePlace {
 public:
  explicit SqlPlace(std::string address) : address_(std::move(address)) {}
  std::unique_ptr<dataset::Archive> worker(std::chrono::milliseconds lease) override {
    auto opened = open(address_);
    EXPECT_TRUE(opened) << opened.error().what;
    if (!opened) return nullptr;
    return std::make_unique<OwnedArchive>(
        *std::move(opened),
        internal::SqlWorker{.run = "tests",
                            .place = "run tests",
                            .id = static_cast<std::int64_t>(random_u64().value() >> 1U),
                            .lease_ms = lease.count()});
  }

 private:
  std::string address_;
};

}  // namespace dramatis::store::testing
