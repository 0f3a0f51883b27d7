#include "server/adapter_routes.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/testing/scratch_folder.h"
#include "lm/testing/scripted_model.h"
#include "server/testing/tavern.h"

namespace dramatis::server {
namespace {

using testing::Got;
using ::testing::HasSubstr;
using ::testing::Not;

// Takes every file that begins with "adapter ", and calls what follows its checksum.
class TextKeeper final : public lm::AdapterKeeper {
 public:
  [[nodiscard]] std::vector<lm::LoadedAdapter> list_adapters() const override { return loaded; }
  [[nodiscard]] Result<std::string> base_of(const std::filesystem::path& path) const override {
    DRAMATIS_TRY(const auto judged, judge_adapter(path));
    return judged.base;
  }
  [[nodiscard]] Result<lm::LoadedAdapter> judge_adapter(
      const std::filesystem::path& path) const override {
    DRAMATIS_TRY(const auto text, read_text_file(path, 1 << 23));
    if (!text.starts_with("adapter "))
      return fail(ErrorCode::kCorrupt, fmt::format("{}: no magic.", path.string()));
    if (text == "adapter of another")
      return fail(ErrorCode::kUnsupported, fmt::format("{}: another model's.", path.string()));
    return lm::LoadedAdapter{.base = "tiny", .checksum = text.substr(8), .bytes = text.size()};
  }
  [[nodiscard]] Result<lm::LoadedAdapter> load_adapter(const std::string& name,
                                                       const std::filesystem::path& path) override {
    DRAMATIS_TRY(auto one, judge_adapter(path));
    one.name = name;
    std::erase_if(loaded, [&](const auto& old) { return old.name == name; });
    loaded.push_back(one);
    return one;
  }
  [[nodiscard]] Status unload_adapter(std::string_view name) override {
    std::erase_if(loaded, [&](const auto& old) { return old.name == name; });
    return {};
  }

  std::vector<lm::LoadedAdapter> loaded;
};

// A tavern whose model takes adapters of a folder that is not there yet.
struct Wardrobe {
  Wardrobe()
      : desk(scratch / "adapters",
             std::vector<AdapterDesk::Model>{{.name = "scripted", .keeper = &keeper},
                                             {.name = "far", .keeper = nullptr}},
             store),
        tavern(model, &store, "", {.adapters = &desk}, [this](ServerOptions& options) {
          options.more.emplace_back([this](const Api&) { return adapter_routes(desk); });
        }) {}
  Got put(const std::string& name, const std::string& bytes) {
    return tavern.ask(testing::ask("PUT", "/v1/adapters/" + name, bytes));
  }
  Got load(const std::string& body) { return tavern.ask(testing::post("/v1/adapters", body)); }
  Got unload(const std::string& name) {
    return tavern.ask(testing::ask("DELETE", "/v1/adapters/" + name));
  }
  Got list() { return tavern.ask(testing::get("/v1/adapters")); }

