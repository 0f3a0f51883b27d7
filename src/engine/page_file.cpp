// Numbers in fixed places, then a list, then pages; each is compared with what is left before it is
// used.
#include "engine/page_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/checked.h"
#include "engine/limits.h"
#include "kernels/vectors.h"

namespace dramatis::engine {
namespace {

using model::kPageTokens;
using tensor::Dtype;

constexpr std::string_view kMagic = "dramatis pages\r\n";  // 16 bytes; a text mode would spoil them
constexpr std::uint32_t kVersion = 1;
// Raise it when a build computes other keys and values from the same file than the one before.
constexpr std::uint32_t kArithmetic = 1;
constexpr std::uint32_t kNone = 0xFFFFFFFFU;
// Where numbers of the beginning stand, after those that tell the kind.
constexpr std::size_t kAtVersion = 16;
constexpr std::size_t kAtRoots = 44;
constexpr std::size_t kAtPages = 48;
constexpr std::size_t kAtListBytes = 52;
constexpr std::size_t kAtModel = 56;
constexpr std::size_t kAtChecksum = 88;  // of all before it and of the list
constexpr std::size_t kHeadBytes = 96;
// Root, parent and number of tokens, the tokens, the checksum.
constexpr std::size_t kListedBytes = 12 + 4 * kPageTokens + 8;

void put_bytes(std::vector<std::byte>& to, std::span<const std::byte> bytes) {
  const std::size_t at = to.size();
  to.resize(at + bytes.size());
  if (!bytes.empty()) std::memcpy(to.data() + at, bytes.data(), bytes.size());
}

template <class T>
void put(std::vector<std::byte>& to, T value) {
  put_bytes(to, std::as_bytes(std::span(&value, 1)));
}

tl::unexpected<Error> corrupt(std::string what) {
  return fail(ErrorCode::kCorrupt, std::move(what));
}

// The beginning as it must be for pages of `kind`.
std::vector<std::byte> beginning(const PageKind& kind) {
  std::vector<std::byte> head;
  put_bytes(head, as_bytes(kMagic));
  put(head, kVersion);
  put(head, tensor::dtype_row(kind.shape.dtype).ggml_id);
  put(head, static_cast<std::uint32_t>(kind.shape.layers));
  put(head, static_cast<std::uint32_t>(kind.shape.width));
  put(head, static_cast<std::uint32_t>(kPageTokens));
  put(head, static_cast<std::uint32_t>(kind.vocabulary));
  put(head, kind.arithmetic);
  return head;
}

struct Sizes {
  std::size_t roots;
  std::size_t pages;
  std::size_t list_bytes;
};

Status check_kind(std::span<const std::byte> head, const PageKind& kind) {
  const auto wanted = beginning(kind);
  if (!std::ranges::equal(head.first(kMagic.size()), as_bytes(kMagic)))
    return corrupt("It is no file of pages.");
  const auto version = load_le<std::uint32_t>(head, kAtVersion);
  if (version != kVersion) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("It is of version {}; version {} is read.", version, kVersion));
  }
  if (!std::ranges::equal(head.first(wanted.size()), wanted) ||
      !std::ranges::equal(head.subspan(kAtModel, kind.model.size()), kind.model)) {
    return fail(ErrorCode::kUnsupported,
                "Its pages were computed by another model, in another type or in another way.");
  }
  return {};
}

Result<Sizes> read_sizes(std::span<const std::byte> head, std::size_t size,
                         const model::KvShape& shape) {
  const Sizes told{.roots = load_le<std::uint32_t>(head, kAtRoots),
                   .pages = load_le<std::uint32_t>(head, kAtPages),
                   .list_bytes = load_le<std::uint32_t>(head, kAtListBytes)};
  if (told.roots > kMaxKeptRoots || told.pages > kMaxKeptPages ||
      told.list_bytes > kMaxKeptListBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("It claims {} roots, {} pages and a list of {} bytes; at most {}, {} "
                            "and {} are read.",
                            told.roots, told.pages, told.list_bytes, kMaxKeptRoots, kMaxKeptPages,
                            kMaxKeptListBytes));
  }
  const auto numbers = checked_mul(told.pages, shape.page_bytes());
  const auto whole = numbers ? checked_add(*numbers, kHeadBytes + told.list_bytes) : std::nullopt;
  if (!whole || *whole != size) {
    return corrupt(fmt::format("It has {} bytes; {} pages and a list of {} bytes take {}.", size,
                               told.pages, told.list_bytes, whole.value_or(0)));
  }
  return told;
}

// Takes numbers off the front of the list, which was promised to be so long.
class ListReader {
 public:
  explicit ListReader(std::span<const std::byte> list) : list_(list) {}

