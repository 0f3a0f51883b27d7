// <character>.yaml, or two descriptions in plain words -> Character.
#include "persona/character.h"

#include <array>

#include <fmt/format.h>

#include "persona/internal/fields.h"
#include "persona/limits.h"
#include "persona/secrets.h"
#include "text/utf8.h"
#include "text/utterance.h"
#include "text/yaml.h"

namespace dramatis::persona {
namespace {

constexpr std::array<std::string_view, 9> kAlignments{
    "lawful good",     "neutral good", "chaotic good", "lawful neutral", "true neutral",
    "chaotic neutral", "lawful evil",  "neutral evil", "chaotic evil"};

void read_identity(internal::Fields& fields, Character& character) {
  character.id = fields.id("id");
  character.name = fields.text("name");
  character.short_name = fields.text("short_name");
  character.title = fields.text("title");
  character.world = fields.id("world");
  character.summary = fields.text("summary");
  character.look = fields.text("look");
  character.speech = fields.text("speech");
  character.alignment = fields.choice("alignment", kAlignments);
}

void read_mind(internal::Fields& fields, Character& character) {
  character.backstory = fields.notes("backstory", "episode");
  character.values = fields.notes("values", "name");
  character.objectives = fields.notes("objectives", "name");
  character.opinions = fields.notes("opinions", "about");
  character.knowledge = fields.notes("knowledge", "about");
  character.unknown = fields.texts("unknown");
  fields.each("secrets", internal::Need::kMayBeEmpty, [&](internal::Fields& entry) {
    Secret secret;
    secret.id = entry.id("id");
    secret.text = entry.text("text");
    secret.words = entry.texts("words");
    character.secrets.push_back(std::move(secret));
  });
}

void read_manner(internal::Fields& fields, Character& character) {
  character.sayings = fields.texts("sayings");
  character.greetings = fields.texts("greetings");
  character.speaks_first = fields.flag("speaks_first");
  character.farewells = fields.texts("farewells");
  character.puzzled = fields.texts("puzzled");
  character.does_not_know = fields.texts("does_not_know");
  character.success = fields.text("success");
  character.scratchpad = fields.flag("scratchpad");
  fields.each("examples", internal::Need::kMayBeEmpty, [&](internal::Fields& entry) {
    Exchange exchange;
    exchange.player = entry.text("player");
    exchange.npc = entry.text("npc");
    character.examples.push_back(std::move(exchange));
  });
}

void refuse_leaks(const text::YamlNode& root, const Character& character,
                  internal::Report& report) {
  constexpr std::array<std::string_view, 1> kOwnPlace{"secrets"};
  internal::each_scalar(
      root, "", kOwnPlace, [&](const text::YamlNode& node, const std::string& path) {
        if (const auto word = find_secret(node.scalar, character.secrets)) {
          report.error(node.line, path,
                       fmt::format("the text says '{}', which is a secret's word.", *word),
                       "say it otherwise, or take the word out of the secret");
        }
      });
}

Result<std::string> plain_text(std::string_view description, std::string_view whose) {
  if (description.size() > kMaxDescriptionBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The description of the {} has {} bytes, at most {} are kept.", whose,
                            description.size(), kMaxDescriptionBytes));
  }
  if (!text::is_valid_utf8(description)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The description of the {} is not UTF-8.", whose));
  }
  const std::string shown = text::printable(description);
  const auto first = shown.find_first_not_of(" \n\t");
  if (first == std::string::npos) return std::string();
  return shown.substr(first, shown.find_last_not_of(" \n\t") + 1 - first);
}

}  // namespace

Character parse_character(std::string_view yaml, const std::string& file,
                          std::vector<Finding>& found) {
  internal::Report report(file, found);
  Character character;
  const auto root = text::parse_yaml(yaml);
  if (!root) {
    report.error(0, "", root.error().what);
    return character;
  }
  internal::Fields fields(*root, "", report);
  read_identity(fields, character);
  read_mind(fields, character);
  read_manner(fields, character);
  fields.finish();
  refuse_leaks(*root, character, report);
  return character;
}

Result<Sheets> character_from_text(std::string_view world_description,
                                   std::string_view character_description) {
  Sheets sheets;
  DRAMATIS_TRY(sheets.world.description, plain_text(world_description, "world"));
  DRAMATIS_TRY(sheets.character.description, plain_text(character_description, "character"));
  if (sheets.character.description.empty()) {
    return fail(
        ErrorCode::kInvalidArgument,
        "The description of the character is blank; a sentence that says who it is will do.");
  }
  sheets.character.does_not_know = {"I do not know what to say to that.",
                                    "That is more than I can tell you.",
                                    "You will have to ask somebody else about that."};
  return sheets;
}

}  // namespace dramatis::persona
