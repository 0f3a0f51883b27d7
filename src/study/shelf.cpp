// Two files for each report.
#include "study/shelf.h"

#include <algorithm>
#include <chrono>
#include <system_error>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/files.h"
#include "study/limits.h"
#include "text/json_file.h"

namespace dramatis::study {
namespace {

Error no_such_report() {
  return {ErrorCode::kNotFound, "There is no such report."};
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

bool is_report_id(std::string_view id) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !id.empty() && id.size() <= kMaxReportIdBytes && std::ranges::all_of(id, fits);
}

std::string slug_of(std::string_view name) {
  std::string slug;
  for (const char c : name.substr(0, kMaxReportIdBytes / 2)) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool fits = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9');
    if (fits) slug += low;
    if (!fits && !slug.empty() && slug.back() != '-') slug += '-';
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "unnamed" : slug;
}

std::string report_id(Instant made, std::string_view name) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(made.time_since_epoch()).count();
  return fmt::format("{:%Y%m%dt%H%M%S}-{}", fmt::gmtime(seconds), slug_of(name));
}

Status Shelf::keep(std::string_view id, std::string_view title, Instant made,
                   const text::JsonObject& report, std::string_view html) const {
  if (!is_report_id(id)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is no name of a report; one has lower-case letters, digits and "
                            "hyphens.",
                            id));
  }
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  if (failed) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} cannot be made: {}.", folder_.string(), failed.message()));
  }
  text::JsonObject whole{
      {"id", id}, {"title", title}, {"made_ms", made.time_since_epoch().count()}};
  whole.insert(whole.end(), report.begin(), report.end());
  const std::string json = text::print_json(whole) + "\n";
  if (json.size() > kMaxReportBytes || html.size() > kMaxReportBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The report has {} bytes; at most {} are kept.",
                            std::max(json.size(), html.size()), kMaxReportBytes));
  }
  DRAMATIS_DO(write_file(page_of(id), bytes_of(html)));
  return write_file(folder_ / fmt::format("{}.json", id), bytes_of(json));
}

Result<std::vector<std::string>> Shelf::list() const {
  std::vector<std::string> ids;
  std::error_code failed;
  std::filesystem::directory_iterator entry(folder_, failed);
  if (failed == std::errc::no_such_file_or_directory) return ids;
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    const auto& path = entry->path();
    if (path.extension() == ".json" && is_report_id(path.stem().string()))
      ids.push_back(path.stem().string());
  }
  if (failed) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} cannot be read: {}.", folder_.string(), failed.message()));
  }
  std::ranges::sort(ids, std::ranges::greater());
  ids.resize(std::min(ids.size(), kMaxReportsListed));
  return ids;
}

Result<text::Json> Shelf::read(std::string_view id) const {
  if (!is_report_id(id)) return tl::unexpected(no_such_report());
  const auto path = folder_ / fmt::format("{}.json", id);
  auto bytes = read_text_file(path, kMaxReportBytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) return tl::unexpected(no_such_report());
  if (!bytes) return tl::unexpected(bytes.error());
  DRAMATIS_TRY(auto json, text::parse_json_file(*bytes, path.string(), kMaxReportBytes));
  if (json.find("title") == nullptr || json.find("title")->as_string() == nullptr)
    return fail(ErrorCode::kCorrupt, fmt::format("{} is no report.", path.string()));
  return json;
}

Result<std::string> Shelf::read_page(std::string_view id) const {
  if (!is_report_id(id)) return tl::unexpected(no_such_report());
  auto bytes = read_text_file(page_of(id), kMaxReportBytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) return tl::unexpected(no_such_report());
  return bytes;
}

std::filesystem::path Shelf::page_of(std::string_view id) const {
  return folder_ / fmt::format("{}.html", id);
}

}  // namespace dramatis::study
