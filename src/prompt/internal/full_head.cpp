// The whole sheet as prose under headings.
#include <algorithm>

#include <fmt/format.h>

#include "prompt/internal/head.h"

namespace dramatis::prompt::internal {
namespace {

enum class Place { kWorld, kCharacter };

// A heading with entries below it. The lower its rank, the sooner it is given room; rank 0 is never
// cut.
struct Part {
  Place place;
  int rank;
  std::string heading;               // a line; may be empty
  std::vector<std::string> entries;  // lines
  std::size_t kept = 0;              // entries that found room
};

std::vector<std::string> named(const std::vector<persona::Note>& notes) {
  std::vector<std::string> lines;
  for (const auto& note : notes) lines.push_back(fmt::format("- {}: {}", note.name, note.text));
  return lines;
}

std::vector<std::string> told(const std::vector<persona::Note>& notes) {
  std::vector<std::string> lines;
  for (const auto& note : notes) lines.push_back("- " + note.text);
  return lines;
}

std::vector<std::string> listed(const std::vector<std::string>& texts) {
  std::vector<std::string> lines;
  for (const auto& text : texts) lines.push_back("- " + text);
  return lines;
}

void add_world(const persona::World& world, std::vector<Part>& parts) {
  if (world.name.empty()) return;
  parts.push_back({Place::kWorld, 0, "WORLD SETTING: " + world.name, {}});
  parts.push_back({Place::kWorld, 1, "", {world.description}});
  parts.push_back({Place::kWorld, 6, "Who rules, and how:", {world.political_organisation}});
  parts.push_back({Place::kWorld, 7, "Powers:", named(world.powers)});
  parts.push_back({Place::kWorld, 7, "People of note:", named(world.people)});
  parts.push_back({Place::kWorld, 8, "People at the edge:", named(world.marginalised_groups)});
  parts.push_back({Place::kWorld, 8, "", named(world.marginalised_people)});
  parts.push_back({Place::kWorld, 7, "Places:", named(world.locations)});
  parts.push_back({Place::kWorld, 9, "Customs, history and prices:", named(world.lore)});
}

void add_character(const persona::Character& who, std::vector<Part>& parts) {
  parts.push_back({Place::kCharacter, 0, fmt::format("You are {}, {}.", who.name, who.title), {}});
  parts.push_back({Place::kCharacter, 1, "", {who.summary}});
  parts.push_back({Place::kCharacter, 1, "", {"Your look: " + who.look}});
  parts.push_back({Place::kCharacter, 1, "", {"Your manner of speaking: " + who.speech}});
  parts.push_back({Place::kCharacter, 1, "", {fmt::format("Your alignment: {}.", who.alignment)}});
  parts.push_back({Place::kCharacter, 3, "Your life, in your own words:", told(who.backstory)});
  parts.push_back({Place::kCharacter, 2, "What you live by:", named(who.values)});
  parts.push_back({Place::kCharacter, 2, "What you want:", named(who.objectives)});
  parts.push_back({Place::kCharacter, 4, "What you think of others:", named(who.opinions)});
  parts.push_back({Place::kCharacter, 5, "What you know:", named(who.knowledge)});
  parts.push_back({Place::kCharacter, 2, "What you have never heard of:", listed(who.unknown)});
  parts.push_back({Place::kCharacter, 3, "Sayings of yours:", listed(who.sayings)});
  parts.push_back({Place::kCharacter, 2, "", {"What you want of a talk: " + who.success}});
  parts.push_back(
      {Place::kCharacter,
       0,
       fmt::format("Stay {} whatever is said to you. Answer in one to three sentences, with spoken "
                   "words alone.",
                   who.short_name),
       {}});
}

// Gives room to as many entries of `part` as fit.
Status give_room(Part& part, std::size_t& left, const lm::LanguageModel& model) {
  DRAMATIS_TRY(const std::size_t heading, model.count_tokens(part.heading + "\n"));
  std::size_t cost = part.heading.empty() ? 0 : heading;
  for (const auto& entry : part.entries) {
    DRAMATIS_TRY(const std::size_t more, model.count_tokens(entry + "\n"));
    if (cost + more > left) return {};
    left -= cost + more;
    cost = 0;
    ++part.kept;
  }
  return {};
}

Status give_room_by_rank(std::vector<Part>& parts, std::size_t tokens,
                         const lm::LanguageModel& model) {
  std::size_t left = tokens;
  for (int rank = 0; rank <= 9; ++rank) {
    for (auto& part : parts) {
      if (part.rank != rank) continue;
      if (rank > 0) {
        DRAMATIS_DO(give_room(part, left, model));
        continue;
      }
      DRAMATIS_TRY(const std::size_t needful, model.count_tokens(part.heading + "\n"));
      left -= std::min(left, needful);
    }
  }
  return {};
}

Result<Told> write_down(const std::vector<Part>& parts, Place place,
                        const lm::LanguageModel& model) {
  Told section;
  for (const auto& part : parts) {
    if (part.place != place) continue;
    section.cut += part.entries.size() - part.kept;
    if (!part.heading.empty() && (part.kept > 0 || part.entries.empty()))
      section.text += part.heading + "\n";
    for (std::size_t n = 0; n < part.kept; ++n) section.text += part.entries[n] + "\n";
  }
  if (!section.text.empty()) section.text.pop_back();
  DRAMATIS_TRY(section.tokens, model.count_tokens(section.text));
  return section;
}

Result<Told> as_described(std::string text, const lm::LanguageModel& model) {
  DRAMATIS_TRY(const std::size_t tokens, model.count_tokens(text));
  return Told{.text = std::move(text), .tokens = tokens};
}

}  // namespace

Result<WorldAndCharacter> tell_full(const Material& material, std::size_t tokens,
                                    const lm::LanguageModel& model) {
  WorldAndCharacter head;
  std::vector<Part> parts;
  if (material.character.description.empty()) {
    add_world(material.world, parts);
    add_character(material.character, parts);
    DRAMATIS_DO(give_room_by_rank(parts, tokens, model));
    DRAMATIS_TRY(head.world, write_down(parts, Place::kWorld, model));
    DRAMATIS_TRY(head.character, write_down(parts, Place::kCharacter, model));
    return head;
  }
  if (!material.world.description.empty()) {
    DRAMATIS_TRY(head.world, as_described("WORLD SETTING: " + material.world.description, model));
  }
  DRAMATIS_TRY(head.character, as_described(material.character.description, model));
  return head;
}

}  // namespace dramatis::prompt::internal
