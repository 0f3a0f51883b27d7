// Pages of keys and values that are everybody's <-> a file, so that a restart starts warm. The
// layout is told in docs/formats/pages.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "engine/page_tree.h"
#include "kernels/matmul.h"
#include "model/kv_pool.h"

namespace dramatis::engine {

// Whose pages they are: those of another kind are of no use.
struct PageKind {
  std::array<std::byte, 32> model{};  // SHA-256 of the model's file
  model::KvShape shape{};
  std::size_t vocabulary = 0;    // tokens
  std::uint32_t arithmetic = 0;  // how this build computes on this machine: arithmetic_here()
};

// Bits that change with the order and the fusing of sums: processors without fused multiply-add
// differ from others in the last places, and pages of one are not the pages of the other.
[[nodiscard]] std::uint32_t arithmetic_here(kernels::Rounding rounding);

// "0f3a...-F16.pages", by the model and the type of its keys and values.
[[nodiscard]] std::string page_file_name(const PageKind& kind);

// A page of the file beside its numbers.
struct ListedPage {
  std::size_t root = 0;            // of the file's roots: with which adapters it was computed
  std::size_t parent = kNoParent;  // an earlier page, which is whole and has the same root
  std::vector<TokenId> ids{};      // 1 to kPageTokens
  std::uint64_t checksum = 0;      // of its numbers
};

struct PageList {
  std::vector<std::string> roots{};  // keys of adapters, each once
  std::vector<ListedPage> pages{};   // parents before their children
};

// Fills `into` with the bytes of a file from `at` on. Errors: whatever reading gives; kCorrupt
// where the file is shorter.
using ReadAt = std::function<Status(std::size_t at, std::span<std::byte> into)>;

// The list of a file of `size` bytes, everything checked before it is used: form, kind, counts,
// parents, ids, checksum. Errors: kCorrupt naming what is wrong; kUnsupported for another version
// or kind; kOverBudget past the limits; those of `read`.
[[nodiscard]] Result<PageList> read_page_list(const ReadAt& read, std::size_t size,
                                              const PageKind& kind);

// The numbers of page `n` of `list`, into a page of that shape. Errors: kCorrupt where the checksum
// is another, or a number is not finite; those of `read`. Checked: n, size of `into`.
[[nodiscard]] Status read_page(const ReadAt& read, const PageList& list, std::size_t n,
                               const PageKind& kind, std::span<std::byte> into);

// What the file begins with; the pages' numbers follow in the order of the list.
[[nodiscard]] std::vector<std::byte> page_file_head(const PageList& list, const PageKind& kind);

// Of a page's numbers. Not for secrets: it finds accidents.
[[nodiscard]] std::uint64_t checksum_of(std::span<const std::byte> bytes);

}  // namespace dramatis::engine
