// Opens a file or a folder.
#include "model_file.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "convert/hugging_face.h"

namespace dramatis::app {

Result<formats::Gguf> open_weights(const std::filesystem::path& path,
                                   std::vector<std::string>& warnings) {
  if (!convert::is_folder_of_a_model(path)) {
    std::error_code unknown;  // what cannot be looked at is reported when it is read
    if (!std::filesystem::is_directory(path, unknown)) return formats::Gguf::read(path);
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is a folder without a config.json, and so no model of Hugging "
                            "Face's.",
                            path.string()));
  }
  auto read = convert::read_folder(path, {.threads = all_threads()});
  if (!read) {
    return fail(read.error().code, fmt::format("{}: {}", path.string(), read.error().what));
  }
  warnings.insert(warnings.end(), read->warnings.begin(), read->warnings.end());
  return std::move(read->file);
}

std::size_t all_threads() {
  return std::max(1U, std::thread::hardware_concurrency());
}

std::string shown_bytes(std::uint64_t bytes) {
  constexpr std::pair<double, const char*> kUnits[] = {{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}};
  const auto count = static_cast<double>(bytes);
  for (const auto& [unit, name] : kUnits) {
    if (count >= unit)
      return fmt::format("{:.{}f} {}", count / unit, count / unit < 10 ? 1 : 0, name);
  }
  return fmt::format("{} B", bytes);
}

}  // namespace dramatis::app
