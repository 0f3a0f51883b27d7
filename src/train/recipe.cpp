// YAML -> Recipe; an unknown or missing field is named with its line.
#include "train/recipe.h"

#include <charconv>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "base/files.h"
#include "text/digest.h"
#include "text/limits.h"
#include "text/yaml.h"

namespace dramatis::train {
namespace {

using text::YamlNode;
using Setter = std::function<bool(const YamlNode&)>;  // false: of the wrong kind

template <class Number>
Setter number(Number& into) {
  return [&into](const YamlNode& node) {
    const std::string& text = node.scalar;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), into);
    return node.kind == YamlNode::Kind::kScalar && ec == std::errc{} &&
           end == text.data() + text.size();
  };
}

Setter word(std::string& into) {
  return [&into](const YamlNode& node) {
    into = node.scalar;
    return node.kind == YamlNode::Kind::kScalar;
  };
}

Setter words(std::vector<std::string>& into) {
  return [&into](const YamlNode& node) {
    for (const auto& item : node.items) into.push_back(item.scalar);
    return node.kind == YamlNode::Kind::kList;
  };
}

Error at(const YamlNode& node, const std::string& why) {
  return Error{ErrorCode::kInvalidArgument, fmt::format("line {}: {}", node.line, why)};
}

// Gives each member of a map to its setter.
Status read_map(const YamlNode& map, const std::map<std::string, Setter>& fields) {
  if (map.kind != YamlNode::Kind::kMap) return tl::unexpected(at(map, "fields were expected here"));
  for (const auto& [key, value] : map.members) {
    const auto field = fields.find(key.scalar);
    if (field == fields.end())
      return tl::unexpected(at(key, fmt::format("a recipe has no field '{}'", key.scalar)));
    if (!field->second(value))
      return tl::unexpected(
          at(value, fmt::format("'{}' has a value of the wrong kind", key.scalar)));
  }
  return {};
}

// A setter for a map inside a map; its own fault wins over "wrong kind".
Setter inner(Status& fault, std::map<std::string, Setter> fields) {
  return [&fault, fields = std::move(fields)](const YamlNode& node) {
    fault = read_map(node, fields);
    return fault.has_value();
  };
}

Setter books(Status& fault, std::vector<Book>& into) {
  return [&fault, &into](const YamlNode& node) {
    for (const auto& item : node.items) {
      Book book;
      fault = read_map(item, {{"file", word(book.file)},
                              {"title", word(book.title)},
                              {"author", word(book.author)},
                              {"number", number(book.number)}});
      if (!fault) return false;
      into.push_back(std::move(book));
    }
    return node.kind == YamlNode::Kind::kList;
  };
}

Status check(const Recipe& recipe) {
  const Shape& shape = recipe.shape;
  const Schedule& plan = recipe.training;
  const auto wrong = [](std::string why) {
    return fail(ErrorCode::kInvalidArgument, std::move(why));
  };
  if (recipe.kind != "english" && recipe.kind != "cast")
    return wrong("kind must be english or cast");
  if (shape.layers == 0 || shape.layers > 64 || shape.width == 0 || shape.width > 4096) {
    return wrong("shape: layers must be 1 to 64 and width 1 to 4096");
  }
  if (shape.heads == 0 || shape.kv_heads == 0 || shape.heads % shape.kv_heads != 0) {
    return wrong("shape: kv_heads must divide heads");
  }
  if (shape.head_width == 0 || shape.head_width % 2 != 0 || shape.feed_forward == 0) {
    return wrong("shape: head_width must be even and feed_forward positive");
  }
  if (plan.steps == 0 || plan.sequence == 0 || plan.micro_tokens < plan.sequence ||
      plan.batch_tokens < plan.micro_tokens) {
    return wrong("training: steps, sequence <= micro_tokens <= batch_tokens must be positive");
  }
  return {};
}

Result<Recipe> parse(const std::string& content) {
  DRAMATIS_TRY(const YamlNode root, text::parse_yaml(content));
  Recipe recipe;
  Status fault;
  Shape& s = recipe.shape;
  Schedule& t = recipe.training;
  const Status read =
      read_map(root, {{"kind", word(recipe.kind)},
                      {"seed", number(recipe.seed)},
                      {"cast", word(recipe.cast)},
                      {"leave_out", words(recipe.leave_out)},
                      {"passes", number(recipe.passes)},
                      {"wordings", number(recipe.wordings)},
                      {"vocabulary", inner(fault, {{"pieces", number(recipe.pieces)}})},
                      {"shape", inner(fault, {{"layers", number(s.layers)},
                                              {"width", number(s.width)},
                                              {"feed_forward", number(s.feed_forward)},
                                              {"heads", number(s.heads)},
                                              {"kv_heads", number(s.kv_heads)},
                                              {"head_width", number(s.head_width)},
                                              {"context", number(s.context)},
                                              {"rope_base", number(s.rope_base)},
                                              {"norm_epsilon", number(s.norm_epsilon)}})},
                      {"training", inner(fault, {{"steps", number(t.steps)},
                                                 {"sequence", number(t.sequence)},
                                                 {"batch_tokens", number(t.batch_tokens)},
                                                 {"micro_tokens", number(t.micro_tokens)},
                                                 {"warmup", number(t.warmup)},
                                                 {"decay", number(t.decay)},
                                                 {"matrix_rate", number(t.matrix_rate)},
                                                 {"vector_rate", number(t.vector_rate)},
                                                 {"weight_decay", number(t.weight_decay)},
                                                 {"held_out", number(t.held_out)}})},
                      {"books", books(fault, recipe.books)}});
  DRAMATIS_DO(fault);
  DRAMATIS_DO(read);
  DRAMATIS_DO(check(recipe));
  recipe.digest = text::sha256(content);
  return recipe;
}

}  // namespace

Result<Recipe> read_recipe(const std::filesystem::path& path) {
  DRAMATIS_TRY(const auto content, read_text_file(path, text::kMaxYamlBytes));
  auto recipe = parse(content);
  if (!recipe)
    return fail(recipe.error().code, fmt::format("{}: {}", path.string(), recipe.error().what));
  return recipe;
}

}  // namespace dramatis::train
