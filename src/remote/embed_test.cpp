#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lm/limits.h"
#include "remote/embed_wire.h"
#include "remote/limits.h"
#include "remote/testing/stage.h"
#include "text/json.h"

namespace dramatis::remote {
namespace {

using testing::Answer;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using testing::hold;
using testing::kKey;
using ::testing::Not;
using testing::ScriptedServer;
using testing::Seen;
using testing::send;
using testing::Stage;

Answer json(const std::string& body, int status = 200) {
  return {send(testing::answer(status, "application/json", body))};
}

// A service that gives each text a vector of two numbers, the second its length in bytes, and lists
// them from the last to the first.
Answer lengths(const Seen& request) {
  const auto asked = text::parse_json(request.body).value();
  std::string data;
  const auto& input = *asked.find("input")->as_array();
  for (std::size_t n = input.size(); n-- > 0;) {
    data += fmt::format(R"({}{{"object":"embedding","index":{},"embedding":[0,{}]}})",
                        data.empty() ? "" : ",", n, input[n].as_string()->size());
  }
  return json(R"({"object":"list","data":[)" + data + "]}");
}

Result<std::vector<std::vector<float>>> embed(Stage& stage, std::vector<std::string> texts) {
  return stage.model->embed(texts, stage.stop.get_token());
}

// The error of an answer that must be refused, never with the key in it.
Error refusal(const Answer& answer, std::vector<std::string> texts = {"one", "two"}) {
  Stage stage({answer});
  const auto made = embed(stage, std::move(texts));
  if (made) return {ErrorCode::kInternal, "it succeeded"};
  EXPECT_THAT(made.error().what, Not(HasSubstr(kKey)));
  return made.error();
}

TEST(RemoteEmbed, AsksInTheShapeOfEmbeddings) {
  Stage stage({json(R"({"data":[{"index":1,"embedding":[0,-2]},{"index":0,"embedding":[3,4]}],
                        "usage":{"prompt_tokens":2}})")});
  const auto vectors = embed(stage, {"one", ""}).value();
  ASSERT_EQ(vectors.size(), 2U);
  EXPECT_THAT(vectors[0], ElementsAre(FloatEq(0.6F), FloatEq(0.8F)));
  EXPECT_THAT(vectors[1], ElementsAre(FloatEq(0), FloatEq(-1)));
  const auto seen = stage.server.seen().at(0);
  EXPECT_THAT(seen.head, ::testing::StartsWith("POST /v1/embeddings HTTP/1.1\r\n"));
  EXPECT_THAT(seen.head, HasSubstr("Authorization: Bearer sk-very-secret\r\n"));
  EXPECT_THAT(seen.head, HasSubstr("Accept: application/json\r\n"));
  EXPECT_EQ(
      text::parse_json(seen.body).value(),
      text::parse_json(R"({"model":"m","input":["one"," "],"encoding_format":"float"})").value());
}

TEST(RemoteEmbed, SendsManyTextsInSeveralRequests) {
  const SystemClock clock;
  ScriptedServer server([](std::size_t, const Seen& request) { return lengths(request); });
  const auto model = RemoteModel::open(testing::options_for(server.url()), Rng(1), clock).value();
  std::vector<std::string> texts(2 * kMaxTextsSent + 5, "the");
  const auto vectors = model->embed(texts, {}).value();
  EXPECT_EQ(vectors.size(), texts.size());
  EXPECT_EQ(server.seen().size(), 3U);
  EXPECT_TRUE(model->embed(std::span<const std::string>(), {}).value().empty());
  EXPECT_EQ(server.seen().size(), 3U);
  texts.resize(lm::kMaxEmbedTexts + 1);
  EXPECT_EQ(model->embed(texts, {}).error().code, ErrorCode::kOverBudget);
  EXPECT_EQ(server.seen().size(), 3U);
}

TEST(RemoteEmbed, SendsNoBrokenText) {
  Stage stage({json("{}")});
  EXPECT_EQ(embed(stage, {"one", "\xFF"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(stage.server.seen().empty());
}

TEST(RemoteEmbed, BelievesNothingThatDoesNotFit) {
  for (const char* wrong : {
           R"({})",
           R"([])",
           R"({"data":{}})",
           R"({"data":[]})",
           R"({"data":[{"index":0,"embedding":[1]}]})",
           R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})",
           R"({"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]})",
           R"({"data":[{"index":0,"embedding":[1]},{"index":-1,"embedding":[1]}]})",
           R"({"data":[{"index":0,"embedding":[1]},{"index":"1","embedding":[1]}]})",
           R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]})",
           R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[]}]})",
           R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[0]}]})",
           R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":["1"]}]})",
           R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":"AACAPw=="}]})",
           R"({"data":[{"index":0,"embedding":[1]},{"index":1}]})",
           R"({"data":[{"index":0,"embedding":[1]},7]})",
           R"({"data":[)",
       }) {
    EXPECT_EQ(refusal(json(wrong)).code, ErrorCode::kCorrupt) << wrong;
  }
  EXPECT_EQ(refusal({send(testing::answer(200, "text/html", "<html>"))}).code, ErrorCode::kCorrupt);
  EXPECT_EQ(
      refusal({send(testing::answer(200, "application/json", "x", "Content-Encoding: br\r\n"))})
          .code,
      ErrorCode::kCorrupt);
}

