// A scorecard -> one page with its charts drawn in SVG.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "study/comparison.h"
#include "study/panel.h"
#include "study/report.h"
#include "study/scorecard.h"

namespace dramatis::study {
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{0}</title>
<style>
body {{ font: 16px/1.5 Georgia, "DejaVu Serif", serif; color: #1a1a1a; background: #fff;
       max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.7rem; margin: 0; }} h2 {{ font-size: 1.2rem; margin: 2rem 0 .5rem; }}
p.by {{ color: #555; margin: .2rem 0 1.5rem; }}
table {{ border-collapse: collapse; width: 100%; font-size: .92rem; }}
th, td {{ text-align: right; padding: .3rem .5rem; border-bottom: 1px solid #ccc;
          font-variant-numeric: tabular-nums; }}
th:first-child, td:first-child {{ text-align: left; }}
td small {{ color: #555; display: block; font-size: .75rem; white-space: nowrap; }}
.charts {{ display: flex; flex-wrap: wrap; gap: 1.5rem; }}
figure {{ margin: 0; break-inside: avoid; display: flex; flex-direction: column;
         justify-content: space-between; }} figcaption {{ font-size: .85rem; color: #555; }}
svg text {{ font: 12px Georgia, "DejaVu Serif", serif; fill: #1a1a1a; }}
td.word {{ text-align: left; }} .better {{ font-weight: bold; }} .worse {{ font-style: italic; font-weight: bold; }}
details {{ font-size: .85rem; color: #555; }} summary {{ cursor: pointer; }}
.answer {{ border-left: 4px solid #0072b2; padding: .1rem 0 .1rem .8rem; margin: .8rem 0;
           break-inside: avoid; }}
.worst .answer {{ border-left: 4px double #d55e00; }}
.answer p {{ margin: .15rem 0; }} .answer .why {{ color: #555; font-size: .85rem; }}
nav {{ font-size: .9rem; margin-bottom: 1rem; }} nav a {{ color: #0072b2; margin-right: 1rem; }}
@media print {{ body {{ margin: 0; max-width: none; }} nav, summary {{ display: none; }}
               details > * {{ display: block; }} h2 {{ break-after: avoid; }} tr {{ break-inside: avoid; }} }}
</style></head><body>
<h1>{0}</h1>
)";

constexpr std::size_t kShown = 8;  // best and worst answers
constexpr double kRadius = 110, kMiddleX = 190, kMiddleY = 145;

struct Spot {
  double x, y;
};

// Where `points` lie on the spoke of the n-th dimension; the first points up.
Spot spot(std::size_t n, double points) {
  const double angle =
      2 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(all_dimensions().size());
  const double length = kRadius * (points - 1) / (kMostPoints - 1);
  return {kMiddleX + length * std::sin(angle), kMiddleY - length * std::cos(angle)};
}

std::string polygon(const std::vector<double>& points, std::string_view style) {
  std::string corners;
  for (std::size_t n = 0; n < points.size(); ++n) {
    const Spot at = spot(n, points[n]);
    corners += fmt::format("{:.1f},{:.1f} ", at.x, at.y);
  }
  return fmt::format("<polygon points=\"{}\" style=\"{}\"/>\n", corners, style);
}

std::string radar_of(const Scores& scores) {
  std::string svg =
      "<svg role=\"img\" width=\"380\" height=\"290\" viewBox=\"0 0 380 290\">\n"
      "<title>Points from 1 to 7 in five dimensions</title>\n";
  for (const double ring : {2.5, 4.0, 5.5, 7.0})
    svg += polygon(std::vector<double>(5, ring), "fill:none;stroke:#ccc");
  std::vector<double> low, middle, high;
  for (std::size_t n = 0; n < all_dimensions().size(); ++n) {
    const auto dimension = all_dimensions()[n];
    const auto found = scores.dimensions.find(dimension);
    const Interval interval =
        found == scores.dimensions.end() ? Interval{1, 1, 1, 0} : found->second;
    low.push_back(interval.low);
    middle.push_back(interval.mean);
    high.push_back(interval.high);
    const Spot end = spot(n, kMostPoints), name = spot(n, kMostPoints + 0.7);
    const std::string_view anchor = std::abs(name.x - kMiddleX) < 8 ? "middle"
                                    : name.x > kMiddleX             ? "start"
                                                                    : "end";
    svg += fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" "
        "style=\"stroke:#ccc\"/>\n",
        kMiddleX, kMiddleY, end.x, end.y);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{} {:.1f}</text>\n",
                       name.x, name.y + 4, anchor, print(dimension), interval.mean);
  }
  svg += polygon(high, "fill:#56b4e9;fill-opacity:.25;stroke:none");
  svg += polygon(low, "fill:#fff;fill-opacity:.6;stroke:none");
  svg += polygon(middle, "fill:none;stroke:#0072b2;stroke-width:2.5");
  for (const int ring : {1, 4, 7}) {
    const Spot at = spot(0, ring);
    svg += fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" style=\"font-size:10px;fill:#444\">{}</text>\n", at.x + 3,
        at.y + 11, ring);
  }
  return svg + "</svg>\n";
}

// How the points of each dimension are spread: a row of bars for each.
std::string spreads_of(const Scorecard& card) {
  constexpr double kRow = 46, kTop = 8, kLeft = 110, kBar = 32;
  const double height = kTop + kRow * static_cast<double>(all_dimensions().size()) + 20;
  std::string svg = fmt::format(
      "<svg role=\"img\" width=\"360\" height=\"{0:.0f}\" viewBox=\"0 0 360 {0:.0f}\">\n"
      "<title>How the points of each dimension are spread</title>\n",
      height);
  for (std::size_t row = 0; row < all_dimensions().size(); ++row) {
    std::array<std::size_t, kMostPoints> counts{};
    for (const auto& one : card.graded) {
      const auto found = one.points.find(all_dimensions()[row]);
      if (found == one.points.end()) continue;
      ++counts[static_cast<std::size_t>(
          std::clamp<long>(std::lround(found->second), 1, kMostPoints) - 1)];
    }
    const auto most = std::max<std::size_t>(1, *std::ranges::max_element(counts));
    const double base = kTop + kRow * static_cast<double>(row + 1) - 8;
    svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", kLeft - 8,
                       base - 4, print(all_dimensions()[row]));
    svg += fmt::format(
        "<line x1=\"{:.0f}\" y1=\"{:.1f}\" x2=\"{:.0f}\" y2=\"{:.1f}\" style=\"stroke:#aaa\"/>\n",
        kLeft, base, kLeft + kBar * kMostPoints, base);
    for (std::size_t n = 0; n < counts.size(); ++n) {
      if (counts[n] == 0) continue;
      const double tall =
          std::max(1.0, 26.0 * static_cast<double>(counts[n]) / static_cast<double>(most));
      const double x = kLeft + kBar * static_cast<double>(n) + 3;
      svg += fmt::format(
          "<rect x=\"{:.0f}\" y=\"{:.1f}\" width=\"{:.0f}\" height=\"{:.1f}\" "
          "style=\"fill:#0072b2\"/>\n",
          x, base - tall, kBar - 6, tall);
      svg += fmt::format(
          "<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"middle\" "
          "style=\"font-size:9px\">{}</text>\n",
          x + (kBar - 6) / 2, base - tall - 2, counts[n]);
    }
  }
  for (int n = 1; n <= kMostPoints; ++n) {
    svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>\n",
                       kLeft + kBar * (n - 1) + kBar / 2, height - 4, n);
  }
  return svg + "</svg>\n";
}

std::string cell_of(const Scores& scores, Dimension dimension) {
  const auto found = scores.dimensions.find(dimension);
  if (found == scores.dimensions.end()) return "<td>-</td>";
  const Interval& interval = found->second;
  return fmt::format("<td>{:.2f}<small>{:.2f} to {:.2f}</small></td>", interval.mean, interval.low,
                     interval.high);
}

std::string table_of(const Scorecard& card) {
  std::string html = "<table><tr><th>character</th>";
  for (const auto dimension : all_dimensions())
    html += fmt::format("<th>{}</th>", print(dimension));
  html += "</tr>\n";
  auto rows = card.characters;
  rows.push_back(card.all);
  for (const auto& scores : rows) {
    html += fmt::format("<tr><td>{}</td>",
                        scores.character.empty() ? "all" : escaped(scores.character));
    for (const auto dimension : all_dimensions()) html += cell_of(scores, dimension);
    html += "</tr>\n";
  }
  return html + "</table>\n";
}

// What the model was told before the first answer, and what it was asked to do.
std::string account_of(const dialogue::Account& account) {
  std::string html = "<table><tr><th>part of the prompt</th><th>tokens</th><th>cut</th></tr>\n";
  for (const auto& section : account.sections) {
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", escaped(section.name),
                        section.tokens, section.cut);
  }
  html += "</table>\n";
  if (!account.examples.empty())
    html += "<p>The author's lines beside it, nearest first:</p>\n<ul>\n";
  for (const auto& line : account.examples) {
    html += fmt::format("<li>{:.2f} {}: &ldquo;{}&rdquo; {}</li>\n", line.relevance,
                        escaped(line.topic), escaped(line.player), escaped(line.npc));
  }
  if (!account.examples.empty()) html += "</ul>\n";
  return html + fmt::format(
                    "<p>{}; temperature {:.2g}, seed {}; {} tokens read, of which {} were "
                    "computed, {} written; the first word after {:.0f} ms.</p>\n",
                    escaped(account.model), account.how.temperature, account.how.seed.value_or(0),
                    account.prompt_tokens, account.computed_tokens, account.generated_tokens,
                    std::chrono::duration<double, std::milli>(account.first_word).count());
}

std::string explain_of(const Graded& one) {
  std::string points;
  for (const auto& [dimension, value] : one.points)
    points += fmt::format("{}{} {:.1f}", points.empty() ? "" : ", ", print(dimension), value);
  return fmt::format(
      "<details><summary>How it came about</summary><p>{}; {} words, {:.0f} ms for {} "
      "{}.</p>\n{}</details>\n",
      points, print(one.origin), std::chrono::duration<double, std::milli>(one.total).count(),
      one.said.size(), one.said.size() == 1 ? "answer" : "answers",
      one.account ? account_of(*one.account) : "");
}

std::string answer_of(const Graded& one) {
  std::string html = "<div class=\"answer\">\n";
  for (const auto& said : one.said) {
    html += fmt::format("<p><b>{}</b></p>\n<p>{}</p>\n", escaped(said.heard),
                        said.reply.empty() ? "(nothing)" : escaped(said.reply));
  }
  html += fmt::format("<p class=\"why\">{}, {}, {:.1f} points", escaped(one.character),
                      escaped(one.question), one.mean_points());
  for (const auto& finding : one.findings)
    html += fmt::format("<br>{}: {}", finding.sign, escaped(finding.reason));
  return html + "</p>\n" + explain_of(one) + "</div>\n";
}

std::string answers_of(const Scorecard& card) {
  std::vector<const Graded*> sorted;
  for (const auto& one : card.graded) sorted.push_back(&one);
  std::ranges::stable_sort(sorted, std::ranges::less(), &Graded::mean_points);
  const auto faulty = static_cast<std::size_t>(std::ranges::count_if(
      sorted, [](const Graded* one) { return one->mean_points() < kMostPoints; }));
  const std::size_t worst = std::min(kShown, faulty);
  const std::size_t best = std::min(kShown, sorted.size() - worst);
  std::string html = "<section class=\"worst\"><h2 id=\"worst\">Worst answers</h2>\n";
  for (std::size_t n = 0; n < worst; ++n) html += answer_of(*sorted[n]);
  if (worst == 0) html += "<p>No answer has a fault that a rule can see.</p>\n";
  html += "</section>\n<section><h2 id=\"best\">Best answers</h2>\n";
  for (std::size_t n = 0; n < best; ++n) html += answer_of(*sorted[sorted.size() - 1 - n]);
  return html + "</section>\n";
}

std::string judges_of(const Panel& panel) {
  constexpr std::uint64_t kSeed = 1;
  std::string html = "<table><tr><th>judge</th>";
  for (const auto dimension : all_dimensions())
    html += fmt::format("<th>{}</th>", print(dimension));
  html += "<th>unreadable</th></tr>\n";
  for (const auto& judge : panel.judges) {
    const Scores scores{.dimensions = judge.means(kSeed)};
    html += fmt::format("<tr><td>{}</td>", escaped(judge.judge));
    for (const auto dimension : all_dimensions()) html += cell_of(scores, dimension);
    html += fmt::format("<td>{} of {}</td></tr>\n", judge.unreadable, judge.of);
  }
  const auto kappas = [&html](std::string_view name, const std::map<Dimension, double>& values) {
    html += fmt::format("<tr><td>{}</td>", name);
    for (const auto& [dimension, kappa] : values) html += fmt::format("<td>{:.2f}</td>", kappa);
    html += "<td></td></tr>\n";
  };
  kappas("agreement of the judges (kappa)", panel.agreement);
  kappas("agreement with the rules (kappa)", panel.with_rules);
  return html + "</table>\n";
}

// A difference as a bar from end to end of its interval, over a line at zero.
std::string whisker_of(const Interval& difference) {
  constexpr double kWidth = 160, kMost = kMostPoints - 1;
  const auto x = [](double value) {
    return kWidth / 2 * (1 + std::clamp(value / kMost, -1.0, 1.0));
  };
  return fmt::format(
      "<svg role=\"img\" width=\"160\" height=\"16\" viewBox=\"0 0 160 16\"><title>{0:+.2f} to "
      "{1:+.2f}</title><line x1=\"80\" y1=\"0\" x2=\"80\" y2=\"16\" style=\"stroke:#aaa\"/>"
      "<line x1=\"{2:.1f}\" y1=\"8\" x2=\"{3:.1f}\" y2=\"8\" "
      "style=\"stroke:#0072b2;stroke-width:3\"/><circle cx=\"{4:.1f}\" cy=\"8\" r=\"4\" "
      "style=\"fill:#d55e00\"/></svg>",
      difference.low, difference.high, x(difference.low), x(difference.high), x(difference.mean));
}

std::string difference_row(std::string_view name, const Interval& difference) {
  const std::string_view verdict = difference.low > 0    ? "better"
                                   : difference.high < 0 ? "worse"
                                                         : "not surely different";
  return fmt::format(
      "<tr><td>{}</td><td>{:+.2f}<small>{:+.2f} to {:+.2f}</small></td><td>{}</td>"
      "<td class=\"word {}\">{}</td></tr>\n",
      name, difference.mean, difference.low, difference.high, whisker_of(difference),
      verdict.substr(0, verdict.find(' ')), verdict);
}

std::string compared_of(const Compared& compared) {
  std::string html;
  for (const auto& pair : compared.pairs) {
    html += fmt::format(
        "<h3>{} against {}</h3>\n<p class=\"by\">{} questions that both answered.</p>\n<table>"
        "<tr><th>dimension</th><th>difference</th><th></th><th></th></tr>\n",
        escaped(compared.candidates[pair.b].name), escaped(compared.candidates[pair.a].name),
        pair.common);
    for (const auto& [dimension, difference] : pair.difference)
      html += difference_row(print(dimension), difference);
    html += difference_row("all", pair.all) + "</table>\n";
  }
  html +=
      "<h3>Cost and league</h3><table><tr><th>candidate</th><th>s per answer</th><th>tokens per "
      "answer</th><th>strength</th></tr>\n";
  for (std::size_t n = 0; n < compared.candidates.size(); ++n) {
    const auto& one = compared.candidates[n];
    html += fmt::format("<tr><td>{}</td><td>{:.3f}</td><td>{:.1f}</td>", escaped(one.name),
                        one.seconds_per_answer, one.tokens_per_answer);
    html +=
        compared.league.empty()
            ? "<td>-</td></tr>\n"
            : fmt::format("<td>{:.2f}<small>{:.2f} to {:.2f}</small></td></tr>\n",
                          compared.league[n].mean, compared.league[n].low, compared.league[n].high);
  }
  return html + "</table>\n";
}

}  // namespace

std::string html_of(const Scorecard& card, std::string_view title, const Beside& beside) {
  std::string html = fmt::format(fmt::runtime(kHead), escaped(title));
  html += fmt::format(
      "<p class=\"by\">{} interviews with {} answers, answered by {}, asked by {}, scored by "
      "rules. "
      "Points go from 1 to {}; small figures are 95&nbsp;% intervals.</p>\n",
      card.graded.size(), card.answers, escaped(card.answered_by), escaped(card.asked_by),
      kMostPoints);
  html +=
      "<nav><a href=\"#characters\">Characters</a><a href=\"#worst\">Worst answers</a>"
      "<a href=\"#best\">Best answers</a></nav>\n<div class=\"charts\"><figure>" +
      radar_of(card.all) +
      "<figcaption>Means; the band is their 95&nbsp;% interval.</figcaption></figure>\n"
      "<figure>" +
      spreads_of(card) +
      "<figcaption>How many interviews have so many points.</figcaption></figure></div>\n";
  html += "<h2 id=\"characters\">Characters</h2>\n" + table_of(card);
  if (beside.since != nullptr)
    html += "<h2>Since the run before</h2>\n" + compared_of(*beside.since);
  if (beside.compared != nullptr) html += "<h2>Candidates</h2>\n" + compared_of(*beside.compared);
  if (beside.panel != nullptr) html += "<h2>Judges</h2>\n" + judges_of(*beside.panel);
  return html + answers_of(card) + "</body></html>\n";
}

}  // namespace dramatis::study
