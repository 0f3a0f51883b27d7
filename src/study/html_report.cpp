// A scorecard -> one page with its charts drawn in SVG.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

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
.answer {{ border-left: 4px solid #0072b2; padding: .1rem 0 .1rem .8rem; margin: .8rem 0;
           break-inside: avoid; }}
.worst .answer {{ border-left: 4px double #d55e00; }}
.answer p {{ margin: .15rem 0; }} .answer .why {{ color: #555; font-size: .85rem; }}
@media print {{ body {{ margin: 0; max-width: none; }} }}
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
  return svg + "</svg>\n";
}

// How many interviews got about so many points: seven bars.
std::string bars_of(const Scorecard& card) {
  std::array<std::size_t, kMostPoints> counts{};
  for (const auto& one : card.graded) {
    const auto bar = static_cast<std::size_t>(std::lround(one.mean_points())) - 1;
    ++counts[std::min<std::size_t>(bar, kMostPoints - 1)];
  }
  const auto most = std::max<std::size_t>(1, *std::ranges::max_element(counts));
  std::string svg =
      "<svg role=\"img\" width=\"360\" height=\"250\" viewBox=\"0 0 360 250\">\n"
      "<title>Interviews by their mean points</title>\n"
      "<line x1=\"10\" y1=\"210\" x2=\"350\" y2=\"210\" style=\"stroke:#555\"/>\n";
  for (std::size_t n = 0; n < counts.size(); ++n) {
    const double height = 170.0 * static_cast<double>(counts[n]) / static_cast<double>(most);
    const double x = 15 + 48.0 * static_cast<double>(n);
    svg += fmt::format(
        "<rect x=\"{:.0f}\" y=\"{:.1f}\" width=\"38\" height=\"{:.1f}\" "
        "style=\"fill:#0072b2\"/>\n",
        x, 210 - height, height);
    svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", x + 19,
                       204 - height, counts[n]);
    svg += fmt::format("<text x=\"{:.0f}\" y=\"228\" text-anchor=\"middle\">{}</text>\n", x + 19,
                       n + 1);
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
  return html + "</p></div>\n";
}

std::string answers_of(const Scorecard& card) {
  std::vector<const Graded*> sorted;
  for (const auto& one : card.graded) sorted.push_back(&one);
  std::ranges::stable_sort(sorted, std::ranges::less(), &Graded::mean_points);
  const std::size_t count = std::min(kShown, sorted.size());
  std::string html = "<section class=\"worst\"><h2>Worst answers</h2>\n";
  for (std::size_t n = 0; n < count; ++n) html += answer_of(*sorted[n]);
  html += "</section>\n<section><h2>Best answers</h2>\n";
  for (std::size_t n = 0; n < count; ++n) html += answer_of(*sorted[sorted.size() - 1 - n]);
  return html + "</section>\n";
}

}  // namespace

std::string html_of(const Scorecard& card, std::string_view title) {
  std::string html = fmt::format(fmt::runtime(kHead), escaped(title));
  html += fmt::format(
      "<p class=\"by\">{} interviews, answered by {}, asked by {}, scored by rules. "
      "Points go from 1 to {}; small figures are 95&nbsp;% intervals.</p>\n",
      card.graded.size(), escaped(card.answered_by), escaped(card.asked_by), kMostPoints);
  html +=
      "<div class=\"charts\"><figure>" + radar_of(card.all) +
      "<figcaption>Means; the band is their 95&nbsp;% interval.</figcaption></figure>\n"
      "<figure>" +
      bars_of(card) +
      "<figcaption>How many interviews have about so many points.</figcaption></figure></div>\n";
  html += "<h2>Characters</h2>\n" + table_of(card) + answers_of(card);
  return html + "</body></html>\n";
}

}  // namespace dramatis::study
