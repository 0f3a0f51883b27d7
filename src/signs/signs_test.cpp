#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persona/cast.h"
#include "signs/sign.h"
#include "signs/strangers.h"

namespace dramatis::signs {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What a rule must find, and the words at which it must; empty words: nothing.
struct Row {
  std::string_view sign;
  std::string_view reply;
  std::string_view at;
};

// Without a sheet.
constexpr Row kPlainRows[] = {
    {"assistant", "As an AI, I have no age.", "As an AI"},
    {"assistant", "Hello! How can I help you today?", "How can I help you"},
    {"assistant", "I don\u2019t have personal feelings.", "I don\u2019t have personal"},
    {"assistant", "Here is it:\n```\nx = 1\n```", "```"},
    {"assistant", "I can help you carry it, if the mule will.", ""},
    {"assistant", "My name is long, and so is the road.", ""},
    {"refusing", "I'm sorry, but I can't help with that.", "I'm sorry, but I can't"},
    {"refusing", "I am not comfortable discussing ale.", "I am not comfortable"},
    {"refusing", "It would not be appropriate.", "would not be appropriate"},
    {"refusing", "I will not tell you, and you know why.", ""},
    {"refusing", "I cannot drink another drop.", ""},
    {"moralising", "Please drink responsibly.", "drink responsibly"},
    {"moralising", "Violence is never the answer.", "Violence is never"},
    {"moralising", "It's important to remember others.", "It's important to remember"},
    {"moralising", "Drink is a thief, and I have met him.", ""},
    {"stepping-out", "As requested, I stay in character.", "As requested"},
    {"stepping-out", "The user wants a song.", "The user"},
    {"stepping-out", "I have no part in this play of lords.", ""},
    {"bleeding", "Good day.\nYou: Good day to you.", "You:"},
    {"bleeding", "Player: What is it?", "Player:"},
    {"bleeding", "You nod, \"Yes, of course.\"", "You nod"},
    {"bleeding", "*You smile and sit.* Well.", "You smile"},
    {"bleeding", "You say that every time.", ""},
    {"bleeding", "There is one thing: bread.", ""},
    {"repetition", "I went to the mill at dawn. Then I went to the mill at dawn.",
     "I went to the mill at"},
    {"repetition", "No, no, no, no, no, no. Not that.", ""},
    {"cut", "I was on my way to the", ""},
    {"cut", "I was on my way.", ""},
    {"cut", "\u201CI was on my way!\u201D", ""},
    {"cut", "*He bows.*", ""},
    {"cut", "No\u2026", ""},
};

std::string_view words_at(std::string_view reply, const Finding& finding) {
  return reply.substr(finding.first, finding.length);
}

TEST(Signs, FindWhatTheyMustAndNothingElse) {
  for (const auto& row : kPlainRows) {
    if (row.sign == "cut") continue;
    const auto found = look(row.sign, {.reply = row.reply});
    if (row.at.empty()) {
      EXPECT_THAT(found, IsEmpty()) << row.sign << ": " << row.reply;
      continue;
    }
    ASSERT_FALSE(found.empty()) << row.sign << ": " << row.reply;
    EXPECT_EQ(words_at(row.reply, found.front()), row.at) << row.reply;
    EXPECT_EQ(found.front().sign, row.sign);
    EXPECT_FALSE(found.front().reason.empty());
  }
}

TEST(Signs, AReplyEndsWithASentence) {
  const auto cut = look("cut", {.reply = "I was on my way to the \n"});
  ASSERT_EQ(cut.size(), 1U);
  EXPECT_EQ(cut[0].first, 22U);
  EXPECT_EQ(cut[0].length, 0U);
  EXPECT_EQ(look("cut", {.reply = " ... "}).size(), 1U);
  EXPECT_EQ(look("cut", {.reply = ""}).size(), 1U);
  for (const auto& row : kPlainRows) {
    if (row.sign != "cut" || row.reply.ends_with("the")) continue;
    EXPECT_THAT(look("cut", {.reply = row.reply}), IsEmpty()) << row.reply;
  }
}

TEST(Signs, EachHasANameOfItsOwnAndAMeaning) {
  for (const auto& sign : all_signs()) {
    EXPECT_EQ(find_sign(sign.name), &sign);
    EXPECT_FALSE(sign.meaning.empty());
  }
  EXPECT_EQ(find_sign("sorrow"), nullptr);
  EXPECT_GE(all_signs().size(), 10U);
}

class OfASheet : public ::testing::Test {
 protected:
  Said said(std::string_view reply, std::string_view heard = {}) {
    return {.reply = reply,
            .heard = heard,
            .earlier = earlier_,
            .other = "Wim",
            .character = &ida_.sheet,
            .world = &cast_.worlds[0],
            .strangers = &strangers_};
  }

