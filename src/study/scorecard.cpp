// Rows against rules, authors and right answers.
#include "study/scorecard.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "base/check.h"
#include "signs/strangers.h"
#include "study/report.h"
#include "study/rule_score.h"

namespace dramatis::study {
namespace {

constexpr double kBest = kMostPoints, kWorst = 1;

constexpr std::array<std::string_view, 5> kPersonalitySigns{"assistant", "refusing", "moralising",
                                                            "stepping-out", "bleeding"};
constexpr std::array<std::string_view, 3> kKnowledgeSigns{"anachronism", "wrong-name", "secret"};
constexpr std::array<std::string_view, 3> kSteadinessSigns{"repetition", "catchphrase", "cut"};

template <std::size_t n>
bool has_any(const signs::Findings& findings, const std::array<std::string_view, n>& names) {
  return std::ranges::any_of(findings, [&](const signs::Finding& finding) {
    return std::ranges::find(names, finding.sign) != names.end();
  });
}

double all_or_nothing(bool good) {
  return good ? kBest : kWorst;
}

std::optional<Dimension> told_by(Theme theme) {
  switch (theme) {
    case Theme::kPast:
    case Theme::kRelations:
    case Theme::kKnowledge:
      return Dimension::kMemory;
    case Theme::kValues:
    case Theme::kOpinions:
      return Dimension::kValues;
    default:
      return std::nullopt;
  }
}

signs::Findings findings_in(const std::vector<Answered>& said, const Part& part) {
  signs::Findings all;
  std::vector<std::string> earlier;
  for (const auto& answer : said) {
    for (auto& finding : signs::look({.reply = answer.reply,
                         .heard = answer.heard,
                         .earlier = earlier,
                         .character = part.character,
                         .world = part.world,
                         .strangers = part.strangers}))
      all.push_back(std::move(finding));
    earlier.push_back(answer.reply);
  }
  return all;
}

Result<double> points_for_words(const InterviewRow& row, const Part& part,
                                const prompt::Examples& examples) {
  const Transcript first{.answers = {row.said.front()}};
  DRAMATIS_TRY(const auto score, score_by_rules(first, part, examples));
  const double near = std::min(1.0, score.aptness / kApt);
  const double right = row.judged ? (row.passed ? 1.0 : 0.0) : near;
  return kWorst + (kBest - kWorst) * (right + near) / 2;
}

Result<Graded> grade_one(const InterviewRow& row, const Part& part,
                         const prompt::Examples& examples) {
  Graded made{.character = row.character,
              .question = row.question,
              .theme = row.theme,
              .said = row.said,
              .findings = findings_in(row.said, part),
              .origin = row.origin,
              .total = row.total,
              .account = row.account};
  if (const auto dimension = told_by(row.theme)) {
    DRAMATIS_TRY(made.points[*dimension], points_for_words(row, part, examples));
  }
  const bool trapped = row.theme == Theme::kTraps && row.judged && !row.passed;
  const bool unsteady = row.theme == Theme::kConsistency && row.judged && !row.passed;
  made.points[Dimension::kPersonality] = all_or_nothing(!has_any(made.findings, kPersonalitySigns));
  made.points[Dimension::kHallucination] =
      all_or_nothing(!trapped && !has_any(made.findings, kKnowledgeSigns));
  made.points[Dimension::kStability] =
      all_or_nothing(!unsteady && !has_any(made.findings, kSteadinessSigns));
  return made;
}

Scores scores_of(std::string character, std::span<const Graded> graded, std::uint64_t seed) {
  Scores scores{.character = std::move(character)};
  for (const auto dimension : all_dimensions()) {
    std::vector<double> points;
    for (const auto& one : graded) {
      const auto found = one.points.find(dimension);
      if (found != one.points.end()) points.push_back(found->second);
    }
    if (!points.empty()) scores.dimensions[dimension] = bootstrap(points, seed);
  }
  return scores;
}

// The scores of each character, and of all.
void sum_up(Scorecard& card, std::uint64_t seed) {
  const std::span<const Graded> all(card.graded);
  for (std::size_t first = 0, end = 0; first < all.size(); first = end) {
    while (end < all.size() && all[end].character == all[first].character) ++end;
    card.characters.push_back(
        scores_of(all[first].character, all.subspan(first, end - first), seed));
  }
  card.all = scores_of("", all, seed);
}

text::JsonObject json_of(const Scores& scores) {
  text::JsonObject made;
  for (const auto& [dimension, interval] : scores.dimensions) {
    made.emplace_back(std::string(print(dimension)), study::json_of(interval));
  }
  return made;
}

text::JsonObject cost_json(const Scorecard& card) {
  const double seconds = std::chrono::duration<double>(card.total).count();
  const auto answers = static_cast<double>(std::max<std::size_t>(1, card.answers));
  return {{"answers", card.answers},
          {"seconds_per_answer", seconds / answers},
          {"tokens_per_answer", static_cast<double>(card.tokens) / answers}};
}

}  // namespace

double Graded::mean_points() const {
  if (points.empty()) return kWorst;
  double sum = 0;
  for (const auto& [dimension, value] : points) sum += value;
  return sum / static_cast<double>(points.size());
}

Result<Scorecard> grade(const persona::Cast& cast, const prompt::Examples& examples,
                        const InterviewReport& report, std::uint64_t seed) {
  Scorecard card{.answered_by = report.answered_by, .asked_by = report.asked_by};
  std::map<std::string, signs::Strangers> strangers;
  for (const auto& row : report.rows) {
    const auto* const member = cast.find_member(row.character);
    if (member == nullptr)
      return fail(ErrorCode::kNotFound, fmt::format("'{}' is not of the cast.", row.character));
    if (!strangers.contains(row.character))
      strangers.emplace(row.character, signs::Strangers::of(cast, row.character));
    const Part part{&member->sheet, cast.find_world(member->sheet.world),
                    &strangers.at(row.character)};
    DRAMATIS_TRY(auto graded, grade_one(row, part, examples));
    card.graded.push_back(std::move(graded));
    card.total += row.total;
    card.tokens += row.tokens;
    card.answers += row.said.size();
  }
  sum_up(card, seed);
  return card;
}

Scorecard together(std::vector<Scorecard> runs, std::uint64_t seed) {
  DRAMATIS_CHECK(!runs.empty());
  Scorecard card{.answered_by = runs.front().answered_by, .asked_by = runs.front().asked_by};
  for (const auto& scores : runs.front().characters) {
    for (auto& run : runs) {
      for (auto& one : run.graded) {
        if (one.character == scores.character) card.graded.push_back(std::move(one));
      }
      std::erase_if(run.graded, [](const Graded& one) { return one.said.empty(); });
    }
  }
  for (const auto& run : runs) {
    card.total += run.total;
    card.tokens += run.tokens;
    card.answers += run.answers;
  }
  sum_up(card, seed);
  return card;
}

Result<Threshold> parse_threshold(std::string_view text) {
  const std::size_t equals = text.find('=');
  for (const auto dimension : all_dimensions()) {
    if (equals == std::string_view::npos || text.substr(0, equals) != print(dimension)) continue;
    const std::string number(text.substr(equals + 1));
    char* end = nullptr;
    const double least = std::strtod(number.c_str(), &end);
    const bool whole = !number.empty() && end == number.c_str() + number.size();
    if (whole && least >= kWorst && least <= kBest) return Threshold{dimension, least};
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no threshold; one is memory, values, personality, hallucination "
                          "or stability, '=' and points from 1 to {}.",
                          text, kMostPoints));
}

