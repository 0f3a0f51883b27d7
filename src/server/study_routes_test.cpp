#include "server/study_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "server/testing/route_call.h"

namespace dramatis::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(StudyRoutes, ReportsAreListedReadAndShown) {
  const ScratchFolder scratch;
  const study::Shelf shelf(scratch.path());
  const Instant made{std::chrono::seconds(5)};
  ASSERT_TRUE(shelf.keep("one", "First", made,
                         {{"answered_by", "hearth"},
                          {"rows", text::JsonArray{text::JsonObject{{"character", "ida-fenn"},
                                                                    {"question", "bread"},
                                                                    {"asked", "Bread?"},
                                                                    {"reply", "A penny."}}}}},
                         "<!doctype html><p>one</p>"));
  scratch.write("two.json", "{");
  Routes routes;
  routes.add(study_routes(shelf));
  const auto get = [&](std::string path) {
    return testing::call_route(routes, {.method = "GET", .path = std::move(path)});
  };
  const Response list = get("/v1/reports");
  EXPECT_THAT(list.body, HasSubstr(R"("title":"First")"));
  EXPECT_THAT(list.body, Not(HasSubstr("A penny.")));
  EXPECT_THAT(get("/v1/reports/one").body, HasSubstr("A penny."));
  const Response page = get("/v1/reports/one/page");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("<p>one</p>"));
  EXPECT_THAT(page.headers.front().second, HasSubstr("default-src 'none'"));
  for (const char* path : {"/v1/reports/three", "/v1/reports/..", "/v1/reports/three/page"})
    EXPECT_EQ(get(path).status, 404) << path;
  for (const Route& route : routes.all()) EXPECT_EQ(route.caller, Caller::kWriter);
}

}  // namespace
}  // namespace dramatis::server
