// The port of search: a query goes in, the nearest documents come out. index.h implements it over
// words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dramatis::search {

struct Hit {
  std::string id;
  double score = 0;  // 0 to 1, larger is nearer; comparable within one ranker

  friend bool operator==(const Hit&, const Hit&) = default;
};

// Thread-safe.
class Ranker {
 public:
  Ranker() = default;
  Ranker(const Ranker&) = delete;
  Ranker& operator=(const Ranker&) = delete;
  virtual ~Ranker() = default;

  // At most `count` documents (and at most kMaxHits), nearest first; equals in the order in which
  // they were indexed. None for a query that holds no word. Any text is a query: nothing in it is
  // syntax.
  [[nodiscard]] virtual Result<std::vector<Hit>> nearest(std::string_view query,
                                                         std::size_t count) const = 0;
};

}  // namespace dramatis::search
