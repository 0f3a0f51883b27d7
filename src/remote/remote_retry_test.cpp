#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "remote/remote_model.h"
#include "remote/testing/stage.h"

namespace dramatis::remote {
namespace {

using testing::Answer;
using testing::good;
using ::testing::HasSubstr;
using testing::reset;
using testing::ScriptedServer;
using testing::Seen;
using testing::send;
using testing::Stage;

// B15: redirects.
TEST(RemoteModel, FollowsNoRedirect) {
  ScriptedServer other([](std::size_t, const Seen&) { return good(); });
  for (const int status : {301, 302, 307, 308}) {
    Stage stage(
        {{send(testing::answer(status, "text/plain", "", "Location: " + other.url() + "\r\n"))}});
    EXPECT_THAT(stage.failure().what, HasSubstr("redirects are not followed"));
    EXPECT_EQ(stage.server.seen().size(), 1u);
  }
  EXPECT_TRUE(other.seen().empty());
}

// B8 and B10: what is tried again.
TEST(RemoteModel, TriesAgainWhereThatCanHelp) {
  for (const int status : {408, 409, 429, 500, 502, 503, 529}) {
    Stage stage(
        {{send(testing::answer(status, "text/html", "<html>sk-very-secret</html>"))}, good()});
    EXPECT_EQ(stage.ask().value().text, "Well met.") << status;
    EXPECT_EQ(stage.server.seen().size(), 2u);
    EXPECT_EQ(stage.sink.text(), "Well met.");
  }
  Stage lost({{reset()}, good()});
  EXPECT_EQ(lost.ask().value().text, "Well met.");
}

TEST(RemoteModel, GivesUpAfterTheThirdAttempt) {
  Stage stage({{send(
      testing::answer(503, "application/json", R"({"error":{"message":"Loading model"}})"))}});
  EXPECT_THAT(stage.failure().what, HasSubstr("answered 503. Loading model"));
  EXPECT_EQ(stage.server.seen().size(), 3u);
  Stage lost({{reset()}});
  EXPECT_EQ(lost.failure().code, ErrorCode::kUnavailable);
  EXPECT_EQ(lost.server.seen().size(), 2u)
      << "a request that may have been worked on is repeated once";
}

// B8: what is not.
TEST(RemoteModel, DoesNotTryAgainWhatCannotHelp) {
  for (const int status : {400, 401, 402, 403, 404, 422}) {
    Stage stage(
        {{send(testing::answer(status, "application/json", R"({"error":{"message":"no"}})"))}});
    EXPECT_EQ(stage.failure().code, ErrorCode::kUnavailable) << status;
    EXPECT_EQ(stage.server.seen().size(), 1u) << status;
  }
  Stage long_prompt({{send(testing::answer(
      400, "application/json", R"({"error":{"message":"m","code":"context_length_exceeded"}})"))}});
  EXPECT_EQ(long_prompt.failure().code, ErrorCode::kOverBudget);
}

// B7: pauses that a service asks for.
TEST(RemoteModel, ObeysARetryAfterThatFitsTheDeadline) {
  const auto busy = [](const std::string& header) {
    return Answer{send(testing::answer(429, "text/plain", "", header))};
  };
  Stage soon({busy("retry-after-ms: 3\r\n"), good()});
  EXPECT_EQ(soon.ask().value().text, "Well met.");
  for (const char* far : {"Retry-After: 86400\r\n", "Retry-After: 30\r\n"}) {
    Stage stage({busy(far), good()});
    EXPECT_EQ(stage.failure().code, ErrorCode::kUnavailable);
    EXPECT_EQ(stage.server.seen().size(), 1u);
  }
  for (const char* nonsense : {"Retry-After: 0\r\n", "Retry-After: -5\r\n", "Retry-After: NaN\r\n",
                               "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n"}) {
    Stage stage({busy(nonsense), good()});
    EXPECT_EQ(stage.ask().value().text, "Well met.") << nonsense;
  }
}

}  // namespace
}  // namespace dramatis::remote
