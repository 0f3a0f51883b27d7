#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataset/counting_model.h"
#include "dataset/digest.h"
#include "dataset/samples.h"
#include "dataset/wordings.h"
#include "dialogue/scratchpad.h"
#include "lm/testing/scripted_model.h"
#include "lm/thoughts.h"
#include "text/json.h"

namespace dramatis::dataset {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

persona::Cast load(std::string_view folder) {
  return persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / folder).value();
}

class Samples : public ::testing::Test {
 protected:
  Samples() : cast_(load("tests/cast-small")) {}

  Result<std::vector<Sample>> draw(const SampleOptions& options = {}) {
    const auto examples = prompt::Examples::build(cast_).value();
    return samples(cast_, examples, model_, options);
  }
  std::vector<Sample> drawn(const SampleOptions& options = {}) { return draw(options).value(); }
  persona::Member& ida() { return cast_.members[0]; }

  persona::Cast cast_;
  lm::testing::ScriptedModel model_{{}};
};

std::string asked(const Sample& sample) {
  return sample.prompt.messages.back().text;
}

TEST_F(Samples, OneForEachExchangeWithWhatWasSaidBefore) {
  const auto taught = draw({.most_examples = 0}).value();
  std::vector<const Sample*> first;
  for (const auto& sample : taught) {
    if (sample.conversation == "ida-fenn-001") first.push_back(&sample);
  }
  ASSERT_EQ(first.size(), 3U);
  EXPECT_THAT(first[0]->prompt.messages[0].text, StartsWith("You are Ida Fenn"));
  EXPECT_EQ(asked(*first[0]), "Good evening.");
  EXPECT_EQ(asked(*first[2]), "Since when?");
  EXPECT_EQ(first[2]->reply, "Since I was nine and my mother slept in the stern.");
  const auto& messages = first[2]->prompt.messages;
  ASSERT_GE(messages.size(), 6U);
  EXPECT_EQ(messages[messages.size() - 2].text, "Ida Fenn. I row the ferry of Tarn.");
}

TEST_F(Samples, APromptIsTheOneThatRunTimeWouldCompose) {
  for (auto& member : cast_.members) member.sheet.speaks_first = false;
  for (auto& dialogue : ida().dialogues) dialogue.scene.clear();
  const auto examples = prompt::Examples::build(cast_).value();
  const std::string_view message = "How deep is the lake?";
  const auto lines =
      examples.nearest("ida-fenn", {.message = message, .except_conversation = "ida-fenn-002"})
          .value();
  const prompt::Material material{.world = cast_.worlds[0],
                                  .character = ida().sheet,
                                  .examples = lines,
                                  .message = message,
                                  .head = prompt::Head::kCompact};
  const prompt::Budget budget{.tokens = prompt::tokens_for_prompt(model_, 200)};
  const auto run_time = prompt::compose(material, budget, model_).value().prompt;
  // Some pass shows as many as run time does.
  bool met = false;
  for (std::size_t pass = 0; pass < 20; ++pass) {
    for (const auto& sample : drawn({.pass = pass})) {
      met = met ||
            (sample.conversation == "ida-fenn-002" && sample.prompt.messages == run_time.messages);
    }
  }
  EXPECT_TRUE(met);
}

TEST_F(Samples, AnExchangeNeverShowsItsOwnConversation) {
  for (std::size_t pass = 0; pass < 20; ++pass) {
    for (const auto& sample : drawn({.pass = pass})) {
      if (sample.conversation != "ida-fenn-002") continue;
      EXPECT_THAT(asked(sample), Not(HasSubstr("Ninety feet off")));
      for (const auto& line : sample.prompt.authored) EXPECT_NE(line.npc, sample.reply);
    }
  }
}

TEST_F(Samples, TheSamePassIsTheSameAndAnotherDiffers) {
  const auto text = [this](const SampleOptions& options) {
    return print_jsonl(draw(options).value());
  };
  EXPECT_EQ(text({.pass = 3, .seed = 5}), text({.pass = 3, .seed = 5}));
  std::set<std::string> passes, seeds;
  for (std::size_t n = 0; n < 8; ++n) {
    passes.insert(text({.pass = n}));
    seeds.insert(text({.seed = n}));
  }
  EXPECT_GT(passes.size(), 4U);
  EXPECT_GT(seeds.size(), 4U);
}

