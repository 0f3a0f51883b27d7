// What is learnt from and what is held out.
#include "dataset/split.h"

#include <algorithm>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "dataset/near_duplicates.h"
#include "text/digest.h"

namespace dramatis::dataset {
namespace {

// Items in groups that grow together. Source: Tarjan & van Leeuwen 1984, path halving.
class Groups {
 public:
  explicit Groups(std::size_t count) : parents_(count) {
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  }
  std::size_t find(std::size_t n) {
    while (parents_[n] != n) n = parents_[n] = parents_[parents_[n]];
    return n;
  }
  // The smaller index stands for both.
  void join(std::size_t a, std::size_t b) {
    a = find(a);
    b = find(b);
    parents_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parents_;
};

Groups groups_of(std::span<const Kin> items) {
  Groups groups(items.size());
  std::map<std::string_view, std::size_t> scenes;
  std::vector<std::string> words;
  for (std::size_t n = 0; n < items.size(); ++n) {
    words.push_back(items[n].words);
    if (items[n].scene.empty()) continue;
    const auto [at, added] = scenes.emplace(items[n].scene, n);
    if (!added) groups.join(at->second, n);
  }
  const auto first = first_alike(words);
  for (std::size_t n = 0; n < items.size(); ++n) groups.join(first[n], n);
  return groups;
}

}  // namespace

std::vector<bool> hold_out(std::span<const Kin> items, const SplitOptions& options) {
  auto groups = groups_of(items);
  std::map<std::size_t, std::vector<std::size_t>> members;
  for (std::size_t n = 0; n < items.size(); ++n) members[groups.find(n)].push_back(n);
  // By a hash of what the group's first item says, so that the order of files does not matter.
  std::map<std::string, std::size_t> order;
  for (const auto& [group, some] : members) {
    std::string least;
    for (const std::size_t n : some) {
      auto hash =
          text::sha256(fmt::format("{}\n{}\n{}", options.seed, items[n].scene, items[n].words));
      if (least.empty() || hash < least) least = std::move(hash);
    }
    order.emplace(std::move(least), group);
  }
  std::vector<bool> held(items.size(), false);
  const double most = options.held_out * static_cast<double>(items.size());
  std::size_t count = 0;
  for (const auto& [hash, group] : order) {
    const auto& some = members.at(group);
    if (static_cast<double>(count + some.size()) > most) continue;
    for (const std::size_t n : some) held[n] = true;
    count += some.size();
  }
  return held;
}

}  // namespace dramatis::dataset
