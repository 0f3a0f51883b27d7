// 200 labelled replies: how far the rules agree with the labels, and a scripted judge with faults.
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>

#include <gtest/gtest.h>

#include "base/files.h"
#include "lm/testing/scripted_model.h"
#include "persona/cast.h"
#include "prompt/examples.h"
#include "study/judge.h"
#include "study/rule_score.h"
#include "study/statistics.h"
#include "text/json.h"

namespace dramatis::study {
namespace {

const std::filesystem::path kRoot = DRAMATIS_SOURCE_DIR;

struct Labelled {
  std::string character, asked, reply, made, from;
  int label = 0;
};

std::vector<Labelled> read_labels() {
  const auto bytes = read_text_file(kRoot / "tests/data/calibration.jsonl", 1 << 20).value();
  std::vector<Labelled> all;
  for (std::size_t first = 0; first < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', first), bytes.size());
    const auto json = text::parse_json(std::string_view(bytes).substr(first, end - first)).value();
    first = end + 1;
    if (json.find("about") != nullptr) continue;
    const auto text = [&json](std::string_view field) { return *json.find(field)->as_string(); };
    all.push_back({text("character"), text("asked"), text("reply"), text("made"), text("from"),
                   static_cast<int>(*json.find("label")->as_int())});
  }
  return all;
}

class Calibration : public ::testing::Test {
 protected:
  Calibration()
      : cast_(persona::load_cast(kRoot / "cast").value()),
        examples_(prompt::Examples::build(cast_).value()),
        labels_(read_labels()) {}

  // The rules' score as points.
  double points_of(const Labelled& one) {
    const auto* const member = cast_.find_member(one.character);
    if (!strangers_.contains(one.character))
      strangers_.emplace(one.character, signs::Strangers::of(cast_, one.character));
    const Part part{&member->sheet, cast_.find_world(member->sheet.world),
                    &strangers_.at(one.character)};
    const Transcript transcript{.answers = {{.heard = one.asked, .reply = one.reply}}};
    const std::vector<std::string> except{one.from};
    return 1 +
           (kMostPoints - 1) * score_by_rules(transcript, part, examples_, except).value().score;
  }

  persona::Cast cast_;
  prompt::Examples examples_;
  std::vector<Labelled> labels_;
  std::map<std::string, signs::Strangers> strangers_{};  // by character, made once each
};

// Kappa with the interval of 200 resampled sets.
Interval kappa_of(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<double> drawn;
  std::uint64_t state = 1;
  for (int draw = 0; draw < 200; ++draw) {
    std::vector<int> of_a, of_b;
    for (std::size_t n = 0; n < a.size(); ++n) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      const std::size_t at = (state >> 33) % a.size();
      of_a.push_back(a[at]);
      of_b.push_back(b[at]);
    }
    drawn.push_back(weighted_kappa(of_a, of_b, kMostPoints));
  }
  std::ranges::sort(drawn);
  return {drawn[5], weighted_kappa(a, b, kMostPoints), drawn[194], a.size()};
}

TEST_F(Calibration, HasTwoHundredLabelsAndSaysWhoMadeThem) {
  EXPECT_EQ(labels_.size(), 200U);
  const auto bytes = read_text_file(kRoot / "tests/data/calibration.jsonl", 1 << 20).value();
  EXPECT_NE(bytes.substr(0, bytes.find('\n')).find("labels were written by"), std::string::npos);
  for (const auto& one : labels_) {
    EXPECT_NE(cast_.find_member(one.character), nullptr);
    EXPECT_TRUE(one.label >= 1 && one.label <= kMostPoints);
  }
}

TEST_F(Calibration, RulesAgreeWithTheLabelsMoreThanChance) {
  std::vector<int> ruled, labelled;
  std::map<std::string, std::vector<double>> by_kind;
  for (const auto& one : labels_) {
    const double points = points_of(one);
    by_kind[one.made].push_back(points);
    ruled.push_back(static_cast<int>(std::lround(points)));
    labelled.push_back(one.label);
  }
  const Interval kappa = kappa_of(ruled, labelled);
  std::cout << "rules and labels: weighted kappa " << kappa.mean << " (" << kappa.low << " to "
            << kappa.high << ")\n";
  for (const auto& [made, points] : by_kind) {
    const Interval mean = bootstrap(points, 1);
    std::cout << "  " << made << ": " << mean.mean << " (" << mean.low << " to " << mean.high
              << "), " << mean.of << " replies\n";
  }
  EXPECT_GT(kappa.low, 0) << "no more than chance";
  const Interval whole = bootstrap(by_kind.at("authored"), 1);
  for (const auto& [made, points] : by_kind) {
    // A character's own line that answers another question is not told from an answer by one reply
    // alone; of twelve together it is (known_answer_test.cpp).
    if (made == "authored" || made == "shuffled") continue;
    EXPECT_LT(bootstrap(points, 1).high, whole.low) << made;
  }
}

// What a judge that follows the labels, with a fault in each fifth answer, would be found to agree.
TEST_F(Calibration, AScriptedJudgeIsFoundToAgreeAsFarAsItDoes) {
  std::deque<Result<std::string>> script;
  std::vector<int> expected_judge, expected_label;
  std::size_t unreadable = 0;
  for (std::size_t n = 0; n < labels_.size(); ++n) {
    const int label = labels_[n].label;
    const int off = n % 5 == 0 ? (label == kMostPoints ? label - 1 : label + 1) : label;
    const std::vector<std::string> forms{
        std::to_string(off), "Reasons first.\n\nScore: " + std::to_string(off),
        "**Score:** " + std::to_string(off) + "/7", "I would say " + std::to_string(off) + "/7."};
    if (n % 20 == 19) {
      script.emplace_back(n % 40 == 19 ? "I cannot judge this." : "Score: 5.5");
      ++unreadable;
      continue;
    }
    script.emplace_back(forms[n % forms.size()]);
    expected_judge.push_back(off);
    expected_label.push_back(label);
  }
  lm::testing::ScriptedModel model(std::move(script));
  std::vector<int> judged, labelled;
  std::size_t rejected = 0;
  for (const auto& one : labels_) {
    const Transcript transcript{.answers = {{.heard = one.asked, .reply = one.reply}}};
    const auto verdict =
        judge(model, Dimension::kPersonality, cast_.find_member(one.character)->sheet, transcript)
            .value();
    if (!verdict.score) {
      ++rejected;
      continue;
    }
    judged.push_back(*verdict.score);
    labelled.push_back(one.label);
  }
  EXPECT_EQ(rejected, unreadable);
  EXPECT_EQ(judged, expected_judge);
  EXPECT_EQ(labelled, expected_label);
  std::cout << "scripted judge and labels: weighted kappa "
            << weighted_kappa(judged, labelled, kMostPoints) << ", " << rejected << " unreadable\n";
}

}  // namespace
}  // namespace dramatis::study