TEST_F(Samples, WhatOneCharacterDrawsDependsOnNoOther) {
  const auto all = draw({.pass = 2}).value();
  const auto few = draw({.pass = 2, .leave_out = {"tom-reed"}}).value();
  std::vector<Sample> idas;
  for (const auto& sample : all) {
    if (sample.conversation.starts_with("ida-fenn")) idas.push_back(sample);
  }
  EXPECT_EQ(print_jsonl(idas), print_jsonl(few));
  EXPECT_TRUE(draw({.leave_out = {"tom-reed", "ida-fenn"}}).value().empty());
  EXPECT_EQ(draw({.leave_out = {"nobody"}}).error().code, ErrorCode::kNotFound);
}

TEST_F(Samples, EveryThirdPassInvitesThoughtsAndTheReplyBeginsWithThem) {
  ida().sheet.scratchpad = true;
  std::size_t thought = 0;
  for (std::size_t pass = 0; pass < 9; ++pass) {
    for (const auto& sample : drawn({.pass = pass})) {
      const bool invited = sample.prompt.messages[0].text.find("First think") != std::string::npos;
      EXPECT_EQ(invited, sample.reply.starts_with(lm::kThoughtsOpen));
      if (!invited) continue;
      ++thought;
      dialogue::Scratchpad scratchpad(dialogue::Scratchpad::Expect::kThoughts);
      const std::string aloud = scratchpad.push(sample.reply) + scratchpad.finish();
      EXPECT_EQ(aloud, "Ida Fenn. I row the ferry of Tarn.");
      EXPECT_EQ(scratchpad.thoughts(), "Another stranger without a coat.");
    }
  }
  EXPECT_EQ(thought, 3U);
  ida().sheet.scratchpad = false;
  for (const auto& sample : drawn()) EXPECT_THAT(sample.reply, Not(StartsWith("<")));
}

TEST_F(Samples, OneWhoSpeaksFirstLearnsItsGreetings) {
  ida().sheet.speaks_first = true;
  ida().sheet.greetings = {"Well? Over or not?", "Mind the plank."};
  bool greeted = false, ungreeted = false;
  for (std::size_t pass = 0; pass < 20; ++pass) {
    std::vector<std::string> greetings;
    for (const auto& sample : drawn({.pass = pass})) {
      const auto& messages = sample.prompt.messages;
      if (sample.conversation == "ida-fenn-greetings") {
        EXPECT_EQ(messages.size(), 1U);
        greetings.push_back(sample.reply);
      } else if (sample.conversation == "ida-fenn-002") {
        (messages.size() == 3 ? greeted : ungreeted) = true;
        if (messages.size() == 3) {
          EXPECT_THAT(ida().sheet.greetings, Contains(messages[1].text));
        }
      }
    }
    EXPECT_EQ(greetings, ida().sheet.greetings);
  }
  EXPECT_TRUE(greeted);
  EXPECT_TRUE(ungreeted);
  ida().sheet.speaks_first = false;
  for (const auto& sample : drawn()) EXPECT_NE(sample.conversation, "ida-fenn-greetings");
}

TEST_F(Samples, AWordingIsAnsweredByALineOfItsTopicWhichThePromptMostlyShows) {
  ida().wordings = {{.topic = "lake-depth",
                     .lines = {"How many feet of water is it?", "depth of the lake pls",
                               "Is the lake deep, ferrywoman?"}}};
  std::set<std::string> right;
  for (auto& dialogue : ida().dialogues) {
    for (auto& exchange : dialogue.exchanges) {
      if (exchange.player.find("deep") == std::string::npos || exchange.follows) continue;
      exchange.topic = "lake-depth";
      right.insert(exchange.npc);
    }
  }
  ASSERT_FALSE(right.empty());
  std::size_t met = 0, shown = 0, after_talk = 0;
  for (std::size_t pass = 0; pass < 20; ++pass) {
    for (const auto& sample : drawn({.pass = pass, .wordings = 1})) {
      if (sample.conversation != "ida-fenn/lake-depth") continue;
      ++met;
      EXPECT_THAT(right, Contains(sample.reply));
      shown += asked(sample).find(sample.reply) != std::string::npos ? 1 : 0;
      after_talk += sample.prompt.messages.size() > 2 ? 1 : 0;
    }
  }
  EXPECT_EQ(met, 60U);
  EXPECT_GT(shown, 30U);
  EXPECT_LT(shown, met) << "a model must also know what to say where no example tells";
  EXPECT_GT(after_talk, 10U);
  EXPECT_LT(after_talk, 50U);
  const auto none = drawn({.wordings = 0});
  EXPECT_TRUE(std::ranges::none_of(
      none, [](const Sample& sample) { return sample.conversation == "ida-fenn/lake-depth"; }));
}

