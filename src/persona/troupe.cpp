// troupe.yaml -> Troupe.
#include "persona/troupe.h"

#include <set>

#include <fmt/format.h>

#include "persona/internal/fields.h"
#include "text/yaml.h"

namespace dramatis::persona {
namespace {

constexpr std::size_t kMostAdjectives = 3;

Interlocutor read_interlocutor(internal::Fields& fields, internal::Report& report) {
  Interlocutor read{
      .name = fields.text("name"), .role = fields.text("role"), .manner = fields.texts("manner")};
  if (read.manner.size() > kMostAdjectives) {
    report.error(fields.line_of("manner"), fields.path_of("manner"),
                 fmt::format("{} words say how this one is.", read.manner.size()),
                 fmt::format("one to {} are enough", kMostAdjectives));
  }
  return read;
}

}  // namespace

Troupe parse_troupe(std::string_view yaml, const std::string& file, std::string_view world,
                    std::vector<Finding>& found) {
  internal::Report report(file, found);
  Troupe troupe;
  const auto root = text::parse_yaml(yaml);
  if (!root) {
    report.error(0, "", root.error().what);
    return troupe;
  }
  internal::Fields fields(*root, "", report);
  troupe.world = fields.id("world");
  if (!troupe.world.empty() && troupe.world != world) {
    report.error(fields.line_of("world"), "world",
                 fmt::format("the world is '{}', the troupe lies in '{}'.", troupe.world, world),
                 fmt::format("write `world: {}`", world));
  }
  std::set<std::string> names;
  fields.each("interlocutors", internal::Need::kRequired, [&](internal::Fields& one) {
    auto read = read_interlocutor(one, report);
    if (!names.insert(read.name).second) {
      report.error(one.line_of("name"), one.path_of("name"),
                   fmt::format("'{}' comes twice.", read.name));
    }
    troupe.interlocutors.push_back(std::move(read));
  });
  fields.finish();
  if (troupe.interlocutors.size() < kFewInterlocutors) {
    report.warning(fields.line_of("interlocutors"), "interlocutors",
                   fmt::format("only {} may come.", troupe.interlocutors.size()),
                   fmt::format("{} and more make conversations differ", kFewInterlocutors));
  }
  return troupe;
}

}  // namespace dramatis::persona
