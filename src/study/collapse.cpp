// Everybody compared with everybody.
#include "study/collapse.h"

#include <algorithm>
#include <map>
#include <set>

#include "signs/words.h"
#include "text/overlap.h"

namespace dramatis::study {
namespace {

std::string opening_of(std::string_view text) {
  const auto words = signs::words_of(text);
  std::string opening;
  for (std::size_t n = 0; n < std::min(words.size(), kOpeningWords); ++n)
    opening.append(n == 0 ? "" : " ").append(words[n].plain);
  return words.size() < kOpeningWords ? std::string() : opening;
}

std::set<std::string> openings_of(const Presence& who) {
  std::set<std::string> openings;
  for (const auto& text : who.openings) openings.insert(opening_of(text));
  openings.erase("");
  return openings;
}

void compare_names(const Presence& a, const Presence& b, Collapse& found) {
  if (a.world == b.world) return;
  for (const auto& name : std::set(a.names.begin(), a.names.end())) {
    if (std::ranges::find(b.names, name) != b.names.end())
      found.names.push_back({a.character, b.character, name});
  }
}

void compare_openings(const Presence& a, const Presence& b, Collapse& found) {
  const auto others = openings_of(b);
  for (const auto& opening : openings_of(a)) {
    if (others.contains(opening)) found.openings.push_back({a.character, b.character, opening});
  }
}

// What both lived through, each may tell.
bool names_other(std::string_view plot, const Presence& other) {
  const auto words = signs::words_of(plot);
  return !other.names.empty() && signs::find_phrase(words, other.names.front()).has_value();
}

void compare_plots(const Presence& a, const Presence& b, Collapse& found) {
  for (const auto& plot : a.plots) {
    if (names_other(plot, b)) continue;
    const bool told = std::ranges::any_of(
        b.plots, [&](const std::string& other) { return text::overlap(plot, other) > kSamePlot; });
    if (told) found.plots.push_back({a.character, b.character, plot});
  }
}

double distinct_openings(const std::vector<Presence>& cast) {
  std::set<std::string> different;
  std::size_t all = 0;
  for (const auto& who : cast) {
    for (const auto& text : who.openings) {
      const auto opening = opening_of(text);
      if (opening.empty()) continue;
      ++all;
      different.insert(opening);
    }
  }
  return all == 0 ? 1 : static_cast<double>(different.size()) / static_cast<double>(all);
}

// First names and all others that a title does not give: "Sir Reginald" is a Reginald.
void add_names(std::string_view whole, std::vector<std::string>& names) {
  static const std::set<std::string> kTitles{
      "sir",       "lord",   "lady",   "king",     "queen", "prince", "father", "mother",
      "brother",   "sister", "master", "mistress", "saint", "high",   "grand",  "captain",
      "commander", "doctor", "uncle",  "aunt",     "old",   "young"};
  for (const auto& word : signs::words_of(whole)) {
    const char first = whole[word.first];
    if (first < 'A' || first > 'Z' || kTitles.contains(word.plain)) continue;
    names.push_back(word.plain);
    return;
  }
}

text::JsonArray list_of(const std::vector<Shared>& shared) {
  text::JsonArray list;
  for (const auto& one : shared)
    list.emplace_back(text::JsonObject{{"a", one.a}, {"b", one.b}, {"what", one.what}});
  return list;
}

}  // namespace

std::vector<Presence> presences_of(const persona::Cast& cast) {
  std::vector<Presence> all;
  for (const auto& member : cast.members) {
    Presence who{.character = member.sheet.id, .world = member.sheet.world};
    add_names(member.sheet.name, who.names);
    if (const auto* const world = cast.find_world(member.sheet.world)) {
      for (const auto* people : {&world->people, &world->marginalised_people})
        for (const auto& note : *people) add_names(note.name, who.names);
    }
    who.openings = member.sheet.greetings;
    for (const auto& episode : member.sheet.backstory) who.plots.push_back(episode.text);
    all.push_back(std::move(who));
  }
  return all;
}

Collapse find_collapse(const std::vector<Presence>& cast) {
  Collapse found{.distinct_openings = distinct_openings(cast)};
  for (std::size_t a = 0; a < cast.size(); ++a) {
    for (std::size_t b = a + 1; b < cast.size(); ++b) {
      compare_names(cast[a], cast[b], found);
      compare_openings(cast[a], cast[b], found);
      compare_plots(cast[a], cast[b], found);
    }
  }
  return found;
}

text::JsonObject json_of(const Collapse& collapse) {
  return {{"names", list_of(collapse.names)},
          {"openings", list_of(collapse.openings)},
          {"plots", list_of(collapse.plots)},
          {"distinct_openings", collapse.distinct_openings}};
}

}  // namespace dramatis::study