std::vector<Threshold> missed(const Scorecard& card, const std::vector<Threshold>& thresholds) {
  std::vector<Threshold> under;
  for (const auto& threshold : thresholds) {
    const auto found = card.all.dimensions.find(threshold.dimension);
    if (found == card.all.dimensions.end() || found->second.mean < threshold.least)
      under.push_back(threshold);
  }
  return under;
}

text::JsonObject json_of(const Interval& interval) {
  return {
      {"mean", interval.mean}, {"low", interval.low}, {"high", interval.high}, {"of", interval.of}};
}

text::JsonObject json_of(const Scorecard& card) {
  text::JsonArray characters, rows;
  for (const auto& scores : card.characters) {
    characters.emplace_back(
        text::JsonObject{{"character", scores.character}, {"scores", json_of(scores)}});
  }
  for (const auto& one : card.graded) {
    text::JsonArray findings;
    for (const auto& finding : one.findings)
      findings.emplace_back(text::JsonObject{{"sign", finding.sign}, {"reason", finding.reason}});
    text::JsonObject points;
    for (const auto& [dimension, value] : one.points)
      points.emplace_back(std::string(print(dimension)), value);
    rows.emplace_back(text::JsonObject{{"character", one.character},
                                       {"question", one.question},
                                       {"theme", print(one.theme)},
                                       {"asked", one.said.front().heard},
                                       {"reply", one.said.front().reply},
                                       {"origin", print(one.origin)},
                                       {"points", std::move(points)},
                                       {"findings", std::move(findings)}});
  }
  return {{"answered_by", card.answered_by},
          {"asked_by", card.asked_by},
          {"scored_by", "rules"},
          {"cost", cost_json(card)},
          {"all", json_of(card.all)},
          {"characters", std::move(characters)},
          {"rows", std::move(rows)}};
}

std::string escaped(std::string_view text) {
  std::string made;
  for (const char c : text) {
    switch (c) {
      case '<':
        made += "&lt;";
        break;
      case '>':
        made += "&gt;";
        break;
      case '&':
        made += "&amp;";
        break;
      case '"':
        made += "&quot;";
        break;
      case '\'':
        made += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n') made += c;
    }
  }
  return made;
}

std::string junit_of(const Scorecard& card, const std::vector<Threshold>& thresholds) {
  std::string cases;
  for (const auto& threshold : thresholds) {
    const auto found = card.all.dimensions.find(threshold.dimension);
    const double got = found == card.all.dimensions.end() ? 0 : found->second.mean;
    const bool under = !missed(card, {threshold}).empty();
    cases += fmt::format("  <testcase classname=\"dramatis\" name=\"{} at least {}\"",
                         print(threshold.dimension), threshold.least);
    if (under) {
      cases += fmt::format(
          "><failure message=\"{:.2f} points, at least {} are wanted\"/>"
          "</testcase>\n",
          got, threshold.least);
    } else {
      cases += "/>\n";
    }
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" tests=\"{}\" "
      "failures=\"{}\">\n{}</testsuite>\n",
      escaped(card.answered_by), thresholds.size(), missed(card, thresholds).size(), cases);
}

}  // namespace dramatis::study
