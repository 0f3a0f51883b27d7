// What the records of all journals have in common: an item's number, and what was left out on the
// way to it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dataset/gates.h"
#include "dataset/paragraphs.h"
#include "text/json.h"

namespace dramatis::dataset {

// [{"reason","text"}] and [{"gate","reason","answer"}]
[[nodiscard]] text::JsonArray json_of(const std::vector<Drop>& drops);
[[nodiscard]] text::JsonArray json_of(const std::vector<Refusal>& refusals);

// The number of the record's item; nothing for the head. Errors: kCorrupt where it is none.
[[nodiscard]] Result<std::optional<std::int64_t>> item_of(const text::Json& record);

// A member that is a text, or a list of texts; empty where it is not.
[[nodiscard]] std::string text_in(const text::Json& record, std::string_view name);
[[nodiscard]] std::vector<std::string> list_in(const text::Json& record, std::string_view name);

// Texts of one reason or gate: how many, and the first few.
struct LeftOut {
  std::size_t count = 0;
  std::vector<std::string> examples{};
};
constexpr std::size_t kExamplesShown = 3;

// All that was dropped and refused on the way, by reason and by gate; every text that a model wrote
// is part of a record or counted here. Errors: kCorrupt for an item without the lists.
struct LeftOuts {
  std::map<std::string, LeftOut> drops{};
  std::map<std::string, LeftOut> refusals{};
};
[[nodiscard]] Result<LeftOuts> count_left_out(const std::vector<text::Json>& records);

// The same as one table of numbers.
[[nodiscard]] Result<std::map<std::string, std::size_t>> count_drops(
    const std::vector<text::Json>& records);

}  // namespace dramatis::dataset
