// Profile -> scenes -> scripts -> what the character lived through.
#include "dataset/experiences.h"

#include <utility>

#include <fmt/format.h>

#include "base/random.h"
#include "dataset/digest.h"
#include "dataset/experience_prompts.h"
#include "dataset/lived.h"
#include "text/digest.h"

namespace dramatis::dataset {

using text::Json;
using text::JsonArray;
using text::JsonObject;

struct ExperienceMaker::Parts {
  const DataRecipe& recipe;
  const persona::Cast& cast;
  const persona::Character& character;
  const persona::World& world;
  Profile profile;
  Gates gates;
  ExperienceWriters writers;
};

namespace {

// A scene is two or three sentences; a word of English takes four tokens in three, and the marks of
// a script as much again for short lines.
constexpr int kSceneTokens = 110;
constexpr int kTokensForWords = 2;

enum class Step : std::uint64_t { kScenes, kExperience, kProtective };

// Another one for each item, step and attempt.
std::uint64_t seed_of(std::uint64_t seed, std::uint64_t n, Step step) {
  return seed ^ (0x9E3779B97F4A7C15ULL * (8 * (n + 1) + static_cast<std::uint64_t>(step) + 1));
}

lm::Sampling sampling_of(const WriterChoice& writer, int tokens, std::uint64_t seed,
                         std::size_t attempt) {
  lm::Sampling how;
  how.temperature = writer.temperature;
  how.max_tokens = tokens;
  // Within what every service takes as a number.
  how.seed = (seed + 0xBF58476D1CE4E5B9ULL * attempt) >> 1;
  return how;
}

JsonArray lines_json(const std::vector<ScriptLine>& lines) {
  JsonArray printed;
  for (const auto& line : lines) {
    printed.push_back(
        JsonObject{{"speaker", line.speaker}, {"manner", line.manner}, {"words", line.words}});
  }
  return printed;
}

void take(std::vector<Drop>&& from, std::vector<Drop>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

ExperienceMaker::ExperienceMaker(Parts parts)
    : recipe_(parts.recipe),
      cast_(parts.cast),
      character_(parts.character),
      world_(parts.world),
      profile_(std::move(parts.profile)),
      plan_(plan_requests(profile_, parts.recipe.scene_prompts, parts.recipe.seed)),
      gates_(std::move(parts.gates)),
      writers_(parts.writers) {}

Result<ExperienceMaker> ExperienceMaker::make(const DataRecipe& recipe, const persona::Cast& cast,
                                              std::string_view character, Profile profile,
                                              const ExperienceWriters& writers) {
  // A line of a scene may be a word.
  GateOptions options = recipe.gates;
  options.least_words = 1;
  DRAMATIS_TRY(auto gates, Gates::make(cast, character, options));
  const auto& sheet = cast.find_member(character)->sheet;
  if (profile.empty())
    return fail(ErrorCode::kNotFound, fmt::format("The sheet of {} tells nothing.", character));
  return ExperienceMaker({.recipe = recipe,
                          .cast = cast,
                          .character = sheet,
                          .world = *cast.find_world(sheet.world),
                          .profile = std::move(profile),
                          .gates = std::move(gates),
                          .writers = writers});
}

Result<JsonObject> ExperienceMaker::request(std::uint64_t n, const std::stop_token& stop) const {
  const std::size_t paragraph = plan_[n];
  const auto prompt = scenes_prompt({character_, world_, profile_[paragraph]}, recipe_.scenes_each);
  std::vector<Drop> drops;
  std::vector<SceneDraft> kept;
  Cost cost;
  for (std::size_t attempt = 0; attempt < recipe_.tries && kept.empty(); ++attempt) {
    const int tokens = kSceneTokens * static_cast<int>(recipe_.scenes_each);
    DRAMATIS_TRY(auto written,
                 writers_.scenes.write(
                     {.prompt = prompt,
                      .how = sampling_of(recipe_.scenes, tokens,
                                         seed_of(recipe_.seed, n, Step::kScenes), attempt)},
                     stop));
    cost += written.cost;
    if (written.cut) written.text = without_torn_end(std::move(written.text), drops);
    auto scenes = parse_scenes(written.text);
    take(std::move(scenes.drops), drops);
    kept = std::move(scenes.kept);
  }
  JsonArray scenes;
  for (auto& scene : kept) {
    scenes.push_back(JsonObject{{"type", std::move(scene.type)},
                                {"place", std::move(scene.place)},
                                {"background", std::move(scene.background)}});
  }
  return JsonObject{{"paragraph", paragraph},
                    {"scenes", std::move(scenes)},
                    {"drops", json_of(drops)},
                    {"refusals", JsonArray{}},
                    {"cost", json_of(cost)}};
}

Refusal ExperienceMaker::judge(const Experience& lived, const std::string& id) const {
  const ScriptLine* heard = nullptr;
  for (const auto& line : lived.lines) {
    if (line.speaker != character_.short_name) {
      heard = &line;
      continue;
    }
    if (line.is_thought()) continue;
    auto refusal = gates_.judge({.id = id,
                                 .question = heard == nullptr ? std::string() : heard->words,
                                 .answer = line.words,
                                 .other = heard == nullptr ? std::string() : heard->speaker});
    if (!refusal.gate.empty()) return refusal;
  }
  return {};
}

Result<JsonObject> ExperienceMaker::write_out(const lm::Prompt& prompt, std::uint64_t seed,
                                              JsonObject record,
                                              const std::stop_token& stop) const {
  std::vector<Drop> drops;
  std::vector<Refusal> refusals;
  Experience kept;
  Cost cost;
  for (std::size_t attempt = 0; attempt < recipe_.tries && kept.lines.empty(); ++attempt) {
    const int tokens =
        kTokensForWords * static_cast<int>(recipe_.words) + 16 * static_cast<int>(recipe_.turns);
    DRAMATIS_TRY(auto written, writers_.dialogues.write(
                                   {.prompt = prompt,
                                    .how = sampling_of(recipe_.dialogues, tokens, seed, attempt)},
                                   stop));
    cost += written.cost;
    if (written.cut) written.text = without_torn_end(std::move(written.text), drops);
    auto script = parse_experience(written.text);
    if (auto* nothing = std::get_if<Drop>(&script)) {
      drops.push_back(std::move(*nothing));
      continue;
    }
    auto lived = as_lived(std::get<Experience>(std::move(script)), character_);
    if (auto* nothing = std::get_if<Drop>(&lived)) {
      drops.push_back({.reason = nothing->reason, .text = written.text});
      continue;
    }
    auto& experience = std::get<Experience>(lived);
    take(std::exchange(experience.drops, {}), drops);
    if (auto refusal = judge(experience, {}); !refusal.gate.empty()) {
      refusals.push_back(std::move(refusal));
    } else {
      kept = std::move(experience);
    }
  }
  if (!kept.lines.empty()) {
    record.emplace_back("background", kept.background);
    record.emplace_back("lines", lines_json(kept.lines));
    record.emplace_back("asides", kept.asides);
  }
  record.emplace_back("drops", json_of(drops));
  record.emplace_back("refusals", json_of(refusals));
  record.emplace_back("cost", json_of(cost));
  return record;
}

Result<JsonObject> ExperienceMaker::experience(const PlannedScene& planned, std::uint64_t n,
                                               const std::stop_token& stop) const {
  if (planned.paragraph >= profile_.size()) {
    return fail(ErrorCode::kConflict,
                fmt::format("Scene {} is of paragraph {}; the profile has {}.", planned.source,
                            planned.paragraph, profile_.size()));
  }
  const auto prompt =
      dialogue_prompt({character_, world_, profile_[planned.paragraph]}, planned.scene,
                      {.turns = recipe_.turns, .words = recipe_.words});
  return write_out(prompt, seed_of(recipe_.seed, n, Step::kExperience),
                   {{"source", planned.source},
                    {"paragraph", planned.paragraph},
                    {"type", planned.scene.type},
                    {"place", planned.scene.place}},
                   stop);
}

std::uint64_t ExperienceMaker::protective_scenes() const {
  return character_.unknown.empty() ? 0 : profile_.size() * recipe_.protective;
}

Result<JsonObject> ExperienceMaker::protective(std::uint64_t n, const std::stop_token& stop) const {
  const std::size_t paragraph = n % profile_.size();
  Rng rng(seed_of(recipe_.seed, n, Step::kProtective));
  const auto* const troupe = cast_.find_troupe(character_.world);
  persona::Interlocutor visitor{.name = "Stranger", .role = "a traveller", .manner = {"curious"}};
  if (troupe != nullptr && !troupe->interlocutors.empty())
    visitor = troupe->interlocutors[rng.below(troupe->interlocutors.size())];
  const auto& unknown = character_.unknown[rng.below(character_.unknown.size())];
  std::string place = "A room";
  if (!world_.locations.empty()) place = world_.locations[rng.below(world_.locations.size())].name;
  const auto prompt = protective_prompt({character_, world_, profile_[paragraph]}, visitor, unknown,
                                        {.turns = recipe_.turns, .words = recipe_.words});
  return write_out(prompt, seed_of(recipe_.seed, n, Step::kProtective),
                   {{"source", fmt::format("protective-{}", n)},
                    {"paragraph", paragraph},
                    {"type", "protective"},
                    {"place", std::move(place)},
                    {"unknown", unknown}},
                   stop);
}

std::string ExperienceMaker::digest() const {
  std::string all = fmt::format(
      "experiences 1\n{}\n{} {} {} {} {} {} {}\n{} {}\n{} {}\n{}\n{}\n{}\n", character_.id,
      recipe_.seed, recipe_.scene_prompts, recipe_.scenes_each, recipe_.turns, recipe_.words,
      recipe_.protective, recipe_.tries, recipe_.scenes.temperature, recipe_.dialogues.temperature,
      recipe_.gates.most_words, recipe_.gates.recited, writers_.scenes.model().name(),
      writers_.dialogues.model().name(), dataset::digest(cast_));
  for (const auto& paragraph : profile_)
    all += fmt::format("{}\t{}\n", paragraph.heading, paragraph.text);
  if (const auto* troupe = cast_.find_troupe(character_.world)) {
    for (const auto& one : troupe->interlocutors)
      all += fmt::format("{}\t{}\n", one.name, one.role);
  }
  return text::sha256(all);
}

std::string ExperienceMaker::digest(const ScenePlan& plan) const {
  std::string all = digest() + "\n";
  for (const auto& planned : plan.scenes) {
    all += fmt::format("{}\t{}\t{}\t{}\n", planned.source, planned.scene.type, planned.scene.place,
                       planned.scene.background);
  }
  return text::sha256(all);
}

Result<std::vector<ExperienceItem>> read_experiences(const std::vector<Json>& records) {
  std::map<std::int64_t, ExperienceItem> items;
  for (const auto& record : records) {
    DRAMATIS_TRY(const auto number, item_of(record));
    if (!number) continue;
    const Json* const lines = record.find("lines");
    if (lines == nullptr) continue;  // nothing came of it
    if (lines->as_array() == nullptr)
      return fail(ErrorCode::kCorrupt, fmt::format("Item {} has no list of lines.", *number));
    ExperienceItem item{.source = text_in(record, "source"),
                        .type = text_in(record, "type"),
                        .place = text_in(record, "place")};
    item.experience.background = text_in(record, "background");
    for (const auto& line : *lines->as_array()) {
      item.experience.lines.push_back({.speaker = text_in(line, "speaker"),
                                       .manner = text_in(line, "manner"),
                                       .words = text_in(line, "words")});
    }
    items.emplace(*number, std::move(item));
  }
  std::vector<ExperienceItem> all;
  for (auto& [n, item] : items) all.push_back(std::move(item));
  return all;
}

}  // namespace dramatis::dataset
