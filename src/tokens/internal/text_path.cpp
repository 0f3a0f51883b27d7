// Collects what the parts do, then looks for the row that does the same.
#include "tokens/internal/text_path.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "tokens/internal/check_tables.h"
#include "tokens/internal/json_fields.h"
#include "tokens/internal/pre_rows.h"

namespace dramatis::tokens::internal {
namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581
constexpr std::string_view kNormalizer = "tokenizer.json: normalizer";
constexpr std::string_view kPreTokenizer = "tokenizer.json: pre_tokenizer";

struct Collected {
  std::vector<std::string> stages;  // patterns, spelled out
  bool is_byte_level = false;
  bool marks_spaces = false;  // " " becomes U+2581
  bool puts_space_first = false;
};

tl::unexpected<Error> unknown(std::string_view place, const text::Json& part,
                              std::string_view known) {
  return fail(ErrorCode::kUnsupported,
              fmt::format("{} has the part {}, which this build does not know; known are {}.",
                          place, shown(text::print_json(part)), known));
}

tl::unexpected<Error> unknown_normalizer(const text::Json& part) {
  return unknown(kNormalizer, part, "NFC, Prepend of U+2581, Replace of \" \" by U+2581, Sequence");
}

tl::unexpected<Error> unknown_pre_tokenizer(const text::Json& part) {
  return unknown(kPreTokenizer, part,
                 "ByteLevel without add_prefix_space, Split by Regex (Isolated), Digits, "
                 "Punctuation (Contiguous), Metaspace without split, Sequence");
}

// The text of `{"String": ...}` or `{"Regex": ...}`.
Result<std::optional<std::string>> pattern_of(const text::Json& part, std::string_view kind,
                                              std::string_view place) {
  const auto* pattern = part.find("pattern");
  if (pattern == nullptr) return std::optional<std::string>();
  return text_at(*pattern, kind, place);
}

Status collect_normalizer(const text::Json& part, Collected& all) {
  DRAMATIS_TRY(const auto type, text_at(part, "type", kNormalizer));
  if (type == "Sequence") {
    DRAMATIS_TRY(const auto* parts, array_at(part, "normalizers", kNormalizer));
    for (const auto& inner : *parts) DRAMATIS_DO(collect_normalizer(inner, all));
    return {};
  }
  if (type == "NFC") return {};
  if (type == "Prepend") {
    DRAMATIS_TRY(const auto prepended, text_at(part, "prepend", kNormalizer));
    if (prepended != kSpaceMark) return unknown_normalizer(part);
    all.puts_space_first = true;
    return {};
  }
  if (type != "Replace") return unknown_normalizer(part);
  DRAMATIS_TRY(const auto replaced, pattern_of(part, "String", kNormalizer));
  DRAMATIS_TRY(const auto content, text_at(part, "content", kNormalizer));
  if (replaced != " " || content != kSpaceMark) return unknown_normalizer(part);
  all.marks_spaces = true;
  return {};
}

Status collect_byte_level(const text::Json& part, Collected& all) {
  DRAMATIS_TRY(const auto spaced, truth_at(part, "add_prefix_space", kPreTokenizer));
  DRAMATIS_TRY(const auto cuts, truth_at(part, "use_regex", kPreTokenizer));
  if (spaced.value_or(true)) return unknown_pre_tokenizer(part);
  all.is_byte_level = true;
  if (cuts.value_or(true)) all.stages.push_back(spelled_out(kGpt2Words));
  return {};
}

Status collect_split(const text::Json& part, Collected& all) {
  DRAMATIS_TRY(const auto regex, pattern_of(part, "Regex", kPreTokenizer));
  DRAMATIS_TRY(const auto letters, pattern_of(part, "String", kPreTokenizer));
  DRAMATIS_TRY(const auto behavior, text_at(part, "behavior", kPreTokenizer));
  DRAMATIS_TRY(const auto inverted, truth_at(part, "invert", kPreTokenizer));
  // Gemma's cut at spaces, of which the normaliser left none.
  if (letters == " " && all.marks_spaces) return {};
  if (!regex || behavior != "Isolated" || inverted.value_or(false)) {
    return unknown_pre_tokenizer(part);
  }
  all.stages.push_back(spelled_out(*regex));
  return {};
}

Status collect_metaspace(const text::Json& part, Collected& all) {
  DRAMATIS_TRY(const auto mark, text_at(part, "replacement", kPreTokenizer));
  DRAMATIS_TRY(const auto scheme, text_at(part, "prepend_scheme", kPreTokenizer));
  DRAMATIS_TRY(const auto spaced, truth_at(part, "add_prefix_space", kPreTokenizer));
  DRAMATIS_TRY(const auto cuts, truth_at(part, "split", kPreTokenizer));
  const std::string when = scheme.value_or(spaced.value_or(true) ? "always" : "never");
  const bool is_known = when == "always" || when == "first" || when == "never";
  if (mark != kSpaceMark || cuts.value_or(true) || !is_known) return unknown_pre_tokenizer(part);
  all.marks_spaces = true;
  if (when != "never") all.puts_space_first = true;
  return {};
}

Status collect_pre_tokenizer(const text::Json& part, Collected& all) {
  DRAMATIS_TRY(const auto type, text_at(part, "type", kPreTokenizer));
  if (type == "Sequence") {
    DRAMATIS_TRY(const auto* parts, array_at(part, "pretokenizers", kPreTokenizer));
    for (const auto& inner : *parts) DRAMATIS_DO(collect_pre_tokenizer(inner, all));
    return {};
  }
  if (type == "ByteLevel") return collect_byte_level(part, all);
  if (type == "Split") return collect_split(part, all);
  if (type == "Metaspace") return collect_metaspace(part, all);
  if (type == "Digits") {
    DRAMATIS_TRY(const auto each, truth_at(part, "individual_digits", kPreTokenizer));
    all.stages.emplace_back(each.value_or(false) ? R"(\p{N})" : R"(\p{N}+)");
    return {};
  }
  DRAMATIS_TRY(const auto behavior, text_at(part, "behavior", kPreTokenizer));
  if (type != "Punctuation" || behavior != "Contiguous") return unknown_pre_tokenizer(part);
  all.stages.push_back(spelled_out(kPunctuationRuns));
  return {};
}

// How many of `stages` the row begins with; npos where it is the same list.
std::size_t common(const PreRow& row, const std::vector<std::string>& stages) {
  std::size_t n = 0;
  while (n < stages.size() && n < row.stages.size() && spelled_out(row.stages[n]) == stages[n]) {
    ++n;
  }
  const bool row_ends = n == row.stages.size() || row.stages[n].empty();
  return n == stages.size() && row_ends ? std::string::npos : n;
}

Result<std::string> find_row(const std::vector<std::string>& stages) {
  std::size_t nearest = 0;
  for (const PreRow& row : pre_rows()) {
    const auto n = common(row, stages);
    if (n == std::string::npos) return std::string(row.names.front());
    nearest = std::max(nearest, n);
  }
  if (nearest < stages.size()) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} cuts texts by {} at place {}, which is none of the patterns known "
                            "there; known are those of {}.",
                            kPreTokenizer, shown(stages[nearest]), nearest + 1, known_pre_names()));
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("{} has {} patterns, with which several families begin but none ends; "
                          "known are {}.",
                          kPreTokenizer, stages.size(), known_pre_names()));
}

}  // namespace

