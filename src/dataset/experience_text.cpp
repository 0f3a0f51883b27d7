// A model's script of a scene -> the experience that a character had in it.
#include "dataset/experience_text.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "dataset/words.h"

namespace dramatis::dataset {
namespace {

// A name of more words is a sentence.
constexpr std::size_t kMostNameWords = 5;

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}

// Who speaks and how, and what of their words stands in the same line.
struct Header {
  std::string speaker{};
  std::string manner{};
  bool marked = false;  // by a parenthesis or a colon
  std::string words{};
};

// Whether somebody may be called so: few words, no end of a sentence, and not all small letters.
bool is_name(std::string_view text) {
  if (text.empty() || count_words(text) > kMostNameWords) return false;
  if (text.find_first_of("!?;\"") != std::string_view::npos || text.ends_with('.')) return false;
  return !is_small(text.front());
}

bool all_capitals(std::string_view text) {
  return std::ranges::any_of(text, is_capital) && std::ranges::none_of(text, is_small);
}

// Without the marks that models put around a name.
std::string_view without_stars(std::string_view text) {
  const auto first = text.find_first_not_of("*_# \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of("*_# \t") + 1 - first);
}

// "Name (manner): words", any part but the name absent.
std::optional<Header> read_header(std::string_view line) {
  const auto colon = line.find(':');
  const auto opens = line.find('(');
  if (opens < colon) {
    const auto closes = line.find(')', opens);
    if (closes == std::string_view::npos) return std::nullopt;
    auto rest = without_stars(line.substr(closes + 1));
    if (!rest.empty() && rest.front() != ':') return std::nullopt;
    if (!rest.empty()) rest = without_stars(rest.substr(1));
    const auto speaker = without_stars(line.substr(0, opens));
    if (!is_name(speaker)) return std::nullopt;
    return Header{.speaker = std::string(speaker),
                  .manner = std::string(trimmed(line.substr(opens + 1, closes - opens - 1))),
                  .marked = true,
                  .words = std::string(trimmed(rest))};
  }
  const auto speaker = without_stars(line.substr(0, std::min(colon, line.size())));
  if (!is_name(speaker)) return std::nullopt;
  if (colon == std::string_view::npos) return Header{.speaker = std::string(speaker)};
  return Header{.speaker = std::string(speaker),
                .marked = true,
                .words = std::string(trimmed(line.substr(colon + 1)))};
}

// "Name (manner): words" in one line, which leaves no doubt.
bool is_whole_line(const Header& header) {
  return header.marked && !header.manner.empty() && !header.words.empty();
}

// Without what stands in parentheses; the spaces around it stay.
std::string without_asides(std::string_view words, std::size_t& asides) {
  std::string kept;
  while (!words.empty()) {
    const auto opens = words.find('(');
    const auto closes = words.find(')', opens);
    if (opens == std::string_view::npos || closes == std::string_view::npos) break;
    kept += words.substr(0, opens);
    words.remove_prefix(closes + 1);
    ++asides;
  }
  return kept.append(words);
}

class Reader {
 public:
  void read(const Paragraph& paragraph) {
    if (read_background(paragraph)) return;
    if (read_each_line(paragraph)) return;
    const auto header = read_header(paragraph.front());
    const bool speaks =
        header && (header->marked || (paragraph.size() > 1 && all_capitals(header->speaker)));
    const bool one_line_without_colon =
        paragraph.size() == 1 && paragraph.front().find(':') == std::string::npos;
    if (!speaks || one_line_without_colon) {
      if (wants_background()) {
        experience_.background = joined(paragraph);
        return;
      }
      drop(DropReason::kNoSpeaker, joined(paragraph));
      return;
    }
    std::string words = header->words;
    const auto below = joined(paragraph, 1);
    if (!words.empty() && !below.empty()) words += '\n';
    add({.speaker = header->speaker, .manner = header->manner, .words = words + below},
        joined(paragraph));
  }

  std::variant<Experience, Drop> finish(std::string_view text) && {
    const auto refuse = [&](DropReason reason) { return Drop{reason, std::string(text)}; };
    if (experience_.lines.empty()) return refuse(DropReason::kEmpty);
    if (experience_.lines.size() < kFewestLines) return refuse(DropReason::kTooShort);
    if (experience_.background.empty()) return refuse(DropReason::kNoBackground);
    return std::move(experience_);
  }

 private:
  [[nodiscard]] bool wants_background() const {
    return labelled_background_ && experience_.background.empty();
  }
  bool read_background(const Paragraph& paragraph) {
    for (std::size_t n = 0; n < paragraph.size(); ++n) {
      auto labelled = after_label(paragraph[n], "Background");
      if (!labelled.found) continue;
      if (n > 0)
        drop(DropReason::kProse,
             joined({paragraph.begin(), paragraph.begin() + static_cast<std::ptrdiff_t>(n)}));
      labelled_background_ = true;
      std::string text = std::move(labelled.rest);
      const auto below = joined(paragraph, n + 1);
      if (!text.empty() && !below.empty()) text += '\n';
      text += below;
      if (!experience_.background.empty() && !text.empty()) experience_.background += '\n';
      experience_.background += text;
      return true;
    }
    return false;
  }
  // Whether each line of the paragraph is somebody's.
  bool read_each_line(const Paragraph& paragraph) {
    if (paragraph.size() < 2) return false;
    std::vector<Header> headers;
    for (const auto& line : paragraph) {
      auto header = read_header(line);
      if (!header || !is_whole_line(*header)) return false;
      headers.push_back(std::move(*header));
    }
    for (std::size_t n = 0; n < headers.size(); ++n) {
      add({.speaker = std::move(headers[n].speaker),
           .manner = std::move(headers[n].manner),
           .words = std::move(headers[n].words)},
          paragraph[n]);
    }
    return true;
  }
  void add(ScriptLine line, const std::string& text) {
    const auto spoken = without_asides(line.words, experience_.asides);
    line.words = trimmed(without_quotes(trimmed(spoken)));
    if (line.words.empty()) return drop(DropReason::kNoWords, text);
    experience_.lines.push_back(std::move(line));
  }
  void drop(DropReason reason, std::string text) {
    experience_.drops.push_back({.reason = reason, .text = std::move(text)});
  }

  Experience experience_;
  bool labelled_background_ = false;
};

}  // namespace

bool ScriptLine::is_thought() const {
  std::string small = manner;
  std::ranges::transform(small, small.begin(), [](char c) {
    return is_capital(c) ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return small.find("think") != small.npos || small.find("thought") != small.npos;
}

std::variant<Experience, Drop> parse_experience(std::string_view text) {
  Reader reader;
  for (const auto& paragraph : paragraphs(text)) reader.read(paragraph);
  return std::move(reader).finish(text);
}

Result<std::vector<ScriptLine>> parse_performance(std::string_view reply, std::string_view name) {
  std::vector<ScriptLine> lines;
  std::string text = fmt::format("{} ({}", name, reply);
  std::string_view rest = text;
  while (!trimmed(rest).empty()) {
    const auto end = rest.find(kEndOfLine);
    const auto one = trimmed(rest.substr(0, end));
    rest.remove_prefix(
        std::min(end == rest.npos ? rest.size() : end + kEndOfLine.size(), rest.size()));
    const auto opens = one.find('(');
    const auto closes = one.find(')', std::min(opens, one.size()));
    const auto colon = one.find(':', std::min(closes, one.size()));
    if (colon == one.npos) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("A line is \"{}\"; it should be \"Name (manner): words\".", one));
    }
    ScriptLine line{.speaker = std::string(trimmed(one.substr(0, opens))),
                    .manner = std::string(trimmed(one.substr(opens + 1, closes - opens - 1))),
                    .words = std::string(trimmed(one.substr(colon + 1)))};
    if (line.speaker != name) break;
    const bool thought = line.is_thought();
    if (!line.words.empty()) lines.push_back(std::move(line));
    if (!thought) break;
  }
  if (lines.empty()) return fail(ErrorCode::kCorrupt, "Nothing is said.");
  return lines;
}

}  // namespace dramatis::dataset
