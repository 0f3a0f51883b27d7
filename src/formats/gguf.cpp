// Walks a GGUF file once, front to back; every count is compared with the bytes that are left
// before it is used. Source: ggml/docs/gguf.md.
#include "formats/gguf.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <unordered_set>

#include <fmt/format.h>
#include <sys/mman.h>

#include "base/checked.h"
#include "base/files.h"
#include "formats/internal/gguf_pairs.h"
#include "formats/limits.h"

namespace dramatis::formats {
namespace {

using internal::is_plain_name;
using internal::Reader;
using internal::shown;

static_assert(std::endian::native == std::endian::little, "numbers are read as they lie");

// A tensor as the file lists it: `bytes` is not known before the data's beginning is.
struct Listed {
  GgufTensor tensor;
  std::uint64_t offset;  // from the beginning of the data
  std::size_t size;      // bytes
};

Result<std::size_t> size_of(const GgufTensor& tensor) {
  const auto& about = tensor::dtype_row(tensor.dtype);
  if (tensor.shape[0] % about.block != 0) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("Tensor {} has rows of {} numbers, which are no whole {} blocks of {}.",
                            shown(tensor.name), tensor.shape[0], about.name, about.block));
  }
  std::optional<std::size_t> count = 1;
  for (const auto length : tensor.shape) {
    count = checked_mul(*count, length);
    if (!count) break;
  }
  const auto size = count ? tensor::bytes_of(tensor.dtype, *count) : std::nullopt;
  if (!size) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("Tensor {} claims more numbers than can be counted: [{}].",
                            shown(tensor.name), fmt::join(tensor.shape, ", ")));
  }
  return *size;
}

Result<Listed> read_listed(Reader& from, std::size_t alignment) {
  Listed listed{};
  DRAMATIS_TRY(const auto name, from.text("tensor name", kMaxGgufTensorNameBytes));
  if (!is_plain_name(name)) {
    return fail(
        ErrorCode::kCorrupt,
        fmt::format("The tensor name {} before byte {} is no plain text.", shown(name), from.at()));
  }
  listed.tensor.name = name;
  DRAMATIS_TRY(const auto dims, from.number<std::uint32_t>("tensor rank"));
  if (dims < 1 || dims > kMaxGgufDims) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("Tensor {} has {} dimensions; 1 to {} are allowed.", shown(name), dims,
                            kMaxGgufDims));
  }
  for (std::uint32_t n = 0; n < dims; ++n) {
    DRAMATIS_TRY(const auto length, from.number<std::uint64_t>("tensor shape"));
    if (length == 0) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("Tensor {} has length 0 in dimension {}.", shown(name), n));
    }
    listed.tensor.shape.push_back(length);
  }
  DRAMATIS_TRY(const auto type, from.number<std::uint32_t>("tensor type"));
  const auto dtype = tensor::dtype_of_ggml_id(type);
  if (!dtype) {
    return fail(
        ErrorCode::kUnsupported,
        fmt::format(
            "Tensor {} is of type {}, which this build does not read. Choose a file in Q8_0, "
            "Q4_K_M or another type of docs/formats/gguf.md.",
            shown(name), type));
  }
  listed.tensor.dtype = *dtype;
  DRAMATIS_TRY(listed.offset, from.number<std::uint64_t>("tensor offset"));
  if (listed.offset % alignment != 0) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("Tensor {} begins at {}, which is no multiple of {}.", shown(name),
                            listed.offset, alignment));
  }
  DRAMATIS_TRY(listed.size, size_of(listed.tensor));
  return listed;
}

Result<std::vector<Listed>> read_list(Reader& from, std::size_t count, std::size_t alignment) {
  std::vector<Listed> list;
  list.reserve(count);
  std::unordered_set<std::string> names;
  for (std::size_t n = 0; n < count; ++n) {
    DRAMATIS_TRY(auto listed, read_listed(from, alignment));
    if (!names.insert(listed.tensor.name).second) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("Tensor {} is listed twice.", shown(listed.tensor.name)));
    }
    list.push_back(std::move(listed));
  }
  return list;
}