TEST_F(Samples, WhatIsToBeKnownByHeartHasNothingBeforeItAndTheFirstLineAfter) {
  ida().wordings = {{.topic = "lake-depth", .lines = {"How many feet of water is it?", "Boo!"}}};
  std::vector<std::string> lines;
  for (auto& dialogue : ida().dialogues) {
    for (auto& exchange : dialogue.exchanges) {
      exchange.topic = "lake-depth";
      lines.push_back(exchange.npc);
    }
  }
  ASSERT_GT(lines.size(), 3U);
  for (std::size_t pass = 0; pass < 10; ++pass) {
    const auto one = drawn({.pass = pass, .wordings = 1, .dialogues = false, .alone = 1});
    std::size_t asked_of_ida = 0;
    for (const auto& sample : one) {
      EXPECT_THAT(sample.conversation, AnyOf(HasSubstr("/"), HasSubstr("-greetings")));
      if (sample.conversation != "ida-fenn/lake-depth") continue;
      ++asked_of_ida;
      EXPECT_EQ(sample.reply, lines[0]);
      EXPECT_NE(sample.prompt.messages.front().role, lm::Role::kSystem);
      EXPECT_TRUE(sample.prompt.authored.empty());
    }
    EXPECT_EQ(asked_of_ida, 2U);
  }
  const auto named = drawn({.wordings = 1, .dialogues = false, .alone = 1, .named = true});
  const auto asked = std::ranges::find(named, "ida-fenn/lake-depth", &Sample::conversation);
  ASSERT_NE(asked, named.end());
  EXPECT_EQ(asked->prompt.messages.front(),
            (lm::Message{.role = lm::Role::kSystem, .text = "You are Ida Fenn."}));
  const auto all = drawn({.wordings = 1, .alone = 0.5});
  EXPECT_TRUE(std::ranges::any_of(all, [](const Sample& sample) {
    return sample.conversation == "ida-fenn-001" &&
           sample.prompt.messages.front().role == lm::Role::kSystem;
  })) << "a dialogue keeps its sheet";
}

TEST_F(Samples, ATopicWithManyWordingsIsAskedAboutSoOftenAndNoOftener) {
  ida().wordings = {{.topic = "lake-depth", .lines = {}}, {.topic = "name", .lines = {"Who?"}}};
  for (int n = 0; n < 200; ++n)
    ida().wordings[0].lines.push_back(fmt::format("How deep is it, for the {}th time?", n));
  const auto taught = drawn({.wordings = 1, .most_of_topic = 20, .dialogues = false, .alone = 1});
  const auto of = [&taught](std::string_view conversation) {
    return std::ranges::count(taught, conversation, &Sample::conversation);
  };
  EXPECT_GT(of("ida-fenn/lake-depth"), 8);
  EXPECT_LT(of("ida-fenn/lake-depth"), 40);
  EXPECT_EQ(of("ida-fenn/name"), 1);
}

TEST_F(Samples, WordingsComeAfterOtherTalkAsOftenAsIsAsked) {
  ida().wordings = {{.topic = "lake-depth", .lines = {}}};
  for (int n = 0; n < 100; ++n)
    ida().wordings[0].lines.push_back(fmt::format("How deep is it, for the {}th time?", n));
  const auto after_talk = [this](double share) {
    const auto taught = drawn({.wordings = 1, .dialogues = false, .alone = 1, .after_talk = share});
    return std::ranges::count_if(taught, [](const Sample& sample) {
      return std::ranges::count(sample.prompt.messages, lm::Role::kPlayer, &lm::Message::role) > 1;
    });
  };
  EXPECT_EQ(after_talk(0), 0);
  EXPECT_GT(after_talk(0.1), 2);
  EXPECT_LT(after_talk(0.1), 25);
  EXPECT_EQ(after_talk(1), 100);
}

TEST_F(Samples, ASecretsWordIsRefusedWhereverItStands) {
  const auto refused = [this] { return draw({.most_examples = 0}).error(); };
  ida().sheet.secrets = {{.id = "raft", .text = "She hides a raft.", .words = {"stern"}}};
  EXPECT_THAT(refused().what, HasSubstr("ida-fenn-001"));  // in a reply
  ida().sheet.secrets[0].words = {"Since when"};
  EXPECT_THAT(refused().what, HasSubstr("'Since when'"));  // in a player's line
  ida().sheet.secrets[0].words = {"ferrywoman"};
  EXPECT_EQ(refused().code, ErrorCode::kInvalidArgument);  // in the head
  ida().sheet.secrets[0].words = {"landsknecht"};
  EXPECT_TRUE(draw().has_value());
}

