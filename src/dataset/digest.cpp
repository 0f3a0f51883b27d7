// Each field goes in with its length before it, each list with its count, so that no two casts are
// written alike.
#include "dataset/digest.h"

#include <fmt/format.h>

#include "text/digest.h"

namespace dramatis::dataset {
namespace {

class Scroll {
 public:
  Scroll& write(std::string_view text) {
    bytes_ += fmt::format("{}:", text.size());
    bytes_ += text;
    return *this;
  }
  Scroll& write(bool flag) { return write(std::string_view(flag ? "yes" : "no")); }
  Scroll& write(const std::string& text) { return write(std::string_view(text)); }
  Scroll& write(const persona::Note& note) { return write(note.name).write(note.text); }
  Scroll& write(const persona::Secret& secret) {
    return write(secret.id).write(secret.text).write(secret.words);
  }
  Scroll& write(const persona::Exchange& exchange) {
    return write(exchange.player)
        .write(exchange.npc)
        .write(exchange.topic)
        .write(exchange.thoughts)
        .write(exchange.follows);
  }
  Scroll& write(const persona::Dialogue& dialogue) {
    return write(dialogue.id).write(dialogue.scene).write(dialogue.exchanges);
  }
  Scroll& write(const persona::TopicWordings& wordings) {
    return write(wordings.topic).write(wordings.lines);
  }
  template <class T>
  Scroll& write(const std::vector<T>& entries) {
    bytes_ += fmt::format("{};", entries.size());
    for (const auto& entry : entries) write(entry);
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

void write_world(const persona::World& world, Scroll& scroll) {
  scroll.write(world.id)
      .write(world.name)
      .write(world.description)
      .write(world.political_organisation)
      .write(world.powers)
      .write(world.people)
      .write(world.marginalised_groups)
      .write(world.marginalised_people)
      .write(world.locations)
      .write(world.lore);
}

void write_sheet(const persona::Character& sheet, Scroll& scroll) {
  scroll.write(sheet.id)
      .write(sheet.name)
      .write(sheet.short_name)
      .write(sheet.title)
      .write(sheet.world)
      .write(sheet.summary)
      .write(sheet.look)
      .write(sheet.speech)
      .write(sheet.alignment)
      .write(sheet.backstory)
      .write(sheet.values)
      .write(sheet.objectives)
      .write(sheet.opinions)
      .write(sheet.knowledge)
      .write(sheet.unknown)
      .write(sheet.sayings)
      .write(sheet.secrets)
      .write(sheet.greetings)
      .write(sheet.speaks_first)
      .write(sheet.farewells)
      .write(sheet.puzzled)
      .write(sheet.does_not_know)
      .write(sheet.success)
      .write(sheet.scratchpad)
      .write(sheet.examples)
      .write(sheet.description);
}

}  // namespace

std::string digest(const persona::Cast& cast) {
  Scroll scroll;
  for (const auto& world : cast.worlds) write_world(world, scroll);
  for (const auto& member : cast.members) {
    write_sheet(member.sheet, scroll);
    scroll.write(member.dialogues).write(member.wordings);
  }
  return text::sha256(scroll.bytes());
}

}  // namespace dramatis::dataset