// Gives each tensor its bytes. Errors: past the end, or over another tensor. Holes are warned of.
Status place(std::vector<Listed>& list, std::span<const std::byte> data, std::size_t alignment,
             std::vector<std::string>& warnings) {
  std::vector<Listed*> in_order;
  for (auto& listed : list) in_order.push_back(&listed);
  std::ranges::sort(in_order, {}, [](const Listed* listed) { return listed->offset; });
  std::size_t end = 0;
  for (Listed* listed : in_order) {
    const auto& name = listed->tensor.name;
    if (listed->offset > data.size() || listed->size > data.size() - listed->offset) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("Tensor {} takes {} bytes from {} of the data, which has {}. "
                              "The file may have been cut short; fetch it again.",
                              shown(name), listed->size, listed->offset, data.size()));
    }
    if (listed->offset < end) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("Tensor {} begins at {} of the data, inside another that ends at {}.",
                              shown(name), listed->offset, end));
    }
    if (listed->offset - end >= alignment && warnings.size() < kMaxGgufWarnings) {
      warnings.push_back(fmt::format("{} bytes before tensor {} belong to none.",
                                     listed->offset - end, shown(name)));
    }
    end = listed->offset + listed->size;
    listed->tensor.bytes = data.subspan(listed->offset, listed->size);
  }
  if (data.size() - end >= alignment) {
    warnings.push_back(fmt::format("{} bytes follow the last tensor.", data.size() - end));
  }
  return {};
}

Result<std::uint32_t> read_version(Reader& from) {
  const auto magic = from.number<std::uint32_t>("magic number");
  if (!magic || *magic != 0x46554747U) {  // "GGUF"
    return fail(ErrorCode::kCorrupt, "This is no GGUF file: it does not begin with \"GGUF\".");
  }
  DRAMATIS_TRY(const auto version, from.number<std::uint32_t>("version"));
  if (version == 2 || version == 3) return version;
  if (version != 0 && (version & 0xFFFFU) == 0) {
    return fail(ErrorCode::kUnsupported,
                "This GGUF file is big-endian; convert it to little-endian.");
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("This is GGUF version {}; versions 2 and 3 are read.", version));
}

Result<std::size_t> read_alignment(const GgufValue* value) {
  if (value == nullptr) return 32;  // the format's default
  const auto* number = std::get_if<std::int64_t>(value);
  if (number == nullptr || *number < static_cast<std::int64_t>(kMinGgufAlignment) ||
      *number > static_cast<std::int64_t>(kMaxGgufAlignment) ||
      !std::has_single_bit(static_cast<std::uint64_t>(*number))) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("general.alignment{} must be a power of two from {} to {}.",
                            number == nullptr ? std::string(" is no integer; it")
                                              : fmt::format(" is {}; it", *number),
                            kMinGgufAlignment, kMaxGgufAlignment));
  }
  return static_cast<std::size_t>(*number);
}

tl::unexpected<Error> absent(std::string_view key) {
  return fail(ErrorCode::kNotFound, fmt::format("The file has no key {}.", shown(key)));
}
tl::unexpected<Error> other_type(std::string_view key, std::string_view wanted) {
  return fail(ErrorCode::kCorrupt, fmt::format("Key {} is not {}.", shown(key), wanted));
}

// Not mapped: a file that somebody cuts short while a model speaks must not end the program. Large
// pages, where the system has them, because clearing small ones takes longer than the reading.
std::span<std::byte> room_for(tensor::Buffer<std::byte>& room, std::size_t size) {
  room = tensor::Buffer<std::byte>(size);
  constexpr std::uintptr_t kLargePage = 2 * 1024 * 1024;
  const auto begin = reinterpret_cast<std::uintptr_t>(room.span().data());
  const std::uintptr_t first = (begin + kLargePage - 1) / kLargePage * kLargePage;
  const std::uintptr_t last = (begin + size) / kLargePage * kLargePage;
  if (first < last) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
  return room.span();
}

}  // namespace

