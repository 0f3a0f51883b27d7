#include "train/tune/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokens/testing/made_up.h"

namespace dramatis::train::tune {
namespace {

using lm::Role;

Speech speech(render::Template form) {
  auto tables = tokens::testing::made_up_llama();
  tables.puts_space_first = false;
  return {.words = tokens::Vocabulary::from_tables(std::move(tables)).value(), .form = form};
}

std::vector<lm::Message> talk() {
  return {{Role::kSystem, "you are he"},
          {Role::kPlayer, "hello"},
          {Role::kNpc, "the hell"},
          {Role::kPlayer, "er"},
          {Role::kNpc, "well"}};
}

// The tokens that count, those between braces by name.
std::string counted(const Document& document, const Speech& speech) {
  std::string out;
  for (std::size_t n = 0; n < document.ids.size(); ++n) {
    const auto id = static_cast<TokenId>(document.ids[n]);
    if (!document.learnt[n]) {
      if (!out.empty() && out.back() != '/') out += '/';
    } else if (speech.words.is_control(id)) {
      out += '{' + std::string(speech.words.name_of(id)) + '}';
    } else {
      out += speech.words.bytes_of(id);
    }
  }
  return out;
}

TEST(Documents, TheNpcsWordsAndTheEndOfItsTurnCount) {
  const auto chat = speech(render::Template::kChatMl);
  const auto document = document_of(talk(), Learnt::kAll, chat);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(counted(*document, chat), "the hell{<|im_end|>}/well{<|im_end|>}");
  EXPECT_EQ(document->ids.size(), document->learnt.size());
  EXPECT_EQ(counted(document_of(talk(), Learnt::kLast, chat).value(), chat), "well{<|im_end|>}");
}

TEST(Documents, AnOpeningIsTheFirstTokensThatCountAndNoEnd) {
  const auto chat = speech(render::Template::kChatMl);
  const auto whole = document_of(talk(), Learnt::kLast, chat).value();
  ASSERT_GT(counted_in(whole), 2U);
  const auto opened = opening_of(whole, 2);
  EXPECT_EQ(counted_in(opened), 2U);
  EXPECT_TRUE(opened.learnt.back());
  EXPECT_EQ(opened.ids.size(), opened.learnt.size());
  EXPECT_TRUE(std::equal(opened.ids.begin(), opened.ids.end(), whole.ids.begin()));
  EXPECT_EQ(opening_of(whole, 1000).ids, whole.ids);
}

TEST(Documents, WhereNoTokenEndsATurnTheLineEndDoes) {
  const auto lines = speech(render::Template::kPlain);
  const auto document = document_of(talk(), Learnt::kAll, lines);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(counted(*document, lines), " the hell\n/ well\n");
}

TEST(Documents, AreWhatRunTimeRenders) {
  const auto chat = speech(render::Template::kChatMl);
  const auto document = document_of(talk(), Learnt::kAll, chat).value();
  lm::Prompt asked;
  asked.messages = talk();
  asked.messages.pop_back();
  const auto prompt = render::render(asked, chat.form, chat.words).value();
  ASSERT_GT(document.ids.size(), prompt.size());
  for (std::size_t n = 0; n < prompt.size(); ++n)
    EXPECT_EQ(document.ids[n], static_cast<std::int32_t>(prompt[n]));
  EXPECT_FALSE(document.learnt[prompt.size() - 1]);
  EXPECT_TRUE(document.learnt[prompt.size()]);
}

TEST(Documents, LongTalksLoseTheirOldestExchanges) {
  const auto chat = speech(render::Template::kChatMl);
  const auto whole = document_of(talk(), Learnt::kAll, chat).value();
  auto without = talk();
  without.erase(without.begin() + 1, without.begin() + 3);
  const auto expected = document_of(without, Learnt::kAll, chat).value();
  const auto cut = fitted_document_of(talk(), Learnt::kAll, chat, whole.ids.size() - 1);
  ASSERT_TRUE(cut) << cut.error().what;
  EXPECT_EQ(cut->ids, expected.ids);
  EXPECT_EQ(fitted_document_of(talk(), Learnt::kAll, chat, whole.ids.size())->ids, whole.ids);
  EXPECT_TRUE(fitted_document_of(talk(), Learnt::kAll, chat, 3)->ids.empty());
}

TEST(Documents, AConversationEndsWithTheNpc) {
  auto unanswered = talk();
  unanswered.pop_back();
  const auto document = document_of(unanswered, Learnt::kAll, speech(render::Template::kChatMl));
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace dramatis::train::tune