  [[nodiscard]] bool has(std::size_t bytes) const { return bytes <= list_.size() - at_; }
  // Checked: has(sizeof(T)).
  template <class T>
  [[nodiscard]] T take() {
    const T value = load_le<T>(list_, at_);
    at_ += sizeof(T);
    return value;
  }
  [[nodiscard]] std::string take_text(std::size_t bytes) {
    const auto text = as_text(list_.subspan(at_, bytes));
    at_ += bytes;
    return std::string(text);
  }
  [[nodiscard]] bool is_done() const { return at_ == list_.size(); }

 private:
  std::span<const std::byte> list_;
  std::size_t at_ = 0;
};

Status read_roots(ListReader& from, std::size_t count, PageList& list) {
  std::set<std::string> known;
  for (std::size_t n = 0; n < count; ++n) {
    const std::size_t bytes = from.has(4) ? from.take<std::uint32_t>() : kNone;
    if (bytes > kMaxKeptRootBytes || !from.has(bytes))
      return corrupt(fmt::format("Root {} of {} is too long.", n, count));
    list.roots.push_back(from.take_text(bytes));
    if (!known.insert(list.roots.back()).second)
      return corrupt(fmt::format("Root {} of {} is listed twice.", n, count));
  }
  return {};
}

Status check_place(const PageList& list, const ListedPage& page) {
  const std::size_t n = list.pages.size();
  if (page.root >= list.roots.size())
    return corrupt(fmt::format("Page {} hangs in root {} of {}.", n, page.root, list.roots.size()));
  if (page.parent == kNoParent) return {};
  if (page.parent >= n) return corrupt(fmt::format("Page {} follows page {}.", n, page.parent));
  const auto& parent = list.pages[page.parent];
  if (parent.root != page.root || parent.ids.size() != kPageTokens)
    return corrupt(fmt::format("Page {} follows page {}, which it cannot.", n, page.parent));
  return {};
}

Status read_listed(ListReader& from, std::size_t vocabulary, PageList& list) {
  ListedPage page;
  page.root = from.take<std::uint32_t>();
  const auto parent = from.take<std::uint32_t>();
  if (parent != kNone) page.parent = parent;
  const std::size_t tokens = from.take<std::uint32_t>();
  if (tokens < 1 || tokens > kPageTokens)
    return corrupt(fmt::format("Page {} has {} tokens.", list.pages.size(), tokens));
  for (std::size_t n = 0; n < kPageTokens; ++n) {
    const auto id = from.take<std::int32_t>();
    if (n >= tokens) continue;
    if (id < 0 || static_cast<std::size_t>(id) >= vocabulary)
      return corrupt(fmt::format("Page {} has token {} of {}.", list.pages.size(), id, vocabulary));
    page.ids.push_back(static_cast<TokenId>(id));
  }
  page.checksum = from.take<std::uint64_t>();
  DRAMATIS_DO(check_place(list, page));
  list.pages.push_back(std::move(page));
  return {};
}

// Of the beginning, without its checksum, and the list.
std::uint64_t checksum_of_list(std::span<const std::byte> head, std::span<const std::byte> list) {
  std::vector<std::byte> both;
  put_bytes(both, head.first(kAtChecksum));
  put_bytes(both, list);
  return checksum_of(both);
}

// Numbers that are not finite would make every reply after this page fail.
bool are_finite(std::span<const std::byte> bytes, Dtype dtype) {
  const auto half_is_finite = [&](std::size_t at) {
    return (load_le<std::uint16_t>(bytes, at) & 0x7C00U) != 0x7C00U;
  };
  bool finite = true;
  if (dtype == Dtype::kF32) {
    for (std::size_t at = 0; at < bytes.size(); at += 4)
      finite = finite && (load_le<std::uint32_t>(bytes, at) & 0x7F800000U) != 0x7F800000U;
  } else if (dtype == Dtype::kF16) {
    for (std::size_t at = 0; at < bytes.size(); at += 2) finite = finite && half_is_finite(at);
  } else {
    const std::size_t block = *tensor::bytes_of(Dtype::kQ8_0, 32);
    for (std::size_t at = 0; at < bytes.size(); at += block) finite = finite && half_is_finite(at);
  }
  return finite;
}

}  // namespace

std::uint32_t arithmetic_here(kernels::Rounding rounding) {
  std::array<float, 64> numbers{};
  for (std::size_t n = 0; n < numbers.size(); ++n)
    numbers[n] = 1.0F / static_cast<float>(2 * n + 3);
  const auto weight = numbers;
  kernels::rms_norm(numbers, weight, 1e-5F, numbers);
  kernels::softmax(numbers);
  std::uint32_t bits = 2 * kArithmetic + (rounding == kernels::Rounding::kTwice ? 1 : 0);
  for (const float number : numbers)
    bits = std::rotl(bits, 5) ^ std::bit_cast<std::uint32_t>(number);
  return bits;
}

