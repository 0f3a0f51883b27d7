#include "server/curation_routes.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/testing/scratch_folder.h"
#include "lm/testing/scripted_model.h"
#include "persona/cast_changes.h"
#include "server/testing/route_call.h"
#include "text/json.h"
#include "text/limits.h"

namespace dramatis::server {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kItem =
    R"({"item":7,"who":"Bo","role":"a tinker","manner":["sly"],"place":"The quay","emotion":"bored",)"
    R"("reason":"waits","acquaintance":"They have never met.","question":"Is the ferry late?",)"
    R"("answer":"It is never late.","drops":[],"refusals":[]})";

// A data set of one exchange of Ida's, and her cast in a folder of its own.
class CurationRoutes : public ::testing::Test {
 protected:
  CurationRoutes() {
    fs::copy(fs::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small", scratch_ / "cast",
             fs::copy_options::recursive);
    // Another world's company comes to the quay.
    std::string troupe =
        read_text_file(fs::path(DRAMATIS_SOURCE_DIR) / "cast/luminaria/troupe.yaml", 1 << 20)
            .value();
    troupe.replace(troupe.find("world: luminaria"), 16, "world: tarn");
    scratch_.write("cast/tarn/troupe.yaml", troupe);
    cast_ = persona::load_cast(scratch_ / "cast").value();
    cast_.changes = std::make_shared<persona::CastChanges>();
    examples_.emplace(prompt::Examples::build(cast_).value());
    sheets_.emplace(scratch_ / "cast", cast_, *examples_, clock_);
    scratch_.write("sets/tarn/ida-fenn.exchanges.jsonl",
                   std::string("{\"recipe\":\"00\"}\n") + kItem + "\n{\"item\":8,\"wh");
    scratch_.write("sets/.hidden/ida-fenn.exchanges.jsonl", "");
    scratch_.write("sets/others/nobody-known.exchanges.jsonl", "");
    desk_.emplace(scratch_ / "sets", *sheets_, *examples_, models_, clock_);
    routes_.add(curation_routes(*desk_));
  }
  Response get(std::string path, std::string query = "") {
    return testing::call_route(
        routes_, {.method = "GET", .path = std::move(path), .query = std::move(query)});
  }
  Response post(std::string path, std::string body) {
    return testing::call_route(
        routes_, {.method = "POST", .path = std::move(path), .body = std::move(body)});
  }
  [[nodiscard]] std::string on_disk(const std::string& file) const {
    return read_text_file(scratch_ / file, 1 << 20).value_or("");
  }

