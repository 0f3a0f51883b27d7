#include "server/training_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "runs/log.h"
#include "server/testing/route_call.h"

namespace dramatis::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct House {
  House() {
    std::filesystem::create_directories(scratch / "ida-lora");
    auto log = runs::RunLog::open(scratch / "ida-lora" / "log.jsonl", 0).value();
    EXPECT_TRUE(log.add(runs::Begin{.name = "ida", .method = "lora", .base = "b", .updates = 9}));
    EXPECT_TRUE(log.add(
        runs::Evaluation{.update = 0,
                         .loss = 3.5,
                         .is_best = true,
                         .samples = {{.question = "Bread?", .reply = "A penny.", .ended = true}}}));
    EXPECT_TRUE(log.add(runs::Update{.update = 1, .epoch = 1, .loss = 2.5, .rate = 0.25}));
    scratch.write("ida-lora/result.json",
                  text::print_json(text::Json(runs::print_facts(
                      {.name = "ida", .rank = 8, .samples = {{"Bread?", "Two pennies."}}}))));
    std::filesystem::create_directories(scratch / "torn");
    scratch.write("torn/log.jsonl", "nonsense\n{\"kind\":\"beg");
    routes.add(training_routes(folder));
  }
  Response get(std::string path, std::string query = "") {
    return testing::call_route(
        routes, {.method = "GET", .path = std::move(path), .query = std::move(query)});
  }

  ScratchFolder scratch{};
  SystemClock clock{};
  runs::Folder folder{scratch.path(), clock};
  Routes routes{};
};

TEST(TrainingRoutes, RunsAreListedWithTheirLosses) {
  House house;
  const Response list = house.get("/v1/trainings");
  EXPECT_EQ(list.status, 200);
  EXPECT_THAT(list.body, HasSubstr(R"("name":"ida-lora","state":"learning")"));
  EXPECT_THAT(list.body, HasSubstr(R"("method":"lora")"));
  EXPECT_THAT(list.body, HasSubstr(R"("rank":8)"));
  EXPECT_THAT(list.body, HasSubstr(R"("unread":1)"));
  EXPECT_THAT(list.body, Not(HasSubstr("penn")));
}

TEST(TrainingRoutes, ALogIsReadFromWhereTheReaderIs) {
  House house;
  const Response whole = house.get("/v1/trainings/ida-lora");
  EXPECT_THAT(whole.body, HasSubstr("A penny."));
  EXPECT_THAT(whole.body, HasSubstr(R"("next":3,"more":false)"));
  const Response rest = house.get("/v1/trainings/ida-lora", "after=2");
  EXPECT_THAT(rest.body, Not(HasSubstr("A penny.")));
  EXPECT_THAT(rest.body, HasSubstr(R"("rate":0.25)"));
  EXPECT_THAT(house.get("/v1/trainings/ida-lora", "after=70").body,
              HasSubstr(R"("entries":[],"next":3)"));
  EXPECT_THAT(house.get("/v1/trainings/torn").body, HasSubstr(R"("entries":[],"next":1)"));
  for (const char* after : {"after=-1", "after=x", "after=99999999999999999999"})
    EXPECT_EQ(house.get("/v1/trainings/ida-lora", after).status, 400) << after;
}

TEST(TrainingRoutes, ANameIsNeverAPath) {
  House house;
  for (const char* name : {"none", "..", ".", "%2e%2e", "..%2fida-lora", "ida-lora%00"})
    EXPECT_EQ(house.get(std::string("/v1/trainings/") + name).status, 404) << name;
}

TEST(TrainingRoutes, AreForWriters) {
  House house;
  for (const Route& route : house.routes.all()) EXPECT_EQ(route.caller, Caller::kWriter);
}

}  // namespace
}  // namespace dramatis::server
