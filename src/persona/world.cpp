// world.yaml -> World.
#include "persona/world.h"

#include "persona/internal/fields.h"
#include "text/yaml.h"

namespace dramatis::persona {

World parse_world(std::string_view yaml, const std::string& file, std::vector<Finding>& found) {
  internal::Report report(file, found);
  World world;
  const auto root = text::parse_yaml(yaml);
  if (!root) {
    report.error(0, "", root.error().what);
    return world;
  }
  internal::Fields fields(*root, "", report);
  world.id = fields.id("id");
  world.name = fields.text("name");
  world.description = fields.text("description");
  world.political_organisation = fields.text("political_organisation");
  world.powers = fields.notes("powers", "name");
  world.people = fields.notes("people", "name");
  world.marginalised_groups = fields.notes("marginalised_groups", "name");
  world.marginalised_people = fields.notes("marginalised_people", "name");
  world.locations = fields.notes("locations", "name");
  world.lore = fields.notes("lore", "title");
  fields.finish();
  return world;
}

}  // namespace dramatis::persona
