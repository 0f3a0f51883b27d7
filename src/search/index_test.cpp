#include "search/index.h"

#include <thread>

#include <gtest/gtest.h>

#include "search/limits.h"

namespace dramatis::search {
namespace {

const std::vector<Document> kLines{
    {.id = "a/0",
     .text = "How deep is the lake?",
     .text2 = "Ninety feet off the Grey Stone.",
     .owner = "ida"},
    {.id = "a/1", .text = "Who are you?", .text2 = "Ida Fenn. I row the ferry.", .owner = "ida"},
    {.id = "b/0", .text = "Do you like goats?", .text2 = "They like me.", .owner = "tom"},
    {.id = "b/1", .text = "Who are you?", .text2 = "Tom Reed.", .owner = "tom"},
};

std::vector<std::string> ids(const Result<std::vector<Hit>>& hits) {
  std::vector<std::string> found;
  for (const auto& hit : hits.value()) found.push_back(hit.id);
  return found;
}

TEST(Index, StemsMeetAndTheQuestionWeighsMoreThanTheAnswer) {
  const auto index = Index::build(kLines).value();
  EXPECT_EQ(ids(index->nearest("my goat's lakes", 1)).size(), 1U);
  EXPECT_EQ(ids(index->nearest("the depth of LAKES", 9)), std::vector<std::string>{"a/0"});
  EXPECT_EQ(ids(index->nearest("ferry", 9)), std::vector<std::string>{"a/1"});
}

TEST(Index, AnOwnersDocumentsAloneAreFound) {
  const auto index = Index::build(kLines).value();
  EXPECT_EQ(index->nearest("who", 9)->size(), 2U);
  EXPECT_EQ(ids(index->nearest_of("tom", "who", 9)), std::vector<std::string>{"b/1"});
  EXPECT_EQ(ids(index->of("ida")->nearest("who", 9)), std::vector<std::string>{"a/1"});
  EXPECT_TRUE(index->nearest_of("to", "who", 9)->empty());
  EXPECT_TRUE(index->nearest_of("ida", "tom", 9)->empty()) << "the owner's name is no text";
}

TEST(Index, AQuestionOfStopWordsAloneIsStillAQuestion) {
  const std::vector<Document> lines{{.id = "x", .text = "Is it you?", .text2 = "", .owner = ""}};
  EXPECT_EQ(ids(Index::build(lines).value()->nearest("are you it", 9)),
            std::vector<std::string>{"x"});
}

TEST(Index, ScoresLieBetweenNoughtAndOneNearestFirst) {
  const auto index = Index::build(kLines).value();
  const auto hits = index->nearest("who likes goats", 9).value();
  ASSERT_GE(hits.size(), 2U);
  for (std::size_t n = 0; n < hits.size(); ++n) {
    EXPECT_GE(hits[n].score, 0.0);
    EXPECT_LT(hits[n].score, 1.0);
    EXPECT_LE(hits[n].score, hits[n == 0 ? 0 : n - 1].score);
  }
}

TEST(Index, NothingAPlayerTypesIsSyntax) {
  const auto index = Index::build(kLines).value();
  for (const char* query :
       {"\"", "lake\" OR \"", "NEAR(a b)", "owner:tom", "*", "^lake", "a AND NOT b",
        "{text}:", "lake'); DROP TABLE documents;--", "\xFF\xFE", "(((((", "-", "+ - :", ""}) {
    EXPECT_TRUE(index->nearest(query, 5)) << query;
    EXPECT_TRUE(index->nearest_of("tom\" OR owner:\"", query, 5)) << query;
  }
  std::string paste;
  for (int n = 0; n < 10'000; ++n) paste += "word" + std::to_string(n) + " ";
  EXPECT_TRUE(index->nearest(paste + std::string(100'000, 'x'), 5));
  EXPECT_TRUE(index->nearest("lake", 0)->empty());
}

TEST(Index, AnEmptyIndexFindsNothing) {
  EXPECT_TRUE(Index::build({}).value()->nearest("lake", 3)->empty());
}

TEST(Index, ServesSeveralThreads) {
  const auto index = Index::build(kLines).value();
  std::vector<std::jthread> threads;
  std::array<bool, 4> right{};
  for (std::size_t n = 0; n < right.size(); ++n) {
    threads.emplace_back([&, n] {
      right[n] = true;
      for (int round = 0; round < 100; ++round) {
        right[n] = right[n] && ids(index->nearest("lake", 9)) == std::vector<std::string>{"a/0"};
      }
    });
  }
  threads.clear();
  for (const bool each : right) EXPECT_TRUE(each);
}

}  // namespace
}  // namespace dramatis::search
