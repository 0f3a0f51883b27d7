// One card in all its shapes.
#include "outcome.h"

#include <fmt/format.h>

#include "holding.h"
#include "places.h"
#include "studio.h"
#include "study/shelf.h"
#include "text/json.h"

namespace dramatis::app {
namespace {

constexpr std::uint64_t kIntervalSeed = 1;

text::JsonObject document_of(const Outcome& outcome) {
  text::JsonObject document = study::json_of(outcome.card);
  document.emplace_back("took_seconds", outcome.took.count());
  document.emplace_back("peak_memory_bytes", peak_memory());
  if (outcome.panel != nullptr)
    document.emplace_back("judged", study::json_of(*outcome.panel, kIntervalSeed));
  if (outcome.since != nullptr) document.emplace_back("since", study::json_of(*outcome.since));
  if (outcome.compared != nullptr)
    document.emplace_back("compared", study::json_of(*outcome.compared));
  return document;
}

void print_tables(const Outcome& outcome) {
  print_card(outcome.card);
  if (outcome.panel != nullptr) print_panel(*outcome.panel);
  if (outcome.since != nullptr) print_compared(*outcome.since);
  if (outcome.compared != nullptr) print_compared(*outcome.compared);
  fmt::print("It took {}.\n", print_time_span(outcome.took));
}

void tell_missed(const Outcome& outcome, const std::vector<study::Threshold>& missed) {
  for (const auto& threshold : missed) {
    const auto found = outcome.card.all.dimensions.find(threshold.dimension);
    const std::string got = found == outcome.card.all.dimensions.end()
                                ? "no points"
                                : fmt::format("{:.2f} ({:.2f} to {:.2f})", found->second.mean,
                                              found->second.low, found->second.high);
    fmt::print(stderr, "{}: {}, at least {} is wanted.\n", study::print(threshold.dimension), got,
               threshold.least);
  }
}

}  // namespace

Result<std::vector<study::Threshold>> thresholds_of(const std::vector<std::string>& typed) {
  std::vector<study::Threshold> thresholds;
  for (const auto& text : typed) {
    DRAMATIS_TRY(const auto threshold, study::parse_threshold(text));
    thresholds.push_back(threshold);
  }
  return thresholds;
}

Result<int> deliver(const Outcome& outcome, const Delivery& where) {
  const auto document = document_of(outcome);
  const std::string html = study::html_of(
      outcome.card, outcome.title,
      {.panel = outcome.panel, .since = outcome.since, .compared = outcome.compared});
  const std::string json = text::print_json(document) + "\n";
  if (!where.out.empty()) DRAMATIS_DO(write_text(where.out, json));
  if (!where.html.empty()) DRAMATIS_DO(write_text(where.html, html));
  if (!where.junit.empty())
    DRAMATIS_DO(write_text(where.junit, study::junit_of(outcome.card, outcome.thresholds)));
  const study::Shelf shelf(report_folder());
  const std::string id = study::report_id(where.made, outcome.title);
  const auto kept = shelf.keep(id, outcome.title, where.made, document, html);
  if (where.output == Output::kJson) {
    fmt::print("{}", json);
  } else {
    print_tables(outcome);
  }
  std::fflush(stdout);
  if (kept) {
    fmt::print(stderr, "The report is {}.\n", shelf.page_of(id).string());
  } else {
    fmt::print(stderr, "The report could not be kept: {}\n", kept.error().what);
  }
  const auto missed = study::missed(outcome.card, outcome.thresholds);
  tell_missed(outcome, missed);
  return missed.empty() ? 0 : kUnderThreshold;
}

}  // namespace dramatis::app
