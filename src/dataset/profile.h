// A sheet, or a text about somebody -> paragraphs, of which scenes are made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "persona/character.h"

namespace dramatis::dataset {

struct ProfileParagraph {
  std::string heading{};  // may be empty
  std::string text{};

  friend bool operator==(const ProfileParagraph&, const ProfileParagraph&) = default;
};
using Profile = std::vector<ProfileParagraph>;

// What the sheet tells: the summary, then each episode, value, objective, opinion and thing known.
// Secrets are no part of it.
[[nodiscard]] Profile profile_of(const persona::Character& character);

// A text whose first line is "# Name", then paragraphs between blank lines, each with a line
// "## Heading" before it or not. Errors: kCorrupt naming `place` where no name stands first or
// nothing follows; kOverBudget past kMaxProfileBytes.
[[nodiscard]] Result<Profile> parse_profile(std::string_view text, std::string_view place);

// Which paragraph each of `count` requests for scenes is about: all of them in their order, again
// and again as often as they fit (once at least), and for the rest longer paragraphs more often.
// Source: Character-LLM's data, with which one character has 100 requests and 13 to 115 paragraphs.
[[nodiscard]] std::vector<std::size_t> plan_requests(const Profile& profile, std::size_t count,
                                                     std::uint64_t seed);

}  // namespace dramatis::dataset
