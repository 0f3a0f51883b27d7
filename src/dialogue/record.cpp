// Each record is one list of fields, walked in both directions.
#include "dialogue/record.h"

#include <array>

#include "dialogue/internal/fields.h"

namespace dramatis::dialogue {
namespace {

using internal::FieldReader;
using internal::FieldWriter;
using text::Json;
using text::JsonArray;
using text::JsonObject;

// `Of` is const for a writer.
template <class Walker, class Of>
void walk_settings(Walker& field, Of& of) {
  const NpcSettings usual;
  field("character", of.character, usual.character);
  field("world_description", of.world_description, usual.world_description);
  field("character_description", of.character_description, usual.character_description);
  field("scene", of.scene, usual.scene);
  field("history_size", of.history_size, usual.history_size);
  field("has_scratchpad", of.has_scratchpad, usual.has_scratchpad);
  field("temperature", of.temperature, usual.temperature);
  field("max_tokens", of.max_tokens, usual.max_tokens);
  field("model", of.model, usual.model);
  field("top_k", of.top_k, usual.top_k);
  field("top_p", of.top_p, usual.top_p);
  field("min_p", of.min_p, usual.min_p);
  field("repetition_penalty", of.repetition_penalty, usual.repetition_penalty);
  field("presence_penalty", of.presence_penalty, usual.presence_penalty);
  field("frequency_penalty", of.frequency_penalty, usual.frequency_penalty);
}

template <class Walker, class Of>
void walk_scene(Walker& field, Of& of) {
  const prompt::Scene usual;
  field("place", of.place, usual.place);
  field("time", of.time, usual.time);
  field("status", of.status, usual.status);
  field("player", of.player, usual.player);
  field("player_is", of.player_is, usual.player_is);
  field("acquaintance", of.acquaintance, usual.acquaintance);
}

template <class Walker, class Of>
void walk_sampling(Walker& field, Of& of) {
  const lm::Sampling usual;
  field("temperature", of.temperature, usual.temperature);
  field("top_k", of.top_k, usual.top_k);
  field("top_p", of.top_p, usual.top_p);
  field("min_p", of.min_p, usual.min_p);
  field("repetition_penalty", of.repetition_penalty, usual.repetition_penalty);
  field("repetition_window", of.repetition_window, usual.repetition_window);
  field("presence_penalty", of.presence_penalty, usual.presence_penalty);
  field("frequency_penalty", of.frequency_penalty, usual.frequency_penalty);
  field("max_tokens", of.max_tokens, usual.max_tokens);
  field("seed", of.seed, usual.seed);
  field("stop", of.stop, usual.stop);
}

template <class Walker, class Of>
void walk_counts(Walker& field, Of& of) {
  const Account usual;
  field("model", of.model, usual.model);
  field("prompt_tokens", of.prompt_tokens, usual.prompt_tokens);
  field("cached_tokens", of.cached_tokens, usual.cached_tokens);
  field("computed_tokens", of.computed_tokens, usual.computed_tokens);
  field("generated_tokens", of.generated_tokens, usual.generated_tokens);
  field("first_word_ns", of.first_word, usual.first_word);
  field("total_ns", of.total, usual.total);
  field("prompt_sha256", of.prompt_digest, usual.prompt_digest);
}

template <class Walker, class Of>
void walk_section(Walker& field, Of& of) {
  const prompt::Section usual;
  field("name", of.name, usual.name);
  field("tokens", of.tokens, usual.tokens);
  field("cut", of.cut, usual.cut);
}

template <class Walker, class Of>
void walk_example(Walker& field, Of& of) {
  const ExampleUsed usual;
  field("topic", of.topic, usual.topic);
  field("player", of.player, usual.player);
  field("npc", of.npc, usual.npc);
  field("relevance", of.relevance, usual.relevance);
}

template <class Walker, class Of>
void walk_adapter(Walker& field, Of& of) {
  const lm::AdapterChoice usual{.name = {}};
  field("name", of.name, usual.name);
  field("scale", of.scale, usual.scale);
}

template <class Walker, class Of>
void walk_used(Walker& field, Of& of) {
  const lm::AdapterUsed usual;
  field("name", of.name, usual.name);
  field("scale", of.scale, usual.scale);
  field("checksum", of.checksum, usual.checksum);
}

// One name for each enumerator, in their order.
constexpr std::array<std::string_view, 3> kReasons = {"end_of_turn", "stop_string", "length"};
constexpr std::array<std::string_view, 3> kOrigins = {"own", "adapted", "authored"};

template <class Walk, class One>
JsonArray list_json(const std::vector<One>& list, const Walk& walk) {
  JsonArray json;
  for (const auto& one : list) {
    FieldWriter writer;
    walk(writer, one);
    json.emplace_back(writer.take());
  }
  return json;
}

template <class Walk, class One>
void read_list(FieldReader& reader, std::string_view name, std::vector<One>& into, One usual,
               const Walk& walk) {
  reader.list(name, [&](const Json& json) -> Status {
    FieldReader element(json);
    into.push_back(usual);
    walk(element, into.back());
    return element.judge();
  });
}

template <class Enum, std::size_t N>
void read_name(FieldReader& reader, std::string_view field, Enum& into,
               const std::array<std::string_view, N>& names) {
  std::string name(names[static_cast<std::size_t>(into)]);
  reader(field, name, name);
  for (std::size_t n = 0; n < N; ++n) {
    if (names[n] == name) {
      into = static_cast<Enum>(n);
      return;
    }
  }
  reader.mistake(std::string(field) + " has an unknown value");
}

constexpr auto kWalkSection = [](auto& field, auto& of) { walk_section(field, of); };
constexpr auto kWalkExample = [](auto& field, auto& of) { walk_example(field, of); };
constexpr auto kWalkAdapter = [](auto& field, auto& of) { walk_adapter(field, of); };
constexpr auto kWalkUsed = [](auto& field, auto& of) { walk_used(field, of); };

}  // namespace

JsonObject settings_json(const NpcSettings& settings) {
  FieldWriter writer;
  walk_settings(writer, settings);
  if (!settings.adapters.empty())
    writer.add("adapters", list_json(settings.adapters, kWalkAdapter));
  return writer.take();
}

JsonObject scene_json(const prompt::Scene& scene) {
  FieldWriter writer;
  walk_scene(writer, scene);
  return writer.take();
}

JsonObject account_json(const Account& account) {
  FieldWriter writer;
  walk_counts(writer, account);
  writer.add("why", kReasons[static_cast<std::size_t>(account.why)]);
  writer.add("origin", kOrigins[static_cast<std::size_t>(account.origin)]);
  FieldWriter how;
  walk_sampling(how, account.how);
  writer.add("sampling", how.take());
  if (!account.adapters.empty()) writer.add("adapters", list_json(account.adapters, kWalkUsed));
  writer.add("sections", list_json(account.sections, kWalkSection));
  writer.add("examples", list_json(account.examples, kWalkExample));
  return writer.take();
}

Result<NpcSettings> read_settings(const Json& json) {
  NpcSettings settings;
  FieldReader reader(json);
  walk_settings(reader, settings);
  read_list(reader, "adapters", settings.adapters, lm::AdapterChoice{.name = {}}, kWalkAdapter);
  DRAMATIS_DO(reader.judge());
  return settings;
}

Result<prompt::Scene> read_scene(const Json& json) {
  prompt::Scene scene;
  FieldReader reader(json);
  walk_scene(reader, scene);
  DRAMATIS_DO(reader.judge());
  return scene;
}

Result<Account> read_account(const Json& json) {
  Account account;
  FieldReader reader(json);
  walk_counts(reader, account);
  read_name(reader, "why", account.why, kReasons);
  read_name(reader, "origin", account.origin, kOrigins);
  const Json* how = json.find("sampling");
  const Json nothing{JsonObject{}};
  FieldReader sampling(how == nullptr ? nothing : *how);
  walk_sampling(sampling, account.how);
  read_list(reader, "adapters", account.adapters, lm::AdapterUsed{}, kWalkUsed);
  read_list(reader, "sections", account.sections, prompt::Section{}, kWalkSection);
  read_list(reader, "examples", account.examples, ExampleUsed{}, kWalkExample);
  DRAMATIS_DO(reader.judge());
  DRAMATIS_DO(sampling.judge());
  return account;
}

}  // namespace dramatis::dialogue
