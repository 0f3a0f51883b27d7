#include "study/transcript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::study {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Instants = std::chrono::milliseconds;

TEST(Transcripts, OpenAisMessagesAreRead) {
  const auto read = read_transcripts(
      R"({"id":"a","character":"Ida","messages":[{"role":"system","content":"Be Ida."},{"role":"user","content":"Hello"},{"role":"assistant","content":"A penny."},{"role":"user","content":"One"},{"role":"user","content":"Two"},{"role":"assistant","content":[{"type":"text","text":"Three."}]},{"role":"user","content":"Gone"}]})"
      "\n\n"
      R"([{"role":"assistant","content":"First."},{"role":"user","content":"Hm"},{"role":"assistant","content":null},{"role":"assistant","content":"Well."}])",
      "file");
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at(0).id, "a");
  EXPECT_EQ(read->at(0).name, "Ida");
  EXPECT_THAT(read->at(0).answers, ElementsAre(Answered{.heard = "Hello", .reply = "A penny."},
                                               Answered{.heard = "One\nTwo", .reply = "Three."}));
  EXPECT_EQ(read->at(1).id, "conversation-2");
  EXPECT_THAT(read->at(1).answers, ElementsAre(Answered{.heard = "", .reply = "First."},
                                               Answered{.heard = "Hm", .reply = "Well."}));
}

TEST(Transcripts, ShareGptsAreRead) {
  const auto read = read_transcripts(
      R"([{"conversations":[{"from":"human","value":"Hello"},{"from":"gpt","value":"Good day."}]}])",
      "file");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_THAT(read->at(0).answers, ElementsAre(Answered{.heard = "Hello", .reply = "Good day."}));
}

TEST(Transcripts, SillyTavernsFileIsOneConversation) {
  const auto read = read_transcripts(
      "{\"user_name\":\"Ann\",\"character_name\":\"Ida\",\"chat_metadata\":{}}\n"
      "{\"name\":\"Ida\",\"is_user\":false,\"is_system\":false,\"mes\":\"A penny.\"}\n"
      "{\"name\":\"x\",\"is_user\":false,\"is_system\":true,\"mes\":\"hidden\"}\n"
      "{\"name\":\"Ann\",\"is_user\":true,\"mes\":\"Here.\"}\n"
      "{\"name\":\"Ida\",\"is_user\":false,\"mes\":\"Sit.\"}\n",
      "file");
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(read->at(0).name, "Ida");
  EXPECT_EQ(read->at(0).other, "Ann");
  EXPECT_THAT(read->at(0).answers, ElementsAre(Answered{.heard = "", .reply = "A penny."},
                                               Answered{.heard = "Here.", .reply = "Sit."}));
}

TEST(Transcripts, WhatIsNoneNamesFileLineAndField) {
  const auto no_role = read_transcripts("{\"messages\":[{\"content\":\"x\"}]}\n{}", "chats.jsonl");
  EXPECT_EQ(no_role.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(no_role.error().what, HasSubstr("chats.jsonl, line 1: message 1 has no 'role'"));
  EXPECT_EQ(read_transcripts("no json", "f").error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(read_transcripts("{\"a\":1}", "f").error().what, HasSubstr("none of 'messages'"));
  EXPECT_EQ(read_transcripts("{\"messages\":[]}", "f").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read_transcripts("", "f").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read_transcripts(R"({"messages":[{"role":"user","content":7}]})", "f").error().code,
            ErrorCode::kCorrupt);
}

TEST(Transcripts, AParticipantsTalkIsWhatItHeardAndSaid) {
  arena::Talk talk{.participants = {{.name = "Ida"}, {.name = "Tom"}}, .opening = "Well?"};
  for (std::size_t n = 0; n < 3; ++n)
    talk.lines.push_back({.speaker = n % 2,
                          .text = std::string(1, static_cast<char>('a' + n)),
                          .at = Instant(Instants(n))});
  const auto ida = transcript_of(talk, 0);
  EXPECT_EQ(ida.other, "Tom");
  EXPECT_THAT(ida.answers,
              ElementsAre(Answered{.heard = "Well?", .reply = "a", .at = Instant(Instants(0))},
                          Answered{.heard = "b", .reply = "c", .at = Instant(Instants(2))}));
}

}  // namespace
}  // namespace dramatis::study