std::string page_file_name(const PageKind& kind) {
  std::string name;
  for (const std::byte byte : std::span(kind.model).first(16))
    name += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return fmt::format("{}-{}.pages", name, tensor::dtype_row(kind.shape.dtype).name);
}

// Four chains, so that multiplications overlap; what is left over goes into the first.
std::uint64_t checksum_of(std::span<const std::byte> bytes) {
  constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15U;  // 2^64 over the golden ratio, odd
  std::array<std::uint64_t, 4> sums{1, 2, 3, 4};
  const auto stir = [](std::uint64_t sum, std::uint64_t word) {
    const std::uint64_t product = (sum ^ word) * kFactor;
    return product ^ product >> 32;
  };
  std::size_t at = 0;
  for (; at + 32 <= bytes.size(); at += 32) {
    for (std::size_t n = 0; n < 4; ++n)
      sums[n] = stir(sums[n], load_le<std::uint64_t>(bytes, at + 8 * n));
  }
  for (; at < bytes.size(); ++at)
    sums[0] = stir(sums[0], std::to_integer<std::uint64_t>(bytes[at]));
  std::uint64_t all = bytes.size();
  for (const std::uint64_t sum : sums) all = stir(all, sum);
  return all;
}

Result<PageList> read_page_list(const ReadAt& read, std::size_t size, const PageKind& kind) {
  if (size < kHeadBytes) return corrupt(fmt::format("It has {} bytes.", size));
  std::array<std::byte, kHeadBytes> head{};
  DRAMATIS_DO(read(0, head));
  DRAMATIS_DO(check_kind(head, kind));
  DRAMATIS_TRY(const auto sizes, read_sizes(head, size, kind.shape));
  std::vector<std::byte> bytes(sizes.list_bytes);
  DRAMATIS_DO(read(kHeadBytes, bytes));
  if (checksum_of_list(head, bytes) != load_le<std::uint64_t>(head, kAtChecksum))
    return corrupt("The checksum of its list is another: it was damaged.");
  PageList list;
  ListReader from(bytes);
  DRAMATIS_DO(read_roots(from, sizes.roots, list));
  for (std::size_t n = 0; n < sizes.pages; ++n) {
    if (!from.has(kListedBytes)) return corrupt(fmt::format("Its list ends at page {}.", n));
    DRAMATIS_DO(read_listed(from, kind.vocabulary, list));
  }
  if (!from.is_done()) return corrupt("More follows after its list.");
  return list;
}

Status read_page(const ReadAt& read, const PageList& list, std::size_t n, const PageKind& kind,
                 std::span<std::byte> into) {
  DRAMATIS_CHECK(n < list.pages.size() && into.size() == kind.shape.page_bytes());
  std::size_t list_bytes = list.pages.size() * kListedBytes;
  for (const auto& root : list.roots) list_bytes += 4 + root.size();
  DRAMATIS_DO(read(kHeadBytes + list_bytes + n * into.size(), into));
  if (checksum_of(into) != list.pages[n].checksum)
    return corrupt(fmt::format("The checksum of page {} is another: it was damaged.", n));
  if (!are_finite(into, kind.shape.dtype))
    return corrupt(fmt::format("Page {} has a number that is not finite.", n));
  return {};
}

std::vector<std::byte> page_file_head(const PageList& list, const PageKind& kind) {
  std::vector<std::byte> listed;
  for (const auto& root : list.roots) {
    put(listed, static_cast<std::uint32_t>(root.size()));
    put_bytes(listed, as_bytes(root));
  }
  for (const auto& page : list.pages) {
    put(listed, static_cast<std::uint32_t>(page.root));
    put(listed, page.parent == kNoParent ? kNone : static_cast<std::uint32_t>(page.parent));
    put(listed, static_cast<std::uint32_t>(page.ids.size()));
    for (std::size_t n = 0; n < kPageTokens; ++n)
      put(listed, n < page.ids.size() ? static_cast<std::int32_t>(page.ids[n]) : 0);
    put(listed, page.checksum);
  }
  auto head = beginning(kind);
  put(head, static_cast<std::uint32_t>(list.roots.size()));
  put(head, static_cast<std::uint32_t>(list.pages.size()));
  put(head, static_cast<std::uint32_t>(listed.size()));
  put_bytes(head, kind.model);
  put(head, checksum_of_list(head, listed));
  put_bytes(head, listed);
  return head;
}

}  // namespace dramatis::engine
