// What is learnt from and what is held out, so that nothing held out was learnt in other words.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dramatis::dataset {

// What makes two items tell of each other.
struct Kin {
  std::string scene{};  // those of one scene, or of one conversation; empty: of none
  std::string words{};  // the question; what is alike (near_duplicates.h) is one question
};

struct SplitOptions {
  double held_out = 0.05;  // of all items, 0 to 1
  std::uint64_t seed = 1;  // another one holds out others
};

// Whether each item is held out. Items of one scene, and items with questions that are alike, stay
// together, whatever chain leads from one to the other; whole groups are held out, in the order of
// the seed, as long as no more than the share is. An item added later moves no other, unless it
// joins groups or the share is reached.
[[nodiscard]] std::vector<bool> hold_out(std::span<const Kin> items, const SplitOptions& options);

}  // namespace dramatis::dataset
