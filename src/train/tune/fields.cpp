// Scalars by their kinds, maps by their names.
#include "train/tune/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "text/utterance.h"

namespace dramatis::train::tune {
namespace {

using text::YamlNode;

// A foreign name as an error repeats it.
std::string shown(std::string_view word) {
  constexpr std::size_t kShown = 60;  // enough to recognise it
  return text::printable(word.substr(0, kShown));
}

template <class Number>
bool reads(const YamlNode& node, Number& into) {
  const std::string& text = node.scalar;
  if (node.kind != YamlNode::Kind::kScalar || node.quoted || text.empty()) return false;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), into);
  return failed == std::errc{} && end == text.data() + text.size();
}

// "1.5 GB" -> 1.5e9; nothing where it is no size.
std::optional<double> bytes_in(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar) return std::nullopt;
  const std::string& text = node.scalar;
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || !std::isfinite(number)) return std::nullopt;
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  constexpr std::pair<std::string_view, double> kUnits[] = {{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}};
  for (const auto& [name, bytes] : kUnits) {
    if (unit == name) return number * bytes;
  }
  return std::nullopt;
}

// How many letters must be put in, taken out or changed.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t n = 0; n < row.size(); ++n) row[n] = n;
  for (std::size_t r = 1; r <= a.size(); ++r) {
    std::size_t across = row[0];
    row[0] = r;
    for (std::size_t c = 1; c <= b.size(); ++c) {
      const std::size_t changed = across + (a[r - 1] == b[c - 1] ? 0 : 1);
      across = row[c];
      row[c] = std::min({row[c] + 1, row[c - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

tl::unexpected<Error> unknown(const YamlNode& key, std::string_view what,
                              const std::vector<std::string_view>& names) {
  const auto meant = nearest_of(key.scalar, names);
  return wrong_at(key, fmt::format("{} has no field '{}'; {}", what, shown(key.scalar),
                                   meant.empty() ? fmt::format("it has {}.", fmt::join(names, ", "))
                                                 : fmt::format("did you mean '{}'?", meant)));
}

}  // namespace

tl::unexpected<Error> wrong_at(const YamlNode& node, const std::string& why) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("line {}: {}", node.line, why));
}

std::string_view nearest_of(std::string_view word, std::span<const std::string_view> known) {
  constexpr std::size_t kLongest = 64;  // longer words are no misspelt name
  std::string_view best;
  std::size_t fewest = 0;
  if (word.size() > kLongest) return best;
  for (const auto one : known) {
    const std::size_t changed = distance(word, one);
    if (2 * changed >= std::max(word.size(), one.size())) continue;
    if (best.empty() || changed < fewest) {
      best = one;
      fewest = changed;
    }
  }
  return best;
}

Field count_field(std::string_view name, std::size_t& into, Range range) {
  return {name, [name, &into, range](const YamlNode& node) -> Status {
            std::uint64_t read = 0;
            if (!reads(node, read) || static_cast<double>(read) < range.from ||
                static_cast<double>(read) > range.to) {
              return wrong_at(node, fmt::format("'{}' takes a whole number from {} to {}", name,
                                                range.from, range.to));
            }
            into = static_cast<std::size_t>(read);
            return {};
          }};
}

Field number_field(std::string_view name, double& into, Range range) {
  return {
      name, [name, &into, range](const YamlNode& node) -> Status {
        double read = 0;
        if (!reads(node, read) || !std::isfinite(read) || read < range.from || read > range.to) {
          return wrong_at(
              node, fmt::format("'{}' takes a number from {} to {}", name, range.from, range.to));
        }
        into = read;
        return {};
      }};
}

Field bytes_field(std::string_view name, std::uint64_t& into, Range range) {
  return {name, [name, &into, range](const YamlNode& node) -> Status {
            const auto read = bytes_in(node);
            if (!read || *read < range.from || *read > range.to) {
              return wrong_at(node, fmt::format("'{}' takes a size from {} kB to {} GB, as in "
                                                "800MB or 1.5GB",
                                                name, range.from / 1e3, range.to / 1e9));
            }
            into = static_cast<std::uint64_t>(*read);
            return {};
          }};
}

Field seed_field(std::string_view name, std::uint64_t& into) {
  return {name, [name, &into](const YamlNode& node) -> Status {
            if (!reads(node, into))
              return wrong_at(node, fmt::format("'{}' takes a whole number from 0 on", name));
            return {};
          }};
}

Field text_field(std::string_view name, std::string& into) {
  return {name, [name, &into](const YamlNode& node) -> Status {
            if (node.kind != YamlNode::Kind::kScalar || node.scalar.empty())
              return wrong_at(node, fmt::format("'{}' takes a text", name));
            into = node.scalar;
            return {};
          }};
}

Field flag_field(std::string_view name, bool& into) {
  return {name, [name, &into](const YamlNode& node) -> Status {
            if (node.kind != YamlNode::Kind::kScalar ||
                (node.scalar != "true" && node.scalar != "false"))
              return wrong_at(node, fmt::format("'{}' takes true or false", name));
            into = node.scalar == "true";
            return {};
          }};
}

Field texts_field(std::string_view name, std::vector<std::string>& into) {
  return {name, [name, &into](const YamlNode& node) -> Status {
            std::vector<std::string> read;
            if (node.kind == YamlNode::Kind::kScalar && !node.scalar.empty())
              read.push_back(node.scalar);
            for (const auto& item : node.items) {
              if (item.kind != YamlNode::Kind::kScalar || item.scalar.empty())
                return wrong_at(item, fmt::format("'{}' takes a list of texts", name));
              read.push_back(item.scalar);
            }
            if (read.empty())
              return wrong_at(node, fmt::format("'{}' takes a list of texts", name));
            into = std::move(read);
            return {};
          }};
}

Field map_field(std::string_view name, std::vector<Field> fields) {
  return {name, [name, fields = std::move(fields)](const YamlNode& node) {
            return read_fields(node, fmt::format("'{}'", name), fields);
          }};
}

Field word_field(std::string_view name, std::vector<std::string> words,
                 std::function<void(std::size_t place)> take) {
  return {name,
          [name, words = std::move(words), take = std::move(take)](const YamlNode& node) -> Status {
            const auto found = std::find(words.begin(), words.end(), node.scalar);
            if (node.kind != YamlNode::Kind::kScalar || found == words.end()) {
              return wrong_at(node, fmt::format("'{}' is one of {}", name, fmt::join(words, ", ")));
            }
            take(static_cast<std::size_t>(found - words.begin()));
            return {};
          }};
}

Status read_fields(const YamlNode& node, std::string_view what, std::span<const Field> fields) {
  if (node.kind != YamlNode::Kind::kMap)
    return wrong_at(node, fmt::format("{} is lines of `field: value`", what));
  for (const auto& [key, value] : node.members) {
    const auto* const field =
        std::find_if(fields.data(), fields.data() + fields.size(),
                     [&name = key.scalar](const Field& one) { return one.name == name; });
    if (field == fields.data() + fields.size()) {
      std::vector<std::string_view> names;
      for (const auto& one : fields) names.push_back(one.name);
      return unknown(key, what, names);
    }
    DRAMATIS_DO(field->take(value));
  }
  return {};
}

}  // namespace dramatis::train::tune
