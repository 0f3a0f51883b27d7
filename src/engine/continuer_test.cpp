#include "engine/continuer.h"

#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"

namespace dramatis::engine {
namespace {

constexpr const char* kTiny = DRAMATIS_SOURCE_DIR "/tests/golden/tiny-q8_0-tied.gguf";

lm::Sampling seeded() {
  lm::Sampling how;
  how.max_tokens = 8;
  how.seed = 7;
  return how;
}

TEST(Continuer, GoesOnFromTheTextAndNothingElse) {
  const auto engine = Engine::load(kTiny, {.threads = 1}).value();
  Continuer continuer(*engine);
  lm::testing::GatheringSink sink;
  const auto said = continuer.go_on({.text = "Once"}, seeded(), sink, {}).value();
  EXPECT_EQ(sink.text(), said.text);
  const auto ids = engine->vocabulary().encode("Once", tokens::Special::kAsLetters).value();
  const std::size_t begins = engine->vocabulary().begins_texts() ? 1 : 0;
  EXPECT_EQ(said.prompt_tokens, ids.size() + begins);
  lm::testing::GatheringSink again;
  EXPECT_EQ(continuer.go_on({.text = "Once"}, seeded(), again, {}).value().text, said.text);
}

TEST(Continuer, KeepsToAGrammar) {
  const auto engine = Engine::load(kTiny, {.threads = 1}).value();
  Continuer continuer(*engine);
  lm::testing::GatheringSink sink;
  lm::Sampling how = seeded();
  how.grammar =
      lm::GrammarText{.kind = lm::GrammarText::Kind::kGbnf, .text = "root ::= \"yes\" | \"no\""};
  const std::string said = continuer.go_on({.text = "Well:"}, how, sink, {}).value().text;
  EXPECT_TRUE(said == "yes" || said == "no") << said;
}

TEST(Continuer, AnEmptyTextIsRefusedUnlessTheModelBeginsItself) {
  const auto engine = Engine::load(kTiny, {.threads = 1}).value();
  Continuer continuer(*engine);
  lm::testing::GatheringSink sink;
  const auto said = continuer.go_on({}, seeded(), sink, {});
  EXPECT_EQ(said.has_value(), engine->vocabulary().begins_texts());
}

}  // namespace
}  // namespace dramatis::engine