  ScratchFolder scratch_;
  SystemClock clock_;
  persona::Cast cast_;
  std::optional<prompt::Examples> examples_;
  std::optional<SheetDesk> sheets_;
  lm::testing::ScriptedModel model_{
      std::deque<Result<std::string>>{"The river keeps its own hours."}};
  dialogue::Models models_{{{.name = "scripted", .model = model_}}};
  std::optional<CurationDesk> desk_;
  Routes routes_;
};

TEST_F(CurationRoutes, SetsOfTheCastAreListed) {
  const Response list = get("/v1/datasets");
  EXPECT_EQ(list.body, R"({"datasets":[{"name":"tarn","characters":["ida-fenn"]}]})");
}

TEST_F(CurationRoutes, APairIsDrawn) {
  const Response pair = get("/v1/datasets/tarn/pair", "character=ida-fenn");
  EXPECT_EQ(pair.status, 200) << pair.body;
  for (const char* part : {R"("item":7,"of":1)", R"("who":"Bo")", R"("place":"The quay")",
                           R"("question":"Is the ferry late?")", R"("answer":"It is never late.")"})
    EXPECT_THAT(pair.body, HasSubstr(part));
}

TEST_F(CurationRoutes, AnEditedAnswerBecomesAnExampleAndAPreference) {
  const std::string before = on_disk("cast/tarn/ida-fenn.dialogues.jsonl");
  const std::size_t conversations = cast_.find_member("ida-fenn")->dialogues.size();
  const Response kept =
      post("/v1/datasets/tarn/curate",
           R"({"character":"ida-fenn","item":7,"answer":"Late is what the river says."})");
  ASSERT_EQ(kept.status, 200) << kept.body;
  EXPECT_EQ(kept.body,
            "{\"conversations\":" + std::to_string(conversations + 1) + ",\"preference\":true}");
  const std::string after = on_disk("cast/tarn/ida-fenn.dialogues.jsonl");
  EXPECT_THAT(after, ::testing::StartsWith(before));
  EXPECT_THAT(after, HasSubstr("Late is what the river says."));
  EXPECT_THAT(
      on_disk("sets/tarn/preferences.jsonl"),
      HasSubstr(
          R"("chosen":[{"role":"assistant","content":"Late is what the river says."}],"rejected":[{"role":"assistant","content":"It is never late."}])"));
  const auto near = examples_->nearest("ida-fenn", {.message = "Is the ferry late?"}).value();
  ASSERT_FALSE(near.empty());
  EXPECT_EQ(near.front().npc, "Late is what the river says.");
}

TEST_F(CurationRoutes, AnAnswerThatIsKeptIsNoPreference) {
  const Response kept =
      post("/v1/datasets/tarn/curate",
           R"({"character":"ida-fenn","item":7,"shown":"As ever.","answer":"As ever."})");
  EXPECT_THAT(kept.body, HasSubstr(R"("preference":false)"));
  EXPECT_EQ(on_disk("sets/tarn/preferences.jsonl"), "");
}

TEST_F(CurationRoutes, TheModelAnswersAgainWithTheExamplesAsTheyAre) {
  ASSERT_EQ(post("/v1/datasets/tarn/curate",
                 R"({"character":"ida-fenn","item":7,"answer":"Late is what the river says."})")
                .status,
            200);
  const Response now = post("/v1/datasets/tarn/again", R"({"character":"ida-fenn","item":7})");
  EXPECT_EQ(now.body, R"({"answer":"The river keeps its own hours.","refusals":[]})");
  std::string told;
  const auto asked = model_.asked();
  for (const auto& message : asked.back().messages) told += message.text;
  EXPECT_THAT(told, HasSubstr("Late is what the river says."));
  EXPECT_EQ(post("/v1/datasets/tarn/again", R"({"character":"ida-fenn","item":7,"model":"other"})")
                .status,
            404);
}

TEST_F(CurationRoutes, NothingThatIsWrongChangesAnything) {
  const std::string before = on_disk("cast/tarn/ida-fenn.dialogues.jsonl");
  const std::string secret = cast_.find_member("ida-fenn")->sheet.secrets.empty()
                                 ? ""
                                 : cast_.find_member("ida-fenn")->sheet.secrets[0].words[0];
  ASSERT_FALSE(secret.empty());
  const std::string long_one(text::kMaxUtteranceBytes + 1, 'a');
  for (const auto& [body, status] : std::vector<std::pair<std::string, int>>{
           {R"({"character":"ida-fenn","item":7,"answer":"It is )" + secret + R"("})", 400},
           {R"({"character":"ida-fenn","item":7,"answer":" \n"})", 400},
           {R"({"character":"ida-fenn","item":7,"answer":")" + long_one + R"("})", 400},
           {R"({"character":"ida-fenn","item":7})", 400},
           {R"({"character":"ida-fenn","item":-7,"answer":"a"})", 400},
           {R"({"character":"ida-fenn","item":"7","answer":"a"})", 400},
           {R"({"character":"ida-fenn","item":7,"answer":"a","more":1})", 400},
           {R"({"character":"ida-fenn","item":8,"answer":"a"})", 404},
           {R"({"character":"../tarn/ida-fenn","item":7,"answer":"a"})", 404},
           {"[]", 400}})
    EXPECT_EQ(post("/v1/datasets/tarn/curate", body).status, status) << body;
  for (const char* set : {"none", "..", ".hidden", "%2e%2e", "others"})
    EXPECT_EQ(get(std::string("/v1/datasets/") + set + "/pair", "character=ida-fenn").status, 404)
        << set;
  EXPECT_EQ(get("/v1/datasets/tarn/pair").status, 404);
  EXPECT_EQ(on_disk("cast/tarn/ida-fenn.dialogues.jsonl"), before);
}

TEST_F(CurationRoutes, AreForWriters) {
  for (const Route& route : routes_.all()) EXPECT_EQ(route.caller, Caller::kWriter);
}

}  // namespace
}  // namespace dramatis::server
