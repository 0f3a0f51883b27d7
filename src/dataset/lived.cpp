// Scripts -> experiences.
#include "dataset/lived.h"

#include <utility>

#include <fmt/format.h>

#include "dataset/limits.h"

namespace dramatis::dataset {
namespace {

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return made;
}

}  // namespace

std::string without_torn_end(std::string text, std::vector<Drop>& drops) {
  const auto last = text.find_last_not_of(" \t\r\n");
  const auto end = text.rfind("\n\n", last);
  if (last == std::string::npos) return text;
  const std::size_t kept = end == std::string::npos ? 0 : end;
  drops.push_back({.reason = DropReason::kCut,
                   .text = std::string(trimmed(std::string_view(text).substr(kept)))});
  text.resize(kept);
  return text;
}

bool is_called(const persona::Character& character, std::string_view speaker) {
  const std::string heard = lower(speaker);
  const std::string name = lower(character.name);
  const std::string small = lower(character.short_name);
  if (heard == name || heard == small) return true;
  return !small.empty() && (heard.ends_with(" " + small) || heard.ends_with(" " + name));
}

std::variant<Experience, Drop> as_lived(Experience script, const persona::Character& character) {
  Experience lived{.background = std::move(script.background),
                   .lines = {},
                   .drops = std::move(script.drops),
                   .asides = script.asides};
  std::vector<ScriptLine> thoughts;
  const auto drop = [&lived](DropReason reason, const ScriptLine& line) {
    lived.drops.push_back(
        {.reason = reason,
         .text = fmt::format("{} ({})\n{}", line.speaker, line.manner, line.words)});
  };
  const auto forget = [&] {
    for (const auto& thought : thoughts) drop(DropReason::kThinksOn, thought);
    thoughts.clear();
  };
  bool spoke = false;
  for (auto& line : script.lines) {
    if (!is_called(character, line.speaker)) {
      forget();
      if (line.is_thought()) {
        drop(DropReason::kOthersThought, line);
      } else {
        lived.lines.push_back(std::move(line));
      }
      continue;
    }
    line.speaker = character.short_name;
    if (line.is_thought()) {
      if (thoughts.size() < kMostThoughts) {
        thoughts.push_back(std::move(line));
      } else {
        drop(DropReason::kThinksOn, line);
      }
      continue;
    }
    spoke = true;
    for (auto& thought : thoughts) lived.lines.push_back(std::move(thought));
    thoughts.clear();
    lived.lines.push_back(std::move(line));
  }
  forget();
  if (!spoke) return Drop{.reason = DropReason::kSilent, .text = lived.background};
  if (lived.lines.size() < kFewestLines)
    return Drop{.reason = DropReason::kTooShort, .text = lived.background};
  return lived;
}

}  // namespace dramatis::dataset
