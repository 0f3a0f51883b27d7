// Any bytes as a file of pages -> a list or an Error; each page of a list that was taken reads
// within the file, and what is written of it reads the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "engine/page_file.h"

namespace {

namespace engine = dramatis::engine;
using dramatis::ErrorCode;
using dramatis::fail;
using dramatis::Status;

engine::ReadAt reader_of(std::span<const std::byte> file) {
  return [file](std::size_t at, std::span<std::byte> into) -> Status {
    if (at > file.size() || into.size() > file.size() - at)
      return fail(ErrorCode::kCorrupt, "It ends early.");
    if (!into.empty()) std::memcpy(into.data(), file.data() + at, into.size());
    return {};
  };
}

// Otherwise nothing behind the checksum would ever be reached. Places: docs/formats/pages.md.
void mend_checksum(std::vector<std::byte>& file) {
  if (file.size() < 96) return;
  std::uint32_t list_bytes = 0;
  std::memcpy(&list_bytes, file.data() + 52, sizeof list_bytes);
  if (list_bytes > file.size() - 96) return;
  std::vector<std::byte> both(file.begin(), file.begin() + 88);
  both.insert(both.end(), file.begin() + 96, file.begin() + 96 + list_bytes);
  const std::uint64_t sum = engine::checksum_of(both);
  std::memcpy(file.data() + 88, &sum, sizeof sum);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The file's own type, so that all are tried; the rest is fixed, as a file's name fixes it.
  const bool eighths = size > 0 && data[0] % 2 == 1;
  if (size > 0) ++data, --size;
  const engine::PageKind kind{
      .shape = {.layers = 1,
                .width = 32,
                .dtype = eighths ? dramatis::tensor::Dtype::kQ8_0 : dramatis::tensor::Dtype::kF16},
      .vocabulary = 300,
      .arithmetic = 7};
  std::vector<std::byte> bytes(size);
  if (size > 0) std::memcpy(bytes.data(), data, size);
  mend_checksum(bytes);
  const std::span<const std::byte> file(bytes);
  const auto read = reader_of(file);
  const auto list = engine::read_page_list(read, size, kind);
  if (!list) {
    if (list.error().what.empty()) std::abort();
    return 0;
  }
  std::vector<std::byte> page(kind.shape.page_bytes());
  for (std::size_t n = 0; n < list->pages.size(); ++n) {
    const auto done = engine::read_page(read, *list, n, kind, page);
    if (!done && done.error().what.find("ends early") != std::string::npos) std::abort();
  }
  const auto head = engine::page_file_head(*list, kind);
  if (head.size() > size) std::abort();
  const auto again = engine::read_page_list(reader_of(file), size, kind);
  if (!again || again->pages.size() != list->pages.size()) std::abort();
  return 0;
}