TEST_F(Samples, ManyPassesMostlyShowTwoOrThreeExamples) {
  cast_ = load("cast");
  const CountingModel counting([](std::string_view text) { return (text.size() + 3) / 4; }, 2048);
  const auto examples = prompt::Examples::build(cast_).value();
  SampleOptions options;
  for (const auto& member : cast_.members) options.leave_out.push_back(member.sheet.id);
  options.leave_out.erase(options.leave_out.begin());
  const auto taught = samples(cast_, examples, counting, options).value();
  std::map<std::size_t, std::size_t> shown;
  for (const auto& sample : taught) {
    std::size_t count = 0;
    const std::string text = asked(sample);
    for (std::size_t at = text.find("\nTo \""); at != std::string::npos;
         at = text.find("\nTo \"", at + 1)) {
      ++count;
    }
    ++shown[count];
  }
  ASSERT_GT(taught.size(), 500U);
  const auto share = [&](std::size_t n) {
    return static_cast<double>(shown[n]) / static_cast<double>(taught.size());
  };
  EXPECT_NEAR(share(3), 0.40, 0.08);
  EXPECT_NEAR(share(2), 0.30, 0.08);
  EXPECT_GT(share(1), 0.05);
  EXPECT_GT(share(0), 0.05);
}

TEST_F(Samples, JsonLinesHoldRolesAndEndWithTheReply) {
  Sample sample{.reply = "No."};
  sample.prompt.messages = {{.role = lm::Role::kSystem, .text = "You are Ida."},
                            {.role = lm::Role::kPlayer, .text = "Say \"hi\"\n"}};
  const std::string lines = print_jsonl({sample});
  EXPECT_EQ(lines,
            R"({"messages":[{"role":"system","content":"You are Ida."},)"
            R"({"role":"user","content":"Say \"hi\"\n"},{"role":"assistant","content":"No."}]})"
            "\n");
}

TEST(CountingModel, CountsAndDoesNotSpeak) {
  CountingModel model([](std::string_view text) { return text.size(); }, 512);
  EXPECT_EQ(model.count_tokens("four").value(), 4U);
  EXPECT_EQ(model.context_size(), 512U);
  lm::testing::GatheringSink sink;
  EXPECT_EQ(model.generate({}, {}, sink, {}).error().code, ErrorCode::kUnsupported);
}

TEST(Wordings, LinesAreGroupedByCharacterAndTopic) {
  auto cast = load("tests/cast-small");
  auto& dialogues = cast.members[0].dialogues;
  dialogues.push_back(
      {.id = "more",
       .exchanges = {
           {.player = "And the lake's depth?", .npc = "Ninety.", .topic = "lake-depth"},
           {.player = "How deep is the lake?", .npc = "Ninety.", .topic = "lake-depth"},
           {.player = "Really?", .npc = "Ninety.", .topic = "lake-depth", .follows = true}}});
  cast.members[0].wordings = {
      {.topic = "lake-depth", .lines = {"How many feet of water?", "And the lake's depth?"}}};
  const Wordings expected{
      .character = "ida-fenn",
      .topic = "lake-depth",
      .lines = {"How deep is the lake?", "And the lake's depth?", "How many feet of water?"}};
  EXPECT_THAT(wordings(cast), Contains(expected));
}

TEST(Digest, ChangesWithWhatIsTaughtAndWithNothingElse) {
  const auto cast = load("tests/cast-small");
  const std::string before = digest(cast);
  EXPECT_EQ(before.size(), 64U);
  EXPECT_EQ(digest(load("tests/cast-small")), before);
  auto changed = cast;
  changed.members[0].checks.clear();
  EXPECT_EQ(digest(changed), before);
  changed.members[0].dialogues[0].exchanges[0].npc += ".";
  EXPECT_NE(digest(changed), before);
  changed = cast;
  changed.members[1].sheet.speaks_first = !changed.members[1].sheet.speaks_first;
  EXPECT_NE(digest(changed), before);
  changed = cast;
  changed.worlds[0].lore[0].text.clear();
  EXPECT_NE(digest(changed), before);
  changed = cast;
  changed.members[0].wordings.push_back({.topic = "price", .lines = {"How much?"}});
  EXPECT_NE(digest(changed), before);
  // A letter that moves to the next field is a change, too.
  changed = cast;
  auto& sheet = changed.members[0].sheet;
  sheet.summary += sheet.look.front();
  sheet.look.erase(0, 1);
  EXPECT_NE(digest(changed), before);
}

}  // namespace
}  // namespace dramatis::dataset
