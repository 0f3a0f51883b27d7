// Judges every name before a file is opened.
#include "convert/internal/shards.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/files.h"
#include "convert/internal/fields.h"
#include "convert/limits.h"
#include "text/utterance.h"

namespace dramatis::convert::internal {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIndex = "model.safetensors.index.json";
constexpr std::string_view kSingle = "model.safetensors";

Status check_name(const std::string& name) {
  const bool is_plain = name.find_first_of("/\\") == std::string::npos && !name.starts_with('.') &&
                        name.find('\0') == std::string::npos && name.ends_with(".safetensors") &&
                        name.size() <= 255;
  if (is_plain) return {};
  return fail(
      ErrorCode::kRefused,
      fmt::format("{} names the file \"{}\"; files lie in the model's own folder and end in "
                  ".safetensors.",
                  kIndex, text::printable(name).substr(0, 120)));
}

Result<Shards> parse_index(std::string_view document) {
  DRAMATIS_TRY(const auto parsed, parse_object(document, kIndex, kMaxIndexBytes));
  const auto* map = parsed.find("weight_map");
  if (map == nullptr || map->as_object() == nullptr || map->as_object()->empty())
    return fail(ErrorCode::kCorrupt, fmt::format("{} has no weight_map.", kIndex));
  Shards shards;
  for (const auto& [tensor, file] : *map->as_object()) {
    if (file.as_string() == nullptr) {
      return fail(ErrorCode::kCorrupt, fmt::format("{}: {} is in no file.", kIndex,
                                                   text::printable(tensor).substr(0, 120)));
    }
    DRAMATIS_DO(check_name(*file.as_string()));
    shards.files[*file.as_string()].push_back(tensor);
    ++shards.tensors;
    if (shards.files.size() > kMaxShards) {
      return fail(ErrorCode::kOverBudget,
                  fmt::format("{} names more than {} files.", kIndex, kMaxShards));
    }
  }
  return shards;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;  // what cannot be looked at is told when it is opened
  return fs::exists(path, ignored);
}

}  // namespace

Status check_inside(const fs::path& folder, const std::string& name) {
  std::error_code failed;
  const auto home = fs::canonical(folder, failed);
  if (failed)
    return fail(ErrorCode::kNotFound, fmt::format("There is no folder {}.", folder.string()));
  const auto real = fs::canonical(folder / name, failed);
  if (failed) {
    return fail(ErrorCode::kNotFound, fmt::format("{} has no file {} ({}). Fetch it again.",
                                                  folder.string(), name, failed.message()));
  }
  const auto place = real.parent_path();
  // models--org--name/snapshots/<commit>/file -> ../../blobs/<hash>
  const bool is_cached = place == home.parent_path().parent_path() / "blobs";
  if (place == home || is_cached) return {};
  return fail(ErrorCode::kRefused, fmt::format("{} is a link that leads out of the model's folder.",
                                               (folder / name).string()));
}

Result<Shards> find_shards(const fs::path& folder) {
  if (is_there(folder / kIndex)) {
    DRAMATIS_DO(check_inside(folder, std::string(kIndex)));
    DRAMATIS_TRY(const auto document, read_text_file(folder / kIndex, kMaxIndexBytes));
    return parse_index(document);
  }
  if (is_there(folder / kSingle)) return Shards{.files = {{std::string(kSingle), {}}}};
  if (is_there(folder / "pytorch_model.bin") || is_there(folder / "pytorch_model.bin.index.json")) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} has its weights in Python's own format, which may run code when it "
                            "is read. Save them as safetensors.",
                            folder.string()));
  }
  return fail(ErrorCode::kNotFound,
              fmt::format("{} has neither {} nor {}.", folder.string(), kSingle, kIndex));
}

Result<formats::Safetensors> read_shard(const fs::path& folder, const std::string& name,
                                        const std::vector<std::string>& tensors) {
  DRAMATIS_DO(check_inside(folder, name));
  DRAMATIS_TRY(auto read, formats::Safetensors::read(folder / name));
  if (tensors.empty()) return read;
  std::set<std::string_view> listed(tensors.begin(), tensors.end());
  for (const auto& tensor : read.tensors()) {
    if (listed.erase(tensor.name) == 1) continue;
    return fail(ErrorCode::kCorrupt, fmt::format("{} holds the tensor {}, which {} does not list "
                                                 "there.",
                                                 name, text::printable(tensor.name), kIndex));
  }
  if (listed.empty()) return read;
  return fail(ErrorCode::kCorrupt,
              fmt::format("{} lists the tensor {} in {}, which does not hold it.", kIndex,
                          text::printable(*listed.begin()), name));
}

}  // namespace dramatis::convert::internal
