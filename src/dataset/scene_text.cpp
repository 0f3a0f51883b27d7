// A model's list of scenes -> scenes.
#include "dataset/scene_text.h"

#include <array>
#include <utility>

namespace dramatis::dataset {
namespace {

enum Field : std::uint8_t { kType, kPlace, kBackground, kFields };
constexpr std::array<std::string_view, kFields> kLabels{"Type", "Location", "Background"};

// A scene as far as it has been read.
struct Partial {
  std::array<std::string, kFields> fields{};
  std::array<bool, kFields> has{};
  std::string text{};  // all paragraphs that it is read from

  [[nodiscard]] bool any() const { return has[kType] || has[kPlace] || has[kBackground]; }
  [[nodiscard]] bool whole() const {
    return !fields[kType].empty() && !fields[kPlace].empty() && !fields[kBackground].empty();
  }
};

Partial read(const Paragraph& paragraph) {
  Partial partial{.fields = {}, .has = {}, .text = joined(paragraph)};
  int last = -1;  // the field that a line without a label goes on
  for (const auto& line : paragraph) {
    int labelled = -1;
    for (std::size_t field = 0; field < kFields; ++field) {
      auto after = after_label(line, kLabels[field]);
      if (!after.found) continue;
      partial.fields[field] = std::move(after.rest);
      partial.has[field] = true;
      labelled = static_cast<int>(field);
    }
    if (labelled >= 0) {
      last = labelled;
    } else if (last >= 0) {
      auto& field = partial.fields[static_cast<std::size_t>(last)];
      if (!field.empty()) field += '\n';
      field += line;
    }
  }
  const auto colon = paragraph.front().find(':');
  const bool titled = paragraph.size() == kFields && !partial.has[kType] && partial.has[kPlace] &&
                      partial.has[kBackground] && colon != std::string::npos;
  if (!titled) return partial;
  partial.fields[kType] = trimmed(std::string_view(paragraph.front()).substr(colon + 1));
  partial.has[kType] = true;
  return partial;
}

// Whether `next` can be the rest of `open`: nothing twice, and no type after another field.
bool goes_on(const Partial& open, const Partial& next) {
  if (!open.any() || open.whole() || !next.any() || next.has[kType]) return false;
  for (std::size_t field = 0; field < kFields; ++field) {
    if (open.has[field] && next.has[field]) return false;
  }
  return true;
}

void join(Partial& open, Partial next) {
  for (std::size_t field = 0; field < kFields; ++field) {
    if (!next.has[field]) continue;
    open.fields[field] = std::move(next.fields[field]);
    open.has[field] = true;
  }
  open.text += "\n\n" + next.text;
}

DropReason lacks(const Partial& partial) {
  if (!partial.any()) return DropReason::kProse;
  if (partial.fields[kType].empty()) return DropReason::kNoType;
  if (partial.fields[kPlace].empty()) return DropReason::kNoPlace;
  return DropReason::kNoBackground;
}

void close(Partial&& partial, Scenes& scenes) {
  if (partial.text.empty()) return;
  if (!partial.whole()) {
    scenes.drops.push_back({.reason = lacks(partial), .text = std::move(partial.text)});
    return;
  }
  scenes.kept.push_back({.type = std::move(partial.fields[kType]),
                         .place = std::move(partial.fields[kPlace]),
                         .background = std::move(partial.fields[kBackground])});
}

}  // namespace

Scenes parse_scenes(std::string_view text) {
  Scenes scenes;
  Partial open;
  for (const auto& paragraph : paragraphs(text)) {
    auto next = read(paragraph);
    if (goes_on(open, next)) {
      join(open, std::move(next));
      continue;
    }
    close(std::exchange(open, std::move(next)), scenes);
  }
  close(std::move(open), scenes);
  if (scenes.kept.empty() && scenes.drops.empty())
    scenes.drops.push_back({.reason = DropReason::kEmpty});
  return scenes;
}

}  // namespace dramatis::dataset