TEST(RemoteEmbed, VectorsOfTwoRequestsHaveOneWidth) {
  std::string first, second;
  for (std::size_t n = 0; n < kMaxTextsSent; ++n)
    first += fmt::format(R"({}{{"index":{},"embedding":[1]}})", n == 0 ? "" : ",", n);
  second = R"({"index":0,"embedding":[1,2]})";
  Stage stage({json(R"({"data":[)" + first + "]}"), json(R"({"data":[)" + second + "]}")});
  const auto made = embed(stage, std::vector<std::string>(kMaxTextsSent + 1, "a"));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(made.error().what, HasSubstr("of 1 and of 2 numbers"));
}

TEST(RemoteEmbed, VeryLargeAndVerySmallNumbersStillHaveADirection) {
  const auto vectors = parse_vectors(
      R"({"data":[{"embedding":[3e300,4e300]},{"embedding":[3e-300,-4e-300]}]})", 2, "");
  ASSERT_TRUE(vectors) << vectors.error().what;
  EXPECT_THAT((*vectors)[0], ElementsAre(FloatEq(0.6F), FloatEq(0.8F)));
  EXPECT_THAT((*vectors)[1], ElementsAre(FloatEq(0.6F), FloatEq(-0.8F)));
}

TEST(RemoteEmbed, TellsWhatTheServiceRefused) {
  const auto unknown = refusal(
      json(R"({"error":{"message":"model m with key sk-very-secret does not embed"}})", 404));
  EXPECT_EQ(unknown.code, ErrorCode::kUnavailable);
  EXPECT_THAT(unknown.what, HasSubstr("404; check the address and the model's name"));
  EXPECT_THAT(unknown.what, HasSubstr("does not embed"));
  const auto broken_up =
      parse_vectors(R"({"error":{"message":"sk-very\u007f\u0001-secret is wrong"}})", 1, kKey);
  ASSERT_FALSE(broken_up);
  EXPECT_THAT(broken_up.error().what, HasSubstr("[key] is wrong"));
  const auto long_text =
      refusal(json(R"({"error":{"message":"too long","code":"context_length_exceeded"}})", 400));
  EXPECT_EQ(long_text.code, ErrorCode::kOverBudget);
  EXPECT_EQ(refusal(json(R"({"error":{"message":"no"}})")).code, ErrorCode::kUnavailable);
}

TEST(RemoteEmbed, TriesAgainWhereThatCanHelp) {
  Stage stage({json(R"({"error":{"message":"Loading model"}})", 503),
               json(R"({"data":[{"index":0,"embedding":[2]}]})")});
  EXPECT_THAT(embed(stage, {"one"}).value().front(), ElementsAre(FloatEq(1)));
  EXPECT_EQ(stage.server.seen().size(), 2U);
  Stage refused({json(R"({"error":{"message":"no"}})", 401)});
  EXPECT_THAT(embed(refused, {"one"}).error().what, HasSubstr("check the key"));
  EXPECT_EQ(refused.server.seen().size(), 1U);
}

TEST(RemoteEmbed, StopsWhenAskedAndWhenTheTimeIsUp) {
  Stage silent({{hold()}}, [](RemoteOptions& options) {
    options.total_timeout = std::chrono::milliseconds(30);
  });
  EXPECT_EQ(embed(silent, {"one"}).error().code, ErrorCode::kDeadline);
  Stage stopped({{hold()}});
  stopped.stop.request_stop();
  EXPECT_EQ(embed(stopped, {"one"}).error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace dramatis::remote
