// YAML -> a recipe, field by field.
#include "dataset/recipe.h"

#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "dataset/limits.h"
#include "text/yaml.h"

namespace dramatis::dataset {
namespace {

using text::YamlNode;

// Puts a value where it belongs; the error says what it may be.
using Setter = std::function<Status(const YamlNode& value)>;
using Fields = std::vector<std::pair<std::string_view, Setter>>;

tl::unexpected<Error> wrong(const YamlNode& node, std::string what) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("line {}: {}", node.line, what));
}

Status read_map(const YamlNode& map, std::string_view what, const Fields& fields) {
  if (map.kind != YamlNode::Kind::kMap)
    return wrong(map, fmt::format("{} is a map of fields.", what));
  for (const auto& [key, value] : map.members) {
    const Setter* setter = nullptr;
    std::string known;
    for (const auto& [name, set] : fields) {
      if (name == key.scalar) setter = &set;
      known.append(known.empty() ? "" : ", ").append(name);
    }
    if (setter == nullptr)
      return wrong(key, fmt::format("{} has no '{}'; it has {}.", what, key.scalar, known));
    if (auto set = (*setter)(value); !set) {
      if (set.error().what.starts_with("line ")) return set;
      return wrong(value, fmt::format("'{}' {}", key.scalar, set.error().what));
    }
  }
  return {};
}

template <class Number>
Setter number(Number& into, Number least, Number most) {
  return [&into, least, most](const YamlNode& node) -> Status {
    const std::string& text = node.scalar;
    Number value{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = node.kind == YamlNode::Kind::kScalar && failed == std::errc() &&
                       end == text.data() + text.size() && !text.empty();
    if (!whole || !(value >= least && value <= most)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("is a number from {} to {}.", least, most));
    }
    into = value;
    return {};
  };
}

Setter word(std::string& into) {
  return [&into](const YamlNode& node) -> Status {
    if (node.kind != YamlNode::Kind::kScalar)
      return fail(ErrorCode::kInvalidArgument, "is a text.");
    into = node.scalar;
    return {};
  };
}

Setter on_off(bool& into) {
  return [&into](const YamlNode& node) -> Status {
    if (node.scalar != "on" && node.scalar != "off")
      return fail(ErrorCode::kInvalidArgument, "is on or off.");
    into = node.scalar == "on";
    return {};
  };
}

Setter words(std::vector<std::string>& into) {
  return [&into](const YamlNode& node) -> Status {
    if (node.kind == YamlNode::Kind::kScalar) {
      into = {node.scalar};
      return {};
    }
    if (node.kind != YamlNode::Kind::kList)
      return fail(ErrorCode::kInvalidArgument, "is a list of texts.");
    for (const auto& item : node.items) {
      if (item.kind != YamlNode::Kind::kScalar) return wrong(item, "A text belongs here.");
      into.push_back(item.scalar);
    }
    return {};
  };
}

Setter kind(DataKind& into) {
  return [&into](const YamlNode& node) -> Status {
    for (const auto one : {DataKind::kExchanges, DataKind::kExperiences}) {
      if (node.scalar != name_of(one)) continue;
      into = one;
      return {};
    }
    return fail(ErrorCode::kInvalidArgument, "is exchanges or experiences.");
  };
}

// A million tokens of the dearest model cost a thousandth of this.
constexpr double kMostMoney = 1e6;

Setter writer(WriterChoice& into) {
  return [&into](const YamlNode& node) {
    return read_map(node, "A writer",
                    {{"model", word(into.model)},
                     {"temperature", number(into.temperature, 0.0, 5.0)},
                     {"price_prompt", number(into.price.prompt, 0.0, kMostMoney)},
                     {"price_reply", number(into.price.reply, 0.0, kMostMoney)}});
  };
}

Setter gates(GateOptions& into) {
  return [&into](const YamlNode& node) {
    return read_map(node, "'gates'",
                    {{"least_words", number(into.least_words, std::size_t{1}, kMaxExperienceWords)},
                     {"most_words", number(into.most_words, std::size_t{1}, kMaxExperienceWords)},
                     {"recited", number(into.recited, 0.0, 1.0)}});
  };
}

// A month: a run of more belongs to several starts.
constexpr double kMostMinutes = 60 * 24 * 31;
constexpr auto kMostCounted = static_cast<std::uint64_t>(1e15);  // what a double still counts

