#include "dialogue/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::dialogue {
namespace {

using ::testing::HasSubstr;
using text::parse_json;
using text::print_json;

TEST(Record, SettingsComeBackAsTheyWere) {
  const NpcSettings full{.character = "ida",
                         .world_description = "A town",
                         .character_description = "You are \"Iva\"\n",
                         .scene = "Rain",
                         .history_size = 4,
                         .has_scratchpad = false,
                         .temperature = 0.25,
                         .max_tokens = 77,
                         .model = "larger",
                         .adapters = {{.name = "ida", .scale = 0.5}, {.name = "old"}},
                         .top_k = 3,
                         .top_p = 0.5,
                         .min_p = 0.125,
                         .repetition_penalty = 1.25,
                         .presence_penalty = -0.5,
                         .frequency_penalty = 0.75};
  const auto printed = print_json(settings_json(full));
  EXPECT_EQ(read_settings(parse_json(printed).value()).value(), full);
}

TEST(Record, WhatIsAsUsualIsLeftOut) {
  EXPECT_EQ(print_json(settings_json({})), "{}");
  EXPECT_EQ(print_json(scene_json({.place = "A mill."})), R"({"place":"A mill."})");
  EXPECT_EQ(read_settings(parse_json("{}").value()).value(), NpcSettings{});
}

TEST(Record, ScenesComeBackAsTheyWere) {
  const prompt::Scene full{.place = "The weir",
                           .time = "Dusk",
                           .status = "The sluice is shut.",
                           .player = "Sir Bors",
                           .player_is = "a knight out of work",
                           .acquaintance = "You have met once."};
  EXPECT_EQ(read_scene(parse_json(print_json(scene_json(full))).value()).value(), full);
}

TEST(Record, AccountsComeBackAsTheyWere) {
  Account full{
      .model = "hearth",
      .adapters = {{.name = "ida", .checksum = "0123456789abcdef"}},
      .why = lm::StopReason::kLength,
      .origin = lm::Origin::kAdapted,
      .prompt_tokens = 900,
      .cached_tokens = 600,
      .computed_tokens = 300,
      .generated_tokens = 41,
      .first_word = std::chrono::nanoseconds(12345678),
      .total = std::chrono::seconds(2),
      .sections = {{.name = "world", .tokens = 7, .cut = 1}},
      .examples = {{.topic = "toll", .player = "How much?", .npc = "A penny.", .relevance = 0.75}},
      .prompt_digest = "ab12"};
  full.how.temperature = 0;
  full.how.seed = ~0ULL;
  full.how.stop = {"\n"};
  EXPECT_EQ(read_account(parse_json(print_json(account_json(full))).value()).value(), full);
  EXPECT_EQ(read_account(parse_json(print_json(account_json({}))).value()).value(), Account{});
}

TEST(Record, UnknownFieldsAreLeftAlone) {
  EXPECT_TRUE(read_account(parse_json(R"({"of_next_year":1})").value()));
}

TEST(Record, WrongTypesAreNamed) {
  for (const char* json : {R"({"history_size":-1})", R"({"history_size":"4"})",
                           R"({"max_tokens":99999999999})", R"({"adapters":{}})",
                           R"({"adapters":[{"name":1}]})", R"({"has_scratchpad":1})", "[]", "7"}) {
    EXPECT_EQ(read_settings(parse_json(json).value()).error().code, ErrorCode::kCorrupt) << json;
  }
  for (const char* json : {R"({"why":"tired"})", R"({"sampling":{"seed":"-1"}})",
                           R"({"sampling":{"seed":"18446744073709551616"}})",
                           R"({"sampling":{"stop":[1]}})", R"({"sampling":[]})"}) {
    EXPECT_EQ(read_account(parse_json(json).value()).error().code, ErrorCode::kCorrupt) << json;
  }
  EXPECT_THAT(read_scene(parse_json(R"({"time":1})").value()).error().what, HasSubstr("time"));
}

}  // namespace
}  // namespace dramatis::dialogue
