#include "server/sheet_desk.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/testing/scratch_folder.h"
#include "dialogue/testing/memory_store.h"
#include "persona/cast_changes.h"
#include "server/limits.h"
#include "server/sheet_routes.h"
#include "server/testing/route_call.h"
#include "text/json.h"
#include "text/limits.h"

namespace dramatis::server {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A millisecond passes at each look.
class SteppingClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return at_ += std::chrono::milliseconds(1); }
  [[nodiscard]] SteadyTime steady() const override { return {}; }

 private:
  mutable Instant at_{};
};

class SheetDeskTest : public ::testing::Test {
 protected:
  SheetDeskTest() {
    fs::copy(fs::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small", folder_,
             fs::copy_options::recursive);
    cast_ = persona::load_cast(folder_).value();
    cast_.changes = std::make_shared<persona::CastChanges>();
    examples_.emplace(prompt::Examples::build(cast_).value());
    desk_.emplace(folder_, cast_, *examples_, clock_);
  }

  [[nodiscard]] std::string on_disk(const std::string& file) const {
    return read_text_file(folder_ / file, 1 << 20).value();
  }
  // Ida's sheet under another id and name.
  [[nodiscard]] std::string sheet_of(const std::string& id, const std::string& name) const {
    std::string yaml = on_disk("tarn/ida-fenn.yaml");
    for (const auto& [from, to] : {std::pair<std::string, std::string>{"ida-fenn", id},
                                   {"name: Ida Fenn", "name: " + name},
                                   {"examples: []",
                                    "examples: [{player: \"Is the ferry late?\", "
                                    "npc: Late is what the river says.}]"}}) {
      for (auto at = yaml.find(from); at != yaml.npos; at = yaml.find(from, at + to.size()))
        yaml.replace(at, from.size(), to);
    }
    return yaml;
  }

  ScratchFolder scratch_;
  fs::path folder_ = scratch_ / "cast";
  SteppingClock clock_;
  persona::Cast cast_;
  std::optional<prompt::Examples> examples_;
  std::optional<SheetDesk> desk_;
};

const SheetName kIda{"tarn", "ida-fenn"};

TEST_F(SheetDeskTest, SavesWhatLintPassesAndPlaysItAtOnce) {
  const auto saved = desk_->save({"tarn", "new-one"}, sheet_of("new-one", "New One"));
  ASSERT_TRUE(saved) << saved.error().what;
  ASSERT_NE(cast_.find_member("new-one"), nullptr);
  EXPECT_EQ(cast_.find_member("new-one")->sheet.name, "New One");
  const auto lines = examples_->nearest("new-one", {.message = "Is the ferry late?"}).value();
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.front().npc, "Late is what the river says.");
  EXPECT_TRUE(persona::load_cast(folder_)) << "the next start reads it, too";
}

