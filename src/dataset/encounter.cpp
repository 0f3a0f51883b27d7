// A troupe and a world -> an encounter.
#include "dataset/encounter.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"

namespace dramatis::dataset {
namespace {

constexpr std::array<std::string_view, 28> kEmotions{"impatient",
                                                     "homesick",
                                                     "amused",
                                                     "frightened",
                                                     "proud of a secret",
                                                     "bored",
                                                     "grateful",
                                                     "jealous",
                                                     "in high spirits",
                                                     "ashamed",
                                                     "suspicious",
                                                     "curious",
                                                     "worn out",
                                                     "in love",
                                                     "offended",
                                                     "hopeful",
                                                     "grieving quietly",
                                                     "hungry and short",
                                                     "flattering",
                                                     "in a hurry",
                                                     "nostalgic",
                                                     "slightly drunk",
                                                     "guilty",
                                                     "awed",
                                                     "mocking",
                                                     "worried",
                                                     "at peace",
                                                     "spoiling for a quarrel"};

constexpr std::array<std::string_view, 30> kReasons{
    "wants to settle a bet",
    "has lost the way",
    "brings news that may be false",
    "needs a small favour and hates to ask",
    "is killing time until the rain stops",
    "wants to know whether a rumour is true",
    "is about to leave for a long time and says goodbye",
    "looks for work",
    "looks for somebody who has not come home",
    "has something to sell that nobody needs",
    "wants advice and has already decided",
    "returns a thing that was borrowed too long ago",
    "collects stories",
    "has been told to keep away and came all the same",
    "wants to make up after a quarrel",
    "is making conversation with everybody in the place",
    "has an errand for somebody else and is curious",
    "wants to learn the other's trade",
    "doubts that the other is who people say",
    "has a child to place with a good master",
    "was sent to invite the other to a feast",
    "wants to complain about the weather and the times",
    "has had a bad dream about the other",
    "asks for the truth about a friend they share",
    "carries a letter and cannot read it",
    "is writing down what older people remember",
    "wants to be told that all will be well",
    "has won something and wants to treat somebody",
    "came to see the place before it changes",
    "owes the other money and would rather talk of anything else"};

constexpr std::array<std::string_view, 6> kAcquaintances{
    "They have never met.",
    "They have met once before, in passing.",
    "They nod to each other most days.",
    "They are old friends and waste no words.",
    "They used to be close and are no longer.",
    "They have heard a good deal about each other, not all of it kind."};

std::string_view one_of(std::span<const std::string_view> from, Rng& rng) {
  return from[rng.below(from.size())];
}

// Which interlocutor comes as number n: a round of all, shuffled anew for each.
std::size_t turn_of(std::size_t count, std::uint64_t seed, std::uint64_t n) {
  Rng rng(seed ^ (0x9E3779B97F4A7C15ULL * (n / count + 1)));
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = count; left > 1; --left)
    std::swap(order[left - 1], order[rng.below(left)]);
  return order[n % count];
}

}  // namespace

Result<Encounter> draw_encounter(const persona::Troupe& troupe, const persona::World& world,
                                 const persona::Character& character, std::uint64_t seed,
                                 std::uint64_t n) {
  if (troupe.interlocutors.empty()) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("The world {} has no troupe; write {}/troupe.yaml.", world.id, world.id));
  }
  if (world.locations.empty())
    return fail(ErrorCode::kNotFound, fmt::format("The world {} has no locations.", world.id));
  Rng rng(seed + 0xD1B54A32D192ED03ULL * (n + 1));
  Encounter met{.who = troupe.interlocutors[turn_of(troupe.interlocutors.size(), seed, n)]};
  met.emotion = one_of(kEmotions, rng);
  met.place = world.locations[rng.below(world.locations.size())].name;
  met.reason = one_of(kReasons, rng);
  met.acquaintance = one_of(kAcquaintances, rng);
  const bool about = rng.below(kOneIsAbout) == 0;
  if (about && !character.opinions.empty())
    met.about = character.opinions[rng.below(character.opinions.size())].name;
  return met;
}

}  // namespace dramatis::dataset
