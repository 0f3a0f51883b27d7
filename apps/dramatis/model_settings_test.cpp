#include "model_settings.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "models.h"
#include "settings.h"

namespace dramatis::app {
namespace {

using ::testing::HasSubstr;

class ModelsInFile : public ::testing::Test {
 protected:
  Result<Settings> settle(const std::string& yaml, const std::string& model = "") const {
    const auto file = scratch_.path() / "dramatis.yaml";
    std::ofstream(file) << yaml;
    Sources sources{.file = file, .defaults = {{"model", "default.gguf"}}};
    if (!model.empty()) sources.flags["model"] = model;
    return Settings::settle(sources);
  }
  std::string problem(const std::string& yaml) const {
    const auto settings = settle(yaml);
    return settings ? "none" : settings.error().what;
  }

  ScratchFolder scratch_;
};

constexpr char kAll[] = R"(
models:
  - name: small
    file: models/small.gguf
  - name: big
    falls_back_to: small
    total_seconds: 60
    per_key: {tokens: 50000, money: 0.25}
    together:
      money: 10
    services:
      - address: ollama:http://gpu1:11434#llama3.2
        weight: 2
        at_once: 4
        key_variable: GPU1_KEY
        context: 4096
        connect_seconds: 0.5
        price_prompt: 0.15
        price_reply: 0.6
      - address: completions:https://api.example/v1
        model: base
        key_file: keys/api
        form: chatml
        streams: off
        samplers: on
)";

TEST_F(ModelsInFile, AreReadWithAllTheirFields) {
  const auto settings = settle(kAll).value();
  ASSERT_EQ(settings.models().size(), 2U);
  const auto& small = settings.models()[0];
  EXPECT_EQ(small.file, scratch_.path() / "models/small.gguf");
  EXPECT_THAT(small.place, HasSubstr("dramatis.yaml:3"));
  const auto& big = settings.models()[1];
  EXPECT_EQ(big.falls_back_to, "small");
  EXPECT_EQ(big.total_seconds, 60);
  EXPECT_EQ(big.per_key, (DayLimit{.tokens = 50'000, .money = 0.25}));
  EXPECT_EQ(big.together, (DayLimit{.money = 10}));
  ASSERT_EQ(big.services.size(), 2U);
  EXPECT_EQ(big.services[0].weight, 2);
  EXPECT_EQ(big.services[0].at_once, 4);
  EXPECT_EQ(big.services[0].key_variable, "GPU1_KEY");
  EXPECT_EQ(big.services[0].price_reply, 0.6);
  EXPECT_TRUE(big.services[0].streams);
  EXPECT_EQ(big.services[1].model, "base");
  EXPECT_EQ(big.services[1].key_file, scratch_.path() / "keys/api");
  EXPECT_FALSE(big.services[1].streams);
  EXPECT_TRUE(big.services[1].samplers);
}

TEST_F(ModelsInFile, AreChosenByNameAndTheFirstWhereNobodyNamesOne) {
  EXPECT_EQ(settle(kAll)->chosen_model()->name, "small");
  EXPECT_EQ(settle(kAll)->model_file(), scratch_.path() / "models/small.gguf");
  EXPECT_EQ(settle(kAll, "big")->chosen_model()->name, "big");
  EXPECT_EQ(settle(kAll, "other.gguf")->chosen_model(), nullptr);
  EXPECT_EQ(settle(kAll, "other.gguf")->model_file(), "other.gguf");
  EXPECT_EQ(settle("port: 80\n")->chosen_model(), nullptr);
}

TEST_F(ModelsInFile, NameTheLineAndTheMendOfWhatIsWrong) {
  const std::string service =
      "models:\n  - name: a\n    services:\n      - address: http://h/v1#m\n";
  EXPECT_THAT(problem("modls: []\n"), HasSubstr("did you mean 'models'?"));
  EXPECT_THAT(problem("models: x\n"), HasSubstr("dramatis.yaml:1: 'models' is a list"));
  EXPECT_THAT(problem("models:\n  - hearth\n"), HasSubstr(":2: A model is lines of"));
  EXPECT_THAT(problem("models:\n  - name: a\n    fil: x\n"),
              HasSubstr(":3: A model has no field 'fil'; did you mean 'file'?"));
  EXPECT_THAT(problem(service + "        weigth: 2\n"),
              HasSubstr(":5: A service has no field 'weigth'; did you mean 'weight'?"));
  EXPECT_THAT(problem(service + "        weight: 0\n"),
              HasSubstr("'weight' is '0'; it takes a number from 0.001 to 1000000"));
  EXPECT_THAT(problem(service + "        weight: nan\n"), HasSubstr("'weight' is 'nan'"));
  EXPECT_THAT(problem(service + "        at_once: 1.5\n"), HasSubstr("a whole number from 1"));
  EXPECT_THAT(problem(service + "        streams: perhaps\n"), HasSubstr("it takes on or off"));
  EXPECT_THAT(problem(service + "        form: chatlm\n"), HasSubstr("plain, chatml, llama3"));
  EXPECT_THAT(problem(service + "        key_variable: A\n        key_file: b\n"),
              HasSubstr("not from both"));
  EXPECT_THAT(problem("models:\n  - name: a\n"), HasSubstr("either a `file` or `services`"));
  EXPECT_THAT(problem("models:\n  - name: a\n    file: f\n    services: []\n"),
              HasSubstr("'services' is a list of 1 to 64"));
  EXPECT_THAT(problem("models:\n  - file: f\n"), HasSubstr("A model needs a `name`"));
  EXPECT_THAT(problem("models:\n  - name: ../x\n    file: f\n"), HasSubstr("this one is '../x'"));
  EXPECT_THAT(problem("models:\n  - {name: a, file: f}\n  - {name: a, file: g}\n"),
              HasSubstr(":3: there are two models 'a'"));
  EXPECT_THAT(problem("models:\n  - name: a\n    services: [{address: 'http://h/v1'}]\n"),
              HasSubstr("needs a `model`"));
  EXPECT_THAT(problem("models:\n  - name: a\n    services: [{address: 'olama:http://h#m'}]\n"),
              HasSubstr("openai, completions, ollama and kobold"));
  EXPECT_THAT(problem("models:\n  - name: a\n    services: [{weight: 2}]\n"),
              HasSubstr("needs an `address`"));
  EXPECT_THAT(problem(service + "    falls_back_to: b\n"),
              HasSubstr("'a' falls back to 'b', which is no model with a `file`"));
  EXPECT_THAT(problem("models:\n  - {name: a, file: f, per_key: {tokens: 1}}\n"),
              HasSubstr("are for services"));
  EXPECT_THAT(problem(service + "    per_key: {tokens: -1}\n"), HasSubstr("a whole number from 0"));
  EXPECT_THAT(problem(service + "    per_key: {monney: 1}\n"), HasSubstr("did you mean 'money'?"));
}

// Nobody is asked when a model is opened; where nobody answers, that is said of each place.
TEST_F(ModelsInFile, AreReportedOnOneByOne) {
  const auto settings = settle(
                            "models:\n"
                            "  - {name: gone, file: none.gguf}\n"
                            "  - name: away\n"
                            "    services: [{address: 'kobold:http://127.0.0.1:1'}]\n")
                            .value();
  const SystemClock clock;
  const auto reports = look_at_models(settings, clock);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_FALSE(reports[0].answers);
  EXPECT_THAT(reports[0].detail, HasSubstr("dramatis.yaml:2: There is no model file"));
  EXPECT_FALSE(reports[1].answers);
  EXPECT_THAT(reports[1].detail, HasSubstr("kobold at 127.0.0.1:1: 127.0.0.1:1 failed"));
}

TEST_F(ModelsInFile, StandInATableByName) {
  const auto settings = settle(
                            "models:\n"
                            "  - name: one\n"
                            "    services: [{address: 'http://127.0.0.1:1/v1#a'}]\n"
                            "  - name: two\n"
                            "    services: [{address: 'http://127.0.0.1:1/v1#b', context: 4000}]\n")
                            .value();
  const SystemClock clock;
  const auto models = Models::open(settings, clock, {}).value();
  const dialogue::Models table(models->serving());
  ASSERT_EQ(table.all().size(), 2U);
  EXPECT_EQ(table.find("two").value()->model.context_size(), 4000U);
  EXPECT_EQ(table.find("").value()->name, "one");
  EXPECT_EQ(table.find("two").value()->health->health().at(0).name, "b at 127.0.0.1:1");
  EXPECT_EQ(models->find("three"), nullptr);
  const auto one = open_model(settings, clock).value();
  EXPECT_EQ(one.model->name(), "one");
}

}  // namespace
}  // namespace dramatis::app