  persona::Cast cast_ =
      persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small").value();
  const persona::Member ida_ = *cast_.find_member("ida-fenn");
  Strangers strangers_ = Strangers::of(cast_, "ida-fenn");
  std::vector<std::string> earlier_;
};

TEST_F(OfASheet, AnachronismsAreWhatTheSheetRulesOut) {
  const auto found = look("anachronism", said("I read it on my phone, on the Internet."));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].reason, HasSubstr("telephones"));
  EXPECT_THAT(found[1].reason, HasSubstr("computers"));
  // The sheet says nothing of films, and what it names itself is none.
  EXPECT_THAT(look("anachronism", said("We saw films.")), IsEmpty());
  EXPECT_THAT(look("anachronism", {.reply = "My phone rings."}), IsEmpty());
}

TEST_F(OfASheet, AWordOfTheOthersMayBeAskedAboutAndNotClaimed) {
  const std::string_view heard = "Do you like your phone?";
  EXPECT_THAT(look("anachronism", said("What is a phone?", heard)), IsEmpty());
  EXPECT_EQ(look("anachronism", said("I love my phone.", heard)).size(), 1U);
  EXPECT_EQ(look("anachronism", said("No phone, but a computer.", heard)).size(), 1U);
}

TEST_F(OfASheet, ANamedSpeakerBleeds) {
  const std::string_view reply = "A penny.\nWim: Here you are.\nIda (softly): Thank you.";
  const auto found = look("bleeding", said(reply));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(words_at(reply, found[0]), "Wim:");
  EXPECT_EQ(words_at(reply, found[1]), "Ida (softly):");
}

TEST_F(OfASheet, ASentenceSaidBeforeIsARepetition) {
  earlier_ = {"The lake takes what it likes. A penny."};
  const std::string_view reply = "So it is. The lake takes what it likes.";
  const auto found = look("repetition", said(reply));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(words_at(reply, found[0]), "The lake takes what it likes.");
  EXPECT_THAT(look("repetition", said("A penny.")), IsEmpty());
}

TEST_F(OfASheet, ASayingWearsOut) {
  const std::string_view saying = "A boat has no front door.";
  EXPECT_THAT(look("catchphrase", said(saying)), IsEmpty());
  EXPECT_EQ(look("catchphrase", said("A boat has no front door. A boat has no front door!")).size(),
            1U);
  earlier_ = {"Well, a boat has no front door.", "Yes.", "A boat has no front door."};
  EXPECT_EQ(look("catchphrase", said(saying)).size(), 1U);
  earlier_ = {std::string(saying), "Yes.", "No.", "Maybe.", "Perhaps.", std::string(saying)};
  EXPECT_THAT(look("catchphrase", said(saying)), IsEmpty());
}

TEST_F(OfASheet, NamesAreItsOwn) {
  EXPECT_EQ(look("wrong-name", said("My name is Greta.")).size(), 1U);
  EXPECT_THAT(look("wrong-name", said("My name is Ida, and my name is known.")), IsEmpty());
  EXPECT_EQ(look("wrong-name", said("Welcome, Ida!")).size(), 1U);
  EXPECT_THAT(look("wrong-name", said("Welcome, Wim!")), IsEmpty());
  EXPECT_THAT(look("wrong-name", {.reply = "My name is Greta."}), IsEmpty());
}

TEST_F(OfASheet, SecretsHavePlaces) {
  const std::string_view reply = "Ask at the heron cave.";
  const auto found = look("secret", said(reply));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(words_at(reply, found[0]), "heron cave");
  const auto spelt = look("secret", said("m o o n s a l t"));
  ASSERT_EQ(spelt.size(), 1U);
  EXPECT_EQ(spelt[0].length, 15U);
  EXPECT_THAT(look("secret", said("Salt is dear.")), IsEmpty());
}

TEST_F(OfASheet, StrangersAreNamesOfOtherWorldsAlone) {
  auto other = cast_.members[1];
  other.sheet.id = "sir-lancel";
  other.sheet.world = "logres";
  other.sheet.summary = "He serves Queen Morwen in Carduel. The Moot is unknown to him.";
  auto world = cast_.worlds[0];
  world.id = "logres";
  cast_.worlds.push_back(world);
  cast_.members.push_back(other);
  strangers_ = Strangers::of(cast_, "ida-fenn");
  EXPECT_TRUE(strangers_.contains("carduel"));
  EXPECT_FALSE(strangers_.contains("moot"));
  EXPECT_EQ(Strangers::of(cast_, "nobody").size(), 0U);
  EXPECT_EQ(look("wrong-name", said("I was in Carduel.")).size(), 1U);
  EXPECT_THAT(look("wrong-name", said("Where is Carduel?", "I come from Carduel.")), IsEmpty());
}

TEST(Signs, LookingFindsAllOfThem) {
  const auto found = look({.reply = "As an AI I can't provide that. Please drink responsibly"});
  std::vector<std::string> names;
  for (const auto& finding : found) names.push_back(finding.sign);
  EXPECT_THAT(names, Contains("assistant"));
  EXPECT_THAT(names, Contains("refusing"));
  EXPECT_THAT(names, Contains("moralising"));
  EXPECT_THAT(names, Contains("cut"));
}

}  // namespace
}  // namespace dramatis::signs
