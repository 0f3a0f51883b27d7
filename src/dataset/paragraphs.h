// What a language model wrote -> its paragraphs, and what was left out of them and why.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dramatis::dataset {

enum class DropReason : std::uint8_t {
  kProse,          // words around what was asked for
  kNoType,         // a scene without one
  kNoPlace,        // a scene without one
  kNoBackground,   // a scene, or a whole experience, without one
  kNoSpeaker,      // words that nobody says: narration
  kNoWords,        // a speaker who says nothing
  kTooShort,       // an experience of fewer lines than were asked for
  kEmpty,          // nothing at all, or nobody who speaks
  kGesture,        // what is done while speaking
  kOtherSpeaker,   // words of somebody who was not to speak
  kTooLong,        // more words than were asked for
  kRecites,        // words of the sheet in its own order
  kCut,            // a text that its length cut off
  kOthersThought,  // what somebody else thinks: nobody can know it
  kThinksOn,       // thoughts that do not come to speech, or too many before it
  kSilent,         // a scene in which the character says nothing
};

// A name for counts and reports, such as "no-speaker".
[[nodiscard]] std::string_view name_of(DropReason reason);

struct Drop {
  DropReason reason{};
  std::string text{};  // the paragraph as it was written; empty where there was none

  friend bool operator==(const Drop&, const Drop&) = default;
};

// Lines of one paragraph, without the spaces around them; none is blank.
using Paragraph = std::vector<std::string>;

// The paragraphs of `text`, which blank lines part. Line ends of Windows count as line ends.
[[nodiscard]] std::vector<Paragraph> paragraphs(std::string_view text);

// With a line end between its lines.
[[nodiscard]] std::string joined(const Paragraph& paragraph, std::size_t from = 0);

// Without white space at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

// What stands behind `label` and a colon where `line` begins with them, in any case, whatever
// bullets, numbers and stars a model put around it; otherwise null in `found`.
struct Labelled {
  bool found = false;
  std::string rest{};
};
[[nodiscard]] Labelled after_label(std::string_view line, std::string_view label);

}  // namespace dramatis::dataset
