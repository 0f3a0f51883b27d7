// Children are few, so they are searched one after the other: comparing tokens costs nothing beside
// computing one.
#include "engine/page_tree.h"

#include <algorithm>
#include <functional>

#include "base/check.h"
#include "engine/limits.h"

namespace dramatis::engine {

using model::kPageTokens;

std::size_t shared_prefix(std::span<const TokenId> a, std::span<const TokenId> b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

// How many tokens of `node` a sequence may read that goes on with `rest`, of which the first
// `common_left` are everybody's.
std::size_t PageTree::readable(const Node& node, std::span<const TokenId> rest,
                               std::size_t common_left, std::string_view conversation) {
  if (node.conversation.empty())
    return shared_prefix(node.ids, rest.first(std::min(rest.size(), common_left)));
  return node.conversation == conversation ? shared_prefix(node.ids, rest) : 0;
}

void PageTree::touch(Node& node) const {
  const double lives = node.conversation.empty() ? kPersonaWorth : 1;
  node.worth = floor_ + static_cast<double>(node.ids.size()) * lives;
}

std::vector<PagePiece> PageTree::find(std::span<const TokenId> ids, std::size_t most,
                                      const PageRights& rights) {
  std::vector<PagePiece> found;
  std::size_t done = 0;
  const auto root = roots_.find(rights.adapters);
  if (root == roots_.end()) return found;
  for (Node* at = &root->second; done < most;) {
    const auto rest = ids.subspan(done, most - done);
    const std::size_t common_left = rights.common > done ? rights.common - done : 0;
    Node* best = nullptr;
    std::size_t longest = 0;
    for (const auto& child : at->children) {
      const std::size_t length = readable(*child, rest, common_left, rights.conversation);
      const bool better =
          length > longest || (length == longest && length > 0 && child->conversation.empty());
      if (!better) continue;
      longest = length;
      best = child.get();
    }
    if (best == nullptr) break;
    touch(*best);
    found.push_back({.page = best->page, .tokens = longest});
    done += longest;
    if (longest < kPageTokens) break;
    at = best;
  }
  return found;
}

// The child with exactly these tokens; made, or grown from one that holds fewer of them.
PageTree::Node& PageTree::child_for(Node& parent, std::span<const TokenId> ids,
                                    std::string_view conversation, const model::KvPageRef& page) {
  for (const auto& child : parent.children) {
    if (child->conversation != conversation) continue;
    const std::size_t shared = shared_prefix(child->ids, ids);
    if (shared == ids.size()) return *child;  // it may hold more
    if (shared == child->ids.size()) {        // a leaf, because it holds less than a page
      child->ids.assign(ids.begin(), ids.end());
      child->page = page;
      if (conversation.empty()) ++news_;
      return *child;
    }
  }
  parent.children.push_back(std::make_unique<Node>());
  Node& made = *parent.children.back();
  made.ids.assign(ids.begin(), ids.end());
  made.page = page;
  made.conversation = conversation;
  ++size_;
  if (conversation.empty()) ++news_;
  return made;
}

void PageTree::keep(std::span<const TokenId> ids, const PageRights& rights,
                    const model::KvCache& cache) {
  DRAMATIS_CHECK(ids.size() <= cache.length());
  Node* at = &roots_[std::string(rights.adapters)];
  for (std::size_t p = 0; p * kPageTokens < ids.size(); ++p) {
    const std::size_t from = p * kPageTokens;
    const auto tokens = ids.subspan(from, std::min(kPageTokens, ids.size() - from));
    const bool common = from + tokens.size() <= rights.common;
    if (!common && rights.conversation.empty()) return;
    at = &child_for(*at, tokens, common ? std::string_view() : rights.conversation,
                    cache.pages()[p]);
    touch(*at);
    if (tokens.size() < kPageTokens) return;
  }
}

void PageTree::list_worths(const Node& node, std::vector<double>& worths) {
  for (const auto& child : node.children) {
    if (!child->conversation.empty()) continue;
    worths.push_back(child->worth);
    list_worths(*child, worths);
  }
}

void PageTree::list(const Node& node, double least, const Common& parent,
                    std::vector<Common>& all) {
  for (const auto& child : node.children) {
    if (!child->conversation.empty() || child->worth < least) continue;
    Common one = parent;
    one.ids = child->ids;
    one.page = child->page;
    all.push_back(one);
    one.parent = all.size() - 1;
    list(*child, least, one, all);
  }
}

// A page is worth at least what its children are: whoever used them used it.
std::vector<PageTree::Common> PageTree::common(std::size_t most) const {
  std::vector<double> worths;
  for (const auto& [adapters, root] : roots_) list_worths(root, worths);
  double least = 0;
  if (worths.size() > most) {
    if (most == 0) return {};
    std::ranges::nth_element(worths, worths.begin() + static_cast<std::ptrdiff_t>(most - 1),
                             std::greater<>());
    least = worths[most - 1];
  }
  std::vector<Common> all;
  for (const auto& [adapters, root] : roots_)
    list(root, least, {.adapters = adapters, .parent = kNoParent, .ids = {}, .page = {}}, all);
  // Many can be worth the same; what is cut off at the end is nobody's parent before it.
  if (all.size() > most) all.resize(most);
  return all;
}

void PageTree::restore(std::span<const Common> pages) {
  std::vector<Node*> made;
  for (const Common& one : pages) {
    Node* parent =
        one.parent == kNoParent ? &roots_[std::string(one.adapters)] : made.at(one.parent);
    Node& node = child_for(*parent, one.ids, {}, one.page);
    touch(node);
    made.push_back(&node);
  }
  news_ = 0;
}

void PageTree::find_least(Node& parent, Leaf& least) {
  for (std::size_t n = 0; n < parent.children.size(); ++n) {
    Node& child = *parent.children[n];
    find_least(child, least);
    const bool free = child.children.empty() && child.page.use_count() == 1;
    if (free && (least.parent == nullptr || child.worth < least.worth))
      least = {.parent = &parent, .child = n, .worth = child.worth};
  }
}

bool PageTree::evict() {
  Leaf least;
  for (auto& [adapters, root] : roots_) find_least(root, least);
  if (least.parent == nullptr) return false;
  floor_ = std::max(floor_, least.worth);
  auto& siblings = least.parent->children;
  siblings.erase(siblings.begin() + static_cast<std::ptrdiff_t>(least.child));
  --size_;
  return true;
}

void PageTree::show(const Node& node, std::vector<TokenId>& path, std::vector<Shown>& all) {
  for (const auto& child : node.children) {
    path.insert(path.end(), child->ids.begin(), child->ids.end());
    all.push_back(
        {.ids = path, .conversation = child->conversation, .common = child->conversation.empty()});
    show(*child, path, all);
    path.resize(path.size() - child->ids.size());
  }
}

std::vector<PageTree::Shown> PageTree::shown() const {
  std::vector<TokenId> path;
  std::vector<Shown> all;
  for (const auto& [adapters, root] : roots_) show(root, path, all);
  return all;
}

}  // namespace dramatis::engine