Result<Gguf> Gguf::parse(std::vector<std::byte> file) {
  if (file.size() > kMaxGgufBytes) {
    return fail(ErrorCode::kOverBudget, fmt::format("The file has {} bytes; at most {} are read.",
                                                    file.size(), kMaxGgufBytes));
  }
  Gguf gguf;
  gguf.given_ = std::move(file);
  gguf.file_ = gguf.given_;
  return walk(std::move(gguf));
}

Result<Gguf> Gguf::walk(Gguf gguf) {
  Reader from(gguf.file_);
  DRAMATIS_TRY(gguf.version_, read_version(from));
  // A tensor takes a name, a rank, a length, a type and an offset: 33 bytes; a pair a key, a type
  // and a value: 14.
  DRAMATIS_TRY(const auto tensors, from.count("tensors", 33, kMaxGgufTensors));
  DRAMATIS_TRY(const auto pairs, from.count("pairs of metadata", 14, kMaxGgufPairs));
  DRAMATIS_TRY(gguf.metadata_, internal::read_pairs(from, pairs));
  DRAMATIS_TRY(const auto alignment, read_alignment(gguf.find("general.alignment")));
  DRAMATIS_TRY(const auto still, from.fits("tensors", tensors, 33, kMaxGgufTensors));
  DRAMATIS_TRY(auto list, read_list(from, still, alignment));

  const std::size_t begin = (from.at() + alignment - 1) / alignment * alignment;
  const auto data = gguf.file_.subspan(std::min(begin, gguf.file_.size()));
  DRAMATIS_DO(place(list, data, alignment, gguf.warnings_));
  gguf.tensors_.reserve(list.size());
  for (auto& listed : list) gguf.tensors_.push_back(std::move(listed.tensor));
  return gguf;
}

Result<Gguf> Gguf::read(const std::filesystem::path& path) {
  Gguf file;
  DRAMATIS_TRY(const std::size_t size, read_file_into(path, kMaxGgufBytes, [&](std::size_t wanted) {
                 return room_for(file.read_, wanted);
               }));
  file.file_ = std::as_const(file.read_).span().first(size);
  auto gguf = walk(std::move(file));
  if (!gguf) gguf.error().what = fmt::format("{}: {}", path.string(), gguf.error().what);
  return gguf;
}

const GgufValue* Gguf::find(std::string_view key) const& {
  const auto found = std::ranges::find(metadata_, key, &std::pair<std::string, GgufValue>::first);
  return found == metadata_.end() ? nullptr : &found->second;
}

const GgufTensor* Gguf::tensor(std::string_view name) const& {
  const auto found = std::ranges::find(tensors_, name, &GgufTensor::name);
  return found == tensors_.end() ? nullptr : &*found;
}

Result<std::int64_t> Gguf::integer(std::string_view key) const {
  const auto* value = find(key);
  if (value == nullptr) return absent(key);
  if (const auto* number = std::get_if<std::int64_t>(value)) return *number;
  return other_type(key, "an integer");
}

Result<double> Gguf::number(std::string_view key) const {
  const auto* value = find(key);
  if (value == nullptr) return absent(key);
  if (const auto* number = std::get_if<double>(value)) return *number;
  if (const auto* number = std::get_if<std::int64_t>(value)) return static_cast<double>(*number);
  return other_type(key, "a number");
}

Result<std::string_view> Gguf::text(std::string_view key) const& {
  const auto* value = find(key);
  if (value == nullptr) return absent(key);
  if (const auto* words = std::get_if<std::string>(value)) return std::string_view(*words);
  return other_type(key, "a text");
}

}  // namespace dramatis::formats
