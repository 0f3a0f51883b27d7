#include "server/page_routes.h"

#include <gtest/gtest.h>

#include "server/testing/route_call.h"

namespace dramatis::server {
namespace {

constexpr PageFile kFiles[] = {{.path = "/",
                                .content_type = "text/html; charset=utf-8",
                                .bytes = "<!doctype html><p>the page</p>",
                                .gzip = "packed",
                                .tag = "\"a1\""},
                               {.path = "/assets/index-1.js",
                                .content_type = "text/javascript; charset=utf-8",
                                .bytes = "say()",
                                .gzip = "longer than say()",
                                .tag = "\"b2\""}};

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [known, value] : response.headers) {
    if (known == name) return value;
  }
  return {};
}

Response get(std::string path, Headers headers = {}) {
  Routes routes;
  routes.add(page_routes(kFiles));
  return testing::call_route(
      routes, {.method = "GET", .path = std::move(path), .headers = std::move(headers)});
}

TEST(PageRoutes, ServeThePageToAnybodyUnderItsOwnPolicy) {
  const Response page = get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, kFiles[0].bytes);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(header_of(page, "Cache-Control"), "no-cache");
  const std::string policy = header_of(page, "Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'self';")) << policy;
  EXPECT_EQ(policy.find("unsafe"), policy.npos) << "nothing inline";
  for (const Route& route : page_routes(kFiles)) EXPECT_EQ(route.caller, Caller::kAnybody);
  EXPECT_TRUE(page_routes({}).empty());
}

TEST(PageRoutes, LetHashedFilesStayInCachesForEver) {
  EXPECT_EQ(header_of(get("/assets/index-1.js"), "Cache-Control"),
            "public, max-age=31536000, immutable");
}

TEST(PageRoutes, CompressWhereThatIsWantedAndShorter) {
  const Response packed = get("/", {{"accept-encoding", "br, gzip"}});
  EXPECT_EQ(packed.body, "packed");
  EXPECT_EQ(header_of(packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(header_of(packed, "Vary"), "Accept-Encoding");
  EXPECT_EQ(get("/assets/index-1.js", {{"accept-encoding", "gzip"}}).body, "say()");
}

TEST(PageRoutes, AnswerNothingNewToWhoHasIt) {
  const Response same = get("/", {{"if-none-match", "W/\"x\", \"a1\""}});
  EXPECT_EQ(same.status, 304);
  EXPECT_TRUE(same.body.empty());
  EXPECT_EQ(header_of(same, "ETag"), "\"a1\"");
  EXPECT_EQ(get("/", {{"if-none-match", "\"a2\""}}).status, 200);
}

TEST(TakesGzip, ReadsWeights) {
  EXPECT_TRUE(takes_gzip("gzip"));
  EXPECT_TRUE(takes_gzip("br;q=1.0, gzip;q=0.8, *;q=0.1"));
  EXPECT_TRUE(takes_gzip("*"));
  EXPECT_FALSE(takes_gzip(""));
  EXPECT_FALSE(takes_gzip("identity"));
  EXPECT_FALSE(takes_gzip("gzip;q=0"));
  EXPECT_FALSE(takes_gzip("gzip;q=0.000, *"));
  EXPECT_FALSE(takes_gzip("*;q=0"));
}

}  // namespace
}  // namespace dramatis::server
