// The header is JSON of ours to judge; the data is never copied.
#include "formats/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/checked.h"
#include "base/files.h"
#include "formats/internal/gguf_pairs.h"
#include "formats/limits.h"
#include "text/json.h"

namespace dramatis::formats {
namespace {

using internal::shown;

struct DtypeRow {
  SafeDtype dtype;
  std::string_view name;
  std::size_t bytes;
};

constexpr std::array kDtypes = {
    DtypeRow{SafeDtype::kF32, "F32", 4},   DtypeRow{SafeDtype::kF16, "F16", 2},
    DtypeRow{SafeDtype::kBF16, "BF16", 2}, DtypeRow{SafeDtype::kI64, "I64", 8},
    DtypeRow{SafeDtype::kI32, "I32", 4},   DtypeRow{SafeDtype::kU8, "U8", 1}};

const DtypeRow& row_of(SafeDtype dtype) {
  return *std::find_if(kDtypes.begin(), kDtypes.end(),
                       [dtype](const DtypeRow& row) { return row.dtype == dtype; });
}

tl::unexpected<Error> corrupt(std::string what) {
  return fail(ErrorCode::kCorrupt, std::move(what));
}

Result<std::vector<std::size_t>> sizes(const text::Json* value, const std::string& of) {
  const text::JsonArray* array = value == nullptr ? nullptr : value->as_array();
  if (array == nullptr || array->size() > kMaxSafetensorsRank) {
    return corrupt(
        fmt::format("tensor {}: shape and data_offsets must be lists of at most {} numbers",
                    shown(of), kMaxSafetensorsRank));
  }
  std::vector<std::size_t> read;
  for (const auto& element : *array) {
    const std::int64_t* number = element.as_int();
    if (number == nullptr || *number < 0) {
      return corrupt(fmt::format("tensor {}: a size is no whole number", shown(of)));
    }
    read.push_back(static_cast<std::size_t>(*number));
  }
  return read;
}

Result<SafeDtype> dtype_named(const text::Json* value, const std::string& of) {
  const std::string* name = value == nullptr ? nullptr : value->as_string();
  for (const auto& row : kDtypes) {
    if (name != nullptr && row.name == *name) return row.dtype;
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("tensor {}: dtype {} is not read here", shown(of),
                          name == nullptr ? "(none)" : shown(*name)));
}

// The tensor of one header entry over `data`.
Result<SafeTensor> read_entry(const std::string& name, const text::Json& entry,
                              std::span<const std::byte> data) {
  if (!internal::is_plain_name(name) || name.size() > kMaxSafetensorsNameBytes) {
    return corrupt(fmt::format("the tensor name {} is no plain text of at most {} bytes",
                               shown(name), kMaxSafetensorsNameBytes));
  }
  SafeTensor tensor{.name = name, .dtype = SafeDtype::kF32, .shape = {}, .bytes = {}};
  DRAMATIS_TRY(tensor.dtype, dtype_named(entry.find("dtype"), name));
  DRAMATIS_TRY(tensor.shape, sizes(entry.find("shape"), name));
  DRAMATIS_TRY(const auto ends, sizes(entry.find("data_offsets"), name));
  if (ends.size() != 2 || ends[0] > ends[1] || ends[1] > data.size()) {
    return corrupt(fmt::format("tensor {}: its data_offsets do not lie in {} bytes of data",
                               shown(name), data.size()));
  }
  std::optional<std::size_t> wanted = bytes_of(tensor.dtype);
  for (const std::size_t size : tensor.shape) {
    wanted = wanted ? checked_mul(*wanted, size) : wanted;
  }
  if (!wanted || *wanted != ends[1] - ends[0]) {
    return corrupt(fmt::format("tensor {}: shape and type ask for {} bytes, its data has {}",
                               shown(name), wanted ? fmt::format("{}", *wanted) : "too many",
                               ends[1] - ends[0]));
  }
  tensor.bytes = data.subspan(ends[0], ends[1] - ends[0]);
  return tensor;
}

// Every byte of the data belongs to exactly one tensor.
Status check_cover(std::vector<SafeTensor> tensors, std::span<const std::byte> data) {
  std::sort(tensors.begin(), tensors.end(), [](const SafeTensor& a, const SafeTensor& b) {
    return std::pair(a.bytes.data(), a.bytes.size()) < std::pair(b.bytes.data(), b.bytes.size());
  });
  std::size_t covered = 0;
  for (const auto& tensor : tensors) {
    const auto first = static_cast<std::size_t>(tensor.bytes.data() - data.data());
    if (tensor.bytes.empty()) continue;
    if (first != covered) {
      return corrupt(fmt::format(
          "tensor {} starts at byte {} of the data, {} was expected: a hole or an overlap",
          shown(tensor.name), first, covered));
    }
    covered = first + tensor.bytes.size();
  }
  if (covered != data.size()) {
    return corrupt(fmt::format("{} bytes of data, the tensors cover {}", data.size(), covered));
  }
  return {};
}

Result<SafeMetadata> read_metadata(const text::Json& value) {
  const text::JsonObject* object = value.as_object();
  if (object == nullptr) return corrupt("__metadata__ must map names to texts");
  SafeMetadata metadata;
  for (const auto& [key, text] : *object) {
    if (text.as_string() == nullptr)
      return corrupt(fmt::format("__metadata__ {} is no text", shown(key)));
    metadata.emplace_back(key, *text.as_string());
  }
  return metadata;
}

}  // namespace

std::size_t bytes_of(SafeDtype dtype) {
  return row_of(dtype).bytes;
}
std::string_view name_of(SafeDtype dtype) {
  return row_of(dtype).name;
}

Result<Safetensors> Safetensors::parse(std::vector<std::byte> file) {
  constexpr std::size_t kLengthBytes = 8;
  if (file.size() < kLengthBytes)
    return corrupt(fmt::format("{} bytes are too few for a header", file.size()));
  const auto length = load_le<std::uint64_t>(file);
  if (length > kMaxSafetensorsHeader || length > file.size() - kLengthBytes) {
    return corrupt(fmt::format("a header of {} bytes in a file of {} (at most {})", length,
                               file.size(), kMaxSafetensorsHeader));
  }
  Safetensors read;
  read.file_ = std::move(file);
  const std::span<const std::byte> bytes = read.file_;
  const std::string_view header = as_text(bytes.subspan(kLengthBytes, length));
  if (!header.starts_with('{')) return corrupt("the header does not start with '{'");
  auto json = text::parse_json(header);
  if (!json) return corrupt("the header: " + json.error().what);
  const auto data = bytes.subspan(kLengthBytes + length);
  if (json->as_object() == nullptr) return corrupt("the header is no JSON object");
  for (const auto& [name, entry] : *json->as_object()) {
    if (name == "__metadata__") {
      DRAMATIS_TRY(read.metadata_, read_metadata(entry));
      continue;
    }
    DRAMATIS_TRY(auto tensor, read_entry(name, entry, data));
    read.tensors_.push_back(std::move(tensor));
  }
  DRAMATIS_DO(check_cover(read.tensors_, data));
  return read;
}

Result<Safetensors> Safetensors::read(const std::filesystem::path& path) {
  DRAMATIS_TRY(auto bytes, read_file(path, kMaxSafetensorsBytes));
  auto parsed = parse(std::move(bytes));
  if (!parsed)
    return fail(parsed.error().code, fmt::format("{}: {}", path.string(), parsed.error().what));
  return parsed;
}

const SafeTensor* Safetensors::tensor(std::string_view name) const& {
  const auto found = std::find_if(tensors_.begin(), tensors_.end(),
                                  [name](const SafeTensor& tensor) { return tensor.name == name; });
  return found == tensors_.end() ? nullptr : &*found;
}

const std::string* Safetensors::metadata(std::string_view key) const& {
  for (const auto& [name, value] : metadata_) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::vector<std::byte> write_safetensors(std::span<const SafeTensor> tensors,
                                         const SafeMetadata& metadata) {
  text::JsonObject header;
  if (!metadata.empty()) {
    text::JsonObject texts;
    for (const auto& [key, value] : metadata) texts.emplace_back(key, value);
    header.emplace_back("__metadata__", std::move(texts));
  }
  std::size_t end = 0;
  for (const auto& tensor : tensors) {
    std::size_t wanted = bytes_of(tensor.dtype);
    text::JsonArray shape;
    for (const std::size_t size : tensor.shape) {
      wanted *= size;
      shape.emplace_back(size);
    }
    DRAMATIS_CHECK(wanted == tensor.bytes.size());
    header.emplace_back(tensor.name,
                        text::JsonObject{{"dtype", name_of(tensor.dtype)},
                                         {"shape", std::move(shape)},
                                         {"data_offsets", text::JsonArray{end, end + wanted}}});
    end += wanted;
  }
  std::string json = text::print_json(header);
  json.resize((json.size() + 7) / 8 * 8, ' ');  // the data starts aligned for every dtype
  const std::uint64_t length = json.size();
  std::vector<std::byte> file(sizeof(length) + json.size() + end);
  std::memcpy(file.data(), &length, sizeof(length));
  std::memcpy(file.data() + sizeof(length), json.data(), json.size());
  std::byte* to = file.data() + sizeof(length) + json.size();
  for (const auto& tensor : tensors) {
    to = std::copy(tensor.bytes.begin(), tensor.bytes.end(), to);
  }
  return file;
}

}  // namespace dramatis::formats
