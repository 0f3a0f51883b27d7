#include "settings.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/testing/scratch_folder.h"

namespace dramatis::app {
namespace {

using ::testing::HasSubstr;

// A dramatis.yaml in a folder of its own, gone with the test.
class SettingsFile : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& yaml) const {
    std::ofstream(folder_ / "dramatis.yaml") << yaml;
    return folder_ / "dramatis.yaml";
  }

  ScratchFolder scratch_;
  std::filesystem::path folder_ = scratch_.path();
};

auto variables(std::map<std::string, std::string> set) {
  return [set](const std::string& name) -> std::optional<std::string> {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

TEST_F(SettingsFile, FlagBeatsVariableBeatsFileBeatsDefault) {
  Sources sources{.defaults = {{"model", "default.gguf"}}};
  EXPECT_EQ(Settings::settle(sources)->find("model").place, "default");
  sources.file = write("# ours\nmodel: file.gguf\n");
  auto settings = Settings::settle(sources).value();
  EXPECT_EQ(settings.find("model").value, "file.gguf");
  EXPECT_EQ(settings.find("model").place, sources.file.string() + ":2");
  sources.variable = variables({{"DRAMATIS_MODEL", "variable.gguf"}});
  settings = Settings::settle(sources).value();
  EXPECT_EQ(settings.find("model").value, "variable.gguf");
  EXPECT_EQ(settings.find("model").place, "DRAMATIS_MODEL");
  sources.flags = {{"model", "flag.gguf"}};
  settings = Settings::settle(sources).value();
  EXPECT_EQ(settings.find("model").value, "flag.gguf");
  EXPECT_EQ(settings.find("model").place, "--model");
}

TEST_F(SettingsFile, UnknownKeyIsRefusedWithItsLineAndTheNearestOne) {
  const auto settings = Settings::settle({.file = write("port: 80\nmodle: x\n")});
  ASSERT_FALSE(settings);
  EXPECT_THAT(settings.error().what, HasSubstr("dramatis.yaml:2: there is no setting 'modle'"));
  EXPECT_THAT(settings.error().what, HasSubstr("did you mean 'model'?"));
}

TEST_F(SettingsFile, ListIsNoValue) {
  const auto settings = Settings::settle({.file = write("model: [a, b]\n")});
  ASSERT_FALSE(settings);
  EXPECT_THAT(settings.error().what, HasSubstr("takes one value"));
}

TEST_F(SettingsFile, EmptyFileSetsNothing) {
  EXPECT_EQ(Settings::settle({.file = write("# nothing\n")})->find("port").place, "default");
}

TEST_F(SettingsFile, MissingFileIsAnErrorWhereItWasAskedFor) {
  const auto settings = Settings::settle({.file = folder_ / "none.yaml"});
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().code, ErrorCode::kNotFound);
}

TEST_F(SettingsFile, RelativePathsOfTheFileStartAtItsFolder) {
  Sources sources{.file = write("cast: people\ndatabase: /var/d.sqlite\n"),
                  .defaults = {{"model", "m.gguf"}}};
  auto settings = Settings::settle(sources).value();
  EXPECT_EQ(settings.path("cast"), folder_ / "people");
  EXPECT_EQ(settings.path("database"), "/var/d.sqlite");
  EXPECT_EQ(settings.path("model"), "m.gguf");
  sources.flags = {{"cast", "mine"}};
  settings = Settings::settle(sources).value();
  EXPECT_EQ(settings.path("cast"), "mine");
}

TEST(Settings, EmptyVariableCountsForNothing) {
  const auto settings = Settings::settle({.variable = variables({{"DRAMATIS_PORT", ""}})});
  EXPECT_EQ(settings->find("port").value, "8077");
}

TEST(Settings, NumbersAreCheckedWithPlaceAndRange) {
  const auto settings =
      Settings::settle({.flags = {{"temperature", "hot"}, {"port", "70000"}, {"history", "4"}}})
          .value();
  EXPECT_EQ(settings.integer("history", 0, 10).value(), 4);
  EXPECT_EQ(settings.number("temperature", 0, 5).error().what,
            "--temperature: 'temperature' is 'hot'; it takes a number from 0 to 5.");
  EXPECT_EQ(settings.integer("port", 0, 65535).error().what,
            "--port: 'port' is '70000'; it takes a whole number from 0 to 65535.");
}

TEST(Settings, NumbersThatAreNoneAreRefused) {
  for (const char* wrong : {"nan", "inf", "1e999", "0.5x", " 1", ""}) {
    const auto settings = Settings::settle({.flags = {{"temperature", wrong}}}).value();
    EXPECT_FALSE(settings.number("temperature", 0, 5)) << wrong;
  }
}

TEST(Settings, OnAndOffAndNothing) {
  const auto with = [](const char* value) {
    return Settings::settle({.flags = {{"thoughts", value}}}).value().on_off("thoughts");
  };
  EXPECT_EQ(with("on").value(), true);
  EXPECT_EQ(with("off").value(), false);
  EXPECT_EQ(with("").value(), std::nullopt);
  EXPECT_THAT(with("perhaps").error().what, HasSubstr("takes on or off"));
}

TEST(Settings, PageListsEverySettingAsItIs) {
  const auto page =
      read_text_file(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "docs/settings.md", 1 << 20)
          .value();
  for (const auto& row : setting_rows()) {
    const auto fallback = row.fallback.empty() ? "" : fmt::format("`{}` ", row.fallback);
    const auto line = fmt::format("| `{}` | `{}` | `{}` | {}| {} |\n", row.key, flag_of(row.key),
                                  variable_of(row.key), fallback, row.meaning);
    EXPECT_THAT(page, HasSubstr(line));
  }
}

}  // namespace
}  // namespace dramatis::app
