#include "dialogue/conversations.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dialogue/registry.h"
#include "dialogue/testing/memory_store.h"
#include "dialogue/turn.h"
#include "lm/testing/scripted_model.h"

namespace dramatis::dialogue {
namespace {

using lm::testing::GatheringSink;
using lm::testing::ScriptedModel;
using ::testing::HasSubstr;
using ::testing::Not;
using Script = std::deque<Result<std::string>>;

constexpr auto kNpc = lm::Role::kNpc;
constexpr auto kPlayer = lm::Role::kPlayer;

// Alice and Ida, who has three greetings, before a model that says what it is told to.
class Conversations : public ::testing::Test {
 protected:
  Conversations()
      : cast_(persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small")
                  .value()),
        examples_(prompt::Examples::build(cast_).value()),
        model_(Script{"One.", "Two.", "Three.", "Four.", "Five.", "Six."}),
        larger_(Script{"I am larger.", "Still."}),
        models_({{"small", model_, prompt::Head::kCompact}, {"larger", larger_}}),
        pair_{.npc = register_npc(store_, clock_, cast_, {.character = "tom-reed"}).value().id,
              .user = register_user(store_, clock_, "Alice").value().id} {}

  Ports ports() { return {store_, models_, clock_, cast_, examples_, turnstile_}; }
  Turn say(std::string_view message, std::optional<ConversationId> where = {}) {
    GatheringSink sink;
    auto reply =
        take_turn({.pair = pair_, .conversation = where, .message = message}, ports(), sink);
    EXPECT_TRUE(reply) << reply.error().what;
    return reply->turn;
  }
  std::vector<std::string> said(ConversationId id) {
    std::vector<std::string> lines;
    const auto turns = history(id, store_, 100, Eyes::kOwner).value();
    for (const auto& turn : turns)
      lines.push_back(turn.message.value_or("-") + " / " + turn.spoken.reply);
    return lines;
  }

