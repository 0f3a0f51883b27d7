#include "engine/page_file.h"

#include <cstring>

#include <gtest/gtest.h>

#include "base/random.h"

namespace dramatis::engine {
namespace {

using tensor::Dtype;

ReadAt reader_of(const std::vector<std::byte>& file) {
  return [&file](std::size_t at, std::span<std::byte> into) -> Status {
    if (at > file.size() || into.size() > file.size() - at)
      return fail(ErrorCode::kCorrupt, "It ends early.");
    if (!into.empty()) std::memcpy(into.data(), file.data() + at, into.size());
    return {};
  };
}

PageKind kind_of(Dtype dtype) {
  return {.shape = {.layers = 2, .width = 32, .dtype = dtype}, .vocabulary = 300, .arithmetic = 7};
}

std::vector<TokenId> ids(int first, std::size_t count) {
  std::vector<TokenId> made;
  for (std::size_t n = 0; n < count; ++n)
    made.push_back(static_cast<TokenId>(first + static_cast<int>(n)));
  return made;
}

// Three pages of two roots, whose numbers are zeros but for the first byte.
struct MadeFile {
  PageList list;
  std::vector<std::byte> bytes;
};
MadeFile made_file(const PageKind& kind) {
  MadeFile made{.list = {.roots = {"", "brogue#1f:0.5;"},
                         .pages = {{.root = 0, .ids = ids(3, 16)},
                                   {.root = 0, .parent = 0, .ids = ids(40, 5)},
                                   {.root = 1, .ids = ids(3, 16)}}},
                .bytes = {}};
  std::vector<std::byte> numbers;
  for (std::size_t n = 0; n < made.list.pages.size(); ++n) {
    std::vector<std::byte> page(kind.shape.page_bytes());
    page[0] = static_cast<std::byte>(n + 1);
    made.list.pages[n].checksum = checksum_of(page);
    numbers.insert(numbers.end(), page.begin(), page.end());
  }
  made.bytes = page_file_head(made.list, kind);
  made.bytes.insert(made.bytes.end(), numbers.begin(), numbers.end());
  return made;
}

Result<PageList> read_back(const std::vector<std::byte>& bytes, const PageKind& kind) {
  return read_page_list(reader_of(bytes), bytes.size(), kind);
}

TEST(PageFile, WhatIsWrittenIsRead) {
  for (const Dtype dtype : {Dtype::kF32, Dtype::kF16, Dtype::kQ8_0}) {
    const auto kind = kind_of(dtype);
    const auto made = made_file(kind);
    const auto list = read_back(made.bytes, kind);
    ASSERT_TRUE(list) << list.error().what;
    EXPECT_EQ(list->roots, made.list.roots);
    ASSERT_EQ(list->pages.size(), 3U);
    for (std::size_t n = 0; n < 3; ++n) {
      EXPECT_EQ(list->pages[n].root, made.list.pages[n].root);
      EXPECT_EQ(list->pages[n].parent, made.list.pages[n].parent);
      EXPECT_EQ(list->pages[n].ids, made.list.pages[n].ids);
      std::vector<std::byte> page(kind.shape.page_bytes());
      ASSERT_TRUE(read_page(reader_of(made.bytes), *list, n, kind, page));
      EXPECT_EQ(page[0], static_cast<std::byte>(n + 1));
    }
  }
}

TEST(PageFile, PagesOfAnotherKindAreOfNoUse) {
  const auto kind = kind_of(Dtype::kF16);
  const auto made = made_file(kind);
  auto other = kind;
  other.model[31] = std::byte{1};
  EXPECT_EQ(read_back(made.bytes, other).error().code, ErrorCode::kUnsupported);
  other = kind;
  other.arithmetic = 8;
  EXPECT_EQ(read_back(made.bytes, other).error().code, ErrorCode::kUnsupported);
  other = kind;
  other.shape.layers = 1;
  EXPECT_EQ(read_back(made.bytes, other).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(read_back(made.bytes, kind_of(Dtype::kQ8_0)).error().code, ErrorCode::kUnsupported);
  EXPECT_NE(page_file_name(kind), page_file_name(kind_of(Dtype::kQ8_0)));
}

TEST(PageFile, EveryPrefixAndEveryFlippedBitOfTheListIsFound) {
  const auto kind = kind_of(Dtype::kQ8_0);
  const auto made = made_file(kind);
  const std::size_t head = page_file_head(made.list, kind).size();
  for (std::size_t length = 0; length < made.bytes.size(); length += length < head ? 1 : 97) {
    const std::vector<std::byte> cut(made.bytes.begin(),
                                     made.bytes.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(read_back(cut, kind)) << length;
  }
  for (std::size_t bit = 0; bit < head * 8; ++bit) {
    auto flipped = made.bytes;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    EXPECT_FALSE(read_back(flipped, kind)) << bit;
  }
}

TEST(PageFile, DamagedAndInfiniteNumbersAreRefused) {
  const auto kind = kind_of(Dtype::kF16);
  auto made = made_file(kind);
  const std::size_t last = made.bytes.size() - kind.shape.page_bytes();
  made.bytes[last + 5] ^= std::byte{1};
  auto list = read_back(made.bytes, kind).value();
  std::vector<std::byte> page(kind.shape.page_bytes());
  EXPECT_TRUE(read_page(reader_of(made.bytes), list, 1, kind, page));
  EXPECT_EQ(read_page(reader_of(made.bytes), list, 2, kind, page).error().code,
            ErrorCode::kCorrupt);
  made.bytes[last + 7] = std::byte{0x7C};  // an infinite half
  list.pages[2].checksum = checksum_of(std::span(made.bytes).subspan(last));
  EXPECT_NE(read_page(reader_of(made.bytes), list, 2, kind, page).error().what.find("finite"),
            std::string::npos);
}

// What a hostile list says with a right checksum.
TEST(PageFile, ListsThatCannotBeAreRefused) {
  const auto kind = kind_of(Dtype::kF16);
  const auto good = made_file(kind);
  const auto refused = [&](const PageList& list) {
    auto bytes = page_file_head(list, kind);
    bytes.resize(bytes.size() + list.pages.size() * kind.shape.page_bytes());
    const auto read = read_back(bytes, kind);
    return !read && read.error().code == ErrorCode::kCorrupt;
  };
  EXPECT_FALSE(refused(good.list));
  auto bad = good.list;
  bad.pages[1].parent = 1;  // itself
  EXPECT_TRUE(refused(bad));
  bad.pages[1].parent = 2;  // a later one
  EXPECT_TRUE(refused(bad));
  bad = good.list;
  bad.pages[2].parent = 0;  // of another root
  EXPECT_TRUE(refused(bad));
  bad.pages[2] = {.root = 0, .parent = 1, .ids = ids(1, 1)};  // behind a page that is begun
  EXPECT_TRUE(refused(bad));
  bad = good.list;
  bad.pages[0].root = 2;
  EXPECT_TRUE(refused(bad));
  bad = good.list;
  bad.pages[1].ids.clear();
  EXPECT_TRUE(refused(bad));
  for (const int id : {-1, 300}) {
    bad = good.list;
    bad.pages[1].ids[0] = static_cast<TokenId>(id);
    EXPECT_TRUE(refused(bad));
  }
  bad = good.list;
  bad.roots[1] = "";
  EXPECT_TRUE(refused(bad));
  bad.roots[1] = std::string(5000, 'x');
  EXPECT_TRUE(refused(bad));
}

TEST(PageFile, CountsPastTheLimitsAreRefusedBeforeAnythingIsAllocated) {
  const auto kind = kind_of(Dtype::kF16);
  for (const std::size_t at : {44U, 48U, 52U}) {
    auto bytes = made_file(kind).bytes;
    const std::uint32_t many = 0xFFFFFFFFU;
    std::memcpy(bytes.data() + at, &many, sizeof many);
    EXPECT_EQ(read_back(bytes, kind).error().code, ErrorCode::kOverBudget);
  }
}

TEST(PageFile, AChecksumHeedsEveryByteAndTheLength) {
  std::vector<std::byte> bytes(100);
  const auto sum = checksum_of(bytes);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    bytes[n] = std::byte{1};
    EXPECT_NE(checksum_of(bytes), sum) << n;
    bytes[n] = std::byte{0};
  }
  EXPECT_NE(checksum_of(std::span(bytes).first(99)), sum);
}

}  // namespace
}  // namespace dramatis::engine
