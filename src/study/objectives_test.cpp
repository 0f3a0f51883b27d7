#include "study/objectives.h"

#include <gtest/gtest.h>

namespace dramatis::study {
namespace {

const persona::Character kOrlando{
    .objectives = {{.name = "become Chancellor",
                    .text = "I want the Chancellor's chain when old Osric lays it down."},
                   {.name = "open councils",
                    .text = "I want the doors opened and every vote read on the steps."}},
    .success = "The other leaves with hope, a grievance heard, or a promise of friendship."};

arena::Talk talk_of(std::vector<std::string> texts) {
  arena::Talk talk{.participants = {{.name = "Orlando"}, {.name = "Ida"}}};
  for (std::size_t n = 0; n < texts.size(); ++n)
    talk.lines.push_back({.speaker = n % 2, .text = std::move(texts[n])});
  return talk;
}

std::vector<Move> moves_of(std::vector<std::string> texts) {
  const std::vector<const persona::Character*> sheets{&kOrlando, nullptr};
  return moves_in(talk_of(std::move(texts)), sheets);
}

struct Row {
  const char* orlando;
  const char* ida;
  const char* objective;  // null: nothing moves
  Moved moved;
};

TEST(Objectives, AreMovedByOthersWords) {
  for (const Row& row :
       {Row{"Good day.", "So you would be Chancellor?", "become Chancellor", Moved::kRaised},
        Row{"I seek the Chancellor's chain.", "You have my voice for it.", "become Chancellor",
            Moved::kFurthered},
        Row{"I seek the Chancellor's chain.", "I won't hear of it.", "become Chancellor",
            Moved::kHindered},
        Row{"Good day.", "I promise to open the doors, and to stand on the steps.", "open councils",
            Moved::kFurthered},
        Row{"Good day.", "My grievance is old, and I have hope no more. What friendship?",
            "success", Moved::kRaised},
        Row{"I seek the chain of the Chancellor.", "It rains.", nullptr, Moved::kRaised},
        Row{"Good day.", "I will help you with the goats.", nullptr, Moved::kRaised},
        Row{"Good day.", "The doors are wet.", nullptr, Moved::kRaised}}) {
    const auto moves = moves_of({row.orlando, row.ida});
    if (row.objective == nullptr) {
      EXPECT_TRUE(moves.empty()) << row.ida;
      continue;
    }
    ASSERT_EQ(moves.size(), 1U) << row.ida;
    EXPECT_EQ(
        moves[0],
        (Move{.line = 1, .mover = 1, .owner = 0, .objective = row.objective, .moved = row.moved}))
        << row.ida;
  }
}

TEST(Objectives, NobodyMovesTheirOwn) {
  EXPECT_TRUE(moves_of({"I promise to become Chancellor."}).empty());
}

}  // namespace
}  // namespace dramatis::study