  persona::Cast cast_;
  prompt::Examples examples_;
  testing::MemoryStore store_;
  SystemClock clock_;
  Turnstile turnstile_;
  ScriptedModel model_, larger_;
  Models models_;
  Pair pair_;
};

TEST_F(Conversations, TheFirstTurnBeginsOneAndTheNextGoOnInIt) {
  const Turn first = say("a");
  const Turn second = say("b");
  EXPECT_EQ(first.conversation, second.conversation);
  EXPECT_EQ(store_.current_conversation(pair_).value()->id, first.conversation);
}

TEST_F(Conversations, SeveralOfOnePairKnowNothingOfEachOther) {
  const Turn first = say("the old one");
  const auto other = begin_conversation({.pair = pair_, .title = "Another"}, ports()).value();
  const Turn second = say("new");
  EXPECT_EQ(second.conversation, other.id);
  const auto asked = model_.asked().back().messages;
  for (const auto& message : asked) EXPECT_THAT(message.text, Not(HasSubstr("the old one")));
  const Turn third = say("old again", first.conversation);
  EXPECT_EQ(third.conversation, first.conversation);
  EXPECT_EQ(model_.asked().back().messages[1].text, "the old one");
  EXPECT_EQ(store_.current_conversation(pair_).value()->id, other.id);
}

TEST_F(Conversations, TheSceneAndTheNoteAreToldToTheModel) {
  const prompt::Scene scene{.place = "The weir.",
                            .time = "Dusk.",
                            .player = "Sir Bors",
                            .player_is = "a knight",
                            .acquaintance = "You owe him a goat."};
  begin_conversation({.pair = pair_, .scene = scene, .note = "Be brief."}, ports()).value();
  say("Hello");
  EXPECT_THAT(model_.asked().back().messages.front().text,
              HasSubstr("Scene: The weir.\nTime: Dusk.\nDirection: Be brief."));
  ASSERT_TRUE(store_.update_npc(pair_.npc, {.character = "tom-reed", .model = "larger"}));
  const Turn answered = say("Hello");
  EXPECT_THAT(larger_.asked().back().messages.front().text,
              HasSubstr("Time: Dusk.\nYou are speaking with Sir Bors, a knight.\n"
                        "You owe him a goat.\nDirection: Be brief."));
  EXPECT_EQ(answered.spoken.account->model, "larger");
}

TEST_F(Conversations, SuppliedLinesBecomeTurns) {
  const std::vector<prompt::Line> lines{
      {kNpc, "Who goes?"}, {kPlayer, "Me."}, {kPlayer, "And my goat."}, {kNpc, "Two pennies."}};
  const auto begun = begin_conversation({.pair = pair_, .said = lines}, ports()).value();
  EXPECT_EQ(said(begun.id),
            (std::vector<std::string>{"- / Who goes?", "Me.\nAnd my goat. / Two pennies."}));
  say("Here.");
  const auto asked = model_.asked().back().messages;
  ASSERT_EQ(asked.size(), 5U);
  EXPECT_EQ(asked[1].text, "Who goes?");
}

TEST_F(Conversations, WhatIsSuppliedWronglyIsNamedAndBeginsNothing) {
  const auto refused = [&](std::vector<prompt::Line> lines) {
    return begin_conversation({.pair = pair_, .said = lines}, ports()).error();
  };
  EXPECT_THAT(refused({{kPlayer, "a"}, {kNpc, " "}}).what, HasSubstr("messages[1]"));
  EXPECT_THAT(refused({{kPlayer, "a"}, {kNpc, "b"}, {kPlayer, "c"}}).what,
              HasSubstr("messages[2]"));
  EXPECT_THAT(
      begin_conversation({.pair = pair_, .title = std::string(201, 'x')}, ports()).error().what,
      HasSubstr("title has 201 bytes"));
  EXPECT_EQ(begin_conversation({.pair = {NpcId{9}, pair_.user}}, ports()).error().code,
            ErrorCode::kNpcNotFound);
  EXPECT_TRUE(store_.list_conversations({.count = 9})->empty());
}

TEST_F(Conversations, ABranchGoesAnotherWayAndLeavesTheFirst) {
  const Turn a = say("a");
  say("b");
  const auto other = branch(a.id, ports()).value();
  EXPECT_EQ(other.branched_after, a.id);
  EXPECT_EQ(said(other.id), std::vector<std::string>{"a / One."});
  const Turn c = say("c");
  EXPECT_EQ(c.conversation, other.id);
  EXPECT_EQ(said(other.id), (std::vector<std::string>{"a / One.", "c / Three."}));
  EXPECT_EQ(said(a.conversation), (std::vector<std::string>{"a / One.", "b / Two."}));
  EXPECT_EQ(branch(TurnId{1}, ports()).error().code, ErrorCode::kTurnNotFound);
}

TEST_F(Conversations, EditsChangeWhatTheModelIsToldNext) {
  const Turn a = say("a");
  EXPECT_EQ(edit_message(a.id, " A! ", ports())->message, "A!");
  const Turn edited = edit_reply(a.id, "Uno.", ports()).value();
  EXPECT_EQ(edited.spoken.reply, "Uno.");
  EXPECT_EQ(edited.alternatives, 2U);
  EXPECT_FALSE(edited.spoken.account);
  EXPECT_EQ(edit_reply(a.id, " \n", ports()).error().code, ErrorCode::kInvalidArgument);
  say("b");
  EXPECT_EQ(model_.asked().back().messages[1].text, "A!");
  EXPECT_EQ(model_.asked().back().messages[2].text, "Uno.");
  EXPECT_EQ(choose_alternative(a.id, 0, ports())->spoken.reply, "One.");
  EXPECT_EQ(choose_alternative(a.id, 5, ports()).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(remove_turns_from(a.id, ports()).value(), 2U);
}

TEST_F(Conversations, ChangesOfTheFrameAreJudgedAndKept) {
  const Turn a = say("a");
  const auto changed = change_conversation(
      a.conversation, {.scene = [](prompt::Scene& scene) { scene = {.time = "Dawn"}; }}, ports());
  EXPECT_EQ(changed->scene.time, "Dawn");
  EXPECT_EQ(store_.find_conversation(a.conversation).value(), *changed);
  EXPECT_THAT(
      change_conversation(a.conversation, {.note = std::string(3000, 'x')}, ports()).error().what,
      HasSubstr("note"));
  EXPECT_EQ(change_conversation(ConversationId{1}, {}, ports()).error().code,
            ErrorCode::kConversationNotFound);
}

TEST_F(Conversations, AnAccountTellsHowAReplyCameAbout) {
  const Turn a = say("Do you like goats?");
  ASSERT_TRUE(a.spoken.account);
  const Account& account = *a.spoken.account;
  EXPECT_EQ(account.model, "small");
  EXPECT_TRUE(account.how.seed);
  EXPECT_EQ(account.prompt_digest.size(), 64U);
  ASSERT_FALSE(account.examples.empty());
  EXPECT_EQ(account.examples.front().npc, "They like me. That is rarer.");
  EXPECT_FALSE(history(a.conversation, store_, 9, Eyes::kPlayer)->front().spoken.account);
  EXPECT_TRUE(history(a.conversation, store_, 9, Eyes::kOwner)->front().spoken.account);
}

TEST_F(Conversations, AReplayToldOfTheSameSaysSo) {
  say("a");
  const Turn b = say("b");
  GatheringSink sink;
  const auto again = replay(b.id, ports(), sink).value();
  EXPECT_TRUE(again.same_prompt);
  EXPECT_EQ(model_.settings().back().seed, b.spoken.account->how.seed);
  EXPECT_EQ(again.reply, "Three.");
  EXPECT_FALSE(again.same_reply) << "the scripted model goes on in its script";
  EXPECT_EQ(said(b.conversation).size(), 2U) << "nothing is stored";
  change_conversation(b.conversation, {.note = "Be brief."}, ports()).value();
  EXPECT_FALSE(replay(b.id, ports(), sink)->same_prompt);
  const Turn edited = edit_reply(b.id, "x", ports()).value();
  EXPECT_EQ(replay(edited.id, ports(), sink).error().code, ErrorCode::kNotFound);
}

TEST_F(Conversations, APreviewShowsWhatTheModelWouldBeTold) {
  say("a");
  const auto told = preview({.pair = pair_, .message = "What next?"}, ports()).value();
  EXPECT_THAT(told.prompt.messages.back().text, HasSubstr("What next?"));
  EXPECT_EQ(told.prompt.messages[1].text, "a");
  EXPECT_EQ(model_.asked().size(), 1U) << "no model is asked";
}

TEST_F(Conversations, AGreetingHasOthersBesideIt) {
  const NpcId ida = register_npc(store_, clock_, cast_, {.character = "ida-fenn"}).value().id;
  const persona::Character& sheet = cast_.find_member("ida-fenn")->sheet;
  GatheringSink sink;
  const Request request{.pair = {ida, pair_.user}, .seed = 0};
  const auto greeting = greet(request, ports(), sink).value();
  EXPECT_EQ(greeting.turn.spoken.reply, sheet.greetings.at(0));
  for (std::size_t n = 1; n < sheet.greetings.size(); ++n) {
    const auto other = regenerate(request, ports(), sink).value();
    EXPECT_EQ(other.turn.spoken.reply, sheet.greetings.at(n));
    EXPECT_EQ(other.turn.id, greeting.turn.id);
  }
  EXPECT_EQ(regenerate(request, ports(), sink).error().code, ErrorCode::kNotFound);
}

TEST_F(Conversations, AModelThatIsNotServedIsNamedWithThoseThatAre) {
  ASSERT_TRUE(store_.update_npc(pair_.npc, {.character = "tom-reed", .model = "vast"}));
  GatheringSink sink;
  const auto refused = take_turn({.pair = pair_, .message = "Hello"}, ports(), sink);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(refused.error().what, HasSubstr("'vast'; there are: small, larger"));
}

}  // namespace
}  // namespace dramatis::dialogue
