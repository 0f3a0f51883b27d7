// dramatis model embed: the lines of standard input -> a vector for each, on a line of its own.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/clock.h"
#include "commands.h"
#include "lm/limits.h"
#include "model_port.h"

namespace dramatis::app {
namespace {

// A line: the longest text that an encoder of any window would see.
constexpr std::size_t kMaxLineBytes = 1024 * 1024;

// The next lines, at most as many as one call takes; none at the end. Without their line ends.
Result<std::vector<std::string>> read_lines(std::istream& from) {
  std::vector<std::string> lines;
  std::string line;
  while (lines.size() < lm::kMaxEmbedTexts && std::getline(from, line)) {
    if (line.size() > kMaxLineBytes) {
      return fail(ErrorCode::kOverBudget,
                  fmt::format("A line of standard input has {} bytes; at most {} are read.",
                              line.size(), kMaxLineBytes));
    }
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

void print_vectors(const std::vector<std::vector<float>>& vectors, Output output) {
  for (const auto& vector : vectors) {
    if (output == Output::kJson) {
      fmt::print("[{}]\n", fmt::join(vector, ","));
    } else {
      fmt::print("{:.5f}\n", fmt::join(vector, " "));
    }
  }
}

Status embed_lines(lm::Embedder& embedder, Output output) {
  for (;;) {
    DRAMATIS_TRY(const auto lines, read_lines(std::cin));
    if (lines.empty()) return {};
    DRAMATIS_TRY(const auto vectors, embedder.embed(lines, {}));
    print_vectors(vectors, output);
  }
}

}  // namespace

int run_model_embed(const Settings& settings, Output output) {
  const SystemClock clock;
  const auto embedder = open_embedder(settings, clock);
  if (!embedder) return complain(embedder.error());
  if (*embedder == nullptr) {
    return complain({ErrorCode::kInvalidArgument,
                     "No model makes vectors here. Name a Hugging Face folder or the address of a "
                     "service; docs/guides/embeddings.md tells how to get one."});
  }
  const Status embedded = embed_lines(**embedder, output);
  return embedded ? 0 : complain(embedded.error());
}

}  // namespace dramatis::app
