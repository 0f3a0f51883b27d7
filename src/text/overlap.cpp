// Word bags compared.
#include "text/overlap.h"

#include <map>
#include <string>

namespace dramatis::text {
namespace {

constexpr std::size_t kLeastLetters = 3;

std::map<std::string, int> bag_of(std::string_view line) {
  std::map<std::string, int> bag;
  std::string word;
  const auto close = [&] {
    if (word.size() >= kLeastLetters) ++bag[word];
    word.clear();
  };
  for (const char raw : line) {
    const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw + ('a' - 'A')) : raw;
    const bool letter =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (letter) {
      word += c;
    } else if (c != '\'') {
      close();
    }
  }
  close();
  return bag;
}

int size_of(const std::map<std::string, int>& bag) {
  int size = 0;
  for (const auto& [word, count] : bag) size += count;
  return size;
}

}  // namespace

double overlap(std::string_view a, std::string_view b) {
  const auto first = bag_of(a);
  const auto second = bag_of(b);
  int shared = 0;
  for (const auto& [word, count] : first) {
    const auto found = second.find(word);
    if (found != second.end()) shared += std::min(count, found->second);
  }
  const int total = size_of(first) + size_of(second);
  return total == 0 ? 0 : 2.0 * shared / total;
}

}  // namespace dramatis::text
