// A map of YAML -> typed fields, each error with its line and the nearest right name.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "text/yaml.h"

namespace dramatis::train::tune {

// A field by name, and what takes its value.
struct Field {
  std::string_view name;
  std::function<Status(const text::YamlNode& node)> take;
};

// Which numbers a field takes, ends included.
struct Range {
  double from;
  double to;
};

[[nodiscard]] Field count_field(std::string_view name, std::size_t& into, Range range);
[[nodiscard]] Field number_field(std::string_view name, double& into, Range range);
// Bytes, as in 800MB or 1.5 GB; kB, MB and GB are powers of a thousand. The range is in bytes.
[[nodiscard]] Field bytes_field(std::string_view name, std::uint64_t& into, Range range);
[[nodiscard]] Field seed_field(std::string_view name, std::uint64_t& into);
[[nodiscard]] Field text_field(std::string_view name, std::string& into);
[[nodiscard]] Field flag_field(std::string_view name, bool& into);
// A list of texts, or one text alone.
[[nodiscard]] Field texts_field(std::string_view name, std::vector<std::string>& into);
// A map inside the map.
[[nodiscard]] Field map_field(std::string_view name, std::vector<Field> fields);
// One of `words`; `take` gets its place among them.
[[nodiscard]] Field word_field(std::string_view name, std::vector<std::string> words,
                               std::function<void(std::size_t place)> take);

// Gives each member of `node` to its field. Errors: kInvalidArgument.
[[nodiscard]] Status read_fields(const text::YamlNode& node, std::string_view what,
                                 std::span<const Field> fields);

// "line 7: why".
[[nodiscard]] tl::unexpected<Error> wrong_at(const text::YamlNode& node, const std::string& why);

// The word of `known` that needs the fewest letters changed, where that is less than half of them;
// else empty.
[[nodiscard]] std::string_view nearest_of(std::string_view word,
                                          std::span<const std::string_view> known);

}  // namespace dramatis::train::tune