  lm::testing::ScriptedModel model{std::deque<Result<std::string>>{}};
  TextKeeper keeper;
  ScratchFolder scratch;
  dialogue::testing::MemoryStore store;
  AdapterDesk desk;
  testing::Tavern tavern;
};

TEST(AdapterRoutes, OneIsPutLoadedChangedAndUnloaded) {
  Wardrobe wardrobe;
  EXPECT_EQ(wardrobe.list().body, R"({"adapters":[]})");
  const Got put = wardrobe.put("brogue", "adapter one");
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_THAT(put.body, HasSubstr(R"("form":"gguf","file_bytes":11,"base_model":"tiny")"));
  EXPECT_THAT(put.body, HasSubstr(R"("loaded":[])"));
  const Got loaded = wardrobe.load(R"({"name":"brogue"})");
  ASSERT_EQ(loaded.status, 200) << loaded.body;
  EXPECT_THAT(loaded.body, HasSubstr(R"("model":"scripted","checksum":"one")"));
  EXPECT_EQ(wardrobe.put("brogue", "adapter two").status, 200);
  EXPECT_THAT(wardrobe.list().body, HasSubstr(R"("checksum":"one")")) << "not loaded yet";
  EXPECT_THAT(wardrobe.load(R"({"name":"brogue","model":"scripted"})").body,
              HasSubstr(R"("checksum":"two")"));
  EXPECT_EQ(wardrobe.unload("brogue").status, 204);
  EXPECT_EQ(wardrobe.unload("brogue").status, 404);
  EXPECT_THAT(wardrobe.list().body, HasSubstr(R"("name":"brogue")")) << "its file stays";
}

TEST(AdapterRoutes, WhatIsUsedStays) {
  Wardrobe wardrobe;
  ASSERT_EQ(wardrobe.put("brogue", "adapter one").status, 200);
  ASSERT_EQ(wardrobe.load(R"({"name":"brogue"})").status, 200);
  const std::string npc =
      wardrobe.tavern.make_npc(R"({"character":"ida-fenn","adapters":[{"name":"brogue"}]})");
  EXPECT_THAT(wardrobe.list().body, HasSubstr(fmt::format(R"("npc_ids":["{}"])", npc)));
  const Got used = wardrobe.unload("brogue");
  EXPECT_EQ(used.status, 409);
  EXPECT_THAT(used.body, HasSubstr(npc));
  EXPECT_THAT(used.body, HasSubstr("PATCH"));
  ASSERT_EQ(
      wardrobe.tavern.ask(testing::ask("PATCH", "/v1/npcs/" + npc, R"({"adapters":null})")).status,
      200);
  wardrobe.keeper.loaded.front().speaks = true;
  EXPECT_EQ(wardrobe.unload("brogue").status, 409) << "a reply is under way";
  wardrobe.keeper.loaded.front().speaks = false;
  EXPECT_EQ(wardrobe.unload("brogue").status, 204);
}

// L7
TEST(AdapterRoutes, WhatIsNoneIsRefusedAndLeavesNothing) {
  Wardrobe wardrobe;
  ASSERT_EQ(wardrobe.put("brogue", "adapter one").status, 200);
  for (const auto& [bytes, status] :
       {std::pair{"", 400}, {"GGUF or not", 400}, {"adapter of another", 422}}) {
    const Got got = wardrobe.put("brogue", bytes);
    EXPECT_EQ(got.status, status) << bytes << got.body;
    EXPECT_THAT(got.body, Not(HasSubstr(wardrobe.scratch.path().string())));
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(wardrobe.scratch / "adapters")) {
    EXPECT_EQ(entry.path().filename(), "brogue.gguf");
    ++files;
  }
  EXPECT_EQ(files, 1U);
  EXPECT_EQ(read_text_file(wardrobe.scratch / "adapters/brogue.gguf", 100).value(), "adapter one");
}

// L7: what is asked for by name is never a path.
TEST(AdapterRoutes, NamesAreNoPaths) {
  Wardrobe wardrobe;
  wardrobe.scratch.write("secret.gguf", "adapter secret");
  for (const std::string name :
       {"..", ".brogue", "a%2Fb", "..%2Fsecret", "%00", "a.gguf", "a b", "a\\b"}) {
    const int status = wardrobe.put(name, "adapter one").status;
    EXPECT_TRUE(status == 400 || status == 404) << name << status;
    EXPECT_GE(wardrobe.unload(name).status, 400) << name;
  }
  for (const char* name : {"../secret", "/etc/passwd", "", ".", "secret", "a/../../secret"})
    EXPECT_EQ(wardrobe.load(fmt::format(R"({{"name":"{}"}})", name)).status / 100, 4) << name;
  EXPECT_FALSE(std::filesystem::exists(wardrobe.scratch / "adapters"));
}

TEST(AdapterRoutes, WhatIsMissingOrElsewhereIsNamed) {
  Wardrobe wardrobe;
  ASSERT_EQ(wardrobe.put("brogue", "adapter one").status, 200);
  const Got missing = wardrobe.load(R"({"name":"drawl"})");
  EXPECT_EQ(missing.status, 404);
  EXPECT_THAT(missing.body, HasSubstr("it has: brogue"));
  const Got far = wardrobe.load(R"({"name":"brogue","model":"far"})");
  EXPECT_EQ(far.status, 422);
  EXPECT_THAT(far.body, HasSubstr("those that do: scripted"));
  EXPECT_EQ(wardrobe.load(R"({"name":"brogue","model":"nobody"})").status, 400);
  EXPECT_EQ(wardrobe.load(R"({"path":"/etc/passwd"})").status, 400);
  wardrobe.scratch.write("adapters/broken.gguf", "nonsense");
  EXPECT_EQ(wardrobe.load(R"({"name":"broken"})").status, 422);
  EXPECT_THAT(wardrobe.list().body, HasSubstr(R"("fault":"broken: no magic.")"));
}

// L7
TEST(AdapterRoutes, ALongFileIsTakenAndALongerOneRefusedBeforeItComes) {
  Wardrobe wardrobe;
  const std::string two_megabytes = "adapter " + std::string(2 * 1024 * 1024, 'a');
  EXPECT_EQ(wardrobe.put("long", two_megabytes).status, 200);
  testing::Client client(wardrobe.tavern.server->port());
  const Got refused =
      client.ask(fmt::format("PUT /v1/adapters/long HTTP/1.1\r\nHost: localhost\r\n"
                             "Content-Length: {}\r\n\r\n",
                             kMaxUploadBytes + 1));
  EXPECT_EQ(refused.status, 413);
  const Got elsewhere = wardrobe.tavern.ask(
      fmt::format("POST /v1/users HTTP/1.1\r\nHost: localhost\r\n"
                  "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                  kMaxBodyBytes + 1));
  EXPECT_EQ(elsewhere.status, 413);
}

// An NPC speaks with what its model has loaded, and nothing else is promised to it.
TEST(AdapterRoutes, AnNpcIsGivenWhatIsLoadedAlone) {
  Wardrobe wardrobe;
  const auto change = [&](const std::string& npc, const std::string& body) {
    return wardrobe.tavern.ask(testing::ask("PATCH", "/v1/npcs/" + npc, body));
  };
  ASSERT_EQ(wardrobe.put("brogue", "adapter one").status, 200);
  const std::string npc = wardrobe.tavern.make_npc();
  const std::string wish = R"({"adapters":[{"name":"brogue"}]})";
  const Got unloaded = change(npc, wish);
  EXPECT_EQ(unloaded.status, 422);
  EXPECT_THAT(unloaded.body, HasSubstr("named brogue; it has: none"));
  ASSERT_EQ(wardrobe.load(R"({"name":"brogue"})").status, 200);
  EXPECT_EQ(change(npc, wish).status, 200);
  const Got other = change(npc, R"({"adapters":[{"name":"brogue"},{"name":"drawl"}]})");
  EXPECT_EQ(other.status, 422);
  EXPECT_THAT(other.body, HasSubstr("named drawl; it has: brogue"));
  const std::string made = R"({"character":"tom-reed","adapters":[{"name":"drawl"}]})";
  EXPECT_EQ(wardrobe.tavern.ask(testing::post("/v1/npcs", made)).status, 422);
  wardrobe.keeper.loaded.clear();
  EXPECT_EQ(change(npc, R"({"max_tokens":50})").status, 200) << "its adapters are as they were";
  EXPECT_EQ(change(npc, R"({"adapters":null})").status, 200);
}

TEST(AdapterDesk, LoadsAtTheStartWhatNpcsUse) {
  Wardrobe wardrobe;
  ASSERT_EQ(wardrobe.put("brogue", "adapter one").status, 200);
  const auto add = [&](NpcId id, const char* character, const char* adapter) {
    EXPECT_TRUE(wardrobe.store.add_npc(
        {.id = id, .settings = {.character = character, .adapters = {{.name = adapter}}}}));
  };
  add(NpcId{1}, "ida-fenn", "brogue");
  add(NpcId{2}, "tom-reed", "drawl");
  const auto troubles = wardrobe.desk.load_used();
  ASSERT_EQ(troubles.size(), 1U);
  EXPECT_THAT(troubles.front(), HasSubstr(print_id(NpcId{2})));
  EXPECT_EQ(wardrobe.keeper.loaded.size(), 1U);
  EXPECT_EQ(wardrobe.desk.load_used().size(), 1U);
}

}  // namespace
}  // namespace dramatis::server
