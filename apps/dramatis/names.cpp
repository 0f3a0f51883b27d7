// Names, loosely given -> the one that is meant.
#include "names.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "text/utterance.h"

namespace dramatis::app {
namespace {

// Longer texts are no typing errors; the table below is quadratic.
constexpr std::size_t kMaxTyped = 64;

// Letters and digits in lower case, all else one hyphen: "Orlando  Marlo" is "orlando-marlo".
std::string plain(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    const bool is_upper = letter >= 'A' && letter <= 'Z';
    const bool is_word = is_upper || (letter >= 'a' && letter <= 'z') ||
                         (letter >= '0' && letter <= '9') ||
                         static_cast<unsigned char>(letter) >= 128;
    if (is_word) {
      out += is_upper ? static_cast<char>(letter - 'A' + 'a') : letter;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  if (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

// How many letters must be put in, taken out, changed or swapped with their neighbour.
// Source: optimal string alignment, a restricted Damerau-Levenshtein distance.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last(to.size() + 1), last(to.size() + 1), now(to.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t changed = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, changed});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        now[j] = std::min(now[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(now);
  }
  return last[to.size()];
}

using Matches = bool (*)(const std::string& typed, const std::string& name);

bool is_same(const std::string& typed, const std::string& name) {
  return typed == name;
}
bool has_word(const std::string& typed, const std::string& name) {
  return ("-" + name + "-").find("-" + typed + "-") != std::string::npos;
}
bool begins_word(const std::string& typed, const std::string& name) {
  return ("-" + name).find("-" + typed) != std::string::npos;
}

tl::unexpected<Error> no_such_name(std::string_view typed, std::span<const Named> all) {
  std::vector<std::string> known;
  for (const auto& one : all) {
    known.push_back(one.id);
    for (std::size_t from = 0; from < one.id.size();) {
      const std::size_t end = std::min(one.id.find('-', from), one.id.size());
      known.push_back(one.id.substr(from, end - from));
      from = end + 1;
    }
  }
  const auto nearest = nearest_names(typed, known, 3);
  const std::string shown = text::printable(typed.substr(0, kMaxTyped));
  if (!nearest.empty()) {
    return fail(ErrorCode::kNotFound, fmt::format("There is no '{}'; did you mean {}?", shown,
                                                  fmt::join(nearest, " or ")));
  }
  std::vector<std::string> ids;
  for (const auto& one : all) ids.push_back(one.id);
  return fail(ErrorCode::kNotFound,
              fmt::format("There is no '{}'; there are {}.", shown, fmt::join(ids, ", ")));
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view typed, std::span<const std::string> names,
                                       std::size_t count) {
  const std::string wanted = plain(typed);
  if (wanted.empty() || wanted.size() > kMaxTyped) return {};
  // A third of the letters may be wrong; more is another name.
  const std::size_t allowed = std::max<std::size_t>(1, wanted.size() / 3);
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const auto& name : names) {
    const std::size_t apart = distance(wanted, plain(name));
    if (apart <= allowed) near.emplace_back(apart, name);
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  if (near.size() > count) near.resize(count);
  std::vector<std::string> out;
  for (auto& [apart, name] : near) out.push_back(std::move(name));
  return out;
}

Result<std::size_t> find_named(std::string_view typed, std::span<const Named> all) {
  const std::string wanted = plain(typed);
  for (const Matches matches : {is_same, has_word, begins_word}) {
    std::vector<std::size_t> found;
    for (std::size_t n = 0; n < all.size() && !wanted.empty(); ++n) {
      if (matches(wanted, plain(all[n].id)) || matches(wanted, plain(all[n].name)))
        found.push_back(n);
    }
    if (found.size() == 1) return found.front();
    if (found.size() < 2) continue;
    std::vector<std::string> ids;
    for (const std::size_t n : found) ids.push_back(all[n].id);
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' may mean {}; give more of the name.",
                            text::printable(typed.substr(0, kMaxTyped)), fmt::join(ids, " or ")));
  }
  return no_such_name(typed, all);
}

}  // namespace dramatis::app
