// Reads books and folds typography.
#include "train/corpus.h"

#include <array>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "base/files.h"

namespace dramatis::train {
namespace {

constexpr std::size_t kMaxBookBytes = 16 * 1024 * 1024;

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kFolds = {
    {{"\xE2\x80\x98", "'"},
     {"\xE2\x80\x99", "'"},
     {"\xE2\x80\x9C", "\""},
     {"\xE2\x80\x9D", "\""},
     {"\xE2\x80\x94", " - "},
     {"\xE2\x80\x93", "-"},
     {"\xE2\x80\xA6", "..."},
     {"--", " - "},
     {"_", ""},
     {"*", ""},
     {"\xC2\xA0", " "},
     {"\t", " "}}};

}  // namespace

std::string plain(std::string_view paragraph) {
  std::string out;
  for (std::size_t at = 0; at < paragraph.size();) {
    std::string_view piece = paragraph.substr(at, 1);
    std::size_t taken = 1;
    for (const auto& [from, to] : kFolds) {
      if (paragraph.substr(at).starts_with(from)) {
        piece = to;
        taken = from.size();
        break;
      }
    }
    at += taken;
    for (const char c : piece) {
      if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

Result<std::vector<Text>> read_corpus(const std::filesystem::path& folder,
                                      const std::vector<Book>& books) {
  std::vector<Text> texts;
  for (const Book& book : books) {
    auto content = read_text_file(folder / book.file, kMaxBookBytes);
    if (!content) {
      return fail(
          content.error().code,
          fmt::format(
              "{} The recipe wants \"{}\" by {} (Project Gutenberg {}) as {} in the folder that "
              "DRAMATIS_CORPUS names, one paragraph a line.",
              content.error().what, book.title, book.author, book.number, book.file));
    }
    Text text{.title = book.title, .paragraphs = {}};
    std::istringstream lines(*content);
    for (std::string line; std::getline(lines, line);) {
      if (auto paragraph = plain(line); !paragraph.empty())
        text.paragraphs.push_back(std::move(paragraph));
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace dramatis::train
