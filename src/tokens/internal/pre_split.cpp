// The table of pre-tokenizers. Each pattern in turn cuts every stretch that the one before it left
// into its matches and what lies between them.
#include "tokens/internal/pre_split.h"

#include <array>
#include <span>
#include <string>

#include <fmt/format.h>

#include "tokens/internal/check_tables.h"

namespace dramatis::tokens::internal {
namespace {

struct Row {
  std::string_view name;  // of tokenizer.ggml.pre
  std::array<std::string_view, 6> patterns;
};

// Of the published GPT-2 encoder.
constexpr std::string_view kGpt2Words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|[\s]+(?![^\s])|[\s]+)";

// Here \s stands only between brackets: it becomes Unicode's White_Space. PCRE2's own \s also has
// U+180E, which the models' tokenizers do not count as a space.
constexpr std::string_view kWhiteSpace =
    R"(\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";

constexpr std::array<Row, 3> kRows = {{
    {"gpt-2", {kGpt2Words}},
    // What readers of GGUF take where a file names nothing better.
    {"default", {R"([\p{P}$+<=>^~|]+)", kGpt2Words, R"(\p{N}+)", R"([0-9][0-9][0-9])"}},
    // Cased letters; punctuation, ASCII, full width and general; the end's spaces, once (the
    // lookbehind keeps long runs of spaces linear); U+0800 to CJK, and Hangul; numbers.
    {"deepseek-llm",
     {R"([\r\n])", R"([\s]?\p{L&}+)",
      R"([\s]?[!-/:-~\x{ff01}-\x{ff0f}\x{ff1a}-\x{ff5e}\x{2018}-\x{201f}\x{3000}-\x{3002}]+)",
      R"((?<![\s])[\s]++\z)", R"([\x{800}-\x{9fa5}\x{ac00}-\x{d7ff}]+)", R"(\p{N}+)"}},
}};

std::string with_white_space(std::string_view pattern) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern.substr(at, 2) == "\\s") {
      out += kWhiteSpace;
      ++at;
    } else {
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
  std::string names;
  for (const Row& row : kRows) {
    if (row.name != pre) {
      names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", row.name);
      continue;
    }
    PreSplit split;
    for (const auto pattern : row.patterns) {
      if (pattern.empty()) break;
      DRAMATIS_TRY(auto stage, text::Regex::compile(with_white_space(pattern)));
      split.stages_.push_back(std::move(stage));
    }
    return split;
  }
  return fail(
      ErrorCode::kUnsupported,
      fmt::format("The vocabulary's pre-tokenizer (tokenizer.ggml.pre) is {}; known are {}.",
                  shown(pre), names));
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