Setter budget(WritingBudget& into) {
  return [&into](const YamlNode& node) -> Status {
    double minutes = 0;
    DRAMATIS_DO(read_map(node, "'budget'",
                         {{"requests", number(into.requests, std::uint64_t{0}, kMostCounted)},
                          {"tokens", number(into.tokens, std::uint64_t{0}, kMostCounted)},
                          {"money", number(into.money, 0.0, kMostMoney)},
                          {"minutes", number(minutes, 0.0, kMostMinutes)}}));
    into.time = std::chrono::seconds(static_cast<std::int64_t>(std::ceil(minutes * 60)));
    return {};
  };
}

Setter experiences(DataRecipe& into) {
  return [&into](const YamlNode& node) {
    return read_map(node, "'experiences'",
                    {{"scene_prompts", number(into.scene_prompts, std::size_t{1}, kMaxItems)},
                     {"scenes_each", number(into.scenes_each, std::size_t{1}, kMaxScenesEach)},
                     {"scenes", number(into.most_scenes, std::size_t{0}, kMaxItems)},
                     {"turns", number(into.turns, std::size_t{3}, kMaxTurns)},
                     {"words", number(into.words, std::size_t{30}, kMaxExperienceWords)},
                     {"protective", number(into.protective, std::size_t{0}, kMaxScenesEach)}});
  };
}

Status check(const DataRecipe& recipe, const YamlNode& root) {
  if (recipe.gates.most_words < recipe.gates.least_words)
    return wrong(root, "'most_words' is less than 'least_words'.");
  if (!recipe.profile.empty() && recipe.characters.size() != 1)
    return wrong(root, "A 'profile' is one character's; 'characters' names that one.");
  return {};
}

Result<DataRecipe> recipe_of(const YamlNode& root) {
  DataRecipe recipe;
  const auto most_seed = static_cast<std::uint64_t>(INT64_MAX);
  DRAMATIS_DO(read_map(root, "A recipe",
                       {{"kind", kind(recipe.kind)},
                        {"characters", words(recipe.characters)},
                        {"model", word(recipe.model)},
                        {"seed", number(recipe.seed, std::uint64_t{0}, most_seed)},
                        {"count", number(recipe.count, std::size_t{0}, kMaxItems)},
                        {"at_once", number(recipe.at_once, std::size_t{1}, kMaxItemsAtOnce)},
                        {"tries", number(recipe.tries, std::size_t{1}, kMaxTries)},
                        {"examples", number(recipe.examples, std::size_t{0}, std::size_t{50})},
                        {"authored", on_off(recipe.authored)},
                        {"held_out", number(recipe.held_out, 0.0, 0.5)},
                        {"troupe", word(recipe.troupe)},
                        {"profile", word(recipe.profile)},
                        {"questions", writer(recipe.questions)},
                        {"answers", writer(recipe.answers)},
                        {"scenes", writer(recipe.scenes)},
                        {"dialogues", writer(recipe.dialogues)},
                        {"experiences", experiences(recipe)},
                        {"gates", gates(recipe.gates)},
                        {"budget", budget(recipe.budget)}}));
  DRAMATIS_DO(check(recipe, root));
  return recipe;
}

}  // namespace

std::string_view name_of(DataKind kind) {
  return kind == DataKind::kExchanges ? "exchanges" : "experiences";
}

Result<DataRecipe> parse_recipe(std::string_view yaml, std::string_view place) {
  const auto named = [place](const Error& error) {
    return fail(error.code, fmt::format("{}, {}", place, error.what));
  };
  if (yaml.size() > kMaxRecipeBytes) {
    return fail(ErrorCode::kOverBudget, fmt::format("{} has {} bytes; a recipe has {} at most.",
                                                    place, yaml.size(), kMaxRecipeBytes));
  }
  const auto root = text::parse_yaml(yaml);
  if (!root) return named(root.error());
  auto recipe = recipe_of(*root);
  if (!recipe) return named(recipe.error());
  for (auto* writer : {&recipe->questions, &recipe->answers, &recipe->scenes, &recipe->dialogues}) {
    if (writer->model.empty()) writer->model = recipe->model;
  }
  return recipe;
}

}  // namespace dramatis::dataset