TEST_F(SheetDeskTest, RefusesWhatLintRefusesAndWritesNothing) {
  const std::string before = on_disk("tarn/ida-fenn.yaml");
  EXPECT_EQ(desk_->save(kIda, "name: [").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(desk_->save(kIda, sheet_of("other", "Other")).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(desk_->save({"nowhere", "ida-two"}, sheet_of("ida-two", "Ida")).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(desk_->save(kIda, std::string(text::kMaxYamlBytes + 1, ' ')).error().code,
            ErrorCode::kOverBudget);
  EXPECT_EQ(on_disk("tarn/ida-fenn.yaml"), before);
  EXPECT_TRUE(desk_->versions(kIda).value().empty());
}

TEST_F(SheetDeskTest, KeepsTheVersionsBefore) {
  const std::string first = on_disk("tarn/ida-fenn.yaml");
  ASSERT_TRUE(desk_->save(kIda, sheet_of("ida-fenn", "Ida the Second")));
  ASSERT_TRUE(desk_->save(kIda, sheet_of("ida-fenn", "Ida the Third")));
  const auto versions = desk_->versions(kIda).value();
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_GT(versions[0].name, versions[1].name) << "newest first";
  EXPECT_EQ(desk_->read_version(kIda, versions[1].name).value().yaml, first);
  EXPECT_EQ(desk_->read_version(kIda, "../../../x.yaml.T00").error().code, ErrorCode::kNotFound);
  for (std::size_t n = 0; n < kMaxSheetVersions; ++n) ASSERT_TRUE(desk_->save(kIda, first));
  EXPECT_EQ(desk_->versions(kIda).value().size(), kMaxSheetVersions);
}

TEST_F(SheetDeskTest, NamesOnlyIdsNeverPaths) {
  EXPECT_TRUE(sheet_name("tarn", "ida-fenn"));
  for (const char* bad : {"", "..", "../x", "a/b", ".versions", "A", "-a", "a.b", "a\\b", "%2e"})
    EXPECT_FALSE(sheet_name("tarn", bad)) << bad;
  EXPECT_FALSE(sheet_name(std::string(65, 'a'), "x"));
}

TEST_F(SheetDeskTest, ShowsAPortraitThatIsOne) {
  EXPECT_FALSE(desk_->has_portrait(kIda));
  std::ofstream(folder_ / "tarn/ida-fenn.png") << "<svg onload=alert(1)>";
  EXPECT_EQ(desk_->portrait(kIda).error().code, ErrorCode::kNotFound) << "it is no PNG";
  std::ofstream(folder_ / "tarn/ida-fenn.png") << "\x89PNG\r\n\x1A\n";
  EXPECT_EQ(desk_->portrait(kIda).value().content_type, "image/png");
  EXPECT_TRUE(persona::load_cast(folder_)) << "a cast may hold pictures";
}

TEST_F(SheetDeskTest, RoutesTellTheCastToPlayersAndSheetsToWriters) {
  dialogue::testing::MemoryStore store;
  Routes routes;
  routes.add(sheet_routes(*desk_, store));
  for (const Route& route : routes.all()) {
    const bool sheets = route.pattern.starts_with("/v1/sheets");
    EXPECT_EQ(route.caller == Caller::kWriter, sheets) << route.pattern;
  }
  const Response cast = testing::call_route(routes, {.method = "GET", .path = "/v1/cast"});
  EXPECT_EQ(cast.status, 200);
  EXPECT_THAT(cast.body, HasSubstr("\"Ida Fenn\""));
  for (const auto& member : cast_.members) {
    for (const auto& secret : member.sheet.secrets)
      EXPECT_EQ(cast.body.find(secret.text), std::string::npos);
  }
  const Response shown =
      testing::call_route(routes, {.method = "GET", .path = "/v1/sheets/tarn/ida-fenn"});
  EXPECT_EQ(shown.status, 200);
  const auto json = text::parse_json(shown.body).value();
  EXPECT_EQ(*json.find("fields")->find("name")->as_string(), "Ida Fenn");
  EXPECT_TRUE(json.find("findings")->as_array()->empty()) << shown.body;
  const Response judged = testing::call_route(
      routes,
      {.method = "POST", .path = "/v1/sheets/tarn/ida-fenn/lint", .body = R"({"yaml":"id: 3"})"});
  EXPECT_EQ(judged.status, 200);
  EXPECT_THAT(judged.body, HasSubstr("\"severity\":\"error\""));
  const Response refused = testing::call_route(
      routes, {.method = "PUT", .path = "/v1/sheets/tarn/ida-fenn", .body = R"({"yaml":"id: 3"})"});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(testing::call_route(routes, {.method = "GET", .path = "/v1/sheets/%2e%2e/x"}).status,
            404);
  EXPECT_EQ(
      testing::call_route(
          routes, {.method = "PUT", .path = "/v1/sheets/%2e%2e/x", .body = R"({"yaml":"id: 3"})"})
          .status,
      400);
}

}  // namespace
}  // namespace dramatis::server
