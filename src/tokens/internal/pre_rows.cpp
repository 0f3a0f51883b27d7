// The table, and the look-up by name.
#include "tokens/internal/pre_rows.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "text/utf8.h"

namespace dramatis::tokens::internal {

// Of the published GPT-2 encoder.
constexpr std::string_view kGpt2Words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::string_view kPunctuationRuns = R"([\p{P}$+<=>^`|~]+)";

namespace {

// Of the models' tokenizer.json.
constexpr std::string_view kLlama3Words =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen2Words =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kTekkenWords =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
// U+0800 to the end of CJK, and Hangul.
constexpr std::string_view kEastern = R"([\x{4e00}-\x{9fa5}\x{800}-\x{4e00}\x{ac00}-\x{d7ff}]+)";
// The cased letters of DeepSeek LLM's own list, which is shorter than Unicode's today: neither
// small Armenian nor Georgian's everyday letters are in it.
constexpr std::string_view kDeepSeekLetters =
    R"(\s?[A-Za-z\x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1ba}\x{1bc}-\x{1bf}\x{1c4}-\x{293})"
    R"(\x{295}-\x{2af}\x{370}-\x{373}\x{376}\x{377}\x{37b}-\x{37d}\x{37f}\x{386}\x{388}-\x{38a})"
    R"(\x{38c}\x{38e}-\x{3a1}\x{3a3}-\x{3f5}\x{3f7}-\x{481}\x{48a}-\x{52f}\x{531}-\x{556})"
    R"(\x{10a0}-\x{10c5}\x{13a0}-\x{13f5}\x{13f8}-\x{13fd}\x{1c90}-\x{1cba}\x{1cbd}-\x{1cbf})"
    R"(\x{1d00}-\x{1d2b}\x{1d6b}-\x{1d77}\x{1d79}-\x{1d9a}\x{1e00}-\x{1f15}\x{1f18}-\x{1f1d})"
    R"(\x{1f20}-\x{1f45}\x{1f48}-\x{1f4d}\x{1f50}-\x{1f57}\x{1f59}\x{1f5b}\x{1f5d})"
    R"(\x{1f5f}-\x{1f7d}\x{1f80}-\x{1fb4}\x{1fb6}-\x{1fbc}\x{1fbe}\x{1fc2}-\x{1fc4})"
    R"(\x{1fc6}-\x{1fcc}\x{1fd0}-\x{1fd3}\x{1fd6}-\x{1fdb}\x{1fe0}-\x{1fec}\x{1ff2}-\x{1ff4})"
    R"(\x{1ff6}-\x{1ffc}\x{2102}\x{2107}\x{210a}-\x{2113}\x{2115}\x{2119}-\x{211d}\x{2124})"
    R"(\x{2126}\x{2128}\x{212a}-\x{212d}\x{212f}-\x{2134}\x{2139}\x{213c}-\x{213f})"
    R"(\x{2145}-\x{2149}\x{214e}\x{2183}\x{2184}\x{2c00}-\x{2c7b}\x{2c7e}-\x{2ce4})"
    R"(\x{2ceb}-\x{2cee}\x{2cf2}\x{2cf3}\x{a640}-\x{a66d}\x{a680}-\x{a69b}\x{a722}-\x{a76f})"
    R"(\x{a771}-\x{a787}\x{a78b}-\x{a78e}\x{ab70}-\x{abbf}\x{fb00}-\x{fb06}\x{fb13}-\x{fb17})"
    R"(\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}\x{10400}-\x{1044f}\x{104b0}-\x{104d3})"
    R"(\x{104d8}-\x{104fb}\x{10c80}-\x{10cb2}\x{10cc0}-\x{10cf2}\x{118a0}-\x{118df})"
    R"(\x{1e900}-\x{1e943}]+)";
// ASCII's punctuation, full width's, and general.
constexpr std::string_view kDeepSeekMarks =
    R"(\s?[!-/:-~\x{ff01}-\x{ff0f}\x{ff1a}-\x{ff5e}\x{2018}-\x{201f}\x{3000}-\x{3002}]+)";

constexpr std::array<PreRow, 9> kRows = {{
    {.names = {"gpt-2", "phi-2", "mpt", "olmo", "jais"}, .stages = {kGpt2Words}},
    // What readers of GGUF take where a file names nothing better.
    {.names = {"default"},
     .stages = {R"([\p{P}$+<=>^~|]+)", kGpt2Words, R"(\p{N}+)", R"([0-9][0-9][0-9])"}},
    {.names = {"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone"},
     .stages = {R"(\p{N})", kGpt2Words}},
    {.names = {"llama-bpe", "llama3", "llama-v3", "falcon3", "lfm2"},
     .stages = {kLlama3Words},
     .takes_words = true,
     .begins_texts = true},
    {.names = {"qwen2", "deepseek-r1-qwen", "stablelm2"}, .stages = {kQwen2Words}},
    {.names = {"tekken"}, .stages = {kTekkenWords}, .takes_words = true, .begins_texts = true},
    {.names = {"deepseek-llm"},
     .stages = {R"([\r\n])", kDeepSeekLetters, kDeepSeekMarks, R"(\s+$)", kEastern, R"(\p{N})"}},
    {.names = {"deepseek-coder"},
     .stages = {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)", kEastern, R"(\p{N})"}},
    {.names = {"falcon"},
     .stages = {kPunctuationRuns, kGpt2Words, R"(\p{N}+)", R"([0-9][0-9][0-9])"}},
}};

}  // namespace

std::span<const PreRow> pre_rows() {
  return kRows;
}

const PreRow* find_pre_row(std::string_view name) {
  const auto row = std::ranges::find_if(kRows, [name](const PreRow& candidate) {
    return !name.empty() && std::ranges::find(candidate.names, name) != candidate.names.end();
  });
  return row == kRows.end() ? nullptr : &*row;
}

std::string known_pre_names() {
  std::string names;
  for (const PreRow& row : kRows) {
    for (const auto name : row.names) {
      if (!name.empty()) names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", name);
    }
  }
  return names;
}

std::string spelled_out(std::string_view stage) {
  std::string out;
  while (!stage.empty()) {
    const auto end = stage.find('}');
    if (stage.starts_with("\\x{") && end != std::string_view::npos) {
      unsigned value = 0;
      std::from_chars(stage.data() + 3, stage.data() + end, value, 16);
      text::append_utf8(value, out);
      stage.remove_prefix(end + 1);
    } else if (stage.starts_with("\\r") || stage.starts_with("\\n")) {
      out += stage[1] == 'r' ? '\r' : '\n';
      stage.remove_prefix(2);
    } else {
      const std::size_t length = stage.front() == '\\' && stage.size() > 1 ? 2 : 1;
      out += stage.substr(0, length);
      stage.remove_prefix(length);
    }
  }
  return out;
}

}  // namespace dramatis::tokens::internal
