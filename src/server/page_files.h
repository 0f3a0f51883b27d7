// The files of the page, as they were built: compressed, named by their content, part of the
// program.
#pragma once

#include <span>
#include <string_view>

namespace dramatis::server {

struct PageFile {
  std::string_view path{};  // "/", "/assets/index-BBgbHuws.js"
  std::string_view content_type{};
  std::string_view bytes{};
  std::string_view gzip{};  // the same, compressed
  std::string_view tag{};   // an ETag: quoted, of the bytes
};

// Empty where the program was built without the page. Made from web/ by cmake/web.cmake.
[[nodiscard]] std::span<const PageFile> page_files();

}  // namespace dramatis::server
