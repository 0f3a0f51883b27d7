// Patterns of the table, put into PCRE2's words and cut along.
#include "tokens/internal/pre_split.h"

#include <string>

#include <fmt/format.h>

#include "tokens/internal/check_tables.h"
#include "tokens/internal/pre_rows.h"

namespace dramatis::tokens::internal {
namespace {

// Unicode's White_Space, as the models' tokenizers have it. PCRE2's own \s also has U+180E.
constexpr std::string_view kWhiteSpace =
    R"(\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";

// The end's spaces are cut off once, where they begin: else a long run of spaces would take the
// square of its length.
constexpr std::string_view kEndSpaces = R"(\s+$)";
constexpr std::string_view kEndSpacesOnce = R"((?<!\s)\s++\z)";

// Without \S between brackets, which no row has.
std::string with_white_space(std::string_view pattern) {
  std::string out;
  bool in_brackets = false;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const auto pair = pattern.substr(at, 2);
    if (pair == "\\s" || pair == "\\S") {
      out += in_brackets ? std::string(kWhiteSpace)
                         : fmt::format("[{}{}]", pair == "\\S" ? "^" : "", kWhiteSpace);
      ++at;
    } else if (pattern[at] == '\\') {
      out += pair;
      ++at;
    } else {
      if (pattern[at] == '[') in_brackets = true;
      if (pattern[at] == ']') in_brackets = false;
      out += pattern[at];
    }
  }
  return out;
}

Status cut(const text::Regex& pattern, std::string_view stretch,
           std::vector<std::string_view>& out) {
  std::size_t at = 0;
  while (at < stretch.size()) {
    DRAMATIS_TRY(const auto match, pattern.find(stretch, at));
    if (!match || match->length == 0) break;
    if (match->first > at) out.push_back(stretch.substr(at, match->first - at));
    out.push_back(stretch.substr(match->first, match->length));
    at = match->first + match->length;
  }
  if (at < stretch.size()) out.push_back(stretch.substr(at));
  return {};
}

}  // namespace

Result<PreSplit> PreSplit::named(std::string_view pre) {
  const PreRow* row = find_pre_row(pre);
  if (row == nullptr) {
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("The vocabulary's pre-tokenizer (tokenizer.ggml.pre) is {}; known are {}.",
                    shown(pre), known_pre_names()));
  }
  PreSplit split;
  for (const auto stage : row->stages) {
    if (stage.empty()) break;
    DRAMATIS_TRY(
        auto compiled,
        text::Regex::compile(with_white_space(stage == kEndSpaces ? kEndSpacesOnce : stage)));
    split.stages_.push_back(std::move(compiled));
  }
  return split;
}

Result<std::vector<std::string_view>> PreSplit::split(std::string_view text) const {
  std::vector<std::string_view> stretches{text};
  for (const auto& stage : stages_) {
    std::vector<std::string_view> finer;
    finer.reserve(stretches.size() + text.size() / 4);
    for (const auto stretch : stretches) DRAMATIS_DO(cut(stage, stretch, finer));
    stretches = std::move(finer);
  }
  return stretches;
}

}  // namespace dramatis::tokens::internal
