// Records of journals, read and printed.
#include "dataset/record.h"

#include <fmt/format.h>

namespace dramatis::dataset {

using text::Json;
using text::JsonArray;
using text::JsonObject;

namespace {

Status count_in(const Json& record, std::string_view list, std::string_view key,
                std::string_view text, std::map<std::string, LeftOut>& counts) {
  const Json* const found = record.find(list);
  if (found == nullptr || found->as_array() == nullptr)
    return fail(ErrorCode::kCorrupt, fmt::format("A record has no list '{}'.", list));
  for (const auto& one : *found->as_array()) {
    LeftOut& left = counts[text_in(one, key)];
    ++left.count;
    if (left.examples.size() < kExamplesShown) left.examples.push_back(text_in(one, text));
  }
  return {};
}

}  // namespace

JsonArray json_of(const std::vector<Drop>& drops) {
  JsonArray printed;
  for (const auto& drop : drops)
    printed.push_back(
        JsonObject{{"reason", std::string(name_of(drop.reason))}, {"text", drop.text}});
  return printed;
}

JsonArray json_of(const std::vector<Refusal>& refusals) {
  JsonArray printed;
  for (const auto& refusal : refusals)
    printed.push_back(
        JsonObject{{"gate", refusal.gate}, {"reason", refusal.reason}, {"answer", refusal.answer}});
  return printed;
}

Result<std::optional<std::int64_t>> item_of(const Json& record) {
  const Json* const item = record.find("item");
  if (item == nullptr) return std::optional<std::int64_t>();
  if (item->as_int() == nullptr || *item->as_int() < 0)
    return fail(ErrorCode::kCorrupt, "An item of the journal has no number.");
  return std::optional<std::int64_t>(*item->as_int());
}

std::string text_in(const Json& record, std::string_view name) {
  const Json* const found = record.find(name);
  return found == nullptr || found->as_string() == nullptr ? std::string() : *found->as_string();
}

std::vector<std::string> list_in(const Json& record, std::string_view name) {
  std::vector<std::string> list;
  const Json* const found = record.find(name);
  if (found == nullptr || found->as_array() == nullptr) return list;
  for (const auto& one : *found->as_array()) {
    if (one.as_string() != nullptr) list.push_back(*one.as_string());
  }
  return list;
}

Result<LeftOuts> count_left_out(const std::vector<Json>& records) {
  LeftOuts left;
  for (const auto& record : records) {
    if (record.find("item") == nullptr) continue;
    DRAMATIS_DO(count_in(record, "drops", "reason", "text", left.drops));
    DRAMATIS_DO(count_in(record, "refusals", "gate", "answer", left.refusals));
  }
  return left;
}

Result<std::map<std::string, std::size_t>> count_drops(const std::vector<Json>& records) {
  DRAMATIS_TRY(const auto left, count_left_out(records));
  std::map<std::string, std::size_t> counts;
  for (const auto* some : {&left.drops, &left.refusals}) {
    for (const auto& [reason, one] : *some) counts[reason] += one.count;
  }
  return counts;
}

}  // namespace dramatis::dataset
