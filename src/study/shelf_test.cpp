#include "study/shelf.h"

#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"

namespace dramatis::study {
namespace {

Instant at(std::int64_t seconds) {
  return Instant(std::chrono::seconds(seconds));
}

TEST(Shelf, KeepsReportsNewestFirst) {
  const ScratchFolder scratch;
  const Shelf shelf(scratch / "reports");
  EXPECT_TRUE(shelf.list()->empty());
  const std::string first = report_id(at(0), "hearth: Ida Fenn!");
  EXPECT_EQ(first, "19700101t000000-hearth-ida-fenn");
  const std::string second = report_id(at(86'400), "hearth");
  for (const auto& id : {first, second})
    ASSERT_TRUE(shelf.keep(id, "Ida & Tom", at(5), {{"answered_by", "hearth"}}, "<p>1</p>"));
  EXPECT_EQ(shelf.list().value(), (std::vector{second, first}));
  EXPECT_EQ(*shelf.read(first)->find("title")->as_string(), "Ida & Tom");
  EXPECT_EQ(*shelf.read(first)->find("made_ms")->as_int(), 5000);
  EXPECT_EQ(*shelf.read(first)->find("answered_by")->as_string(), "hearth");
  EXPECT_EQ(shelf.read_page(second).value(), "<p>1</p>");
}

TEST(Shelf, NothingElseIsEverAPath) {
  const ScratchFolder scratch;
  const Shelf shelf(scratch.path() / "reports");
  scratch.write("secret.json", "{\"title\":\"x\"}");
  for (const char* id : {"../secret", "", "..", "a/b", "A", "a.b", "%2e%2e"}) {
    EXPECT_FALSE(is_report_id(id)) << id;
    EXPECT_EQ(shelf.read(id).error().code, ErrorCode::kNotFound) << id;
    EXPECT_EQ(shelf.read_page(id).error().code, ErrorCode::kNotFound) << id;
    EXPECT_EQ(shelf.keep(id, "t", at(0), {}, "").error().code, ErrorCode::kInvalidArgument) << id;
  }
  EXPECT_FALSE(is_report_id(std::string(200, 'a')));
}

TEST(Shelf, WhatIsNoReportNamesItsFile) {
  const ScratchFolder scratch;
  scratch.write("a.json", "[]");
  scratch.write("b.json", "{");
  for (const char* id : {"a", "b"}) {
    const auto read = Shelf(scratch.path()).read(id);
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
    EXPECT_NE(read.error().what.find(std::string(id) + ".json"), std::string::npos);
  }
}

}  // namespace
}  // namespace dramatis::study
