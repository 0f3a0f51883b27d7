// What a language model wrote -> its paragraphs, and what was left out of them and why.
#include "dataset/paragraphs.h"

#include <algorithm>

#include "base/check.h"

namespace dramatis::dataset {
namespace {

constexpr std::string_view kSpaces = " \t\r\f\v";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool begins_with(std::string_view line, std::string_view label) {
  return line.size() >= label.size() &&
         std::equal(label.begin(), label.end(), line.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

// Layout that models put before a label: bullets, stars, hashes, "3." and "3)".
std::string_view without_layout(std::string_view line) {
  const auto first = line.find_first_not_of("-*#>_ \t");
  line.remove_prefix(std::min(first, line.size()));
  const auto digits = line.find_first_not_of("0123456789");
  if (digits == 0 || digits >= line.size() || (line[digits] != '.' && line[digits] != ')'))
    return line;
  return without_layout(line.substr(digits + 1));
}

}  // namespace

std::string_view name_of(DropReason reason) {
  switch (reason) {
    case DropReason::kProse:
      return "prose";
    case DropReason::kNoType:
      return "no-type";
    case DropReason::kNoPlace:
      return "no-place";
    case DropReason::kNoBackground:
      return "no-background";
    case DropReason::kNoSpeaker:
      return "no-speaker";
    case DropReason::kNoWords:
      return "no-words";
    case DropReason::kTooShort:
      return "too-short";
    case DropReason::kEmpty:
      return "empty";
    case DropReason::kGesture:
      return "gesture";
    case DropReason::kOtherSpeaker:
      return "other-speaker";
    case DropReason::kTooLong:
      return "too-long";
    case DropReason::kRecites:
      return "recites";
    case DropReason::kCut:
      return "cut";
    case DropReason::kOthersThought:
      return "others-thought";
    case DropReason::kThinksOn:
      return "thinks-on";
    case DropReason::kSilent:
      return "silent";
  }
  DRAMATIS_CHECK(false);
  return {};
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n\f\v");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n\f\v") + 1 - first);
}

std::vector<Paragraph> paragraphs(std::string_view text) {
  std::vector<Paragraph> found;
  bool open = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) {
      open = false;
      continue;
    }
    if (!open) found.emplace_back();
    open = true;
    found.back().emplace_back(line);
  }
  return found;
}

std::string joined(const Paragraph& paragraph, std::size_t from) {
  std::string text;
  for (std::size_t n = from; n < paragraph.size(); ++n) {
    if (n > from) text += '\n';
    text += paragraph[n];
  }
  return text;
}

Labelled after_label(std::string_view line, std::string_view label) {
  line = without_layout(line);
  if (!begins_with(line, label)) return {};
  line.remove_prefix(label.size());
  // "Type:", "Type :", "**Type:**" and "**Type**:" are one label.
  const auto colon = line.find_first_not_of("*_ \t");
  if (colon == std::string_view::npos || line[colon] != ':') return {};
  line.remove_prefix(colon + 1);
  const auto rest = line.find_first_not_of("*_");
  line.remove_prefix(std::min(rest, line.size()));
  const auto first = line.find_first_not_of(kSpaces);
  line.remove_prefix(std::min(first, line.size()));
  return {.found = true, .rest = std::string(line)};
}

}  // namespace dramatis::dataset