Result<TextPath> read_text_path(const text::Json& tokenizer) {
  Collected all;
  const auto* normalizer = tokenizer.find("normalizer");
  if (normalizer != nullptr && !normalizer->is_null()) {
    DRAMATIS_DO(collect_normalizer(*normalizer, all));
  }
  const auto* pre = tokenizer.find("pre_tokenizer");
  if (pre != nullptr && !pre->is_null()) DRAMATIS_DO(collect_pre_tokenizer(*pre, all));
  if (all.is_byte_level == all.marks_spaces) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} and {} must either have the part ByteLevel or mark spaces by "
                            "U+2581; this file has {}.",
                            kNormalizer, "pre_tokenizer", all.is_byte_level ? "both" : "neither"));
  }
  if (all.is_byte_level) {
    DRAMATIS_TRY(auto row, find_row(all.stages));
    return TextPath{.kind = "gpt2", .pre = std::move(row)};
  }
  if (!all.stages.empty()) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} cuts texts by {}, but spaces are marked by U+2581: known are only "
                            "vocabularies of that kind that merge over whole texts.",
                            kPreTokenizer, shown(all.stages.front())));
  }
  return TextPath{.kind = "llama", .puts_space_first = all.puts_space_first};
}

}  // namespace dramatis::tokens::internal
