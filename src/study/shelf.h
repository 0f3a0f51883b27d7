// Reports in a folder: each as JSON for programs and as a page for people.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "text/json.h"

namespace dramatis::study {

// Immutable; thread-safe. Several programs may use one folder.
class Shelf {
 public:
  explicit Shelf(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Keeps `id`.json and `id`.html, in place of what was there; the folder is made where there is
  // none. The JSON gets the members "id", "title" and "made_ms" first. Errors: kInvalidArgument for
  // an id that is none, kOverBudget, kUnavailable.
  [[nodiscard]] Status keep(std::string_view id, std::string_view title, Instant made,
                            const text::JsonObject& report, std::string_view html) const;
  // The ids, newest first, at most kMaxReportsListed; none where there is no folder.
  [[nodiscard]] Result<std::vector<std::string>> list() const;
  // Errors: kNotFound; kCorrupt for what is no report of ours.
  [[nodiscard]] Result<text::Json> read(std::string_view id) const;
  [[nodiscard]] Result<std::string> read_page(std::string_view id) const;
  [[nodiscard]] std::filesystem::path page_of(std::string_view id) const;

 private:
  std::filesystem::path folder_;
};

// "Hearth: Ida!" -> "hearth-ida": what is no letter of an id becomes a hyphen; "unnamed" where
// nothing is left.
[[nodiscard]] std::string slug_of(std::string_view name);
// "20261121t184500-hearth-orlando".
[[nodiscard]] std::string report_id(Instant made, std::string_view name);
// Lower-case letters, digits and hyphens, at most kMaxReportIdBytes: nothing else is ever a path.
[[nodiscard]] bool is_report_id(std::string_view id);

}  // namespace dramatis::study
