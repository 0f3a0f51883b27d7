// Sequences computed before -> the pages of a new one that need not be computed again.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "model/kv_cache.h"
#include "model/kv_pool.h"

namespace dramatis::engine {

// How many tokens two sequences begin with alike.
[[nodiscard]] std::size_t shared_prefix(std::span<const TokenId> a, std::span<const TokenId> b);

// Which pages a sequence may read, and whose its own are.
struct PageRights {
  std::size_t common = 0;           // tokens of its beginning that belong to everybody
  std::string_view conversation{};  // to whom the others belong; empty: they are not kept
  std::string_view adapters{};      // with which they are computed: a key
};

// The parent of a page that begins a sequence.
inline constexpr std::size_t kNoParent = std::numeric_limits<std::size_t>::max();

// Tokens of one page, to be put behind what a cache holds.
struct PagePiece {
  model::KvPageRef page;
  std::size_t tokens;  // fewer than a page holds only in the last piece
};

// Each node is a page; its parents hold the tokens before it. What is computed with other adapters
// hangs in another root. Pages of personas hang below the
// root and are everybody's, pages with a player's words hang below them and are found by their
// conversation alone. What leaves first is what costs least to compute again and was not used for
// longest (Cao & Irani 1997, "Cost-Aware WWW Proxy Caching Algorithms", GreedyDual-Size): a page's
// worth is its cost above that of the last page that left. One thread at a time.
class PageTree {
 public:
  // Pages for the beginning of `ids`, at most `most` tokens.
  [[nodiscard]] std::vector<PagePiece> find(std::span<const TokenId> ids, std::size_t most,
                                            const PageRights& rights);

  // Keeps the pages of `cache`, which holds `ids`; the last may be begun. Private ones only where
  // there is a conversation. A page that mixes common and private tokens is private: a begun page
  // of common tokens must be kept before anything is written behind them.
  void keep(std::span<const TokenId> ids, const PageRights& rights, const model::KvCache& cache);

  // Lets the page go that is worth least. False: all are in use, or there is none.
  bool evict();

  [[nodiscard]] std::size_t size() const { return size_; }

  // A page that is everybody's, with the earlier one of the same list that it follows.
  struct Common {
    std::string_view adapters;  // the key
    std::size_t parent;         // kNoParent: it begins a sequence
    std::span<const TokenId> ids;
    model::KvPageRef page;
  };
  // At most `most` of them, those used last first to be counted; parents before their children.
  // They refer to the tree.
  [[nodiscard]] std::vector<Common> common(std::size_t most) const;
  // Hangs such pages here.
  void restore(std::span<const Common> pages);
  // Pages that became everybody's since the last restore().
  [[nodiscard]] std::size_t news() const { return news_; }

  // For tests and reports: every page with the tokens that lead to it.
  struct Shown {
    std::vector<TokenId> ids;  // from the first of the sequence on
    std::string_view conversation;
    bool common;
  };
  [[nodiscard]] std::vector<Shown> shown() const;

 private:
  struct Node {
    std::vector<TokenId> ids;  // of this page: as many as the page holds, or fewer in a leaf
    model::KvPageRef page;
    std::string conversation;  // empty: everybody's
    double worth = 0;
    std::vector<std::unique_ptr<Node>> children;
  };
  // The least worthy leaf below a node, and where it hangs.
  struct Leaf {
    Node* parent = nullptr;
    std::size_t child = 0;
    double worth = 0;
  };

  [[nodiscard]] static std::size_t readable(const Node& node, std::span<const TokenId> rest,
                                            std::size_t common_left, std::string_view conversation);
  void touch(Node& node) const;
  Node& child_for(Node& parent, std::span<const TokenId> ids, std::string_view conversation,
                  const model::KvPageRef& page);
  static void find_least(Node& parent, Leaf& least);
  static void list_worths(const Node& node, std::vector<double>& worths);
  // The pages below a node, to which `parent` leads.
  static void list(const Node& node, double least, const Common& parent, std::vector<Common>& all);
  static void show(const Node& node, std::vector<TokenId>& path, std::vector<Shown>& all);

  std::map<std::string, Node, std::less<>> roots_;  // by adapters
  double floor_ = 0;                                // the worth of the last page that left
  std::size_t size_ = 0;
  std::size_t news_ = 0;
};

}  // namespace dramatis::engine
